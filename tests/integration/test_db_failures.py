"""Why jobs failed, kind by kind, and running again those of one kind only."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from db import queries, transitions
from db.audit import audit
from db.errors import WrongStatusError
from db.signatures import signature, signature_of
from db.status import ExperimentStatus
from tests.cli import Overthink, overthink
from tests.integration.scenes import claimed, finish, new_arm, running_experiment, spent, succeed

__all__ = ["overthink"]

LONG = "prompt of {:,} tokens exceeds the context of 1,024"
AWAY = "http://gpu:8000/v1: 503"


def status(engine: Engine, experiment_id: int) -> ExperimentStatus:
    return queries.experiment(engine, experiment_id).summary.status


def failed(engine: Engine, errors: Sequence[str], num_problems: int) -> int:
    """An experiment of two arms that has ended; its first jobs failed with these errors."""
    arms = [new_arm(), new_arm("another arm")]
    experiment_id = running_experiment(engine, num_problems=num_problems, arms=arms)
    for error in errors:
        transitions.fail_attempt(engine, claimed(engine).lease, error, spent(), retryable=False)
    for _ in range(2 * num_problems - len(errors)):
        succeed(engine, claimed(engine).lease)
    transitions.close_finished_experiments(engine)
    return experiment_id


def test_failures_are_told_kind_by_kind_the_most_frequent_first_with_one_example(engine: Engine) -> None:
    experiment_id = failed(engine, [AWAY, LONG.format(3029), LONG.format(2048)], num_problems=3)
    first, second = queries.failures(engine, experiment_id)
    assert (first.signature, first.jobs) == ("prompt of N tokens exceeds the context of N", 2)
    assert first.example == LONG.format(3029)
    assert queries.trace(engine, first.example_job).error == first.example
    assert (second.signature, second.jobs, second.example) == ("URL N", 1, AWAY)
    assert set(first.arms) | set(second.arms) <= {arm.label for arm in queries.experiment(engine, experiment_id).arms}
    assert queries.failures(engine, running_experiment(engine)) == ()


def test_jobs_that_failed_in_one_way_are_run_again_and_the_others_stay(engine: Engine) -> None:
    experiment_id = failed(engine, [AWAY, LONG.format(3029), LONG.format(2048)], num_problems=3)
    assert transitions.retry_failures(engine, experiment_id, signature(LONG.format(7))) == 2
    assert status(engine, experiment_id) is ExperimentStatus.RUNNING
    (left,) = queries.failures(engine, experiment_id)
    assert left.example == AWAY
    finish(engine)
    assert status(engine, experiment_id) is ExperimentStatus.FINISHED_WITH_FAILURES
    assert queries.experiment(engine, experiment_id).summary.jobs.succeeded == 5
    assert transitions.retry_failures(engine, experiment_id, signature(AWAY)) == 1
    finish(engine)
    assert status(engine, experiment_id) is ExperimentStatus.SUCCEEDED
    assert audit(engine) == {}


def test_where_nothing_failed_so_nothing_moves(engine: Engine) -> None:
    experiment_id = failed(engine, [AWAY], num_problems=1)
    before = queries.experiment(engine, experiment_id).summary
    assert transitions.retry_failures(engine, experiment_id, "no such error") == 0
    assert queries.experiment(engine, experiment_id).summary == before


def test_cancelled_jobs_are_none_that_failed_and_stay_cancelled(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=3)
    transitions.fail_attempt(engine, claimed(engine).lease, AWAY, spent(), retryable=False)
    transitions.cancel_experiment(engine, experiment_id)
    assert transitions.retry_failures(engine, experiment_id, signature(AWAY)) == 1
    finish(engine)
    jobs = queries.experiment(engine, experiment_id).summary.jobs
    assert (jobs.succeeded, jobs.cancelled, jobs.failed) == (1, 2, 0)
    assert status(engine, experiment_id) is ExperimentStatus.FINISHED_WITH_FAILURES


def test_what_succeeded_cannot_be_retried_in_part_either(engine: Engine) -> None:
    experiment_id = failed(engine, [], num_problems=1)
    with pytest.raises(WrongStatusError, match="is succeeded and cannot be retried"):
        transitions.retry_failures(engine, experiment_id, signature(AWAY))


PIECES = st.sampled_from([
    "prompt of ", "3,029", " ", "0.5", '"', "gsm 8k", "http://", "gpu:8000", "/data/", "run-7", "0x7f", "a1", "-12",
    "0f8fad5b-d9cb-469f-a165-70867728950e", ";", "é", "٣", "\n", "'", ")", "1.", "x" * 200,
])  # fmt: skip


ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
SIGNATURES = text(f"""
SELECT {signature_of("error")} FROM unnest(CAST(:errors AS text[])) WITH ORDINALITY AS given (error, place)
ORDER BY place
""")


@given(st.lists(st.lists(PIECES, max_size=8).map("".join) | ANY, max_size=20))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_and_python_find_the_same_signature(engine: Engine, errors: list[str]) -> None:
    with engine.connect() as connection:
        found = list(connection.execute(SIGNATURES, {"errors": errors}).scalars())
    assert found == [signature(each) for each in errors]


def test_the_command_runs_one_kind_again_by_a_part_of_its_error(
    overthink: Overthink, engine: Engine, database: str, redis_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", database)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_server)
    experiment_id = failed(engine, [AWAY, LONG.format(3029), LONG.format(2048)], num_problems=3)
    unknown = overthink("retry", str(experiment_id), "--error", "out of memory")
    assert unknown.code and "no job failed with 'out of memory'" in unknown.err
    assert "2 × prompt of N tokens exceeds the context of N" in unknown.err
    both = overthink("retry", str(experiment_id), "--error", "N")
    assert both.code and "several errors have 'N' in them" in both.err
    once = overthink("retry", str(experiment_id), "--error", LONG.format(1))
    assert "2 jobs are queued again that failed with: prompt of N tokens exceeds the context of N" in once.out
    assert [each.example for each in queries.failures(engine, experiment_id)] == [AWAY]
