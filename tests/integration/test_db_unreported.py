"""Counts that an engine did not report are NULL in the tables, and not known in all that is made of them."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine, text

from db import queries, transitions
from db.audit import audit
from overthink.cli.reading.experiments import spending_document
from results import Measurements, arm_results, axis_notes, budgets, spending_note
from results.arms import DOCUMENT
from results.columns import record
from scaling.compute.axes import Axis
from scaling.compute.spending import Unknown
from scaling.types import Step, Trace
from tests.integration.scenes import claimed, column, new_arm, running_experiment, star, succeed

BOUND = Unknown(requests=2, prompt_tokens=40, generated_tokens=60)


def silent(step: Step) -> Step:
    """The step as an engine tells of it that counts nothing."""
    if not step.requests:
        return step
    return replace(step, prompt_tokens=None, cached_tokens=None, generated_tokens=None, usages=())


def succeed_in_silence(engine: Engine) -> None:
    told, grades = star()
    candidates = tuple(replace(each, thinking_tokens=None, total_tokens=None) for each in told.outcome.candidates)
    trace = Trace(tuple(map(silent, told.steps)), replace(told.outcome, candidates=candidates))
    lease = claimed(engine).lease
    transitions.succeed(engine, lease, trace, grades, wall_seconds=1.5, spent=trace.counts, unknown=BOUND)


@pytest.fixture
def half_told(engine: Engine) -> int:
    """An arm of two jobs: of one the engine told 4 generated tokens, 3 of them of thought, of the other nothing."""
    experiment_id = running_experiment(engine, num_problems=2)
    succeed(engine, claimed(engine).lease)
    succeed_in_silence(engine)
    return experiment_id


def measured(engine: Engine, experiment_id: int) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment_id))


def test_the_tables_have_null_and_the_audit_nothing_to_say(engine: Engine, half_told: int) -> None:
    assert column(engine, "SELECT generated_tokens FROM traces ORDER BY job_id") == [4, None]
    assert column(engine, "SELECT total_tokens FROM candidates ORDER BY job_id") == [5, None]
    assert column(engine, "SELECT attended FROM traces ORDER BY job_id")[1] is None
    assert audit(engine) == {}


def test_a_trace_that_knows_what_its_steps_do_not_is_found(engine: Engine, half_told: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE traces SET generated_tokens = 0 WHERE generated_tokens IS NULL"))
    assert "traces that know tokens of steps which were not reported, or do not know what was" in audit(engine)


def test_a_sum_with_one_that_is_not_known_is_not_known(engine: Engine, half_told: int) -> None:
    (totals,) = queries.arm_totals(engine, half_told)
    assert (totals.tokens.generated_tokens, totals.tokens.thinking_tokens) == (None, None)
    assert (totals.unrewarded.generated_tokens, totals.unknown) == (None, BOUND)
    assert spending_document([totals])["generated_tokens"] is None
    assert queries.progress(engine, half_told).generated_tokens_per_s is None


def test_a_mean_is_of_those_that_are_known_and_says_how_many_are_not(engine: Engine, half_told: int) -> None:
    (arm,) = arm_results(measured(engine, half_told))
    assert (arm.thinking_tokens.value, arm.thinking_tokens.n, arm.estimate and arm.estimate.n) == (3.0, 1, 2)
    document = record(DOCUMENT, arm)
    assert (document["generated_tokens_total"], document["unrewarded_generated_tokens"]) == (None, None)
    note = spending_note([arm]) or ""
    assert note.startswith("Tokens of 1 of the jobs were not reported by their engine: they are in no mean")
    assert "at most 100 tokens more" in note


def test_an_axis_of_tokens_says_why_a_cost_is_not_known(engine: Engine, half_told: int) -> None:
    results = measured(engine, half_told)
    (samples,) = results.samples
    assert np.isnan(samples.generated_tokens_J).tolist() == [False, True]
    notes = axis_notes(results, Axis.PROCESSED, of_fewer=False)
    assert "Not known for 1 of the jobs: their engine does not report its tokens." in notes
    assert not any("had cached" in note for note in notes)  # what was not counted is no upper bound either


def test_budgets_are_held_against_what_is_known(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=2, arms=[replace(new_arm(), strategy_spec=LIMITED)])
    succeed(engine, claimed(engine).lease)
    succeed_in_silence(engine)
    (use,) = budgets(measured(engine, experiment_id)).uses
    assert (use.jobs, use.over, use.problems.median) == (1, 1, 3.0)  # 3 of the 2 that it was given


LIMITED = {"strategy": "chain_of_thought", "max_thinking_tokens": 2}


def test_the_list_of_traces_has_them_last(engine: Engine, half_told: int) -> None:
    for order in (queries.TraceOrder.THINKING_TOKENS, queries.TraceOrder.SHORTEST):
        found = queries.list_traces(engine, half_told, order=order).traces
        assert [each.thinking_tokens for each in found] == [3, None]
