"""A scan's life: handed in, claimed by one worker at a time, told slice by slice, ended.

A slice's findings, and what a judge was paid for them, are one transaction, fenced by the scan's attempt: whoever was
taken for dead and wakes tells nothing, and whoever comes after a worker that died goes on with the traces that have no
finding. Before a judge is asked, what that may cost at most is told. Locks: the experiment, then the scan.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from db.copying import copy_rows
from db.errors import FencedOutError, UnknownScanError
from db.models import FindingRow, JsonObject, StepLogProbsRow
from db.paths import path_text
from db.rows import read
from db.status import MAX_LOST_LEASES, ScanStatus
from db.text import storable, storable_or_none
from db.transitions.tallies import raise_versions
from scaling.compute.spending import Unknown
from scaling.scanners.id_chains import StepLogProbs
from scaling.scanners.scanner import Finding
from scaling.types import Counts

NOW = "coalesce(CAST(:now AS timestamptz), now())"
LOCK_EXPERIMENT = text("SELECT id FROM experiments WHERE id = :experiment_id FOR KEY SHARE")

CREATE = text("""
INSERT INTO scans (experiment_id, name, scanner, params, version, digest, model, made_by, at_most, owner)
VALUES (:experiment_id, :name, :scanner, :params, :version, :digest, :model, :made_by, :at_most, :owner)
ON CONFLICT (experiment_id, digest) DO NOTHING
RETURNING id
""").bindparams(bindparam("params", type_=JSONB))

KNOWN = text("SELECT id FROM scans WHERE experiment_id = :experiment_id AND digest = :digest")

REOPEN = text("""
UPDATE scans SET status = 'queued', error = NULL, finished_at = NULL, lost_leases = 0, worker = NULL
WHERE id = :scan_id AND status IN ('succeeded', 'failed', 'cancelled')
""")

# Oldest first; of rules that this worker has in the scan's version, and of judges that it serves.
CLAIM = text(f"""
UPDATE scans SET status = 'running', attempt = attempt + 1, worker = :worker, heartbeat_at = {NOW},
    started_at = coalesce(started_at, {NOW})
