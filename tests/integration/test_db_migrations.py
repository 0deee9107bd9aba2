"""A database of any version, with rows in all its tables, comes up to date and goes back, and its rows stay.

The rows are made from what PostgreSQL says of its columns, so a new migration is tested by being there.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count, pairwise

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Engine, MetaData, Table, event, insert, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.exc import IntegrityError

from db.migrate import MigrationBlockedError, alembic_config, is_current, migrate, versions
from db.migrations import batches
from db.models import Base
from tests.integration.scenes import column

PLAIN: Mapping[type, object] = {
    float: 0.5,
    bool: False,
    object: {"json": [1]},
    dt.datetime: dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
}
UNIQUE: Mapping[type, Callable[[int], object]] = {str: str, int: int, bytes: lambda number: str(number).encode()}
"""Of these something may have to be unique."""
NUMBERS = count(1)
COUNTS_MAY_BE_UNKNOWN = "0013"
"""It cannot be taken back where a count is not known: there is no number to put in its place."""

CHECKS = """
SELECT conrelid::regclass::text AS table_name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""
CLOSED_SET = r"\((\w+)\)::text = ANY.*?'(\w+)'"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
STRONG = """
SELECT DISTINCT relation::regclass::text FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE pid = pg_backend_pid() AND relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
WORKED = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del + seq_tup_read), 0) FROM pg_stat_xact_user_tables
WHERE relname <> 'alembic_version'
"""
FILES = "SELECT oid::regclass::text, relfilenode FROM pg_class WHERE relnamespace = 'public'::regnamespace"
WORKS_UNDER_A_LOCK = {
    "0002": {"arms", "attempts", "candidates", "steps", "traces", "workers"},  # an index of arms: they are few
    "0012": {"grades", "problems", "traces"},  # checks why answers were not read, and the names of graders
    "0014": {"experiments"},  # sums what was spent
    "0027": {"journal"},  # packs it: it holds no more than what runs
    "0029": {"experiments"},  # an index of those that are open: they are few
}
"""Who writes to these tables waits as long as the migration reads or writes rows: more, the more rows there are."""


@pytest.fixture
def oldest(engine: Engine) -> Engine:
    """A database with the first tables, and nothing in them."""
    move(engine, "0001", down=True)
    return engine


def move(engine: Engine, version: str, *, down: bool = False) -> None:
    config = alembic_config()
    config.attributes["database"] = engine
    (command.downgrade if down else command.upgrade)(config, version)


def fill(engine: Engine, *known: bool) -> None:
    """A row in each table for each of these, owners first; known: nothing in it is NULL, else all that may be."""
    tables, checks = MetaData(), allowed(engine)
    tables.reflect(engine)
    tables.remove(tables.tables["alembic_version"])
    with engine.begin() as connection:
        for each in known:
            owners: dict[str, Mapping[str, object]] = {}
            for table in tables.sorted_tables:
                owners[table.name] = stored_row(connection, table, each, checks, owners)


def stored_row(
    connection: Connection,
    table: Table,
    is_known: bool,
    checks: Mapping[str, str],
    owners: Mapping[str, Mapping[str, object]],
) -> Mapping[str, object]:
    wanted = [each for each in table.columns if each.identity is None and (is_known or not each.nullable)]
    values = {each.name: value(each, checks, owners) for each in wanted}
    return dict(connection.execute(insert(table).values(values).returning(*table.columns)).mappings().one())


def value(column: Column[object], checks: Mapping[str, str], owners: Mapping[str, Mapping[str, object]]) -> object:
    for key in column.foreign_keys:
        return owners[key.column.table.name][key.column.name]
    if (member := checks.get(f"{column.table.name}.{column.name}")) is not None:
        return member
    if isinstance(column.type, TSVECTOR):
        return "word"
    is_array = isinstance(column.type, ARRAY)
    kind = column.type.item_type.python_type if is_array else column.type.python_type
    made = UNIQUE[kind](next(NUMBERS)) if kind in UNIQUE else PLAIN[kind]
    return [made] if is_array else made


