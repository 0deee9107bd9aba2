"""What the soak concludes from: counts that notice what is planted, faults that do what they say, orphans found."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, text

from db import transitions
from tests.conftest import wait_until
from tests.integration.scenes import claimed, finish, new_experiment, running_experiment, spent
from tests.soak.audited import Bound, Stored, failed, stored
from tests.soak.clock import Clock
from tests.soak.links import Links
from tests.soak.orphans import orphans

DUPLICATE = [
    "ALTER TABLE steps DROP CONSTRAINT fk_steps_job_id",
    "ALTER TABLE candidates DROP CONSTRAINT fk_candidates_job_id",
    "ALTER TABLE rollups DROP CONSTRAINT fk_rollups_job_id",
    "ALTER TABLE traces DROP CONSTRAINT pk_traces CASCADE",
    "INSERT INTO traces SELECT * FROM traces ORDER BY job_id LIMIT 1",
]
SAME_JOB = [
    "ALTER TABLE jobs DROP CONSTRAINT uq_jobs_arm_id_problem_id_repeat",
    """INSERT INTO jobs (experiment_id, arm_id, problem_id, repeat, model)
    SELECT experiment_id, arm_id, problem_id, repeat, model FROM jobs ORDER BY id LIMIT 1""",
]


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ([], Stored(2, 2, 0, 0)),
        (DUPLICATE, Stored(2, 3, 0, 1)),
        (SAME_JOB, Stored(3, 2, 0, 1)),  # one too many is also one without a trace, and one more than was accepted
        (["DELETE FROM jobs WHERE id = 1"], Stored(1, 1, 1, 0)),
        (["DELETE FROM traces WHERE job_id = 1"], Stored(2, 1, 1, 0)),
        (["UPDATE jobs SET status = 'failed' WHERE id = 1"], Stored(2, 2, 1, 0)),
    ],
    ids=["nothing", "a duplicate", "the same job", "a gap", "a half", "a failure"],
)
def test_what_is_planted_is_counted(engine: Engine, database: str, planted: list[str], found: Stored) -> None:
    accepted = running_experiment(engine, num_problems=2)
    finish(engine)
    with engine.begin() as connection:
        for statement in planted:
            connection.execute(text(statement))
    assert stored(database, {accepted}, jobs_each=2) == found


def test_what_failed_is_told_jobs_with_how_their_attempts_ended_and_what_runs_is_not(
    engine: Engine, database: str
) -> None:
    running_experiment(engine, num_problems=2)
    lease = claimed(engine).lease
    assert failed(database) == []
    transitions.fail_attempt(engine, lease, "the server is gone", spent(), retryable=False)
    unusable = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, unusable)
    transitions.fail_expansion(engine, unusable, "no such file")
    assert failed(database) == [
        f"job {lease.job_id} failed: 1 failed: the server is gone",
        f"experiment {unusable} failed: no such file",
    ]


def test_an_experiment_that_was_accepted_and_is_not_there_is_lost(engine: Engine, database: str) -> None:
    accepted = running_experiment(engine, num_problems=2)
    finish(engine)
    assert stored(database, {accepted, accepted + 1}, jobs_each=2).lost == 2


@pytest.mark.parametrize(("served", "holds"), [(9, False), (10, True), (14, True), (15, False)])
def test_what_vllm_counted_lies_between_what_is_counted_and_that_plus_the_unknown(served: int, holds: bool) -> None:
    assert Bound("generated", counted=10, served=served, unknown=4).holds is holds


def test_the_wall_clock_moves_under_a_running_process_and_no_other_clock(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    program = "import time\nwhile input(): print(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME), flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=clock.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def offset_s() -> float:
            print("now", file=process.stdin, flush=True)
            return float(process.stdout.readline())

        before = offset_s()
        clock.move(-3600)
        assert round(offset_s() - before) == -3600
        clock.move(40 * 86_400)
        assert round(offset_s() - before) == 40 * 86_400
        process.kill()


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[tuple[Links, socket.socket, socket.socket]]:
    """A relay, and the two ends of a connection through it."""
    links = Links()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = links.relay_port(lambda: server.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port), 30) as near:
            far, _ = server.accept()
            far.settimeout(30)
            with far:
                yield links, near, far
    links.close()


def test_a_link_passes_everything_on_both_ways(linked: tuple[Links, socket.socket, socket.socket]) -> None:
    _, near, far = linked
    near.sendall(b"ask")
    assert far.recv(9) == b"ask"
    far.sendall(b"answer")
    assert near.recv(9) == b"answer"


def test_what_a_link_holds_back_arrives_when_it_goes_on(linked: tuple[Links, socket.socket, socket.socket]) -> None:
    links, near, far = linked
    links.stand_still()
    near.sendall(b"late")
    threading.Timer(0.2, links.go_on).start()
    assert far.recv(9) == b"late"


def test_a_link_that_is_cut_is_cut_at_both_ends(linked: tuple[Links, socket.socket, socket.socket]) -> None:
    links, near, far = linked
    near.sendall(b"first")
    assert far.recv(9) == b"first"
    assert links.cut() == 1
    for end in (near, far):
        try:
            assert end.recv(9) == b""
        except ConnectionResetError:
            continue


def test_a_process_that_outlives_its_stack_is_found(home: Path) -> None:
    with psutil.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as left:
        seen = {psutil.Process(left.pid)}
        assert orphans(home, seen) == seen
        left.kill()
    assert orphans(home, seen) == set()


def test_the_child_of_a_process_that_is_gone_is_found_by_its_group(home: Path) -> None:
    program = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'input()']).pid)"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with psutil.Popen([sys.executable, "-c", program], text=True, start_new_session=True, **pipes) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        seen = {psutil.Process(parent.pid)}
        parent.wait()
        assert orphans(home, seen) == {child}
        child.kill()
    wait_until(lambda: orphans(home, seen) == set())


def test_a_stranger_that_has_the_number_of_a_process_that_is_gone_is_no_orphan(home: Path) -> None:
    """Numbers are given again: on a machine that does other things too a long soak meets that."""
    program = [sys.executable, "-c", "input()"]
    with psutil.Popen(program, stdin=subprocess.PIPE, start_new_session=True) as stranger:
        gone = psutil.Process(stranger.pid)
        gone._ident = (stranger.pid, stranger.create_time() - 60)
        assert orphans(home, {gone}) == set()
        stranger.kill()
