"""Whatever stands in Redis: a worker goes on, hears the next bell, and tells what it dropped."""

import base64
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm
from tests.integration.test_worker_runs import Service, all_succeeded, experiment, parts, server
from worker.bells import Bells
from worker.bells.app import EXPAND, THREADS, WORK, make_app, work_queue

__all__ = ["parts", "server"]

QUEUE = work_queue("fake")
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url.replace("redis+socket://", "unix://")) as client:
        yield client


def bell(client: redis.Redis, redis_url: str) -> dict[str, Any]:
    """As it stands in Redis."""
    with make_app(redis_url) as app:
        app.send_task(WORK, args=["fake"], queue=QUEUE)
    rung = client.rpop(QUEUE)
    assert isinstance(rung, bytes)
    return dict(json.loads(rung))


def changed(real: dict[str, Any], change: Change) -> bytes:
    told = copy.deepcopy(real)
    change(told)
    return json.dumps(told).encode()


def body(*told: object) -> str:
    return base64.b64encode(json.dumps(told).encode()).decode()


NOT_MESSAGES = [b"", b"\x00\xff", b"not JSON", b"{}", b"[]", b"null", b"3", b'"bell"', b"[" * 100_000, b"{" * 10]
CHANGES: list[Change] = [
    lambda told: told.update({"content-type": "application/x-python-serialize"}),
    lambda told: told.update({"content-type": "text/plain"}),
    lambda told: told.update({"content-type": None}),
    lambda told: told.update({"content-encoding": "no-such-coding"}),
    lambda told: told.update({"body": "%%%"}),
    lambda told: told.update({"body": 7}),
    lambda told: told.update({"body": body()}),
    lambda told: told.update({"body": body(["fake"], {}, {"chord": 3, "callbacks": [7], "errbacks": "x"})}),
    lambda told: told.update({"body": body(["fake", 1, 2], {"more": 1}, {})}),
    lambda told: told.update({"body": body([{"a": []}], {}, {})}),
    lambda told: told.update({"headers": None}),
    lambda told: told.update({"headers": [1]}),
    lambda told: told.pop("headers"),
    lambda told: told.update({"properties": 3}),
    lambda told: told["properties"].pop("delivery_tag"),
    lambda told: told["properties"].update({"delivery_tag": {}}),
    lambda told: told["properties"].update({"delivery_info": None}),
    lambda told: told["properties"].update({"body_encoding": "rot13"}),
    *(
        (lambda told, name=name, value=value: told["headers"].update({name: value}))  # type: ignore[misc]
        for name in ("task", "id", "eta", "expires", "timelimit", "retries", "compression", "group", "stamps")
        for value in ("another version's", {"a": 1}, [], -1)
    ),
    lambda told: told["headers"].pop("id"),
    lambda told: told["headers"].pop("task"),
]


def test_what_is_no_bell_is_dropped_and_the_next_bell_is_heard(
    parts: Service, server: FakeVllm, client: redis.Redis, redis_url: str
) -> None:
    """Of each kind more than the worker has threads: none keeps one."""
    real = bell(client, redis_url)
    garbage = [*NOT_MESSAGES, *(changed(real, change) for change in CHANGES)]
    worker = parts.start("worker")
    bells = Bells(redis_url)
    for queue in (QUEUE, EXPAND):
        for each in garbage:
            client.lpush(queue, *[each] * (THREADS + 1))
    wait_until(lambda: bells.waiting_to_work("fake") + bells.waiting_to_expand() == 0)

    experiment(parts.database, 4)
    bells.ring_work("fake")
    wait_until(lambda: all_succeeded(parts, 4))
    bells.close()
    assert worker.poll() is None
    assert "dropped from Redis: a message that is not JSON" in parts.said()
    worker.terminate()
    assert worker.wait(20) == 0


def test_what_stands_in_the_place_of_a_queue_is_dropped(parts: Service, server: FakeVllm, client: redis.Redis) -> None:
    """Before the worker starts, and while it listens."""
    strangers = dict.fromkeys([QUEUE, f"{EXPAND}\x06\x169", f"_kombu.binding.{QUEUE}"], "no queue")
    client.mset(strangers)
    worker = parts.start("worker")
    client.mset(strangers)
    parts.start("reconcile")
    experiment(parts.database, 4)
    wait_until(lambda: all_succeeded(parts, 4))
    assert worker.poll() is None
