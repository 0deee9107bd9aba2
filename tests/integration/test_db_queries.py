"""What pages and statistics read."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine

from db import transitions
from db.errors import UnknownExperimentError
from db.queries import (
    ExperimentFilter,
    Neighbours,
    TraceFilter,
    TraceOrder,
    UnknownJobError,
    arm_samples,
    arm_totals,
    candidates,
    experiment,
    levels,
    list_experiments,
    list_traces,
    models,
    neighbours,
    progress,
    trace,
    workers,
)
from db.records import NewWorker
from db.status import ExperimentStatus, JobStatus
from results.progress.left import left
from scaling.types import Candidate, Counts, Outcome, Trace, Verdict
from tests.integration.scenes import (
    MODEL,
    SERVED,
    WORKER,
    claimed,
    column,
    new_arm,
    new_experiment,
    running_experiment,
    spent,
    star,
    succeed,
)


def test_the_list_is_newest_first_with_the_jobs_counted(engine: Engine) -> None:
    first = running_experiment(engine, num_problems=3, new=new_experiment("first"))
    succeed(engine, claimed(engine).lease)
    claimed(engine)
    second = running_experiment(engine, num_problems=2, new=new_experiment("second", owner="bob"))
    listed = list_experiments(engine)
    assert [each.id for each in listed] == [second, first]
    jobs = listed[1].jobs
    assert (jobs.queued, jobs.running, jobs.succeeded, jobs.failed, jobs.total) == (1, 1, 1, 0, 3)
    assert [each.id for each in list_experiments(engine, limit=1, offset=1)] == [first]


def test_the_list_can_be_filtered(engine: Engine) -> None:
    waits = transitions.create_experiment(engine, new_experiment("Waits on 100%", owner="ann")).id
    votes = running_experiment(engine, new=new_experiment("votes", owner="bob"))

    def found(matching: ExperimentFilter) -> list[int]:
        return [each.id for each in list_experiments(engine, matching)]

    assert found(ExperimentFilter(owner="bob")) == [votes]
    assert found(ExperimentFilter(status=ExperimentStatus.QUEUED)) == [waits]
    assert found(ExperimentFilter(text="wAITS")) == [waits]
    assert found(ExperimentFilter(text="100%")) == [waits]  # no wildcard
    assert found(ExperimentFilter(text="%")) == [waits]
    assert found(ExperimentFilter(text="A NOTE", tag="demo")) == [votes, waits]
    assert found(ExperimentFilter(tag="dem")) == []
    assert found(ExperimentFilter(text="no\x00such\ud800")) == []


def test_an_experiment_is_found_by_id_and_by_the_newest_of_its_name(engine: Engine) -> None:
    first = running_experiment(engine, new=new_experiment("demo"))
    second = running_experiment(engine, new=new_experiment("demo"))
    assert experiment(engine, "demo").id == second
    assert experiment(engine, first).id == experiment(engine, str(first)).id == first
    assert experiment(engine, first).num_problems == 2
    assert experiment(engine, first).spec_yaml == "name: scene"


@pytest.mark.parametrize("wrong", ["dmeo", 4040, "4040", 10**30, "demo\x00\ud800"])
def test_an_unknown_experiment_is_told_with_near_names(engine: Engine, wrong: str | int) -> None:
    running_experiment(engine, new=new_experiment("demo"))
    with pytest.raises(UnknownExperimentError, match="`overthink status` lists them") as caught:
        experiment(engine, wrong)
    assert ("did you mean demo?" in str(caught.value)) == str(wrong).startswith(("dmeo", "demo"))


def test_progress_estimates_when_the_last_job_ends(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=4)
    assert left(progress(engine, experiment_id)) is None
    ended = [claimed(engine).lease, claimed(engine).lease]
    for lease in ended:
        succeed(engine, lease)
    claimed(engine)
    transitions.free_expired_leases(engine, lease_ttl_s=-1)
    with engine.begin() as connection:
        for lease, ended_s, began_s in zip(ended, (1, 5.5), (10, 10.5), strict=True):
            connection.exec_driver_sql(
                f"UPDATE jobs SET started_at = now() - interval '{began_s} s', "
                f"finished_at = now() - interval '{ended_s} s' WHERE id = {lease.job_id}"
            )
    now = progress(engine, experiment_id)
    assert (now.jobs.succeeded, now.lost_attempts) == (2, 1)
    assert now.pace is not None
    # Two ends in ten parts of 10.5 s: the sixth from the end has one, and the last.
    assert now.pace.seconds == pytest.approx(10.5, abs=0.3)
    assert now.pace.ends == (0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
    assert (now.pace.usual_s, now.pace.slowest_s) == (7.0, 9.0)
    # As many are to go: 10.5 s until the last is begun, and 7 to 9 s more. 3 + 1 tokens each: 8 in 10.5 s.
    found = left(now)
    assert found is not None and found.likely == pytest.approx(18.5, abs=0.5)
    assert now.generated_tokens_per_s == pytest.approx(8 / 10.5, abs=0.05)


def mixed_experiment(engine: Engine) -> int:
    """Two arms on p0, p1, p2: arm a correct, wrong, failed (after a failure that was retried); arm b untouched."""
    experiment_id = running_experiment(engine, num_problems=3, arms=[new_arm("a"), new_arm("b", "other")])
    succeed(engine, claimed(engine).lease, num_candidates=2)
    succeed(engine, claimed(engine).lease, verdict=Verdict.WRONG)
    transitions.fail_attempt(engine, claimed(engine).lease, "time-out", spent(100), retryable=True)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(20), retryable=False)
    return experiment_id


def test_arm_samples_hold_what_succeeded_and_list_what_failed(engine: Engine) -> None:
    first, second = arm_samples(engine, mixed_experiment(engine))
    assert (first.arm.label, first.failed, first.jobs.failed) == ("a", ((2, 0),), 1)
    assert first.problem_J.tolist() == [0, 1]
    assert first.correct_J.tolist() == [True, False]
    assert [first.count(verdict) for verdict in (Verdict.CORRECT, Verdict.WRONG, Verdict.TRUNCATED)] == [1, 1, 0]
    # Each chain of the scene thinks 3 tokens, answers 1, and has 1 forced token, an answer opener.
    assert first.thinking_tokens_J.tolist() == [6, 3]
    assert first.generated_tokens_J.tolist() == [8, 4]
    assert first.forced_tokens_J.tolist() == [2, 1]
    assert first.cached_tokens_J.tolist() == [6.0, 3.0]
    assert (second.arm.label, second.jobs.queued, len(second.problem_J), second.correct_J.shape) == ("b", 3, 0, (0,))


def test_samples_stand_by_problem_and_repeat_whatever_the_order_in_which_jobs_ended(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=2, repeats=2)
    jobs = [claimed(engine) for _ in range(4)]
    for job in reversed(jobs):
        verdict = Verdict.TRUNCATED if job.problem.id == "p1" and job.repeat == 0 else Verdict.CORRECT
        succeed(engine, job.lease, num_candidates=1 + job.repeat, verdict=verdict)
    (samples,) = arm_samples(engine, experiment_id)
    assert samples.problem_J.tolist() == [0, 0, 1, 1]
    assert samples.repeat_J.tolist() == [0, 1, 0, 1]
    assert samples.num_candidates_J.tolist() == [1, 2, 1, 2]
    assert samples.correct_J.tolist() == [True, True, False, True]


def test_cached_tokens_that_were_not_reported_are_nan_and_make_the_sum_unknown(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    made, grades = star()
    silent = Trace(tuple(replace(step, cached_tokens=None) for step in made.steps), made.outcome)
    transitions.succeed(engine, claimed(engine).lease, silent, grades, 1.0)
    assert np.isnan(arm_samples(engine, experiment_id)[0].cached_tokens_J).all()
    assert arm_totals(engine, experiment_id)[0].tokens.cached_tokens is None


def test_candidates_come_job_by_job_in_order(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    made, _ = star(num_candidates=12)
    answers = [str(i % 3) for i in range(12)]
    made_candidates = tuple(
        Candidate(each.path, "", answer, None if i == 11 else answer, False, i, i + 2)
        for i, (each, answer) in enumerate(zip(made.outcome.candidates, answers, strict=True))
    )
    _, grades = star(num_candidates=12)
    verdicts = [Verdict.CORRECT if answer == "1" else Verdict.WRONG for answer in answers]
    graded = [type(g)(g.path, g.grader, g.version, v) for g, v in zip(grades, verdicts, strict=True)]
    transitions.succeed(engine, claimed(engine).lease, Trace(made.steps, Outcome(made_candidates, 1)), graded, 1.0)
    (arm,) = experiment(engine, experiment_id).arms
    [job] = candidates(engine, arm.id)
    assert (job.problem, job.repeat) == (0, 0)
    assert job.key_C == ("0", "1", "2") * 3 + ("0", "1", None)
    assert job.ballot.correct == (False, True, False) * 4
    assert np.isnan(job.score_C).all()
    assert list(candidates(engine, arm.id, job_ids=[])) == []


def test_a_regrade_counts_from_then_on(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    succeed(engine, lease, verdict=Verdict.WRONG)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO grades SELECT job_id, path, grader, '2', 'correct', now() + interval '1 s' FROM grades"
        )
    (arm,) = experiment(engine, experiment_id).arms
    assert [job.verdict_C for job in candidates(engine, arm.id)] == [(Verdict.CORRECT,)]
    detail = trace(engine, lease.job_id).trace
    assert detail is not None
    assert [grade.version for grade in detail.candidates[0].grades] == ["1", "2"]
    assert detail.candidates[0].verdict is Verdict.CORRECT


def test_arm_totals_count_everything_and_lost_work_apart(engine: Engine) -> None:
    first, second = arm_totals(engine, mixed_experiment(engine))
    assert (first.num_problems, first.jobs.total, first.jobs.failed) == (3, 3, 1)
    assert (first.correct, first.wrong, first.unparsed, first.truncated, first.ties) == (1, 1, 0, 0, 0)
    # Three chains: 2 × 3 prompt tokens and 6 for each chain's answer; the scene's prompt step asks nothing.
    assert first.tokens == Counts(27, 9, 9, 3, 3, 12, 0, 0, 0, 0.0, 2.25)
    assert first.unrewarded_attempts == 2
    assert first.unrewarded == Counts(20, 8, 120, 0, 0, 120, 0, 0, 0, 0.0, 2.0)
    assert (second.jobs.queued, second.tokens, second.unrewarded_attempts) == (3, Counts.of(()), 0)


def test_the_trace_list_filters_orders_and_pages(engine: Engine) -> None:
    experiment_id = mixed_experiment(engine)
    arm_a, arm_b = (arm.id for arm in experiment(engine, experiment_id).arms)

    def found(matching: TraceFilter, **options: object) -> list[tuple[str, str]]:
        page = list_traces(engine, experiment_id, matching, **options)  # type: ignore[arg-type]
        return [(each.arm_label, each.problem_key) for each in page.traces]

    assert found(TraceFilter()) == [("a", "p0"), ("b", "p0"), ("a", "p1"), ("b", "p1"), ("a", "p2"), ("b", "p2")]
    assert found(TraceFilter(arm_id=arm_b)) == [("b", "p0"), ("b", "p1"), ("b", "p2")]
    assert found(TraceFilter(verdict=Verdict.WRONG)) == [("a", "p1")]
    assert found(TraceFilter(status=JobStatus.FAILED)) == [("a", "p2")]
    assert found(TraceFilter(level="level 1", arm_id=arm_a)) == [("a", "p1")]
    assert found(TraceFilter(question="2 + 1", arm_id=arm_a)) == [("a", "p2")]
    assert found(TraceFilter(question="\x00")) == []
    assert found(TraceFilter(min_thinking_tokens=4)) == [("a", "p0")]
    assert found(TraceFilter(max_thinking_tokens=4)) == [("a", "p1")]
    assert found(TraceFilter(arm_id=arm_a), order=TraceOrder.NEWEST) == [("a", "p2"), ("a", "p1"), ("a", "p0")]
    assert found(TraceFilter(arm_id=arm_a), order=TraceOrder.THINKING_TOKENS)[0] == ("a", "p0")
    assert found(TraceFilter(), order=TraceOrder.ARM, limit=2, offset=2) == [("a", "p2"), ("b", "p0")]
    assert list_traces(engine, experiment_id, limit=1).total == 6
    assert levels(engine, experiment_id) == ("level 0", "level 1")


def test_a_line_of_the_list_says_what_the_job_and_its_trace_say(engine: Engine) -> None:
    experiment_id = mixed_experiment(engine)
    done, waiting = list_traces(engine, experiment_id, limit=2).traces
    assert (done.question, done.reference, done.verdict, done.answer) == ("0 + 1 = ?", "1", Verdict.CORRECT, "7")
    assert (done.num_candidates, done.thinking_tokens, done.attempt) == (2, 6, 1)
    assert (waiting.status, waiting.verdict, waiting.thinking_tokens) == (JobStatus.QUEUED, None, None)
    failed = list_traces(engine, experiment_id, TraceFilter(status=JobStatus.FAILED)).traces[0]
    assert (failed.error, failed.attempt) == ("too long", 2)


@pytest.mark.parametrize("order", TraceOrder)
@pytest.mark.parametrize(
    "matching", [TraceFilter(), TraceFilter(level="level 0"), TraceFilter(status=JobStatus.QUEUED)]
)
def test_neighbours_walk_the_list_as_it_is_shown(engine: Engine, order: TraceOrder, matching: TraceFilter) -> None:
    experiment_id = mixed_experiment(engine)
    shown = [each.job_id for each in list_traces(engine, experiment_id, matching, order).traces]
    walked, at = [shown[0]], neighbours(engine, experiment_id, shown[0], matching, order)
    assert (at.previous, at.position, at.total) == (None, 1, len(shown))
    while at.next is not None:
        walked.append(at.next)
        at = neighbours(engine, experiment_id, at.next, matching, order)
    assert walked == shown
    assert at.previous == shown[-2]


def test_a_job_that_the_filter_leaves_out_has_no_neighbours(engine: Engine) -> None:
    experiment_id = mixed_experiment(engine)
    wrong = list_traces(engine, experiment_id, TraceFilter(verdict=Verdict.WRONG)).traces[0].job_id
    correct = TraceFilter(verdict=Verdict.CORRECT)
    assert neighbours(engine, experiment_id, wrong, correct) == Neighbours(None, None, None, None)


def test_a_job_without_a_trace_can_be_opened_and_an_unknown_one_is_called_unknown(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    job = claimed(engine)
    opened = trace(engine, job.job_id)
    assert (opened.trace, opened.status, len(opened.attempts)) == (None, JobStatus.RUNNING, 1)
    with pytest.raises(UnknownJobError, match="there is no job 404"):
        trace(engine, 404)


def test_workers_and_models_say_what_they_announced(engine: Engine) -> None:
    running_experiment(engine)
    transitions.announce_worker(engine, NewWorker(WORKER, "host", 1, (MODEL,), 4))
    transitions.announce_worker(engine, NewWorker("gone", "host", 2, (MODEL,), 4))
    transitions.retire_worker(engine, "gone")
    claimed(engine)
    [alive] = workers(engine)
    assert (alive.id, alive.models, alive.slots, alive.running) == (WORKER, (MODEL,), 4, 1)
    assert 0 <= alive.silent_s < 60
    assert {each.id for each in workers(engine, with_stopped=True)} == {WORKER, "gone"}
    transitions.announce_model(engine, SERVED)
    transitions.announce_model(engine, SERVED)
    [model] = models(engine)
    assert (model.name, model.context_length, model.thinking) == (MODEL, 2048, SERVED.thinking)
    assert model.announced_at is not None


def test_deleting_an_experiment_takes_everything_with_it(engine: Engine) -> None:
    mixed_experiment(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM experiments")
    for table in ("arms", "problems", "jobs", "attempts", "traces", "steps", "candidates", "grades"):
        assert column(engine, f"SELECT count(*) FROM {table}") == [0]
