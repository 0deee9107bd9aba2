"""PostgreSQL, Redis, a worker and a reconciler around a server that computes nothing: what is left is the service's.

Every part is a process of its own, so that its CPU seconds are told apart.
"""

import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import Any

from db.engine import connect
from db.migrate import migrate
from scaling.spec import yaml12
from tests.acceptance.service import Service, service_on
from tests.conftest import fresh_home, running
from tests.integration.fake_vllm import fake_vllm


@contextmanager
def quick_service(
    processes: int = 1, cap: int = 256, served: Mapping[str, Any] | None = None, **settings: str
) -> Iterator[Service]:
    """With so many processes of the worker, and at most `cap` requests in flight. `served` are options of `FakeVllm`,
    which answers at once unless they say otherwise; `settings` environment variables of the worker and the reconciler.
    """
    with running("postgres", "redis") as stack, fresh_home() as folder, answering_server(served or {}) as endpoint:
        url, redis_url = stack.info.database_url, stack.info.redis_url
        assert url is not None and redis_url is not None
        migrate(connect(url))
        registry = folder / "models.yaml"
        registry.write_text(yaml12.dump({"models": {"fake": {"endpoint": endpoint, "max_requests": cap}}}))
        with service_on(url, redis_url, registry, folder, processes, **settings) as service:
            yield service


@contextmanager
def answering_server(served: Mapping[str, Any] = MappingProxyType({})) -> Iterator[str]:
    """The endpoint of a server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    answer = partial(answer_until_told, dict(served))
    process = multiprocessing.get_context("spawn").Process(target=answer, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(10)


def answer_until_told(served: dict[str, Any], told: Connection) -> None:
    with fake_vllm(**served) as server:
        told.send(server.endpoint)
        told.recv()