WHERE id = (
    SELECT id FROM scans
    WHERE status = 'queued' AND (model IS NULL OR model = ANY (CAST(:models AS text[])))
      AND CAST(:versions AS jsonb) ->> scanner = version
    ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, attempt, experiment_id, params, made_by, at_most
""").bindparams(bindparam("versions", type_=JSONB))

IS_OURS = "id = :scan_id AND attempt = :attempt AND status = 'running'"

BEAT = text(f"""
WITH beats AS (
    SELECT * FROM unnest(CAST(:scan_ids AS bigint[]), CAST(:attempts AS integer[])) AS beats (scan_id, attempt)
)
UPDATE scans SET heartbeat_at = {NOW} FROM beats
WHERE scans.id = beats.scan_id AND scans.attempt = beats.attempt AND scans.status = 'running'
RETURNING scans.id, scans.attempt
""")

SPEND = text(f"""
UPDATE scans SET heartbeat_at = now(), prompt_tokens = prompt_tokens + CAST(:prompt_tokens AS bigint),
    cached_tokens = cached_tokens + CAST(:cached_tokens AS bigint),
    generated_tokens = generated_tokens + CAST(:generated_tokens AS bigint),
    unknown_requests = unknown_requests + :requests,
    unknown_prompt_tokens = unknown_prompt_tokens + :unknown_prompt_tokens,
    unknown_generated_tokens = unknown_generated_tokens + :unknown_generated_tokens
WHERE {IS_OURS}
RETURNING id
""")

END = text(f"""
UPDATE scans SET status = CAST(:status AS text), error = :error, worker = NULL, heartbeat_at = NULL,
    finished_at = CASE WHEN CAST(:status AS text) = 'queued' THEN NULL ELSE now() END
WHERE {IS_OURS}
RETURNING experiment_id
""")

CANCEL = text("""
UPDATE scans SET status = 'cancelled', worker = NULL, heartbeat_at = NULL, finished_at = now()
WHERE id = :scan_id AND status IN ('queued', 'running')
RETURNING experiment_id
""")

DELETE = text("DELETE FROM scans WHERE id = :scan_id RETURNING experiment_id")

FREE = text(f"""
UPDATE scans
SET lost_leases = lost_leases + 1, worker = NULL, heartbeat_at = NULL,
    status = CASE WHEN lost_leases + 1 >= :most THEN 'failed' ELSE 'queued' END,
    finished_at = CASE WHEN lost_leases + 1 >= :most THEN {NOW} END,
    error = CASE WHEN lost_leases + 1 >= :most
        THEN 'lost its worker ' || (lost_leases + 1) || ' times: it seems to kill the worker that runs it' END
WHERE id IN (
    SELECT id FROM scans WHERE status = 'running' AND heartbeat_at < {NOW} - make_interval(secs => :lease_ttl_s)
    ORDER BY id FOR UPDATE SKIP LOCKED
)
RETURNING id, status
""")

WAITING = text("SELECT DISTINCT model FROM scans WHERE status = 'queued'")


@dataclass(frozen=True, slots=True)
class NewScan:
    """What is handed in. `params` are all of the scanner's fields; `digest` stands for all that makes it what it is."""

    experiment_id: int
    name: str
    scanner: str
    params: JsonObject
    version: str
    digest: str
    owner: str
    model: str | None = None
    made_by: str | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class ScanLease:
    """One claim of a scan: what every write of its worker is fenced by."""

    scan_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class ClaimedScan:
    """A scan that is ours until its lease ends."""

    id: int
    attempt: int
    experiment_id: int
    params: JsonObject
    made_by: str | None
    at_most: int | None

    @property
    def lease(self) -> ScanLease:
        return ScanLease(self.id, self.attempt)


def create_scan(database: Engine, new: NewScan) -> tuple[int, bool]:
    """The scan's id, and whether it is a new one. One that was handed in before is meant by the same digest: it goes on
    with the traces that came since, unless it is at it."""
    values = {
        "experiment_id": new.experiment_id,
        "name": storable(new.name),
        "scanner": new.scanner,
        "params": new.params,
        "version": new.version,
        "digest": new.digest,
        "model": storable_or_none(new.model),
        "made_by": storable_or_none(new.made_by),
        "at_most": new.at_most,
        "owner": new.owner,
    }
    with database.begin() as connection:
        connection.execute(LOCK_EXPERIMENT, values)
        made = connection.execute(CREATE, values).scalar_one_or_none()
        if made is not None:
            return made, True
        known = connection.execute(KNOWN, values).scalar_one()
        connection.execute(REOPEN, {"scan_id": known})
        return known, False


def claim_scan(
    database: Engine,
    worker: str,
    models: Sequence[str],
    versions: Mapping[str, str],
    now: dt.datetime | None = None,
) -> ClaimedScan | None:
    """Leases the oldest scan that waits to a worker that serves `models` and has scanners of these `versions`."""
    values = {"worker": worker, "models": list(models), "versions": dict(versions), "now": now}
    with database.begin() as connection:
        row = connection.execute(CLAIM, values).one_or_none()
    return None if row is None else read(ClaimedScan, row)


def renew_scans(database: Engine, leases: Iterable[ScanLease], now: dt.datetime | None = None) -> frozenset[ScanLease]:
    """Their worker lives. Returns the leases that are still ours: stop the others."""
    held = sorted(leases)
    values = {"scan_ids": [each.scan_id for each in held], "attempts": [each.attempt for each in held], "now": now}
    with database.begin() as connection:
        return frozenset(ScanLease(row.id, row.attempt) for row in connection.execute(BEAT, values))


def tell_asking(database: Engine, lease: ScanLease, bound: Unknown) -> None:
    """What is asked next may cost so much, whatever becomes of the worker. Raises FencedOutError."""
    with database.begin() as connection:
        _spend(connection, lease, Counts.of(()), bound)


def store_findings(
    database: Engine,
    lease: ScanLease,
    experiment_id: int,
    findings: Mapping[int, Finding],
    spent: Counts | None = None,
    settled: Unknown | None = None,
) -> None:
    """What was found, by job; and where a judge was asked, what it was paid, in the place of the bound told before:
    `settled` is that, less what is unknown for good. Raises FencedOutError."""
    with database.begin() as connection:
        connection.execute(LOCK_EXPERIMENT, {"experiment_id": experiment_id})
        _spend(connection, lease, spent or Counts.of(()), Unknown() - (settled or Unknown()))
        copy_rows(connection, FindingRow, [_row(lease.scan_id, *each) for each in findings.items()])
        told = [_told(lease.scan_id, job_id, each) for job_id, found in findings.items() for each in found.log_probs]
        copy_rows(connection, StepLogProbsRow, told)


def end_scan(database: Engine, lease: ScanLease, status: ScanStatus, error: str | None = None) -> None:
    """QUEUED gives it back. Raises FencedOutError."""
    with database.begin() as connection:
        values = {
            "scan_id": lease.scan_id,
            "attempt": lease.attempt,
            "status": status,
            "error": storable_or_none(error),
        }
        experiment_id = connection.execute(END, values).scalar_one_or_none()
        if experiment_id is None:
            raise _fenced_out(lease)
        raise_versions(connection, experiment_id)


def cancel_scan(database: Engine, scan_id: int) -> bool:
    """What it found is kept. False if it had ended."""
    with database.begin() as connection:
        experiment_id = connection.execute(CANCEL, {"scan_id": scan_id}).scalar_one_or_none()
        if experiment_id is not None:
            raise_versions(connection, experiment_id)
        return experiment_id is not None


def delete_scan(database: Engine, scan_id: int) -> None:
    """With all that it found. Raises UnknownScanError."""
    with database.begin() as connection:
        experiment_id = connection.execute(DELETE, {"scan_id": scan_id}).scalar_one_or_none()
        if experiment_id is None:
            raise UnknownScanError(f"there is no scan {scan_id}; `overthink scans` lists those of an experiment")
        raise_versions(connection, experiment_id)


def free_expired_scans(
    database: Engine, lease_ttl_s: float, now: dt.datetime | None = None
) -> tuple[tuple[int, ScanStatus], ...]:
    """Takes back scans whose worker fell silent: which, and what each is now."""
    values = {"lease_ttl_s": lease_ttl_s, "most": MAX_LOST_LEASES, "now": now}
    with database.begin() as connection:
        return tuple((row.id, ScanStatus(row.status)) for row in connection.execute(FREE, values))


def waiting_scans(database: Engine) -> tuple[str | None, ...]:
    """The judges that scans wait for; None: any worker will do."""
    with database.connect() as connection:
        return tuple(connection.execute(WAITING).scalars())


def _spend(connection: Connection, lease: ScanLease, spent: Counts, unknown: Unknown) -> None:
    values = {
        "scan_id": lease.scan_id,
        "attempt": lease.attempt,
        "prompt_tokens": spent.prompt_tokens,
        "cached_tokens": spent.cached_tokens,
        "generated_tokens": spent.generated_tokens,
        "requests": unknown.requests,
        "unknown_prompt_tokens": unknown.prompt_tokens,
        "unknown_generated_tokens": unknown.generated_tokens,
    }
    if connection.execute(SPEND, values).one_or_none() is None:
        raise _fenced_out(lease)


def _row(scan_id: int, job_id: int, finding: Finding) -> dict[str, object]:
    return {
        "scan_id": scan_id,
        "job_id": job_id,
        "chains": finding.chains,
        "hits": finding.hits,
        "value": finding.value,
        "is_chosen_hit": finding.is_chosen_hit,
        "label": storable_or_none(finding.label),
        "why": storable_or_none(finding.why),
        "thinking_log_prob": finding.thinking_log_prob,
        "answer_log_prob": finding.answer_log_prob,
        "places": Jsonb(
            [
                {
                    "path": path_text(place.path),
                    "start": place.start,
                    "end": place.end,
                    "words": storable(place.words),
                    "forced": place.is_forced,
                }
                for place in finding.places
            ]
        ),
    }


def _told(scan_id: int, job_id: int, of: StepLogProbs) -> dict[str, object]:
    path = path_text(of.step.path)
    return {"scan_id": scan_id, "job_id": job_id, "path": path, "ends": list(of.ends), "log_probs": list(of.values)}


def _fenced_out(lease: ScanLease) -> FencedOutError:
    return FencedOutError(f"scan {lease.scan_id}, attempt {lease.attempt}, is not ours: it was cancelled or taken back")
