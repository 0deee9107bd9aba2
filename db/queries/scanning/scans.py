"""The scans of an experiment, and how far each is."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.errors import UnknownScanError
from db.models import JsonObject
from db.rows import read
from db.status import ScanStatus
from scaling.errors import suggestion

SCANS = text("""
WITH there AS (
    SELECT arms.model, count(*) AS traces
    FROM traces JOIN jobs ON jobs.id = traces.job_id JOIN arms ON arms.id = jobs.arm_id
    WHERE jobs.experiment_id = :experiment_id GROUP BY arms.model
)
SELECT scans.*, least(looked_at.traces, scans.at_most) AS traces, told.scanned, told.hit, told.untold
FROM scans CROSS JOIN LATERAL (
    SELECT CAST(coalesce(sum(there.traces), 0) AS bigint) AS traces
    FROM there WHERE scans.made_by IS NULL OR there.model = scans.made_by
) AS looked_at CROSS JOIN LATERAL (
    SELECT count(*) AS scanned, count(*) FILTER (WHERE hits > 0) AS hit, count(*) FILTER (WHERE chains = 0) AS untold
    FROM findings WHERE findings.scan_id = scans.id
) AS told
WHERE scans.experiment_id = :experiment_id
ORDER BY scans.created_at DESC, scans.id DESC
""")


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan, and how many of the traces that it is to look at (`traces`) it has looked at.

    `hit`: of these, how many have a hit in some chain; `untold`: of how many nothing can be said. Tokens are what a
    judge was paid, None where it does not report them; at most `unknown_…` come on top.
    """

    id: int
    experiment_id: int
    name: str
    scanner: str
    params: JsonObject
    version: str
    model: str | None
    made_by: str | None
    at_most: int | None
    owner: str
    status: ScanStatus
    error: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    traces: int
    scanned: int
    hit: int
    untold: int
    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    unknown_requests: int
    unknown_prompt_tokens: int
    unknown_generated_tokens: int

    @property
    def is_open(self) -> bool:
        return self.status in (ScanStatus.QUEUED, ScanStatus.RUNNING)

    @property
    def unscanned(self) -> int:
        """Traces that are there and were not looked at yet."""
        return max(0, self.traces - self.scanned)


def scans(database: Engine, experiment_id: int) -> tuple[Scan, ...]:
    """Newest first."""
    with reading(database) as connection:
        return tuple(read(Scan, row) for row in connection.execute(SCANS, {"experiment_id": experiment_id}))


def scan_named(found: tuple[Scan, ...], reference: str | None) -> Scan:
    """By id or name, the newest of that name; without either, the newest of all. Raises UnknownScanError."""
    if reference is None and found:
        return found[0]
    for scan in found:
        if reference in (str(scan.id), scan.name):
            return scan
    if reference is None:
        raise UnknownScanError("the experiment was not scanned yet: `overthink scan` does it")
    raise UnknownScanError(
        f"there is no scan {reference!r}{suggestion(reference, [scan.name for scan in found], 'There are')}"
    )
