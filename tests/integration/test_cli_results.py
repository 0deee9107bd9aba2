"""What an experiment found, from rows in a real PostgreSQL."""

import math
from dataclasses import replace

import pytest
from pydantic import JsonValue
from sqlalchemy import Engine, text

from db import queries, transitions
from results import ArmResult, Measurements, UnknownArmError, arm_results, paired
from results.arms import ARMS, DOCUMENT, brief, notes
from results.columns import record
from scaling.types import Counts, Outcome, Trace, Unread, Verdict
from tests.integration.scenes import (
    VERIFIER,
    claimed,
    column,
    new_arm,
    running_experiment,
    scored_job,
    spent,
    star,
    succeed,
)

CORRECT, WRONG, TRUNCATED = Verdict.CORRECT, Verdict.WRONG, Verdict.TRUNCATED


def answer(engine: Engine, *verdicts: Verdict) -> None:
    """Jobs come problem by problem, and for each problem arm by arm."""
    for verdict in verdicts:
        succeed(engine, claimed(engine).lease, verdict=verdict)


def measured(engine: Engine, experiment_id: int) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment_id))


def shown(arm: ArmResult) -> dict[str | None, str]:
    """In the terminal."""
    table = brief([arm])
    return dict(zip((column.title for column in table.shown), table.cells[0], strict=True))


def fail(engine: Engine) -> None:
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(5), retryable=False)


def test_an_arm_reports_accuracy_tokens_and_verdicts(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=4)
    answer(engine, CORRECT, CORRECT, WRONG, TRUNCATED)
    (arm,) = arm_results(measured(engine, experiment))
    assert arm.estimate is not None
    assert arm.estimate.value == 0.5  # 2 of 4, the truncated one not correct
    assert 0 <= arm.estimate.low < 0.5 < arm.estimate.high <= 1
    assert (arm.truncated, arm.unparsed, arm.num_problems) == (1, 0, 4)
    assert arm.thinking_tokens_mean == 3  # each scene's chain generates 3 tokens while thinking
    assert arm.tokens.generated_tokens == 4 * (3 + 1)
    assert arm.tokens.forced_tokens == 4 * 1


def test_the_table_shows_what_a_verifier_was_shown_where_one_was_asked(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2)
    answer(engine, CORRECT)
    (without,) = arm_results(measured(engine, experiment))
    assert "verifier" not in shown(without)
    trace, grades = star()
    judged = replace(trace, steps=(*trace.steps[:-1], replace(trace.steps[-1], verifier_tokens=31, verifier_calls=1)))
    transitions.succeed(engine, claimed(engine).lease, judged, grades, wall_seconds=1.0)
    (arm,) = arm_results(measured(engine, experiment))
    assert (shown(arm)["verifier"], record(DOCUMENT, arm)["verifier_tokens_total"]) == ("31", 31)


def answer_cut(engine: Engine, right_if_read: bool | None) -> None:
    trace, (grade,) = star(verdict=TRUNCATED)
    lease = claimed(engine).lease
    transitions.succeed(engine, lease, trace, [replace(grade, right_if_read=right_if_read)], wall_seconds=1.0)


def answer_unread(engine: Engine, unread: Unread | None) -> None:
    trace, (grade,) = star(verdict=Verdict.UNPARSED)
    lease = claimed(engine).lease
    transitions.succeed(engine, lease, trace, [replace(grade, unread=unread)], wall_seconds=1.0)


def test_why_answers_were_not_read_is_counted(engine: Engine) -> None:
    """The last has no reason, as of a run from before reasons were noted."""
    experiment = running_experiment(engine, num_problems=5)
    answer(engine, CORRECT)
    for unread in (Unread.NOTHING, Unread.ABSTAINED, Unread.NOTHING, None):
        answer_unread(engine, unread)
    (arm,) = arm_results(measured(engine, experiment))
    assert (arm.unparsed, arm.unread) == (4, {Unread.NOTHING: 2, Unread.ABSTAINED: 1})
    assert record(DOCUMENT, arm)["unread"] == {"nothing": 2, "abstained": 1}
    assert ARMS.table([arm]).flat[0]["unread"] == "no answer 2, abstained 1"
    assert (shown(arm)["unparsed"], shown(arm)["why"]) == ("4", "no answer 2, abstained 1")


def test_of_the_truncated_those_are_told_that_would_be_right_if_they_were_read(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=5)
    answer(engine, CORRECT, WRONG)
    for right_if_read in (True, False, True):
        answer_cut(engine, right_if_read)
    (arm,) = arm_results(measured(engine, experiment))
    assert (arm.truncated, arm.right_if_read) == (3, 2)
    assert arm.estimate is not None
    assert arm.estimate.value == 1 / 5  # the cut ones are not correct
    assert record(DOCUMENT, arm)["right_if_read"] == 2
    assert (shown(arm)["truncated"], shown(arm)["right if read"]) == ("3", "2")
    assert ARMS.table([arm]).flat[0]["right_if_read"] == 2


