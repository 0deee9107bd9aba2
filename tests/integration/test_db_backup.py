"""PostgreSQL's own dump of a database at work, in another cluster: what was open goes on, and nothing is doubled."""

import json
import subprocess
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from db import transitions
from db.audit import audit
from db.engine import connect
from db.records import Lease
from overthink.stack.postgres_place import INSTALLATION, find_wheel
from tests.cli import Overthink, overthink
from tests.conftest import running
from tests.integration.golden_world import run
from tests.integration.scenes import claimed, column, finish, running_experiment, spent, succeed

__all__ = ["overthink"]
JOBS, BEGUN = 300, 70


def program(name: str, url: str, *arguments: str) -> None:
    """A program of PostgreSQL's, out of the wheel, on a database."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run(
        [find_wheel() / INSTALLATION / "bin" / name, f"--dbname={address}", *arguments], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def end(engine: Engine, lease: Lease, number: int) -> None:
    """Of every seven jobs two fail, one of them for good, one is handed back, and one stays its worker's."""
    match number % 7:
        case 1:
            transitions.fail_attempt(engine, lease, "time-out", spent(3), retryable=True)
        case 2:
            transitions.fail_attempt(engine, lease, "too long", spent(3), retryable=False)
        case 3:
            transitions.release(engine, lease, spent(1))
        case 4:
            return
        case _:
            succeed(engine, lease, num_candidates=2)


def at_work(engine: Engine, has_begun: Event, is_over: Event) -> None:
    for number in range(JOBS):
        if is_over.is_set():
            return
        end(engine, claimed(engine).lease, number)
        if number == BEGUN:
            has_begun.set()


def jobs_of(engine: Engine) -> dict[str, int]:
    """How many there are in each status."""
    statuses = column(engine, "SELECT status FROM jobs")
    return {str(status): statuses.count(status) for status in statuses}


def doctor_is_content(overthink: Overthink, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """With what is stored; that nothing but PostgreSQL is there is another thing."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", url)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://127.0.0.1:1/0")
    findings = json.loads(overthink("doctor", "--audit", "--json").out)["findings"]
    assert [each["state"] for each in findings if each["what"] == "audit"] == ["good"]


def test_a_backup_that_is_taken_while_a_worker_works_goes_on_in_a_new_cluster(
    engine: Engine, database: str, overthink: Overthink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running_experiment(engine, num_problems=JOBS)
    has_begun, is_over = Event(), Event()
    worker = Thread(target=at_work, args=(engine, has_begun, is_over))
    worker.start()
    has_begun.wait()
    program("pg_dump", database, "--format=custom", f"--file={tmp_path / 'backup'}")
    is_over.set()
    worker.join()
    with running("postgres") as stack:
        assert stack.info.database_url is not None
        program("pg_restore", stack.info.database_url, "--exit-on-error", str(tmp_path / "backup"))
        restored = connect(stack.info.database_url)
        doctor_is_content(overthink, monkeypatch, stack.info.database_url)
        before = jobs_of(restored)
        assert before["succeeded"] >= 30 and before["running"] >= 10  # three and one of each seven
        freed = transitions.free_expired_leases(restored, lease_ttl_s=-1)
        assert len(freed) == before["running"]
        run(restored, "UPDATE jobs SET not_before = NULL")
        finish(restored)
        assert jobs_of(restored) == {"succeeded": JOBS - before["failed"], "failed": before["failed"]}
        assert column(restored, "SELECT count(*) FROM traces") == [JOBS - before["failed"]]
        assert column(restored, "SELECT status FROM experiments") == ["finished_with_failures"]
        doctor_is_content(overthink, monkeypatch, stack.info.database_url)
        restored.dispose()
    assert audit(engine) == {}  # and the first goes on as if nothing had been