def allowed(engine: Engine) -> dict[str, str]:
    """The first member of each closed set: `jobs.status` → "queued"."""
    with engine.connect() as connection:
        checks = connection.execute(text(CHECKS)).all()
    found = [(check.table_name, *set_) for check in checks for set_ in re.findall(CLOSED_SET, check.definition)]
    return {f"{table}.{name}": member for table, name, member in found}


Rows = dict[str, dict[str, list[object]]]
"""Table → column → its values, in an order that no column decides."""


def stored(engine: Engine) -> Rows:
    with engine.connect() as connection:
        tables = set(connection.execute(text(TABLES)).scalars()) - {"alembic_version"}
        rows = {
            table: list(connection.execute(text(f"SELECT to_jsonb(stored) FROM {table} AS stored")).scalars())
            for table in sorted(tables)
        }
    return {
        table: {name: sorted(str(row[name]) for row in found) for name in (found[0] if found else ())}
        for table, found in rows.items()
    }


def common(rows: Rows, others: Rows) -> Rows:
    """Of tables and columns that both have."""
    return {
        table: {name: values for name, values in columns.items() if name in others[table]}
        for table, columns in rows.items()
        if table in others
    }


def test_rows_of_every_version_are_there_at_the_next_and_the_models_fit_the_last(oldest: Engine) -> None:
    """Filled and unfilled rows of each version; at the end an experiment of each is there."""
    for version in versions()[1:]:
        fill(oldest, True, False)
        before = stored(oldest)
        move(oldest, version)
        after = stored(oldest)
        assert common(after, before) == common(before, after), version
    assert is_current(oldest)
    assert column(oldest, "SELECT count(*) FROM experiments") == [2 * (len(versions()) - 1)]
    assert column(oldest, "SELECT count(*) FROM steps") == [2 * (len(versions()) - 1)]
    with oldest.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_rows_of_the_last_version_go_down_to_the_first_and_up_again(engine: Engine) -> None:
    fill(engine, True)
    for version, older in pairwise(reversed(versions())):
        before = stored(engine)
        move(engine, older, down=True)
        after = stored(engine)
        assert common(after, before) == common(before, after), f"{version} taken back"
    oldest = stored(engine)
    migrate(engine)
    assert common(stored(engine), oldest) == oldest


def test_a_count_that_is_not_known_is_not_made_up_on_the_way_back(engine: Engine) -> None:
    fill(engine, False)
    with pytest.raises(IntegrityError, match="contains null values"):
        move(engine, "0001", down=True)
    assert column(engine, "SELECT version_num FROM alembic_version") == [COUNTS_MAY_BE_UNKNOWN]
    migrate(engine)
    assert column(engine, "SELECT count(*) FROM steps") == [1]


