"""How open experiments have gone on lately: ends, durations and tokens, of all of them in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, TextClause, text

from db.engine import reading
from db.rows import read

WINDOW_S = 600.0
"""How far back what is left is told from: far enough for slow jobs, near enough for the pace to be today's."""
SPANS = 10
RECENT_S = 60.0
"""How far back the throughput in tokens looks."""


def paces_query(by: str) -> TextClause:
    """Of what has the same value in the column `by` of jobs. The window begins with the first claim in it: what stood
    still before a retry says nothing of the pace after it."""
    return text(f"""
WITH ended AS MATERIALIZED (
    SELECT {by} AS whose, id, CAST(extract(epoch FROM now() - finished_at) AS double precision) AS ago_s,
        CAST(extract(epoch FROM finished_at - started_at) AS double precision) AS took_s
    FROM jobs
    WHERE experiment_id = ANY (CAST(:experiments AS bigint[])) AND status IN ('succeeded', 'failed')
      AND finished_at > now() - make_interval(secs => :window_s)
), windows AS (
    SELECT whose, least(:window_s, max(ago_s + coalesce(took_s, 0))) AS seconds,
        coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY took_s), 0) AS usual_s,
        coalesce(max(took_s), 0) AS slowest_s
    FROM ended GROUP BY whose
), counted AS (
    SELECT whose, span, count(*) AS ends
    FROM ended JOIN windows USING (whose)
    CROSS JOIN LATERAL (
        SELECT least(:spans - 1, CAST(floor(ago_s * :spans / greatest(seconds, 1e-9)) AS integer)) AS span
    ) AS placed
    GROUP BY whose, span
), recent AS (
    SELECT whose, CASE WHEN count(*) = count(traces.generated_tokens) + count(*) FILTER (WHERE job_id IS NULL)
        THEN coalesce(sum(traces.generated_tokens), 0) END AS generated_tokens
    FROM ended LEFT JOIN traces ON traces.job_id = ended.id
    WHERE ago_s < :recent_s GROUP BY whose
)
SELECT windows.*, least(:recent_s, windows.seconds) AS recent_s,
    ARRAY(SELECT coalesce(counted.ends, 0) FROM generate_series(:spans - 1, 0, -1) AS spans (span)
          LEFT JOIN counted ON counted.span = spans.span AND counted.whose = windows.whose) AS ends,
    CASE WHEN recent.whose IS NULL THEN 0 ELSE recent.generated_tokens END AS generated_tokens,
    (SELECT CAST(extract(epoch FROM now() - max(started_at)) AS double precision) FROM jobs
     WHERE jobs.experiment_id = ANY (CAST(:experiments AS bigint[])) AND {by} = windows.whose
       AND status = 'running') AS youngest_s
FROM windows LEFT JOIN recent USING (whose)
""")


PACES, MODEL_PACES = paces_query("jobs.experiment_id"), paces_query("jobs.model")


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one experiment, or one model, of which a job has ended lately."""

    seconds: float
    """Since the first claim among the jobs that ended lately; at most WINDOW_S."""
    ends: tuple[int, ...]
    """In SPANS equal parts of these seconds, the latest last."""
    usual_s: float
    slowest_s: float
    youngest_s: float | None
    """How long ago the last job that runs was begun; None: none runs."""
    generated_tokens: int | None
    """Of the jobs that ended in the last `recent_s`; None: the engine of some does not report them."""
    recent_s: float

    @property
    def generated_tokens_per_s(self) -> float | None:
        tokens = self.generated_tokens
        return None if tokens is None or not self.recent_s else tokens / self.recent_s


def paces(database: Engine, experiments: Sequence[int]) -> Mapping[int, Pace]:
    """By experiment; those in which nothing has ended lately are not in it."""
    with reading(database) as connection:
        return read_paces(connection, experiments)


def read_paces(connection: Connection, experiments: Sequence[int]) -> Mapping[int, Pace]:
    return {row.whose: read(Pace, row) for row in connection.execute(PACES, _values(experiments))}


def model_paces(database: Engine, experiments: Sequence[int]) -> Mapping[str, Pace]:
    """By model, over these experiments together."""
    with reading(database) as connection:
        return {row.whose: read(Pace, row) for row in connection.execute(MODEL_PACES, _values(experiments))}


def _values(experiments: Sequence[int]) -> dict[str, object]:
    return {"experiments": list(experiments), "window_s": WINDOW_S, "spans": SPANS, "recent_s": RECENT_S}
