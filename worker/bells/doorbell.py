"""How bells come out of Redis: Celery's way, except that nothing which stands there ends a worker or makes it deaf.

A bell is worth nothing by itself: what cannot be read as one is told and dropped, and so is what stands in the place of
a queue. Celery would end at it. One that was taken is not put back: the reconciler rings again.
"""

import logging

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import DataError, RedisError

log = logging.getLogger(__name__)

SHOWN_CHARACTERS = 200


class Channel(redis.Channel):
    do_restore = False

    def _new_queue(self, queue: str, auto_delete: bool = False, **options: object) -> None:
        """Comes first on every connection, for each queue."""
        self._drop_what_is_no_queue(queue)
        super()._new_queue(queue, auto_delete, **options)

    def _drop_what_is_no_queue(self, queue: str) -> None:
        with self.conn_or_acquire() as client:
            for key, kind in self._kinds(queue).items():
                if (found := client.type(key).decode()) not in (kind, "none"):
                    log.warning("dropped from Redis: a %s under %r, where a %s belongs", found, key, kind)
                    client.delete(key)

    def _kinds(self, queue: str) -> dict[str, str]:
        """What a queue needs, by key."""
        bells = dict.fromkeys((self._q_for_pri(queue, priority) for priority in self.priority_steps), "list")
        ways = dict.fromkeys((self.keyprefix_queue % queue, self.keyprefix_binding_permanent % queue), "set")
        return bells | ways

    def _brpop_read(self, **options: object) -> object:
        try:
            return super()._brpop_read(**options)
        except (ValueError, RecursionError) as error:
            log.warning("dropped from Redis: a message that is not JSON (%s)", error)
            return None


class Transport(redis.Transport):
    Channel = Channel

    def _deliver(self, message: object, queue: str) -> None:
        """Raises only what is to be mended by another connection."""
        try:
            super()._deliver(message, queue)
        except DataError as error:
            self._drop(message, queue, error)
        except (OSError, RedisError):
            raise
        except Exception as error:
            self._drop(message, queue, error)

    def _drop(self, message: object, queue: str, error: Exception) -> None:
        shown = repr(message)[:SHOWN_CHARACTERS]
        log.warning("dropped from Redis: a message in %s that is no bell (%r): %s", queue, error, shown)
        properties = message.get("properties") if isinstance(message, dict) else None
        tag = properties.get("delivery_tag") if isinstance(properties, dict) else None
        for channel in self.channels:
            if isinstance(tag, str) and tag in channel.qos._delivered:
                channel.qos.reject(tag)


def use() -> None:
    """For every connection of this process."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
