"""Files that were handed in with a browser: kept once, by their content, and read by every worker."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from db import audit, queries, transitions
from db.errors import UnknownUploadError, UploadInUseError
from db.queries.data_sets import asked_before, uploaded, uploads
from db.settings import Settings
from db.status import ExperimentStatus
from db.uploads import MAX_BYTES, address_of
from overthink.cli.exits import Exit
from scaling.spec import DataSetSpec, Submission
from tests.cli import Overthink, document, overthink, service
from worker import submit
from worker.expansion import expand
from worker.registry import Registry

__all__ = ["overthink", "service"]
CONTENT = b"question,answer\n1+1,2\n2+2,4\n3+3,6\n"


def spec(address: str, **data_set: object) -> Submission:
    asked: dict[str, object] = {"upload": address, "grader": "integer", **data_set}
    arms = [{"strategy": "chain_of_thought"}]
    return Submission.from_data({"name": "mine", "data_set": asked, "models": ["tiny"], "arms": arms})  # type: ignore[dict-item]


def test_a_file_is_called_by_its_content_and_how_it_is_read() -> None:
    """printf 'abc' | sha256sum"""
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert address_of("AIME 2024.CSV", b"abc") == f"{digest}.csv"
    assert address_of("a.b.jsonl.gz", b"abc") == f"{digest}.jsonl.gz"
    assert address_of("no suffix", b"abc") == digest


def test_a_file_is_kept_once_with_its_first_name(engine: Engine) -> None:
    first = transitions.keep_upload(engine, "mine.csv", CONTENT, "ada")
    assert transitions.keep_upload(engine, "again.csv", CONTENT, "bob") == first
    other = transitions.keep_upload(engine, "mine.csv", CONTENT + b"4+4,8\n", "bob")
    assert uploaded(engine, first) == ("mine.csv", CONTENT) and uploaded(engine, "0" * 64) is None
    assert {(each.address, each.owner, each.num_bytes) for each in uploads(engine)} == {
        (first, "ada", len(CONTENT)),
        (other, "bob", len(CONTENT) + 6),
    }


def test_no_file_is_larger_than_what_is_said_to_be_the_largest(engine: Engine) -> None:
    transitions.keep_upload(engine, "large.csv", bytes(MAX_BYTES), "ada")
    with pytest.raises(IntegrityError, match="ck_uploads_size"):
        transitions.keep_upload(engine, "larger.csv", bytes(MAX_BYTES + 1), "ada")


def test_a_worker_without_the_file_reads_the_upload(engine: Engine) -> None:
    address = transitions.keep_upload(engine, "mine.csv", CONTENT, "ada")
    submission = spec(address, limit=2)
    made = submit.submit(engine, Settings(redis_url="redis://127.0.0.1:1/0"), submission, owner="ada").experiment_id
    assert audit.audit(engine) == {}
    assert expand(engine, made, Registry(), Path("/nowhere"))
    assert queries.experiment(engine, made).summary.data_set_digest == address.partition(".")[0]
    asked = asked_before(engine, submission.scientific["data_set"], most=1)  # type: ignore[arg-type]
    assert asked is not None and (asked.experiment_id, asked.count) == (made, 2)
    assert [problem.question for problem in asked.problems] == ["1+1"]


def test_an_upload_that_is_not_there_fails_with_the_remedy_and_the_audit_sees_it_coming(engine: Engine) -> None:
    submission = spec("0" * 64 + ".csv")
    made = submit.submit(engine, Settings(redis_url="redis://127.0.0.1:1/0"), submission, owner="ada").experiment_id
    assert list(audit.audit(engine)) == ["experiments to be laid out whose upload is not there"]
    assert not expand(engine, made, Registry(), Path("/nowhere"))
    summary = queries.experiment(engine, made).summary
    assert summary.status is ExperimentStatus.FAILED
    assert summary.error is not None and "upload the file on the dashboard's page New" in summary.error


def test_an_upload_is_deleted_but_not_while_an_experiment_that_has_not_ended_asks_what_is_in_it(engine: Engine) -> None:
    """What has ended keeps its problems."""
    address = transitions.keep_upload(engine, "mine.csv", CONTENT, "ada")
    made = submit.submit(engine, Settings(redis_url="redis://127.0.0.1:1/0"), spec(address), owner="ada").experiment_id
    assert [each.experiments for each in uploads(engine)] == [(made,)]
    with pytest.raises(UploadInUseError, match=f"mine #{made} asks what is in it, and has not ended"):
        transitions.delete_upload(engine, address)
    assert expand(engine, made, Registry(), Path("/nowhere"))
    transitions.cancel_experiment(engine, made)
    transitions.delete_upload(engine, address)
    assert uploads(engine) == () and queries.experiment(engine, made).num_problems == 3
    with pytest.raises(UnknownUploadError, match=f"no upload {address}"):
        transitions.delete_upload(engine, address)


def test_the_command_lists_uploads_and_deletes_those_that_nothing_asks_when_told_twice(
    service: Overthink, engine: Engine
) -> None:
    address = transitions.keep_upload(engine, "mine.csv", CONTENT, "ada")
    spare = transitions.keep_upload(engine, "spare\x1b.csv", CONTENT + b"4+4,8\n", "bob")
    made = submit.submit(engine, Settings(redis_url="redis://127.0.0.1:1/0"), spec(address), owner="ada").experiment_id
    assert {each["address"]: each["experiments"] for each in document(service("uploads", "--json"))} == {
        address: [made],
        spare: [],
    }
    table = service("uploads").out
    assert "mine.csv" in table and spare in table and "\x1b" not in table
    assert "--unused" in service("uploads", "--delete").err
    assert "--yes" in service("uploads", "--unused", "--delete").err
    assert service("uploads", address[:8], "--delete", "--yes").code == Exit.BAD_INPUT
    assert "Deleted: 1 file, 0.0 MB." in service("uploads", "--unused", "--delete", "--yes").out
    assert [each.address for each in uploads(engine)] == [address]
    assert "no upload of an address that begins with 'zz'" in service("uploads", "zz").err


def test_a_look_at_an_upload_is_taken_without_a_worker(engine: Engine) -> None:
    address = transitions.keep_upload(engine, "mine.csv", CONTENT + b"4+4,\n", "ada")
    shown = submit.preview(engine, DataSetSpec(upload=address, grader="integer"), most=2)  # type: ignore[arg-type]
    assert [problem.answer for problem in shown.problems] == ["2", "4"] and shown.columns == ("question", "answer")
    assert shown.faults == ("mine.csv:5: answer is empty",)


def test_a_spec_of_earlier_days_has_the_digest_that_it_had() -> None:
    """Its data set says nothing of uploads."""
    named = Submission.from_data(
        {"name": "n", "data_set": "ladder-test", "models": ["m"], "arms": [{"strategy": "chain_of_thought"}]}
    )
    assert "upload" not in named.scientific["data_set"]  # type: ignore[operator]
    assert named.digest == "15820e5f207118ed1130ddc2e0e3532ca3923515ca589aa9ef6933cca86914da"
