"""What jobs took of what they were given, and how it is distributed, read from a real database.

A scene's chain thinks for three tokens, so a job of two candidates for six. Jobs are claimed problem by problem, repeat
by repeat, all arms in turn.
"""

from sqlalchemy import Engine

from db import queries, transitions
from db.records import NewArm
from results import Budgets, Measurements, budgets, histograms
from results.budgets import budget_use
from scaling.compute.axes import Axis
from scaling.statistics.percentiles import Percentiles
from scaling.types import Verdict
from tests.integration import scenes
from tests.integration.scenes import claimed, new_arm, running_experiment, spent, succeed


def told(tokens: int) -> NewArm:
    spec = {"strategy": "length_control", "tokens": tokens}
    return NewArm(f"told {tokens}", scenes.MODEL, "length_control", {"tokens": tokens}, spec)  # type: ignore[arg-type]


def measured(engine: Engine, experiment: int) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment))


def test_jobs_over_their_budget_are_counted_and_problems_are_means_over_repeats(engine: Engine) -> None:
    """Two repeats of one problem took 3 and 6 of 4 tokens: one job of two is over, and the problem took 4.5."""
    experiment = running_experiment(engine, num_problems=1, repeats=2, arms=(told(4), new_arm("free")))
    for num_candidates in (1, 1, 2, 1):
        succeed(engine, claimed(engine).lease, num_candidates)
    (use,) = budgets(measured(engine, experiment)).uses  # the other arm was given no number
    assert (use.arm.label, use.requested, use.over, use.jobs) == ("told 4", 4, 1, 2)
    assert use.problems == Percentiles(4.5, 4.5, 4.5, 1)


def test_what_took_exactly_its_budget_is_not_over_it(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1, arms=(told(3),))
    succeed(engine, claimed(engine).lease)
    assert budgets(measured(engine, experiment)).uses[0].over == 0


def test_an_arm_that_waits_has_its_budget_and_no_jobs(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1, arms=(told(4),))
    (waiting,) = measured(engine, experiment).samples
    use = budget_use(waiting, requested=4)
    assert (use.requested, use.jobs, use.problems.n) == (4, 0, 0)
    assert budgets(measured(engine, experiment)) == Budgets((), ())  # it has not lost its budget


def test_jobs_are_counted_by_verdict_in_bins_that_arms_share(engine: Engine) -> None:
    """One arm's two jobs: 3 tokens, and failed. The other's: 3 and 6 tokens."""
    experiment = running_experiment(engine, num_problems=2, arms=(told(4), new_arm("free")))
    succeed(engine, claimed(engine).lease, verdict=Verdict.WRONG)
    succeed(engine, claimed(engine).lease)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    succeed(engine, claimed(engine).lease, num_candidates=2)
    first, second = histograms(measured(engine, experiment), Axis.THINKING, is_log=False)
    assert first.bins.edges.tolist() == second.bins.edges.tolist() == [2, 3, 4, 5, 6]
    assert first.by_verdict[Verdict.WRONG].counts.tolist() == [1, 0, 0, 0]
    assert (first.by_verdict[Verdict.CORRECT].total, first.jobs.failed, first.requested) == (0, 1, 4)
    assert second.by_verdict[Verdict.CORRECT].counts.tolist() == [1, 0, 0, 1]
    assert (second.all.median, second.correct.n, second.others.n, second.requested) == (4.5, 2, 0, None)


def test_a_budget_of_thinking_is_no_budget_of_anything_else(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1, arms=(told(4),))
    succeed(engine, claimed(engine).lease)
    (found,) = histograms(measured(engine, experiment), Axis.GENERATED, is_log=True)
    assert (found.requested, found.all.median) == (None, 4.0)


def test_arms_are_chosen_by_label_and_those_without_a_result_are_left_out(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=1, arms=(told(4), told(8), told(16)))
    for _ in range(2):
        succeed(engine, claimed(engine).lease)
    found = histograms(measured(engine, experiment), Axis.THINKING, is_log=True)
    assert [each.arm.label for each in found] == ["told 4", "told 8"]
    (chosen,) = histograms(measured(engine, experiment), Axis.THINKING, is_log=True, labels=("told 8", "told 16"))
    assert chosen.arm.label == "told 8"
    assert histograms(measured(engine, experiment), Axis.THINKING, is_log=True, labels=("told 16",)) == ()
