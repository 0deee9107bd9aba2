"""Jobs that were read anew: their candidates' answers, their verdicts and what they chose change; no trace does.

The grades of before stay beside the new ones, by the rules that gave them. Whoever kept results learns of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.paths import path_text
from db.records import Grade
from db.rollups import rollup_values
from db.text import storable_or_none
from db.transitions.success import as_json
from db.transitions.tallies import raise_versions
from db.transitions.trace_rows import Values, concluded_values, grade_by_path, grade_values
from scaling.statistics.rollup import Rollup
from scaling.types import Outcome

# A job that was retried, or removed, meanwhile is left as it is.
OWN = text("""
SELECT traces.job_id FROM traces JOIN unnest(CAST(:job_ids AS bigint[]), CAST(:attempts AS integer[]))
    AS told (job_id, attempt) USING (job_id, attempt)
ORDER BY traces.job_id
FOR UPDATE OF traces
""")

READ = text("""
UPDATE candidates SET answer = told.answer, key = told.key, chosen = false
FROM json_populate_recordset(CAST(NULL AS candidates), CAST(:rows AS json)) AS told
WHERE candidates.job_id = told.job_id AND candidates.path = told.path
""")

CHOOSE = text("""
UPDATE candidates SET chosen = true
FROM json_populate_recordset(CAST(NULL AS traces), CAST(:rows AS json)) AS told
WHERE candidates.job_id = told.job_id AND candidates.path = told.chosen_path
""")

GRADE = text("""
INSERT INTO grades (job_id, path, grader, version, verdict, unread, right_if_read, graded_at)
SELECT job_id, path, grader, version, verdict, unread, right_if_read, clock_timestamp()
FROM json_populate_recordset(CAST(NULL AS grades), CAST(:rows AS json))
ON CONFLICT (job_id, path, grader, version) DO UPDATE
SET verdict = excluded.verdict, unread = excluded.unread, right_if_read = excluded.right_if_read,
    graded_at = excluded.graded_at
""")

CONCLUDE = text("""
UPDATE traces SET verdict = told.verdict, right_if_read = told.right_if_read, unread = told.unread,
    answer = told.answer, answer_key = told.answer_key, chosen_path = told.chosen_path, is_tie = told.is_tie,
    unscored = CASE WHEN traces.unscored IS NOT NULL THEN told.unscored END
FROM json_populate_recordset(CAST(NULL AS traces), CAST(:rows AS json)) AS told
WHERE traces.job_id = told.job_id
""")

ROLL_UP = text("""
UPDATE rollups SET ks = told.ks, pass_at_k = told.pass_at_k, maj_at_k = told.maj_at_k, best_of_k = told.best_of_k,
    weighted_of_k = told.weighted_of_k, weighted_error = told.weighted_error,
    mean_final_score = told.mean_final_score
FROM json_populate_recordset(CAST(NULL AS rollups), CAST(:rows AS json)) AS told
WHERE rollups.job_id = told.job_id
""")


@dataclass(frozen=True, slots=True)
class Regraded:
    """What a job's candidates answer now, a grade for each, and what is kept of k of them."""

    job_id: int
    attempt: int
    outcome: Outcome
    grades: Sequence[Grade]
    rollup: Rollup


def regrade(database: Engine, experiment_id: int, regraded: Sequence[Regraded]) -> frozenset[int]:
    """All of these jobs, in one transaction; returns which were still what they had been. Raises ValueError unless each
    has a grade for each candidate."""
    with database.begin() as connection:
        ids = {"job_ids": [each.job_id for each in regraded], "attempts": [each.attempt for each in regraded]}
        own = frozenset(connection.execute(OWN, ids).scalars())
        kept = [each for each in regraded if each.job_id in own]
        if not kept:
            return own
        for statement, rows in (
            (READ, [row for each in kept for row in _candidates(each)]),
            (CHOOSE, traces := [_trace(each) for each in kept]),
            (GRADE, [row for each in kept for row in _grades(each)]),
            (CONCLUDE, traces),
            (ROLL_UP, [{"job_id": each.job_id, **rollup_values(each.rollup)} for each in kept]),
        ):
            connection.execute(statement, {"rows": as_json(rows)})
        raise_versions(connection, experiment_id)
        return own


def _candidates(regraded: Regraded) -> list[Values]:
    return [
        {
            "job_id": regraded.job_id,
            "path": path_text(each.path),
            "answer": storable_or_none(each.answer),
            "key": storable_or_none(each.key),
        }
        for each in regraded.outcome.candidates
    ]


def _grades(regraded: Regraded) -> list[Values]:
    return [grade_values(regraded.job_id, each) for each in regraded.grades]


def _trace(regraded: Regraded) -> Values:
    outcome = regraded.outcome
    grades = grade_by_path(outcome.candidates, regraded.grades)
    grade = grades[outcome.candidates[outcome.chosen].path]
    return {"job_id": regraded.job_id, **concluded_values(outcome, grade)}
