"""PostgreSQL, Redis, a worker and a reconciler around a server that answers at once: what is left is the service's own.

Every part is a process of its own, so that its CPU seconds are told apart.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from db.engine import connect
from db.migrate import migrate
from scaling.spec import yaml12
from tests.acceptance.service import Service, service_on
from tests.conftest import fresh_home, running
from tests.integration.fake_vllm import fake_vllm


@contextmanager
def quick_service(processes: int = 1, **settings: str) -> Iterator[Service]:
    """With so many processes of the worker; `settings` are environment variables of it and the reconciler."""
    with running("postgres", "redis") as stack, fresh_home() as folder, answering_server() as endpoint:
        url, redis_url = stack.info.database_url, stack.info.redis_url
        assert url is not None and redis_url is not None
        migrate(connect(url))
        registry = folder / "models.yaml"
        registry.write_text(yaml12.dump({"models": {"fake": {"endpoint": endpoint, "max_requests": 256}}}))
        with service_on(url, redis_url, registry, folder, processes, **settings) as service:
            yield service


@contextmanager
def answering_server() -> Iterator[str]:
    """The endpoint of a server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=answer_until_told, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(10)


def answer_until_told(told: Connection) -> None:
    with fake_vllm() as server:
        told.send(server.endpoint)
        told.recv()
