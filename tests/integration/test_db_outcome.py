"""How attempts end: what is stored of a success, and when a failure is the last."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import transitions
from db.queries import Span, arm_samples, arm_totals, nodes, pieces, steps, trace, trace_ids
from db.records import Grade
from db.status import MAX_FAILURES, AttemptOutcome, JobStatus
from scaling.types import Candidate, Outcome, Phase, Step, StepKind, Trace, Verdict
from tests.integration.scenes import MODEL, WORKER, attempts, claimed, column, running_experiment, spent, star, succeed


def test_a_success_stores_the_trace_as_it_was(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    job = claimed(engine)
    made, grades = star(num_candidates=2, verdict=Verdict.WRONG)
    transitions.succeed(engine, job.lease, made, grades, wall_seconds=1.5)
    detail = trace(engine, job.job_id)
    assert (detail.status, detail.problem, detail.arm.label) == (JobStatus.SUCCEEDED, job.problem, "plain")
    stored = detail.trace
    assert stored is not None
    assert (stored.verdict, stored.answer, stored.chosen_path) == (Verdict.WRONG, "7", (0, 0, 0, 0))
    assert stored.counts == made.counts
    assert [each.outcome for each in detail.attempts] == [AttemptOutcome.SUCCEEDED]
    assert detail.attempts[0].spent == made.counts
    assert [(each.path, each.text, each.num_ids) for each in steps(engine, job.job_id)] == [
        (step.path, step.text, len(step.ids)) for step in made.steps
    ]
    assert [each.chosen for each in stored.candidates] == [True, False]
    assert [each.verdict for each in stored.candidates] == [Verdict.WRONG, Verdict.WRONG]


def test_what_a_verifier_said_and_cost_is_stored_step_by_step(engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    told, untold = claimed(engine), claimed(engine)
    step = Step(
        *((0,), StepKind.STEP, Phase.THINKING, (1,), "1+1=2"),
        **{"score": 0.75, "verifier_tokens": 31, "verifier_cached_tokens": 16},
        **{"verifier_calls": 2, "verifier_seconds": 0.5},
    )
    made = (step, replace(step, path=(0, 0), verifier_tokens=40, verifier_cached_tokens=0))
    candidate = Candidate((0, 0), "2", "2", "2", False, 1, 1, score=0.25, step_scores=(0.75, 0.25))
    grade = Grade((0, 0), "integer", "1", Verdict.CORRECT)
    transitions.succeed(engine, told.lease, Trace(made, Outcome((candidate,), 0)), [grade], 1.0)
    unreported = (made[0], replace(made[1], verifier_cached_tokens=None))
    transitions.succeed(engine, untold.lease, Trace(unreported, Outcome((candidate,), 0)), [grade], 1.0)

    stored = trace(engine, told.job_id).trace
    assert stored is not None
    counts, stored_steps = stored.counts, steps(engine, told.job_id)
    assert (counts.verifier_tokens, counts.verifier_cached_tokens) == (71, 16)  # 31 + 40, 16 + 0
    assert (counts.verifier_calls, counts.verifier_seconds) == (4, 1.0)  # 2 + 2, 0.5 + 0.5
    assert [each.verifier_cached_tokens for each in stored_steps] == [16, 0]
    assert [(each.score, each.verifier_calls, each.verifier_seconds) for each in stored_steps] == [(0.75, 2, 0.5)] * 2
    assert stored.candidates[0].step_scores == (0.75, 0.25)
    totals = arm_totals(engine, told.experiment_id)[0].tokens
    assert (totals.verifier_tokens, totals.verifier_cached_tokens) == (142, None)  # one trace's count is unknown


def test_what_a_job_made_its_models_do_is_stored_with_its_trace(engine: Engine) -> None:
    """Two chains: thoughts of 3 behind a prompt of 3, the second found it cached; answers of 1 behind 6, 3 cached."""
    experiment_id = running_experiment(engine, num_problems=1)
    made, grades = star(2)
    cached = tuple(replace(step, cached_tokens=3) if step.path == (0, 1) else step for step in made.steps)
    transitions.succeed(engine, claimed(engine).lease, Trace(cached, made.outcome, longest_path=4), grades, 1.0)
    assert column(engine, "SELECT ARRAY[chains, longest_path, attended, kv_read] FROM traces") == [
        [2, 4, 21 + 15 + 2 * (28 - 6), 2 * (4 + 5 + 6 + 7)]
    ]
    assert column(engine, "SELECT ARRAY[spared_tokens, spared_attended] FROM traces") == [[3, 6]]
    assert column(engine, "SELECT longest_of_k FROM rollups") == [[4.0, 4.0]]
    (samples,) = arm_samples(engine, experiment_id)
    assert (samples.attended_J.tolist(), samples.verifier_attended_J.tolist()) == ([80], [0])


def test_the_tree_comes_without_texts_and_the_texts_of_a_branch_by_themselves(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    made, grades = star(num_candidates=12)  # "0.10" sorts before "0.2" as text
    pruned = tuple(replace(step, kept=step.path != (0, 3), score=0.25) for step in made.steps)
    transitions.succeed(engine, lease, Trace(pruned, made.outcome), grades, wall_seconds=1.5)
    tree = nodes(engine, lease.job_id)
    assert [(node.path, node.kind, node.kept, node.score) for node in tree] == [
        (step.path, step.kind, step.kept, 0.25) for step in pruned
    ]
    assert [(node.num_characters, node.num_ids, node.num_dropped_ids) for node in tree] == [
        (len(step.text), len(step.ids), len(step.dropped_ids)) for step in made.steps
    ]
    branch = steps(engine, lease.job_id, [(0,), (0, 10), (0, 10, 0), (0, 99)])  # there is no 0.99
    assert [(step.path, step.text) for step in branch] == [
        ((0,), "0 + 1 = ?"), ((0, 10), "so"), ((0, 10, 0), "</think>")
    ]  # fmt: skip
    assert steps(engine, lease.job_id, []) == ()
    assert [step.text for step in steps(engine, lease.job_id, [(0,), (0, 10)], most_characters=1)] == ["0", "s"]
    spans = [Span((0, 10, 0), 2, 5), Span((0,), 0, 5), Span((0, 10, 0), 6, 99), Span((0,), 400, 5)]
    assert pieces(engine, lease.job_id, spans) == ("think", "0 + 1", "k>", "")
    assert [each.path for each in trace_ids(engine, lease.job_id, [(0, 2)])] == [(0, 2)]


def test_the_ids_of_every_step_come_back_in_order(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    made, grades = star(num_candidates=12)  # "0.10" sorts before "0.2" as text
    transitions.succeed(engine, lease, made, grades, wall_seconds=1.5)
    stored = trace_ids(engine, lease.job_id)
    assert [(each.path, each.ids, each.dropped_ids) for each in stored] == [
        (step.path, step.ids, step.dropped_ids) for step in made.steps
    ]


def test_text_that_postgresql_cannot_take_is_replaced_and_flagged_and_ids_are_not_touched(engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    odd, plain = claimed(engine).lease, claimed(engine).lease
    text = "a\x00b\ud800c" + "x" * 1_000_000
    step = Step((0,), StepKind.ANSWER, Phase.ANSWER, (0, 151_643), text)
    made = Trace((step,), Outcome((Candidate((0,), text, "\udfff", "\x00", False, 0, 2),), chosen=0))
    _, grades = star()
    [grade] = grades
    transitions.succeed(engine, odd, made, [type(grade)((0,), "integer", "1", Verdict.WRONG)], 1.0)
    succeed(engine, plain)
    stored = trace(engine, odd.job_id).trace
    assert stored is not None
    assert stored.is_text_repaired
    [kept] = steps(engine, odd.job_id)
    assert kept.text[:5] == "a\ufffdb\ufffdc"
    assert len(kept.text) == len(text)
    assert (stored.answer, stored.answer_key) == ("\ufffd", "\ufffd")
    assert trace_ids(engine, odd.job_id)[0].ids == (0, 151_643)
    assert column(engine, "SELECT is_text_repaired FROM traces ORDER BY job_id") == [True, False]


def test_a_trace_needs_one_grade_for_each_candidate(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    made, grades = star(num_candidates=2)
    with pytest.raises(ValueError, match="one grade for each"):
        transitions.succeed(engine, lease, made, grades[:1], 1.0)
    with pytest.raises(ValueError, match="needs candidates"):
        transitions.succeed(engine, lease, Trace(made.steps, Outcome((), chosen=0)), [], 1.0)
    assert transitions.heartbeat(engine, WORKER, {lease: spent()}) == {lease}


def test_the_third_failure_is_the_last(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    statuses = [
        transitions.fail_attempt(engine, claimed(engine).lease, f"time-out {i}\x00", spent(i), retryable=True)
        for i in range(3)
    ]
    assert statuses == [JobStatus.QUEUED, JobStatus.QUEUED, JobStatus.FAILED]
    assert transitions.claim(engine, MODEL, WORKER) is None
    [job_id] = column(engine, "SELECT id FROM jobs WHERE error = 'time-out 2\ufffd' AND finished_at IS NOT NULL")
    assert isinstance(job_id, int)
    tries = attempts(engine, job_id)
    assert [each.error for each in tries] == [f"time-out {i}\ufffd" for i in range(3)]
    assert [each.spent.generated_tokens for each in tries] == [0, 1, 2]


def test_a_failure_that_the_job_could_not_help_is_never_the_last(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    for _ in range(MAX_FAILURES + 1):
        lease = claimed(engine).lease
        status = transitions.fail_attempt(engine, lease, "away", spent(2), retryable=True, counts=False)
        assert status is JobStatus.QUEUED
    assert column(engine, "SELECT failures FROM jobs") == [0]
    assert column(engine, "SELECT outcome FROM attempts") == ["failed"] * (MAX_FAILURES + 1)


def test_a_failure_that_retrying_cannot_mend_is_the_last_at_once(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    assert transitions.fail_attempt(engine, lease, "prompt too long", spent(), retryable=False) is JobStatus.FAILED
    assert transitions.claim(engine, MODEL, WORKER) is None