def test_no_migration_works_on_rows_while_it_locks_jobs_and_what_it_locks_else_is_known(oldest: Engine) -> None:
    """What only changes the catalogue takes the same few milliseconds whatever is stored."""
    found: dict[str, set[str]] = {}
    files: dict[str, int] = {}

    def look(connection: Connection) -> None:
        (version,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
        found[version] = found.get(version, set()) | worked_on_while_locked(connection, files)

    for version in versions()[1:]:
        fill(oldest, True)
        oldest.dispose()  # a connection tells of all that it has done lately
        files = files_of(oldest)
        event.listen(oldest, "commit", look)
        move(oldest, version)
        event.remove(oldest, "commit", look)
    assert {version: locked for version, locked in found.items() if "jobs" in locked} == {}
    assert {version: locked for version, locked in found.items() if locked} == WORKS_UNDER_A_LOCK


@pytest.mark.parametrize(
    ("statements", "is_seen"),
    [
        (["ALTER TABLE jobs ADD COLUMN more text"], False),
        (["ALTER TABLE jobs ADD COLUMN more integer DEFAULT 1 NOT NULL"], False),
        (["ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.01)", "UPDATE jobs SET error = 'x'"], False),
        (["ALTER TABLE jobs ADD COLUMN more text", "UPDATE jobs SET more = 'x'"], True),
        (["ALTER TABLE jobs ADD COLUMN more text", "UPDATE steps SET text = 'x'"], True),
        (["ALTER TABLE jobs ALTER COLUMN repeat TYPE bigint"], True),
        (["ALTER TABLE jobs ADD CONSTRAINT one CHECK (repeat >= 0)"], True),
        (["CREATE INDEX one ON jobs (repeat)"], True),
        (["CREATE TABLE more (job_id bigint REFERENCES jobs)", "INSERT INTO more SELECT id FROM jobs"], True),
    ],
)
def test_work_under_a_lock_on_jobs_is_seen(engine: Engine, statements: list[str], is_seen: bool) -> None:
    fill(engine, True)
    engine.dispose()
    files = files_of(engine)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        assert ("jobs" in worked_on_while_locked(connection, files)) == is_seen


def files_of(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return dict(connection.execute(text(FILES)).all())


def worked_on_while_locked(connection: Connection, files: Mapping[str, int]) -> set[str]:
    """The tables that nobody else may write to now, of those that were there; none if no rows were read or written."""
    new = dict(connection.exec_driver_sql(FILES).all())
    is_rewritten = any(new.get(name, number) != number for name, number in files.items())
    is_at_work = is_rewritten or connection.exec_driver_sql(WORKED).scalar_one() > 0
    return set(connection.exec_driver_sql(STRONG).scalars()) & files.keys() if is_at_work else set()


@pytest.mark.parametrize(
    ("version", "before", "filled", "in_the_middle", "at_last"),
    [
        ("0007", "UPDATE traces SET verifier_calls = 0", "traces.verifier_generated_tokens", [0, None], [0, 0]),
        ("0009", "UPDATE attempts SET outcome = 'failed'", "attempts.is_settled", [True, False], [True, True]),
    ],
)
def test_a_migration_that_ends_among_its_batches_keeps_what_is_filled_and_begins_anew(
    oldest: Engine,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    before: str,
    filled: str,
    in_the_middle: list[object],
    at_last: list[object],
) -> None:
    """A batch is a job here; the process dies of the second."""
    monkeypatch.setattr(batches, "JOBS", 1)
    table, name = filled.split(".")
    values = f"SELECT {name} FROM {table} ORDER BY job_id"
    move(oldest, version)
    fill(oldest, True, True)
    with oldest.begin() as connection:
        connection.execute(text(before))
    with dying_of(oldest, f"UPDATE {table}", 2), pytest.raises(DiedError):
        migrate(oldest)
    assert column(oldest, values) == in_the_middle
    assert column(oldest, "SELECT version_num FROM alembic_version") == [version]
    migrate(oldest)
    assert column(oldest, values) == at_last


class DiedError(Exception):
    """The process that migrates is gone."""


@contextmanager
def dying_of(engine: Engine, beginning: str, place: int) -> Iterator[None]:
    """Instead of the statement in this place, from 1, of those that begin so."""
    places = count(1)

    def look(_: object, cursor: object, statement: str, *more: object) -> None:
        if statement.strip().startswith(beginning) and next(places) == place:
            raise DiedError

    event.listen(engine, "before_cursor_execute", look)
    yield
    event.remove(engine, "before_cursor_execute", look)


def test_a_table_in_use_puts_a_migration_off_and_what_is_done_stays(oldest: Engine) -> None:
    with oldest.begin() as reader:
        reader.execute(text("SELECT count(*) FROM grades"))  # the first to change them is 0005
        with pytest.raises(MigrationBlockedError, match="in use at each of 2 tries"):
            migrate(oldest, tries=2, pause_s=0.0)
        assert reader.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0004"]
    migrate(oldest, tries=1)
    assert is_current(oldest)