def test_where_it_was_not_kept_what_reading_would_have_given_is_not_known(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2)
    answer_cut(engine, True)
    answer_cut(engine, None)  # of before it was kept
    (arm,) = arm_results(measured(engine, experiment))
    assert (arm.truncated, arm.right_if_read) == (2, None)


def forced_and_cut(engine: Engine, waits: int, is_cut: bool) -> None:
    """A job of two chains: the first has the Waits, the second none, and is not cut."""
    trace, grades = star(num_candidates=2)
    first, second = trace.outcome.candidates
    first = replace(first, waits=waits, is_cut=is_cut, note="not scored: it is too long")
    lease = claimed(engine).lease
    transitions.succeed(engine, lease, Trace(trace.steps, Outcome((first, second), chosen=1)), grades, wall_seconds=1.0)


def test_waits_that_were_really_forced_and_thoughts_that_were_cut_stand_beside_what_was_asked(engine: Engine) -> None:
    forcing: dict[str, JsonValue] = {"strategy": "budget_forcing", "max_thinking_tokens": 8, "waits": 4}
    arm = replace(new_arm("forced"), strategy_spec=forcing)
    experiment = running_experiment(engine, num_problems=2, arms=[arm])
    forced_and_cut(engine, waits=4, is_cut=True)
    forced_and_cut(engine, waits=1, is_cut=False)
    (found,) = arm_results(measured(engine, experiment))
    assert (found.candidates, found.waits, found.cuts) == (4, 5, 1)
    document = record(DOCUMENT, found)
    assert (document["candidates"], document["waits"], document["cuts"]) == (4, 5, 1)
    assert (shown(found)["Waits"], shown(found)["cut"]) == ("1.2 of 4", "25%")  # 5 Waits in 4 chains
    row = ARMS.table([found]).flat[0]
    assert (row["waits"], row["cuts"]) == (5, 1)


def test_of_traces_from_before_waits_were_told_they_are_not_known(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2)
    answer(engine, CORRECT, WRONG)
    with engine.begin() as connection:
        connection.execute(text("UPDATE traces SET waits = NULL, cuts = NULL WHERE verdict = 'wrong'"))
    (arm,) = arm_results(measured(engine, experiment))
    assert (arm.candidates, arm.waits, arm.cuts) == (2, None, None)
    assert "cut" not in shown(arm)


def test_a_candidate_keeps_which_limit_it_met(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    forced_and_cut(engine, waits=0, is_cut=False)
    (job_id,) = column(engine, "SELECT job_id FROM traces")
    assert isinstance(job_id, int)
    stored = queries.trace(engine, job_id).trace
    assert stored is not None
    assert [each.note for each in stored.candidates] == ["not scored: it is too long", None]


def test_what_a_verifier_could_not_score_is_counted_where_scores_decide(engine: Engine) -> None:
    arms = (new_arm("vote"), new_arm("best", verifier=VERIFIER))
    experiment = running_experiment(engine, num_problems=1, arms=arms)
    scored_job(engine, "335", "3", [None, None, None])
    scored_job(engine, "335", "3", [0.5, None, None])
    vote, best = arm_results(measured(engine, experiment))
    assert (vote.unscored, best.unscored) == (None, 2)
    assert "best: of 3 candidates 2 could not be scored and had no say." in notes([vote, best])
    assert record(DOCUMENT, best)["unscored"] == ARMS.table([best]).flat[0]["unscored"] == 2


def test_failed_jobs_leave_the_denominator_and_bound_the_accuracy(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=4)
    answer(engine, CORRECT, CORRECT, WRONG)
    fail(engine)
    (arm,) = arm_results(measured(engine, experiment))
    assert arm.jobs.failed == 1
    assert arm.estimate is not None
    assert arm.estimate.value == pytest.approx(2 / 3)
    assert (arm.accuracy.if_missing_wrong, arm.accuracy.if_missing_right) == (2 / 4, 3 / 4)
    assert arm.unrewarded == Counts(10, 4, 5, 0, 0, 5, 0, 0, 0, 0.0, 1.0)


def test_an_arm_without_a_result_says_so(engine: Engine) -> None:
    experiment = running_experiment(engine)
    (arm,) = arm_results(measured(engine, experiment))
    assert arm.estimate is None
    assert arm.thinking_tokens_mean is None
    assert math.isnan(arm.accuracy.estimate.value)


def test_a_difference_is_the_second_minus_the_first_over_common_problems(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=4, arms=(new_arm("plain"), new_arm("more")))
    answer(engine, WRONG, CORRECT, WRONG, CORRECT, CORRECT, CORRECT)
    fail(engine)  # plain, on the last problem
    answer(engine, CORRECT)
    difference = paired(measured(engine, experiment), "plain", "more").result
    assert difference.common_problems == 3
    assert difference.difference.value == pytest.approx(3 / 3 - 1 / 3)
    assert (difference.first_better, difference.second_better) == (0, 2)


def test_an_unknown_arm_is_answered_with_the_known_ones(engine: Engine) -> None:
    experiment = running_experiment(engine)
    with pytest.raises(UnknownArmError, match=r"(?s)no arm 'fancy'.*1  plain"):
        paired(measured(engine, experiment), "plain", "fancy")
