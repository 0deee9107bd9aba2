"""The tables that the migrations make are the tables that the models say."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from db import transitions
from db.engine import DatabaseUnavailableError, check, connect
from db.migrate import alembic_config, is_current, migrate
from db.models import Base
from db.queries.fleet import models
from db.records import ServedVerifier
from scaling.abilities import NOTHING
from tests.integration.scenes import SERVED, VERIFIER, claimed, new_arm, running_experiment, star, succeed
from worker.engines.vllm import VllmEngine

# All that makes a table: columns with types, defaults and NULLs, constraints, indexes. Alembic compares no CHECKs.
CATALOG = text("""
SELECT table_name || '.' || column_name AS name,
    concat_ws(' ', udt_name, character_maximum_length, is_nullable, column_default, is_identity) AS definition
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT relname::text, reloptions::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
""")


def catalog(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = {row.name: row.definition for row in connection.execute(CATALOG)}
    return {name: definition for name, definition in rows.items() if not name.startswith("alembic_version")}


@pytest.fixture
def emptied(engine: Engine) -> Iterator[Engine]:
    """The database without its tables."""
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield engine


def test_alembic_finds_nothing_left_to_migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_catalog_is_the_one_that_the_models_make(engine: Engine) -> None:
    migrated = catalog(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    Base.metadata.create_all(engine)
    assert migrated == catalog(engine)
    assert len(migrated) > 100


def test_migrating_twice_changes_nothing(emptied: Engine) -> None:
    assert not is_current(emptied)
    migrate(emptied)
    before = catalog(emptied)
    migrate(emptied)
    assert is_current(emptied)
    assert catalog(emptied) == before


def test_a_migration_that_is_taken_back_and_made_again_leaves_the_same_tables_and_rows(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    succeed(engine, claimed(engine).lease)
    before = catalog(engine)
    config = alembic_config()
    config.attributes["database"] = engine
    command.downgrade(config, "0001")
    assert before.keys() - catalog(engine).keys() >= {"verifiers.name", "arms.verifier", "steps.verifier_calls"}
    command.upgrade(config, "head")
    assert catalog(engine) == before
    with engine.connect() as connection:
        row = connection.execute(text("SELECT verifier_cached_tokens, verifier_calls, verifier_seconds FROM traces"))
        assert tuple(row.one()) == (0, 0, 0.0)  # nothing was verified before there were verifiers: known, not NULL


def test_what_older_jobs_tell_of_chains_and_of_verifiers_is_filled_in_and_the_rest_is_not_known(engine: Engine) -> None:
    """Two chains, and a token PRM's two calls: a token each. What no sum tells is NULL."""
    running_experiment(engine, num_problems=1, arms=[new_arm(verifier=VERIFIER)])
    trace, grades = star(2)
    *others, last = trace.steps
    verified = replace(last, verifier_tokens=30, verifier_calls=2, verifier_generated_tokens=2)
    transitions.succeed(engine, claimed(engine).lease, replace(trace, steps=(*others, verified)), grades, 1.0)
    transitions.announce_verifier(engine, ServedVerifier(VERIFIER, "token_prm", True, 2048, None, "tiny"))
    config = alembic_config()
    config.attributes["database"] = engine
    command.downgrade(config, "0003")
    command.upgrade(config, "head")
    with engine.connect() as connection:
        told = connection.execute(text("SELECT chains, verifier_generated_tokens, attended, longest_path FROM traces"))
        assert tuple(told.one()) == (2, 2, None, None)
        of_steps = connection.execute(text("SELECT verifier_generated_tokens FROM steps ORDER BY position"))
        assert list(of_steps.scalars()) == [0] * len(others) + [2]


def test_arms_that_were_there_before_arms_could_ask_otherwise_ask_as_their_experiment(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    config = alembic_config()
    config.attributes["database"] = engine
    command.downgrade(config, "0003")
    command.upgrade(config, "head")
    job = claimed(engine)
    assert (job.sampling.temperature, job.prompt.instruction) == (0.8, "Think.")


def test_a_model_from_before_there_were_engines_is_one_of_vllm(engine: Engine) -> None:
    transitions.announce_model(engine, replace(SERVED, engine="chat", abilities=NOTHING))
    config = alembic_config()
    config.attributes["database"] = engine
    command.downgrade(config, "0014")
    command.upgrade(config, "head")
    (model,) = models(engine)
    assert (model.engine, model.abilities) == ("vllm", VllmEngine.abilities)


def test_two_processes_that_migrate_at_once_take_turns(emptied: Engine) -> None:
    url = emptied.url.render_as_string(hide_password=False)
    program = "import sys; from db.engine import connect; from db.migrate import migrate; migrate(connect(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", program, url]) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    assert is_current(emptied)


def test_a_database_that_is_away_is_named_without_its_password() -> None:
    away = connect("postgresql://somebody:secret@127.0.0.1:1/overthink")
    with pytest.raises(DatabaseUnavailableError) as caught:
        check(away)
    assert "postgresql://somebody:***@127.0.0.1:1/overthink" in str(caught.value)
    assert "OVERTHINK_DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_that_is_not_postgresql_is_refused() -> None:
    with pytest.raises(ValueError, match="sqlite is not supported: give a postgresql:// URL"):
        connect("sqlite:///overthink.db")


def test_a_connection_that_dies_in_use_is_called_unavailable_and_the_next_one_works(engine: Engine) -> None:
    with pytest.raises(DatabaseUnavailableError), engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    check(engine)


def test_a_connection_that_dies_in_the_pool_is_replaced_unseen(engine: Engine) -> None:
    with engine.connect() as connection:
        with engine.connect() as other:
            idle = other.execute(text("SELECT pg_backend_pid()")).scalar_one()
        assert connection.execute(text("SELECT pg_terminate_backend(:pid, 240000)"), {"pid": idle}).scalar_one()
    with engine.connect() as first, engine.connect() as second:
        pids = {each.execute(text("SELECT pg_backend_pid()")).scalar_one() for each in (first, second)}
    assert idle not in pids
