"""The audit finds what it is there to find: each wrong is planted, after dropping the constraint that forbids it."""

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from tests.integration.scenes import claimed, column, finish, new_arm, running_experiment, spent, succeed

COPY_OF_TRACE = "INSERT INTO traces SELECT * FROM traces ORDER BY job_id LIMIT 1"
COPY_OF_STEP = "INSERT INTO steps SELECT * FROM steps ORDER BY job_id, path LIMIT 1"
ANOTHER_SUCCESS = """
INSERT INTO attempts (job_id, attempt, worker, started_at, outcome, prompt_tokens, thinking_tokens, forced_tokens,
    answer_tokens, generated_tokens, verifier_tokens, verifier_calls, verifier_seconds, seconds)
SELECT min(id), 9, 'w', now(), 'succeeded', 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM jobs
"""
SAME_JOB = """
INSERT INTO jobs (experiment_id, arm_id, problem_id, repeat, model)
SELECT experiment_id, arm_id, problem_id, repeat, model FROM jobs ORDER BY id LIMIT 1
"""
SCAN = """
INSERT INTO scans (experiment_id, name, scanner, params, version, digest, owner)
SELECT id, 'loop', 'loop', '{}', 'v', 'd', 'ann' FROM experiments
"""
BEST = """
INSERT INTO findings (scan_id, job_id, chains, hits, value, places)
SELECT scans.id, min(traces.job_id), 1, 0, 0, '[]' FROM scans, traces GROUP BY scans.id
"""

LOG_PROB = "INSERT INTO step_log_probs SELECT scan_id, job_id, '0.0', '{1}', '{-1}' FROM findings"
"""Of a step that has two tokens."""

