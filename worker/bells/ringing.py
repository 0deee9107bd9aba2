"""Bells: messages that say "there is something to do". Losing them all loses nothing, the reconciler rings again."""

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from scaling.errors import UnreachableError
from worker.bells.app import EXPAND, SCAN, WORK, make_app, scan_queue, work_queue


class BellError(UnreachableError):
    """Redis does not answer, so no worker was woken. The reconciler rings as soon as it is back."""


class Bells:
    """Rings, and counts the bells that nobody has answered yet. Safe across threads."""

    def __init__(self, redis_url: str, app: Celery | None = None) -> None:
        self._url = redis_url
        self._app = app or make_app(redis_url)
        self._redis = redis.Redis.from_url(
            redis_url.replace("redis+socket://", "unix://"), socket_connect_timeout=5.0, socket_timeout=5.0
        )

    def check(self) -> None:
        """Raises BellError unless Redis answers."""
        try:
            self._redis.ping()
        except redis.RedisError as error:
            raise BellError(self._unanswered(error)) from error

    def ring_expand(self, experiment_id: int) -> None:
        """There is an experiment to expand."""
        self._ring(EXPAND, EXPAND, experiment_id)

    def ring_work(self, model: str, times: int = 1) -> None:
        """There is work for a model: each bell is permission to work, not the work."""
        for _ in range(times):
            self._ring(WORK, work_queue(model), model)

    def ring_scan(self, model: str | None) -> None:
        """There is a scan that asks this model; None: that asks none."""
        self._ring(SCAN, scan_queue(model))

    def waiting_to_expand(self) -> int:
        """Bells in the queue `expand`."""
        return self._length(EXPAND)

    def waiting_to_work(self, model: str) -> int:
        """Bells in the model's queue."""
        return self._length(work_queue(model))

    def waiting_to_scan(self, model: str | None) -> int:
        """Bells in the queue of scans that ask the model, or none."""
        return self._length(scan_queue(model))

    def close(self) -> None:
        self._redis.close()
        self._app.close()

    def _ring(self, task: str, queue: str, *arguments: int | str) -> None:
        try:
            self._app.send_task(task, args=arguments, queue=queue, retry=False)
        except (OperationalError, redis.RedisError) as error:
            raise BellError(self._unanswered(error)) from error

    def _length(self, queue: str) -> int:
        try:
            return int(self._redis.llen(queue))
        except redis.RedisError as error:
            raise BellError(self._unanswered(error)) from error

    def _unanswered(self, error: Exception) -> str:
        address = self._url.rpartition("@")[2]  # without a password
        return f"Redis does not answer at {address} ({error}). Start it, or set OVERTHINK_REDIS_URL to where it is."
