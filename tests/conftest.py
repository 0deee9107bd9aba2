"""The services that tests run against: real ones, embedded, each session with its own.

Fixtures: `postgres_url`, `redis_url`, `database` (the URL of a fresh, migrated database), `engine` (SQLAlchemy's, for
it), `vllm_endpoint` (one vLLM server with the tiny model). A service that cannot start fails the test when CI is set,
and skips it with the reason otherwise.
"""

import math
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import psutil
import pytest
import redis
from hypothesis import settings as of_properties
from sqlalchemy import Engine
from xdist.scheduler import LoadScopeScheduling

from db.engine import connect
from db.migrate import migrate
from overthink.stack import Stack, StackError
from overthink.stack.family import Family
from overthink.stack.home import Home
from tests.databases import TEMPLATE, Databases, execute, sibling

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".overthink" / "tests"
OWN_TEMPORARY = FOLDER / f"pytest-{os.getpid()}"
START_VLLM = re.compile(r"tests/(acceptance/(lived_in/|test_(?!dashboard_))|integration/test_worker_vllm\.py)")

of_properties.register_profile("whatever the machine does", deadline=None)
of_properties.load_profile("whatever the machine does")


def pytest_configure(config: pytest.Config) -> None:
    """Keeps pytest's temporary folders inside the checkout, and apart from those of another session.

    A shell starts background jobs with SIGINT ignored, and children inherit that: then no test of Ctrl-C could work.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if config.option.basetemp is None:
        config.option.basetemp = OWN_TEMPORARY


class ByFile(LoadScopeScheduling):
    """A file's tests stay in one process, which then makes its fixtures once; so do all that start vLLM, which then
    start no two servers at once."""

    def _split_scope(self, nodeid: str) -> str:
        return "vLLM" if START_VLLM.match(nodeid) else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(OWN_TEMPORARY, ignore_errors=True)


@pytest.fixture(autouse=True)
def main_module_is_kept() -> Iterator[None]:
    """Streamlit's AppTest leaves its page behind as `__main__`, which every spawned process would then run again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@contextmanager
def fresh_home() -> Iterator[Path]:
    """A home for a stack, which vanishes afterwards with all that is in it.

    Unlike pytest's own temporary folders, other users may pass through it; else PostgreSQL, when it runs as another
    user, would have to put its data elsewhere.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="home-", dir=FOLDER))
    home.chmod(0o711)
    share_what_vllm_knows(home)
    try:
        yield home
    finally:
        data = home / "postgres"
        if data.is_symlink():  # the checkout itself is out of its reach
            shutil.rmtree(data.readlink())
        shutil.rmtree(home, onerror=unless_gone)


def share_what_vllm_knows(home: Path) -> None:
    """What vLLM has found out about a model's code it keeps for its next start: a third of a start's work."""
    shared, own = FOLDER / "modelinfos", Home(home).vllm
    shared.mkdir(exist_ok=True)
    own.mkdir()
    (own / "modelinfos").symlink_to(shared)


def unless_gone(function: object, path: str, raised: tuple[type[BaseException], BaseException, TracebackType]) -> None:
    """The guard of a killed supervisor clears up, too, and may do so at the same time."""
    if not issubclass(raised[0], FileNotFoundError):
        raise raised[1]


@pytest.fixture
def home() -> Iterator[Path]:
    with fresh_home() as folder:
        yield folder


@contextmanager
def running(*names: str) -> Iterator[Stack]:
    """A stack of just these parts; a StackError becomes a skip or, in CI, a failure."""
    with fresh_home() as home:
        stack = Stack(home, dashboard=False, names=names)
        try:
            start_or_skip(stack)
            yield stack
        finally:
            stack.stop()


def start_or_skip(stack: Stack) -> None:
    try:
        stack.start()
    except StackError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The session's PostgreSQL: its empty database `overthink`, and the right to create others."""
    with running("postgres") as stack:
        url = stack.info.database_url
        assert url is not None
        execute(url, "ALTER SYSTEM SET fsync = off")  # these data need not survive the machine
        execute(url, "SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with running("redis") as stack:
        assert stack.info.redis_url is not None
        yield stack.info.redis_url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The session's Redis, emptied, as Celery takes it (`redis+socket://`; redis-py wants `unix://`)."""
    with redis.Redis.from_url(redis_server.replace("redis+socket://", "unix://")) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def vllm() -> Iterator[Stack]:
    """One vLLM server with the tiny model, `ladder-tiny`, for every test that needs one. 20 s of work to start."""
    with running("vllm") as stack:
        yield stack


@pytest.fixture(scope="session")
def vllm_endpoint(vllm: Stack) -> str:
    assert vllm.vllm_endpoint is not None
    return vllm.vllm_endpoint


@pytest.fixture(scope="session")
def template_url(postgres_url: str) -> str:
    """A migrated database that others are copied from."""
    execute(postgres_url, f"CREATE DATABASE {TEMPLATE}")
    url = sibling(postgres_url, TEMPLATE)
    engine = connect(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def databases(postgres_url: str, template_url: str) -> Databases:
    return Databases(postgres_url)


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """The URL of a fresh, migrated database; nobody stays connected to it."""
    yield databases.lend()
    databases.take_back()


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine for the fresh, migrated database."""
    engine = connect(database)
    yield engine
    engine.dispose()


def family(home: Path) -> list[psutil.Process]:
    """The processes of the stack in `home`."""
    place = Home(home.resolve())
    return Family(place.digest, place.postgres / "data").members()


def wait_until(is_so: Callable[[], object], *, timeout_s: float = math.inf, pause_s: float = 0.05) -> None:
    """Waits for a state, however long it takes: pytest's time-out ends what never comes, and shows where."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {timeout_s} s"
        time.sleep(pause_s)