PLANTED = {
    "steps with more or fewer log-probs than tokens, or one that is no log-prob": [SCAN, BEST, LOG_PROB],
    "succeeded jobs without exactly one trace": [
        "ALTER TABLE traces DROP CONSTRAINT pk_traces CASCADE",
        COPY_OF_TRACE,
    ],
    "succeeded jobs without exactly one succeeded attempt": ["DROP INDEX uq_attempts_succeeded", ANOTHER_SUCCESS],
    "jobs that do not run, with an attempt that still does": [ANOTHER_SUCCESS.replace("'succeeded'", "'running'")],
    "running jobs without exactly one running attempt, their latest": [
        "UPDATE jobs SET status = 'running', worker = 'w', heartbeat_at = now()"
    ],
    "running jobs that nobody holds": ["UPDATE jobs SET status = 'running'"],
    "failed jobs whose latest attempt neither failed nor was lost": ["UPDATE jobs SET status = 'failed'"],
    "jobs that wait or run in an experiment that has ended": ["UPDATE jobs SET status = 'queued'"],
    "jobs that did not succeed, in an experiment that did": ["UPDATE jobs SET status = 'failed'"],
    "experiments that ended with more or fewer jobs than arms × problems × repeats": [
        "DELETE FROM jobs WHERE id = (SELECT min(id) FROM jobs)"
    ],
    "succeeded jobs without candidates, or with more or fewer than their trace says": ["DELETE FROM candidates"],
    "succeeded jobs without exactly one chosen candidate": ["UPDATE candidates SET chosen = false"],
    "candidates without a grade": ["DELETE FROM grades"],
    "answers that were not cut, judged as if they had been": ["UPDATE grades SET right_if_read = true"],
    "answers that have a verdict and a reason to have none": ["UPDATE grades SET unread = 'cut'"],
    "traces of jobs that did not succeed": ["UPDATE jobs SET status = 'queued'"],
    "steps or candidates without a trace": [
        "ALTER TABLE steps DROP CONSTRAINT fk_steps_job_id",
        "DELETE FROM traces",
    ],
    "candidates that are no step of their trace": [
        "ALTER TABLE grades DROP CONSTRAINT fk_grades_job_id",
        "UPDATE candidates SET path = '0.7' WHERE position = 0",
    ],
    "succeeded jobs without exactly one rollup": ["DELETE FROM rollups"],
    "traces whose steps are not numbered from 0 on without a gap": [
        "DELETE FROM steps WHERE job_id = (SELECT min(job_id) FROM steps) AND position = 2"
    ],
    "steps that hold more or fewer ids than were generated for them": [
        "UPDATE steps SET ids = '{}' WHERE job_id = (SELECT min(job_id) FROM steps) AND position = 3"
    ],
    "steps stored twice": ["ALTER TABLE steps DROP CONSTRAINT pk_steps CASCADE", COPY_OF_STEP],
    "steps whose parent is missing": ["DELETE FROM steps WHERE path = '0.0'"],
    "traces whose generated tokens are not the sum of their steps": ["UPDATE traces SET generated_tokens = 5"],
    "traces that know tokens of steps which were not reported, or do not know what was": [
        "UPDATE traces SET prompt_tokens = NULL"
    ],
    "traces whose verifier's tokens or calls are not the sum of their steps": ["UPDATE traces SET verifier_calls = 5"],
    "attempts that together spent less than stands in their job's trace": ["UPDATE attempts SET generated_tokens = 1"],
    "jobs that have ended and still have a journal": [
        "INSERT INTO journal (job_id, attempt, keys, paths, responses) SELECT job_id, 1, '{}', '{}', '{}' FROM attempts"
    ],
    "attempts that succeeded, failed or were given back without a last word on what they spent": [
        "UPDATE attempts SET is_settled = false"
    ],
    "experiments whose spent tokens are not the sum over their attempts": ["UPDATE tallies SET spent_tokens = 5"],
    "Waits counted that are not there": ["UPDATE traces SET waits = 5"],
    "traces that began more or fewer chains than stand behind their prompts": ["UPDATE traces SET chains = 5"],
    "traces whose longest path is longer than all that was generated": ["UPDATE traces SET longest_path = 99"],
    "traces without words, in an experiment whose words are said to have been read": ["DELETE FROM trace_words"],
    "words of no trace": [
        "ALTER TABLE trace_words DROP CONSTRAINT fk_trace_words_job_id",
        "INSERT INTO trace_words VALUES (0, '')",
    ],
    "the same work as another job": ["ALTER TABLE jobs DROP CONSTRAINT uq_jobs_arm_id_problem_id_repeat", SAME_JOB],
    "experiments with more or fewer jobs than were laid out": [
        "DELETE FROM jobs WHERE id = (SELECT max(id) FROM jobs)"
    ],
    "experiments that ended before their last job was laid out": ["UPDATE experiments SET num_jobs = num_jobs + 1"],
    "traces that a scan has more than one finding of": [
        "ALTER TABLE findings DROP CONSTRAINT pk_findings CASCADE",
        SCAN,
        BEST,
        BEST,
    ],
    "findings without a trace, or of another experiment than their scan's": [
        "ALTER TABLE findings DROP CONSTRAINT fk_findings_job_id",
        SCAN,
        BEST,
        "UPDATE findings SET job_id = 0",
    ],
    "findings with more hits than chains, or a number of none": [SCAN, BEST, "UPDATE findings SET value = NULL"],
    "experiments with a running scan that nobody holds": [SCAN, "UPDATE scans SET status = 'running'"],
    "jobs with more or fewer attempts than were claimed": ["UPDATE jobs SET attempt = attempt + 1"],
}


def test_a_run_with_every_kind_of_trouble_passes(engine: Engine) -> None:
    running_experiment(engine, num_problems=5, arms=[new_arm("a"), new_arm("b")])
    transitions.release(engine, claimed(engine).lease, spent())
    transitions.fail_attempt(engine, claimed(engine).lease, "time-out", spent(), retryable=True)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    claimed(engine)
    transitions.free_expired_leases(engine, lease_ttl_s=-1)
    succeed(engine, claimed(engine).lease, num_candidates=3)
    finish(engine)
    assert audit(engine) == {}
    assert column(engine, "SELECT count(*) FROM traces") == [9]


@pytest.mark.parametrize("wrong", PLANTED)
def test_what_is_planted_is_found(engine: Engine, wrong: str) -> None:
    running_experiment(engine, num_problems=2)
    finish(engine)
    assert transitions.read_words(engine, within_s=60)
    assert audit(engine) == {}
    with engine.begin() as connection:
        for statement in PLANTED[wrong]:
            connection.execute(text(statement))
    assert wrong in audit(engine)


@pytest.mark.parametrize("statement", [COPY_OF_TRACE, COPY_OF_STEP, ANOTHER_SUCCESS, SAME_JOB])
def test_the_constraints_forbid_the_duplicates_to_begin_with(engine: Engine, statement: str) -> None:
    running_experiment(engine, num_problems=2)
    finish(engine)
    with pytest.raises(Exception, match="duplicate key"), engine.begin() as connection:
        connection.execute(text(statement))
