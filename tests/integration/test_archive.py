"""An experiment goes into a folder of Parquet files and comes back the same, under other ids; or it is refused."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

import overthink as package
from db import archive as archives
from db import queries, transitions
from db.archive import ArchiveError
from db.archive.manifest import file_of
from db.archive.steps import FIRST, MAYBE, columns_since, tables_since
from db.archive.tables import OWNED, TABLES
from db.audit import audit
from db.engine import connect
from db.errors import WrongStatusError
from db.migrate import alembic_config, head, versions
from db.models import Base
from db.queries import ExperimentFilter
from db.queries.data_sets import uploaded, uploads
from db.search.found import find_traces
from db.search.terms import terms_of
from overthink.cli.exits import Exit
from scaling.scanners.matching import Text
from scaling.spec import Edit
from tests.cli import Overthink, document, overthink, service
from tests.conftest import execute, sibling
from tests.integration.golden_world import populate, run
from tests.integration.scenes import column, finish, new_experiment, running_experiment, scan_here

__all__ = ["overthink", "service"]
MADE_BY = {"overthink": "0.1.0", "commit": "c0ffee"}
BESIDE = {"models", "verifiers", "workers"}
"""Tables that no experiment owns: who serves what now. An experiment keeps what it was served by itself."""
DERIVED = {"trace_words", "words_read"}
"""Tables that are made again out of the others."""
HANGING = """
WITH RECURSIVE hanging AS (
    SELECT 'experiments'::regclass::oid AS oid
    UNION SELECT conrelid FROM pg_constraint JOIN hanging ON confrelid = hanging.oid WHERE contype = 'f')
SELECT oid::regclass::text FROM hanging
"""
ROWS = """
SELECT (to_jsonb(stored)
    - ARRAY['id', 'experiment_id', 'arm_id', 'problem_id', 'job_id', 'scan_id', 'provenances', 'run'])::text
FROM {table} AS stored WHERE {owner} IN ({ids}) ORDER BY 1
"""
COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
ODD = (
    """UPDATE experiments SET spec = spec || '{"exact": 1.10, "long": 12345678901234567890.5, "odd": "\\\\N\\t"}'""",
    "UPDATE candidates SET score = 'NaN', step_scores = '{NaN,Infinity,NULL}' WHERE position = 1",
    "UPDATE steps SET text = E'\\\\N\\t\\\\.\\r\\n\\u2028' WHERE position = 2",
    "UPDATE attempts SET error = '' WHERE error IS NULL AND outcome = 'succeeded'",
)
"""What a format between two databases may lose."""

PRINTED = (
    ("results",),
    ("results", "--metric", "maj@k", "--axis", "flops"),
    ("compare", "1", "8"),
    ("difficulty", "--base", "1", "--bins", "2"),
    ("status",),
)


@dataclass(frozen=True)
class World:
    url: str
    engine: Engine
    ids: dict[str, int]


@pytest.fixture(scope="module")
def world(postgres_url: str, template_url: str) -> Iterator[World]:
    execute(postgres_url, "CREATE DATABASE archived TEMPLATE migrated STRATEGY FILE_COPY")
    engine = connect(sibling(postgres_url, "archived"))
    ids = populate(engine, digest="d1")
    for statement in ODD:
        run(engine, statement)
    yield World(sibling(postgres_url, "archived"), engine, ids)
    engine.dispose()
    execute(postgres_url, "DROP DATABASE archived WITH (FORCE)")


@pytest.fixture
def small(engine: Engine) -> int:
    """An experiment of two jobs that has succeeded, with another one beside it."""
    running_experiment(engine, num_problems=1)
    experiment = running_experiment(engine, num_problems=2, new=new_experiment("../../etc/../small 🙂"))
    finish(engine)
    return experiment


def archived(engine: Engine, experiment: int, folder: Path) -> Path:
    archives.archive(engine, experiment, folder, dict(MADE_BY))
    return folder


def rows_of(engine: Engine, experiment: int) -> dict[str, list[object]]:
    """All that is stored of it but its ids, table by table."""
    own = {"experiments": "id", "arms": "experiment_id", "problems": "experiment_id", "jobs": "experiment_id"}
    jobs = f"SELECT id FROM jobs WHERE experiment_id = {experiment}"
    return {
        table.name: column(
            engine,
            ROWS.format(
                table=table.name,
                owner=own.get(table.name, "experiment_id" if "experiment_id" in table.columns else "job_id"),
                ids=experiment if "experiment_id" in table.columns or table.name == "experiments" else jobs,
            ),
        )
        for table in OWNED
    }


def wrongs(engine: Engine, experiment: int) -> dict[str, int]:
    """How many of its jobs the audit finds amiss: what is drawn for golden files is not sound everywhere."""
    jobs = set(column(engine, f"SELECT id FROM jobs WHERE experiment_id = {experiment}"))
    return {wrong: len(jobs & set(found)) for wrong, found in audit(engine).items() if jobs & set(found)}


def config_of(engine: Engine) -> Config:
    config = alembic_config()
    config.attributes["database"] = engine
    return config


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.parquet")}


def test_all_that_hangs_on_experiments_is_in_an_archive_and_what_does_not_is_known(engine: Engine) -> None:
    """By PostgreSQL's own foreign keys. A table that fails here hangs on experiments, or belongs to BESIDE."""
    assert set(column(engine, HANGING)) == {table.name for table in OWNED} | DERIVED
    assert {table.name for table in Base.metadata.sorted_tables} == {table.name for table in TABLES} | BESIDE | DERIVED


