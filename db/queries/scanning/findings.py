"""What a scan found: for each arm as columns, and trace by trace."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, Row, text

from db.engine import reading
from db.queries.samples import VERDICTS
from db.rows import read
from scaling.arrays import Floats, Integers
from scaling.types import Verdict

VALUES = {
    "problem": "problems.position",
    "repeat": "jobs.repeat",
    "verdict_number": "array_position(CAST(:verdicts AS text[]), traces.verdict::text) - 1",
    "chains": "findings.chains",
    "hits": "findings.hits",
    "value": "findings.value",
    "is_chosen_hit": "CAST(findings.is_chosen_hit AS integer)",
    "thinking_log_prob": "findings.thinking_log_prob",
    "answer_log_prob": "findings.answer_log_prob",
}
COLUMNS = ", ".join(
    f"array_agg({value} ORDER BY problems.position, jobs.repeat) AS {name}" for name, value in VALUES.items()
)

BY_ARM = text(f"""
SELECT jobs.arm_id, {COLUMNS}
FROM findings
JOIN jobs ON jobs.id = findings.job_id
JOIN problems ON problems.id = jobs.problem_id
JOIN traces ON traces.job_id = findings.job_id
WHERE findings.scan_id = :scan_id
GROUP BY jobs.arm_id
""")

BY_TRACE = text("""
SELECT findings.job_id, arms.label AS arm, problems.key AS problem, jobs.repeat, traces.verdict, traces.answer,
    problems.answer AS reference, traces.thinking_tokens,
    findings.chains, findings.hits, findings.value, findings.is_chosen_hit, findings.label, findings.why,
    findings.places, findings.thinking_log_prob, findings.answer_log_prob
FROM findings
JOIN jobs ON jobs.id = findings.job_id
JOIN arms ON arms.id = jobs.arm_id
JOIN problems ON problems.id = jobs.problem_id
JOIN traces ON traces.job_id = findings.job_id
WHERE findings.scan_id = :scan_id AND (findings.hits > 0 OR NOT :only_hits)
  AND (CAST(:arm_id AS bigint) IS NULL OR jobs.arm_id = :arm_id)
ORDER BY arms.position, problems.position, jobs.repeat
LIMIT CAST(:at_most AS bigint)
""")


@dataclass(frozen=True, slots=True, eq=False)
class ArmFindings:
    """Each trace of an arm that a scan looked at, J of them by problem and repeat. NaN: nothing can be said."""

    problem_J: Integers
    repeat_J: Integers
    verdict_number_J: Integers
    """In `db.queries.samples.VERDICTS`."""
    chains_J: Integers
    hits_J: Integers
    value_J: Floats
    is_chosen_hit_J: Floats
    thinking_log_prob_J: Floats
    answer_log_prob_J: Floats


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where a hit stands, as `scaling.scanners.chain_text.Place` says; the path is text."""

    path: str
    start: int
    end: int
    words: str
    forced: bool


@dataclass(frozen=True, slots=True)
class TraceFinding:
    """What a scan found in one trace, and which trace that is."""

    job_id: int
    arm: str
    problem: str
    repeat: int
    verdict: Verdict
    answer: str | None
    reference: str
    thinking_tokens: int | None
    chains: int
    hits: int
    value: float | None
    is_chosen_hit: bool | None
    label: str | None
    why: str | None
    places: tuple[FoundPlace, ...]
    thinking_log_prob: float | None
    answer_log_prob: float | None
    """Means over the model's own tokens, in nats; None: not asked for."""


def arm_findings(database: Engine, scan_id: int) -> dict[int, ArmFindings]:
    """By arm; arms of which nothing was looked at are not among them."""
    values = {"scan_id": scan_id, "verdicts": list(VERDICTS)}
    with reading(database) as connection:
        return {row.arm_id: _columns(row) for row in connection.execute(BY_ARM, values)}


def trace_findings(
    database: Engine,
    scan_id: int,
    *,
    only_hits: bool = False,
    arm_id: int | None = None,
    at_most: int | None = None,
) -> tuple[TraceFinding, ...]:
    """By arm, problem and repeat."""
    values = {"scan_id": scan_id, "only_hits": only_hits, "arm_id": arm_id, "at_most": at_most}
    with reading(database) as connection:
        return tuple(read(TraceFinding, row) for row in connection.execute(BY_TRACE, values))


def _columns(row: Row[Any]) -> ArmFindings:
    def integers(name: str) -> Integers:
        return np.array(getattr(row, name), dtype=np.int64)

    def floats(name: str) -> Floats:
        return np.array(getattr(row, name), dtype=np.float64)

    return ArmFindings(
        problem_J=integers("problem"),
        repeat_J=integers("repeat"),
        verdict_number_J=integers("verdict_number"),
        chains_J=integers("chains"),
        hits_J=integers("hits"),
        value_J=floats("value"),
        is_chosen_hit_J=floats("is_chosen_hit"),
        thinking_log_prob_J=floats("thinking_log_prob"),
        answer_log_prob_J=floats("answer_log_prob"),
    )
