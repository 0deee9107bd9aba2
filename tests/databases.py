"""Migrated databases for tests, one after the other: the last one emptied, or a new one where more than rows changed.

A copy of a template is some 350 files, a fifth of a second of work; to empty one takes a tenth of that. What was
emptied is as a new one is: no rows, no pages of the tables, all numbers from their start, nobody connected.
"""

import uuid

import psycopg

TEMPLATE = "migrated"

SCHEMA = """
SELECT 'class', count(*), max(xmin::text::bigint) FROM pg_class UNION ALL
SELECT 'attribute', count(*), max(xmin::text::bigint) FROM pg_attribute UNION ALL
SELECT 'constraint', count(*), max(xmin::text::bigint) FROM pg_constraint UNION ALL
SELECT 'index', count(*), max(xmin::text::bigint) FROM pg_index UNION ALL
SELECT 'trigger', count(*), max(xmin::text::bigint) FROM pg_trigger UNION ALL
SELECT 'function', count(*), max(xmin::text::bigint) FROM pg_proc UNION ALL
SELECT 'setting', count(*), max(xmin::text::bigint) FROM pg_db_role_setting UNION ALL
SELECT 'version', count(*), max(xmin::text::bigint) FROM alembic_version
"""
"""Whatever is defined anew, changed or dropped shows in one of these."""
OTHERS = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
LARGE = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 1000000
"""
"""What is emptied keeps the pages of its indexes, and plans are made by these."""
WITH_PAGES = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  AND pg_relation_size(oid) > 0
"""
NUMBERS = """
SELECT setval(seqrelid, seqstart, false) FROM pg_sequence
"""

Schema = list[tuple[object, ...]]


class Databases:
    """Of one PostgreSQL, in which `TEMPLATE` is a migrated database."""

    def __init__(self, postgres_url: str) -> None:
        self._url = postgres_url
        self._name: str | None = None
        self._schema: Schema = []

    def lend(self) -> str:
        """The URL of a fresh one, whose name none had before. One at a time: `take_back` it before the next."""
        last, self._name = self._name, f"test_{uuid.uuid4().hex[:12]}"
        if last is not None:
            execute(self._url, f"ALTER DATABASE {last} RENAME TO {self._name}")
        else:
            execute(self._url, f"CREATE DATABASE {self._name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
            with connected(self._lent) as connection:
                self._schema = connection.execute(SCHEMA).fetchall()
        return self._lent

    def take_back(self) -> None:
        """Empties it, or drops it, whoever is still connected."""
        if not self._is_empty_again():
            execute(self._url, f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
            self._name = None

    @property
    def _lent(self) -> str:
        assert self._name is not None
        return sibling(self._url, self._name)

    def _is_empty_again(self) -> bool:
        try:
            with connected(self._lent) as connection:
                connection.execute(OTHERS)
                if connection.execute(SCHEMA).fetchall() != self._schema or connection.execute(LARGE).fetchall():
                    return False
                emptied(connection)
                return not connection.execute(WITH_PAGES).fetchall()
        except psycopg.Error:  # of a table that a test made unreadable, of a database that is gone
            return False


def emptied(connection: psycopg.Connection) -> None:
    tables = [name for (name,) in connection.execute(WITH_PAGES)]
    connection.execute("SET session_replication_role = replica")  # in any order, past foreign keys and triggers
    for table in tables:
        connection.execute(f"DELETE FROM {table}")
        connection.execute(f"VACUUM (TRUNCATE, INDEX_CLEANUP ON) {table}")
    connection.execute(NUMBERS)


def sibling(url: str, name: str) -> str:
    """The URL of another database in the same PostgreSQL."""
    return url.replace("@/overthink?", f"@/{name}?")


def connected(url: str) -> psycopg.Connection:
    """Plain SQL, past every layer of ours; what is executed is committed."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)


def execute(url: str, statement: str) -> None:
    with connected(url) as connection:
        connection.execute(statement)