@pytest.mark.parametrize("name", ["reasoning", "later", "shared", "unread"])
def test_what_is_restored_is_what_was_archived_and_so_is_its_archive(
    name: str, world: World, engine: Engine, tmp_path: Path
) -> None:
    run(engine, "SELECT setval(pg_get_serial_sequence('experiments', 'id'), 70)")
    running_experiment(engine, num_problems=3)  # takes the first ids
    first = archived(world.engine, world.ids[name], tmp_path / "first")
    restored = archives.restore(engine, first).experiment_id
    assert restored == 72
    assert rows_of(engine, restored) == rows_of(world.engine, world.ids[name])
    assert wrongs(engine, restored) == wrongs(world.engine, world.ids[name])
    assert files(archived(engine, restored, tmp_path / "again")) == files(first)


def test_texts_of_what_is_restored_are_found_again(engine: Engine, small: int, tmp_path: Path) -> None:
    transitions.read_words(engine, within_s=60)
    restored = archives.restore(engine, archived(engine, small, tmp_path / "small"), again=True).experiment_id
    assert find_traces(engine, terms_of("so"), restored).total == 0
    transitions.read_words(engine, within_s=60)
    assert find_traces(engine, terms_of("so"), restored).total == 2


def test_what_is_printed_of_it_is_the_same_to_the_byte(
    overthink: Overthink, world: World, database: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own id happens to be the same; jobs have others, and its age grows."""
    run(engine, "SELECT setval(pg_get_serial_sequence(each, 'id'), 100) FROM unnest('{arms,jobs}'::text[]) AS each")
    experiment = world.ids["reasoning"]
    restored = archives.restore(engine, archived(world.engine, experiment, tmp_path / "reasoning"))
    assert restored.experiment_id == experiment
    monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://127.0.0.1:1/0")

    def printed(url: str, *command: str) -> str:
        monkeypatch.setenv("OVERTHINK_DATABASE_URL", url)
        done = overthink(command[0], str(experiment), *command[1:], "--json")
        assert done.code in (Exit.OK, Exit.FAILURES), done.err
        return re.sub(r'"(age_s|(first|second)_job)": .*', "", done.out)

    for each in PRINTED:
        assert printed(database, *each) == printed(world.url, *each)


def test_attempts_name_the_same_provenances_where_others_were_there_before(
    world: World, engine: Engine, tmp_path: Path
) -> None:
    for digest in ("another", "second"):
        transitions.provenance_id(engine, digest, {"code": digest})
    archives.restore(engine, archived(world.engine, world.ids["shared"], tmp_path / "shared"))
    named = """
    SELECT provenances.digest || count(*) FROM attempts, unnest(attempts.provenances) AS named, provenances, jobs
    WHERE provenances.id = named AND jobs.id = job_id AND experiment_id = {} GROUP BY provenances.digest ORDER BY 1
    """
    there, here = named.format(world.ids["shared"]), named.format("(SELECT min(id) FROM experiments)")
    assert column(engine, here) == column(world.engine, there)
    assert column(engine, "SELECT digest FROM provenances ORDER BY id") == ["another", "second", "first"]


def test_other_tools_read_the_files(world: World, tmp_path: Path) -> None:
    folder = archived(world.engine, world.ids["reasoning"], tmp_path / "reasoning")
    jobs, steps = pq.read_table(folder / "jobs.parquet"), pq.read_table(folder / "steps.parquet")
    assert jobs["id"].to_pylist() == list(range(11 * 12))
    assert steps.schema.field("ids").type.value_type == "int32"
    assert set(steps["job_id"].to_pylist()) <= set(jobs["id"].to_pylist())


def test_many_row_groups_are_one_archive(
    world: World, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = archived(world.engine, world.ids["reasoning"], tmp_path / "whole")
    for name, value in (("ROWS_AT_ONCE", 7), ("ROW_GROUP_BYTES", 4096)):
        monkeypatch.setattr(f"db.archive.writing.{name}", value)
    parts = archived(world.engine, world.ids["reasoning"], tmp_path / "parts")
    assert pq.ParquetFile(parts / "steps.parquet").num_row_groups > 10
    for name in files(whole):
        assert pq.read_table(parts / name).to_pylist() == pq.read_table(whole / name).to_pylist() or name == (
            "candidates.parquet"  # NaN is not equal to itself
        )
    restored = archives.restore(engine, parts).experiment_id
    assert rows_of(engine, restored) == rows_of(world.engine, world.ids["reasoning"])


def test_a_cancelled_experiment_goes_on_where_it_is_restored(engine: Engine, tmp_path: Path) -> None:
    experiment = running_experiment(engine, num_problems=3)
    transitions.cancel_experiment(engine, experiment)
    folder = archived(engine, experiment, tmp_path / "cancelled")
    delete_it(engine, experiment, folder)
    restored = archives.restore(engine, folder).experiment_id
    assert transitions.retry_experiment(engine, restored) == 3
    finish(engine)
    assert audit(engine) == {}
    assert column(engine, "SELECT status FROM experiments") == ["succeeded"]


def test_one_that_has_not_ended_is_not_archived_and_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    experiment = running_experiment(engine)
    with pytest.raises(WrongStatusError, match=f"is running.*overthink cancel {experiment}` keeps what is done"):
        archived(engine, experiment, tmp_path / "one")
    transitions.pause_experiment(engine, experiment)
    with pytest.raises(WrongStatusError, match="is paused"):
        archived(engine, experiment, tmp_path / "one")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(engine: Engine, small: int, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="not empty"):
        archived(engine, small, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert (archived(engine, small, tmp_path / "deep" / "er") / "manifest.json").exists()


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_a_damaged_file_is_refused_and_nothing_is_restored(
    engine: Engine, small: int, tmp_path: Path, table: str
) -> None:
    path = archived(engine, small, tmp_path / "small") / f"{table}.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=f"{table}.parquet is damaged"):
        archives.restore(engine, tmp_path / "small", again=True)
    path.unlink()
    with pytest.raises(ArchiveError, match=f"{table}.parquet is missing"):
        archives.restore(engine, tmp_path / "small", again=True)
    assert len(queries.list_experiments(engine, ExperimentFilter())) == 2


def rewritten(folder: Path, **changes: object) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("9999", "version 9999, and this Overthink's is {head}: a newer one made it. Update Overthink .*commit c0ffee"),
        ("0014", "version 0014, and this Overthink's is {head}. Restore it with the Overthink .*commit c0ffee"),
    ],
)
def test_another_schema_is_refused_by_both_versions_names(
    engine: Engine, small: int, tmp_path: Path, version: str, said: str
) -> None:
    folder = rewritten(archived(engine, small, tmp_path / "small"), schema_version=version, tables={})
    with pytest.raises(ArchiveError, match=said.format(head=head())):
        archives.restore(engine, folder, again=True)


def aged(folder: Path, version: str) -> Path:
    """The archive as one of that schema would be: without what came since."""
    told = json.loads(manifest(folder))["tables"]
    for table in TABLES:
        path = folder / f"{table.name}.parquet"
        if table.name in tables_since(version):
            path.unlink()
            del told[table.name]
        elif since := columns_since(version, table.name):
            pq.write_table(pq.read_table(path).drop_columns(list(since)), path)
            told[table.name] = file_of(path, told[table.name]["rows"]).model_dump()
    return rewritten(folder, schema_version=version, tables=told)


@pytest.mark.parametrize("version", [version for version in versions() if version >= FIRST])
def test_an_archive_of_an_older_schema_is_restored_as_if_it_had_been_migrated(
    engine: Engine, small: int, tmp_path: Path, version: str
) -> None:
    """What came since had no value then, or the one that migrations gave it."""
    run(engine, "UPDATE experiments SET num_jobs = NULL, num_laid_out = 0")
    folder = aged(archived(engine, small, tmp_path / "small"), version)
    restored = archives.restore(engine, folder, again=True).experiment_id
    assert rows_of(engine, restored) == rows_of(engine, small)


def test_every_column_that_came_since_the_first_archives_has_a_step(engine: Engine) -> None:
    """By the columns that PostgreSQL had at each version."""

    def columns() -> set[tuple[str, str]]:
        named = {table.name for table in TABLES} - MAYBE
        with engine.connect() as connection:
            return {(table, name) for table, name in connection.execute(text(COLUMNS)) if table in named}

    now = columns()
    for version in sorted((each for each in versions() if each >= FIRST), reverse=True):
        command.downgrade(config_of(engine), version)
        told = {(table.name, name) for table in TABLES for name in columns_since(version, table.name)}
        tables = tables_since(version)
        assert now - columns() == told | {pair for pair in now if pair[0] in tables}, version


def test_an_experiment_on_an_upload_takes_its_file_along_and_can_be_laid_out_again(
    engine: Engine, small: int, tmp_path: Path
) -> None:
    """Another file, which it does not name, stays behind."""
    address = transitions.keep_upload(engine, "mine.csv", b"question,answer\n1+1,2\n", "ada")
    transitions.keep_upload(engine, "other.csv", b"question,answer\n2+2,4\n", "ada")
    run(
        engine,
        f"""UPDATE experiments SET spec = spec || '{{"data_set": {{"upload": "{address}"}}}}' WHERE id = {small}""",
    )
    folder = archived(engine, small, tmp_path / "small")
    assert pq.read_table(folder / "uploads.parquet")["address"].to_pylist() == [address]
    assert json.loads(manifest(archived(engine, small - 1, tmp_path / "one")))["tables"]["uploads"]["rows"] == 0
    delete_it(engine, small, folder)
    kept = uploads(engine)
    run(engine, "DELETE FROM uploads")
    archives.restore(engine, folder)
    assert [replace(each, experiments=()) for each in uploads(engine)] == [
        each for each in kept if each.address == address
    ]
    assert uploaded(engine, address) == ("mine.csv", b"question,answer\n1+1,2\n")
    archives.restore(engine, folder, again=True)  # the file is there already


def test_a_folder_that_is_no_archive_is_named(engine: Engine, small: int, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"no archive.*manifest\.json"):
        archives.restore(engine, tmp_path)
    tables = {"../../secret": {"rows": 1, "bytes": 1, "sha256": ""}}
    folder = rewritten(archived(engine, small, tmp_path / "small"), tables=tables)
    with pytest.raises(ArchiveError, match="names the tables"):
        archives.restore(engine, folder)


def test_what_is_there_already_is_restored_beside_itself_only_when_asked(
    engine: Engine, small: int, tmp_path: Path
) -> None:
    folder = archived(engine, small, tmp_path / "small")
    with pytest.raises(ArchiveError, match=f"experiment {small} is the one in .*--again"):
        archives.restore(engine, folder)
    beside = archives.restore(engine, folder, again=True).experiment_id
    assert rows_of(engine, beside) == rows_of(engine, small)
    runs = f"SELECT run FROM experiments WHERE id IN ({small}, {beside}) ORDER BY id"
    assert column(engine, runs) == [0, 1]


def test_what_scans_found_comes_back_with_their_experiment(engine: Engine, small: int, tmp_path: Path) -> None:
    scan_here(engine, small, Text(text="so"))
    kept = rows_of(engine, small)
    assert (len(kept["scans"]), len(kept["findings"])) == (1, 2)
    folder = archived(engine, small, tmp_path / "small")
    delete_it(engine, small, folder)
    restored = archives.restore(engine, folder).experiment_id
    assert rows_of(engine, restored) == kept
    assert audit(engine) == {}


def test_another_run_of_the_same_spec_is_another_experiment(engine: Engine, small: int, tmp_path: Path) -> None:
    folder = archived(engine, small, tmp_path / "small")
    delete_it(engine, small, folder)
    transitions.create_experiment(engine, new_experiment(digest=json.loads(manifest(folder))["experiment"]["digest"]))
    restored = archives.restore(engine, folder).experiment_id
    assert column(engine, f"SELECT run FROM experiments WHERE id = {restored}") == [1]


def manifest(folder: Path) -> str:
    return (folder / "manifest.json").read_text()


def delete_it(engine: Engine, experiment: int, folder: Path) -> None:
    archives.remove(engine, experiment, folder)


def test_deleting_takes_all_of_it_and_nothing_else(engine: Engine, small: int, tmp_path: Path) -> None:
    kept = rows_of(engine, small - 1)
    delete_it(engine, small, archived(engine, small, tmp_path / "small"))
    assert {name for name, rows in rows_of(engine, small).items() if rows} == set()
    assert rows_of(engine, small - 1) == kept
    assert column(engine, "SELECT count(*) FROM jobs") == [1]
    assert column(engine, "SELECT count(*) FROM steps") == [4]


def test_what_changed_since_or_is_another_is_not_deleted(engine: Engine, small: int, tmp_path: Path) -> None:
    folder = archived(engine, small, tmp_path / "small")
    with pytest.raises(ArchiveError, match="is not deleted"):
        delete_it(engine, small - 1, folder)
    transitions.edit_experiment(engine, small, Edit(notes="a thought more"))
    with pytest.raises(ArchiveError, match="is not deleted"):
        delete_it(engine, small, folder)
    assert column(engine, "SELECT count(*) FROM experiments") == [2]


def test_the_command_writes_beside_itself_whatever_the_experiment_is_called(
    service: Overthink, engine: Engine, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "a" / "b" / "c"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    told = document(service("archive", str(small), "--json"))
    assert (told["folder"], told["deleted"]) == (f"experiment-{small}-etc-small", False)
    assert [path.name for path in here.iterdir()] == [told["folder"]]
    assert [path.name for path in tmp_path.glob("*")] == ["a"]
    assert told["manifest"]["tables"]["jobs"]["rows"] == 2
    assert "is archived in" not in service("archive", str(small)).out  # it is there
    assert service("restore", told["folder"]).code == Exit.BAD_INPUT
    again = service("restore", told["folder"], "--again")
    assert f"is experiment {small + 1} (../../etc/../small 🙂): 2 jobs, 2 traces" in again.out


def test_the_command_deletes_only_when_told_twice(
    service: Overthink, engine: Engine, small: int, tmp_path: Path
) -> None:
    to = tmp_path / "small"
    refused = service("archive", str(small), "--to", str(to), "--delete")
    assert (refused.code, to.exists()) == (Exit.BAD_INPUT, False)
    assert "--yes" in refused.err
    done = service("archive", str(small), "--to", str(to), "--delete", "--yes")
    assert (done.code, "It is deleted." in done.out) == (Exit.OK, True)
    assert column(engine, "SELECT count(*) FROM experiments") == [1]
    assert document(service("restore", str(to), "--json"))["experiment"] == small + 1


@pytest.mark.parametrize(("typed", "left"), [("n", 2), ("y", 1)])
def test_the_command_asks_on_a_terminal(
    service: Overthink,
    engine: Engine,
    small: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    left: int,
) -> None:
    terminal = StringIO(f"{typed}\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    done = service("archive", str(small), "--to", str(tmp_path / "small"), "--delete")
    assert f"Delete experiment {small} (../../etc/../small 🙂) from the database?" in done.err
    assert column(engine, "SELECT count(*) FROM experiments") == [left]


def test_python_archives_and_restores(service: Overthink, small: int, tmp_path: Path) -> None:
    package.archive(small, tmp_path / "small")
    assert package.restore(str(tmp_path / "small"), again=True) == small + 1
