"""What a scan found in a few traces, with what is written around the first hit of each: as a list of them shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from db.search.hits import AROUND, BEFORE, Hit, hit_at

# Places are counted from 0, in characters of their step.
SCAN_HITS = text(f"""
SELECT findings.job_id, findings.chains, findings.hits, findings.value, findings.label, findings.why,
    steps.path, steps.kind, steps.phase, first.place, first.said, length(steps.text) AS length,
    substr(steps.text, greatest(first.place - {BEFORE}, 1), {AROUND}) AS around
FROM findings
CROSS JOIN LATERAL (
    SELECT places -> 0 ->> 'path' AS path, CAST(places -> 0 ->> 'start' AS integer) + 1 AS place,
        CAST(places -> 0 ->> 'end' AS integer) - CAST(places -> 0 ->> 'start' AS integer) AS said
) AS first
LEFT JOIN steps ON steps.job_id = findings.job_id AND steps.path = first.path
WHERE findings.scan_id = :scan_id AND findings.job_id = ANY (CAST(:job_ids AS bigint[]))
""")


@dataclass(frozen=True, slots=True)
class ScanHit:
    """`hits` of the `chains` of a trace have one, and `value` is their mean number; `label` and `why` are a judge's.

    `place` is the first; None: it has none, as what a judge says.
    """

    chains: int
    hits: int
    value: float | None
    label: str | None
    why: str | None
    place: Hit | None


def scan_hits(connection: Connection, job_ids: Sequence[int], scan_id: int) -> Mapping[int, ScanHit]:
    """By job; those that the scan has not looked at are not among them."""
    values = {"job_ids": list(job_ids), "scan_id": scan_id}
    return {row.job_id: _scan_hit(row) for row in connection.execute(SCAN_HITS, values)}


def _scan_hit(row: Row[Any]) -> ScanHit:
    place = None if row.path is None else hit_at(row, row.said)
    return ScanHit(row.chains, row.hits, row.value, row.label, row.why, place)
