"""A write whose database is full, or goes away in the middle of it, is tried again and leaves nothing behind."""

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from db.copying import copy_into
from db.engine import DatabaseUnavailableError, check
from tests.conftest import wait_until
from tests.integration.scenes import claimed, column, running_experiment, star
from worker.database_outage import DATABASE_AWAY, patiently

FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_full BEFORE INSERT ON {table} EXECUTE FUNCTION disk_full();
"""


WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.mark.parametrize("table", ["traces", "steps", "candidates", "grades", "rollups"])
def test_a_success_waits_for_a_database_that_is_full(engine: Engine, table: str) -> None:
    """What COPY writes was past SQLAlchemy's errors: the attempt had failed, and the third one did for good."""
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    order(engine, FULL.format(table=table))
    refusals = []

    def succeed() -> None:
        try:
            transitions.succeed(engine, lease, *star(), wall_seconds=1.0)
        except DATABASE_AWAY as error:
            refusals.append(str(error))
            order(engine, f"DROP TRIGGER disk_full ON {table}")
            raise

    patiently(succeed, "the job")
    assert len(refusals) == 1 and "No space left on device" in refusals[0]
    assert column(engine, "SELECT status FROM jobs") == ["succeeded"]
    assert audit(engine) == {}


def test_a_connection_that_is_lost_while_rows_are_copied_is_a_database_that_is_away(engine: Engine) -> None:
    with pytest.raises(DATABASE_AWAY), engine.begin() as connection:
        connection.execute(text("CREATE TABLE copied (number integer)"))
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()

        def rows() -> Iterator[tuple[int]]:
            yield (1,)
            assert column(engine, "SELECT pg_terminate_backend(:pid, 30000)", pid=pid) == [True]
            yield from ((number,) for number in range(100_000))

        copy_into(connection, "copied", ("number",), rows())
    assert column(engine, "SELECT to_regclass('copied')") == [None]


def test_an_end_whose_connection_is_lost_is_a_database_that_is_away_and_is_stored_when_it_is_tried_again(
    engine: Engine,
) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    with ThreadPoolExecutor(1) as pool, engine.begin() as other:
        other.execute(text("SELECT FROM jobs FOR UPDATE"))
        ended = pool.submit(transitions.succeed, engine, lease, *star(), wall_seconds=1.0)
        wait_until(lambda: column(engine, WAITING))
        column(engine, f"SELECT pg_terminate_backend(pid, 30000) FROM ({WAITING}) AS waiting")
        with pytest.raises(DatabaseUnavailableError, match="does not answer at postgresql:"):
            ended.result()
    transitions.succeed(engine, lease, *star(), wall_seconds=1.0)
    assert audit(engine) == {}


@pytest.mark.parametrize("num_left", [0, 1])
def test_a_process_without_file_descriptors_has_no_database_for_as_long(engine: Engine, num_left: int) -> None:
    """With one left the socket has it, and waiting for the socket takes another. That was an OSError: the heartbeat
    died of it, and attempts that had ended well were failures."""
    with Path("/dev/null").open() as next_one:
        limit = next_one.fileno() + num_left
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        with pytest.raises(DatabaseUnavailableError):
            check(engine)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    check(engine)


def order(engine: Engine, statements: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statements)
