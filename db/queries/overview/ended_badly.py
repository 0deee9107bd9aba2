"""Experiments that ended otherwise than they should have: they could not begin, some jobs failed, or a cap was met."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.queries.experiments import JOB_COUNTS, TALLY, ExperimentSummary, experiment_summary
from db.rows import read

BADLY = "status IN ('failed', 'finished_with_failures', 'capped') AND finished_at > :since"

ENDED_BADLY = text(f"""
SELECT experiments.*, counts.*, tally.*, failures.job_error, failures.alike
FROM (
    SELECT * FROM experiments WHERE {BADLY} ORDER BY finished_at DESC, id DESC LIMIT :most
) AS experiments
CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts
CROSS JOIN LATERAL ({TALLY}) AS tally
LEFT JOIN LATERAL (
    SELECT error AS job_error, count(*) AS alike FROM jobs
    WHERE jobs.experiment_id = experiments.id AND jobs.status = 'failed'
    GROUP BY error ORDER BY count(*) DESC, error LIMIT 1
) AS failures ON true
ORDER BY experiments.finished_at DESC, experiments.id DESC
""")


@dataclass(frozen=True, slots=True)
class EndedBadly:
    """`job_error` is what most of its failed jobs say, and `alike` how many do; None: no job has failed."""

    summary: ExperimentSummary
    job_error: str | None
    alike: int | None


def ended_badly(database: Engine, since: dt.datetime, most: int) -> tuple[EndedBadly, ...]:
    """Those that ended after `since`, the last first."""
    with reading(database) as connection:
        rows = connection.execute(ENDED_BADLY, {"since": since, "most": most})
        return tuple(read(EndedBadly, row, summary=experiment_summary(row)) for row in rows)
