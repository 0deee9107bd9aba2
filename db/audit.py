"""Was every job done exactly once? Plain SQL that trusts no constraint, for tests and `overthink doctor --audit`."""

from sqlalchemy import Engine, text

from db.engine import reading

# Each row is one thing that is wrong: what, and with which job. The counts are taken as if no key were unique.
WRONGS = text("""
WITH succeeded AS (SELECT id FROM jobs WHERE status = 'succeeded')
SELECT 'succeeded jobs without exactly one trace' AS wrong, id AS job_id
FROM succeeded WHERE (SELECT count(*) FROM traces WHERE traces.job_id = succeeded.id) <> 1
UNION ALL
SELECT 'succeeded jobs without exactly one succeeded attempt', id
FROM succeeded
WHERE (SELECT count(*) FROM attempts WHERE attempts.job_id = succeeded.id AND outcome = 'succeeded') <> 1
UNION ALL
SELECT 'jobs that do not run, with an attempt that still does', jobs.id
FROM attempts JOIN jobs ON jobs.id = attempts.job_id
WHERE attempts.outcome = 'running' AND jobs.status <> 'running'
UNION ALL
SELECT 'running jobs without exactly one running attempt, their latest', jobs.id
FROM jobs
WHERE status = 'running' AND ARRAY[jobs.attempt] IS DISTINCT FROM (
    SELECT array_agg(attempts.attempt) FROM attempts WHERE attempts.job_id = jobs.id AND outcome = 'running')
UNION ALL
SELECT 'running jobs that nobody holds', id
FROM jobs WHERE status = 'running' AND (worker IS NULL OR heartbeat_at IS NULL)
UNION ALL
SELECT 'failed jobs whose latest attempt neither failed nor was lost', jobs.id
FROM jobs
WHERE status = 'failed' AND NOT EXISTS (
    SELECT FROM attempts
    WHERE attempts.job_id = jobs.id AND attempts.attempt = jobs.attempt AND outcome IN ('failed', 'lost'))
UNION ALL
SELECT 'jobs that wait or run in an experiment that has ended', jobs.id
FROM jobs JOIN experiments ON experiments.id = jobs.experiment_id
WHERE jobs.status IN ('queued', 'running')
  AND experiments.status NOT IN ('queued', 'expanding', 'running', 'paused')
UNION ALL
SELECT 'jobs that did not succeed, in an experiment that did', jobs.id
FROM jobs JOIN experiments ON experiments.id = jobs.experiment_id
WHERE jobs.status <> 'succeeded' AND experiments.status = 'succeeded'
UNION ALL
SELECT 'experiments that ended with more or fewer jobs than arms × problems × repeats', coalesce(min(jobs.id), 0)
FROM experiments LEFT JOIN jobs ON jobs.experiment_id = experiments.id
WHERE experiments.status IN ('succeeded', 'finished_with_failures')
GROUP BY experiments.id
HAVING count(jobs.id) <> (SELECT count(*) FROM arms WHERE arms.experiment_id = experiments.id)
    * (SELECT count(*) FROM problems WHERE problems.experiment_id = experiments.id)
    * coalesce(CAST(experiments.spec ->> 'repeats' AS integer), max(jobs.repeat) + 1, 1)
UNION ALL
SELECT 'succeeded jobs without candidates, or with more or fewer than their trace says', id
FROM succeeded
WHERE (SELECT count(*) FROM candidates WHERE candidates.job_id = succeeded.id) = 0
   OR (SELECT count(*) FROM candidates WHERE candidates.job_id = succeeded.id)
      <> (SELECT max(num_candidates) FROM traces WHERE traces.job_id = succeeded.id)
UNION ALL
SELECT 'succeeded jobs without exactly one chosen candidate', id
FROM succeeded
WHERE (SELECT count(*) FROM candidates WHERE candidates.job_id = succeeded.id AND chosen) <> 1
UNION ALL
SELECT 'candidates without a grade', candidates.job_id
FROM candidates
WHERE NOT EXISTS (
    SELECT FROM grades WHERE grades.job_id = candidates.job_id AND grades.path = candidates.path)
UNION ALL
SELECT 'answers that were not cut, judged as if they had been', job_id
FROM grades WHERE verdict <> 'truncated' AND right_if_read IS NOT NULL
UNION ALL
SELECT 'answers that have a verdict and a reason to have none', job_id
FROM grades WHERE verdict IN ('correct', 'wrong') AND unread IS NOT NULL
UNION ALL
SELECT 'traces of jobs that did not succeed', traces.job_id
FROM traces WHERE traces.job_id NOT IN (SELECT id FROM succeeded)
UNION ALL
SELECT 'steps or candidates without a trace', job_id
FROM (SELECT job_id FROM steps UNION SELECT job_id FROM candidates) AS parts
WHERE NOT EXISTS (SELECT FROM traces WHERE traces.job_id = parts.job_id)
UNION ALL
SELECT 'candidates that are no step of their trace', candidates.job_id
FROM candidates
WHERE NOT EXISTS (SELECT FROM steps WHERE steps.job_id = candidates.job_id AND steps.path = candidates.path)
UNION ALL
SELECT 'succeeded jobs without exactly one rollup', id
FROM succeeded WHERE (SELECT count(*) FROM rollups WHERE rollups.job_id = succeeded.id) <> 1
UNION ALL
SELECT 'traces whose steps are not numbered from 0 on without a gap', traces.job_id
FROM traces
WHERE (SELECT count(*) FROM steps WHERE steps.job_id = traces.job_id)
    IS DISTINCT FROM (SELECT max(position) + 1 FROM steps WHERE steps.job_id = traces.job_id)
UNION ALL
SELECT 'steps that hold more or fewer ids than were generated for them', steps.job_id
FROM steps
WHERE requests > 0 AND generated_tokens <> cardinality(ids) + cardinality(dropped_ids) AND EXISTS (
    SELECT FROM steps AS others WHERE others.job_id = steps.job_id AND cardinality(others.ids) > 0)
UNION ALL
SELECT 'steps stored twice', job_id FROM steps GROUP BY job_id, path HAVING count(*) > 1
UNION ALL
SELECT 'steps whose parent is missing', steps.job_id
FROM steps
WHERE steps.path LIKE '%.%' AND NOT EXISTS (
    SELECT FROM steps AS parents
    WHERE parents.job_id = steps.job_id AND parents.path = regexp_replace(steps.path, '\\.[0-9]+$', ''))
UNION ALL
SELECT 'traces whose generated tokens are not the sum of their steps', traces.job_id
FROM traces
WHERE generated_tokens <> (SELECT coalesce(sum(generated_tokens), 0) FROM steps WHERE steps.job_id = traces.job_id)
UNION ALL
SELECT 'traces that know tokens of steps which were not reported, or do not know what was', traces.job_id
FROM traces
WHERE (traces.generated_tokens IS NULL, traces.prompt_tokens IS NULL, traces.verifier_tokens IS NULL) <> (
    SELECT coalesce(bool_or(generated_tokens IS NULL), false), coalesce(bool_or(prompt_tokens IS NULL), false),
        coalesce(bool_or(verifier_tokens IS NULL), false)
    FROM steps WHERE steps.job_id = traces.job_id)
UNION ALL
SELECT 'traces whose verifier''s tokens or calls are not the sum of their steps', traces.job_id
FROM traces
WHERE verifier_tokens <> (SELECT coalesce(sum(verifier_tokens), 0) FROM steps WHERE steps.job_id = traces.job_id)
   OR verifier_calls <> (SELECT coalesce(sum(verifier_calls), 0) FROM steps WHERE steps.job_id = traces.job_id)
   OR verifier_generated_tokens
      <> (SELECT coalesce(sum(verifier_generated_tokens), 0) FROM steps WHERE steps.job_id = traces.job_id)
UNION ALL
SELECT 'traces that began more or fewer chains than stand behind their prompts', traces.job_id
FROM traces
WHERE chains <> (
    SELECT count(*) FROM steps JOIN steps AS prompts
        ON prompts.job_id = steps.job_id AND prompts.path = regexp_replace(steps.path, '\\.[0-9]+$', '')
    WHERE steps.job_id = traces.job_id AND prompts.phase = 'prompt' AND steps.phase <> 'prompt')
UNION ALL
SELECT 'traces whose longest path is longer than all that was generated', traces.job_id
FROM traces
WHERE longest_path > generated_tokens + verifier_generated_tokens
UNION ALL
SELECT 'attempts that together spent less than stands in their job''s trace', traces.job_id
FROM traces JOIN LATERAL (
    SELECT sum(generated_tokens) AS generated_tokens, sum(prompt_tokens) AS prompt_tokens,
        sum(verifier_tokens) AS verifier_tokens, sum(verifier_calls) AS verifier_calls
    FROM attempts WHERE attempts.job_id = traces.job_id
) AS spent ON true
WHERE spent.generated_tokens < traces.generated_tokens OR spent.prompt_tokens < traces.prompt_tokens
   OR spent.verifier_tokens < traces.verifier_tokens OR spent.verifier_calls < traces.verifier_calls
UNION ALL
SELECT 'jobs that have ended and still have a journal', jobs.id
FROM jobs WHERE status NOT IN ('queued', 'running')
  AND EXISTS (SELECT FROM journal WHERE journal.job_id = jobs.id)
UNION ALL
SELECT 'attempts that succeeded, failed or were given back without a last word on what they spent', job_id
FROM attempts WHERE outcome IN ('succeeded', 'failed', 'released') AND NOT is_settled
UNION ALL
SELECT 'experiments whose spent tokens are not the sum over their attempts', min(jobs.id)
FROM jobs LEFT JOIN attempts ON attempts.job_id = jobs.id
GROUP BY jobs.experiment_id
HAVING CASE WHEN count(attempts.job_id) = count(attempts.generated_tokens)
    THEN coalesce(sum(attempts.generated_tokens), 0) END IS DISTINCT FROM (
    SELECT CASE WHEN count(*) = count(spent_tokens) THEN coalesce(sum(spent_tokens), 0) END
    FROM tallies WHERE tallies.experiment_id = jobs.experiment_id)
UNION ALL
SELECT 'Waits counted that are not there', job_id
FROM traces WHERE waits <> (
    SELECT count(*) FROM steps WHERE steps.job_id = traces.job_id AND kind = 'forced' AND phase = 'thinking'
)
UNION ALL
SELECT 'traces without words, in an experiment whose words are said to have been read', jobs.id
FROM jobs JOIN words_read ON words_read.experiment_id = jobs.experiment_id
WHERE jobs.status = 'succeeded' AND NOT EXISTS (SELECT FROM trace_words WHERE trace_words.job_id = jobs.id)
  AND words_read.results_version = (
    SELECT sum(results_version) FROM tallies WHERE tallies.experiment_id = jobs.experiment_id)
UNION ALL
SELECT 'words of no trace', job_id
FROM trace_words WHERE NOT EXISTS (SELECT FROM traces WHERE traces.job_id = trace_words.job_id)
UNION ALL
SELECT 'the same work as another job', id
FROM (SELECT id, count(*) OVER (PARTITION BY arm_id, problem_id, repeat) AS jobs FROM jobs) AS counted
WHERE jobs > 1
UNION ALL
SELECT 'experiments with more or fewer jobs than were laid out', coalesce(min(jobs.id), 0)
FROM experiments LEFT JOIN jobs ON jobs.experiment_id = experiments.id
WHERE num_jobs IS NOT NULL
GROUP BY experiments.id
HAVING count(jobs.id) <> num_laid_out OR num_laid_out > num_jobs
    OR (num_laid_out = num_jobs) <> (expanded_at IS NOT NULL)
UNION ALL
SELECT 'experiments that ended before their last job was laid out', coalesce(min(jobs.id), 0)
FROM experiments LEFT JOIN jobs ON jobs.experiment_id = experiments.id
WHERE num_laid_out < num_jobs AND experiments.status IN ('succeeded', 'finished_with_failures')
GROUP BY experiments.id
UNION ALL
SELECT 'traces that a scan has more than one finding of', job_id
FROM findings GROUP BY scan_id, job_id HAVING count(*) > 1
UNION ALL
SELECT 'findings without a trace, or of another experiment than their scan''s', findings.job_id
FROM findings LEFT JOIN scans ON scans.id = findings.scan_id LEFT JOIN jobs ON jobs.id = findings.job_id
WHERE scans.experiment_id IS DISTINCT FROM jobs.experiment_id
   OR NOT EXISTS (SELECT FROM traces WHERE traces.job_id = findings.job_id)
UNION ALL
SELECT 'findings with more hits than chains, or a number of none', job_id
FROM findings WHERE hits > chains OR (chains = 0) <> (value IS NULL)
UNION ALL
SELECT 'steps with more or fewer log-probs than tokens, or one that is no log-prob', steps.job_id
FROM step_log_probs JOIN steps ON steps.job_id = step_log_probs.job_id AND steps.path = step_log_probs.path
WHERE cardinality(log_probs) <> cardinality(steps.ids) OR cardinality(ends) <> cardinality(steps.ids)
   OR 0 < ANY (log_probs) OR ends[cardinality(ends)] > char_length(steps.text)
UNION ALL
SELECT 'experiments with a running scan that nobody holds', coalesce(min(jobs.id), 0)
FROM scans LEFT JOIN jobs ON jobs.experiment_id = scans.experiment_id
WHERE scans.status = 'running' AND (scans.worker IS NULL OR scans.heartbeat_at IS NULL)
GROUP BY scans.id
UNION ALL
SELECT 'experiments to be laid out whose upload is not there', 0
FROM experiments
WHERE expanded_at IS NULL AND status IN ('queued', 'expanding') AND spec -> 'data_set' ? 'upload'
  AND NOT EXISTS (SELECT FROM uploads WHERE address = spec -> 'data_set' ->> 'upload')
UNION ALL
SELECT 'jobs that people annotated as those of another experiment', jobs.id
FROM annotations JOIN jobs ON jobs.id = annotations.job_id
WHERE annotations.experiment_id <> jobs.experiment_id
UNION ALL
SELECT 'judged pairs that are not two arms'' jobs of one problem of their experiment', judgements.left_job_id
FROM judgements
JOIN jobs AS left_jobs ON left_jobs.id = left_job_id
JOIN jobs AS right_jobs ON right_jobs.id = right_job_id
WHERE left_jobs.problem_id <> right_jobs.problem_id OR left_jobs.arm_id = right_jobs.arm_id
   OR left_jobs.experiment_id <> judgements.experiment_id OR right_jobs.experiment_id <> judgements.experiment_id
UNION ALL
SELECT 'pairs that one person has judged twice', min(left_job_id)
FROM judgements
GROUP BY experiment_id, person, LEAST(left_job_id, right_job_id), GREATEST(left_job_id, right_job_id)
HAVING count(*) > 1
UNION ALL
SELECT 'jobs with more or fewer attempts than were claimed', jobs.id
FROM jobs
WHERE attempt <> (SELECT count(*) FROM attempts WHERE attempts.job_id = jobs.id)
   OR attempt <> (SELECT coalesce(max(attempts.attempt), 0) FROM attempts WHERE attempts.job_id = jobs.id)
""")


def audit(database: Engine) -> dict[str, tuple[int, ...]]:
    """What is wrong → the jobs it is wrong with; empty if every job that succeeded did so exactly once."""
    with reading(database) as connection:
        rows = connection.execute(WRONGS).all()
    return {
        wrong: tuple(row.job_id for row in rows if row.wrong == wrong) for wrong in sorted({row.wrong for row in rows})
    }
