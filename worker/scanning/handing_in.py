"""Handing scans in and steering them. Others call these as `worker.submit`'s."""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import Engine

from db import queries, transitions
from db.queries.fleet import fleet
from db.settings import Settings
from db.transitions.scans import NewScan
from scaling.errors import suggestion
from scaling.scanners import BadScannerError, Scanner
from worker.bells import BellError, Bells
from worker.events import Steered, Verb
from worker.listeners import emit
from worker.scanning.versions import VERSIONS


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The scan that was meant. `is_new` False: the same was handed in before, and goes on with what came since."""

    scan_id: int
    is_new: bool
    notes: tuple[str, ...] = ()


def scan(
    database: Engine,
    found: Settings,
    experiment_id: int,
    scanner: Scanner,
    *,
    owner: str,
    name: str | None = None,
    at_most: int | None = None,
) -> HandedIn:
    """Stores the scan and wakes a worker for it. Raises BadScannerError for a judge that no worker ever announced, and
    UnknownExperimentError.

    `at_most`: so many traces only, drawn from all.
    """
    redis_url = found.require_redis_url()
    experiment = queries.experiment(database, experiment_id)
    notes = _unserved(database, scanner, found.lease_ttl_s)
    new = NewScan(
        experiment_id=experiment.id,
        name=(name or "").strip() or scanner.words,
        scanner=scanner.scanner,
        params=scanner.model_dump(mode="json"),
        version=VERSIONS[scanner.scanner],
        digest=digest_of(scanner, at_most),
        owner=owner,
        model=scanner.model,
        made_by=scanner.made_by,
        at_most=at_most,
    )
    scan_id, is_new = transitions.create_scan(database, new)
    emit(Steered(experiment.id, Verb.SCAN, owner))
    return HandedIn(scan_id, is_new, notes + _ring(redis_url, scanner.model))


def digest_of(scanner: Scanner, at_most: int | None) -> str:
    """Of all that makes a scan what it is; its name is not among it."""
    told = [scanner.model_dump(mode="json"), VERSIONS[scanner.scanner], at_most]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def cancel_scan(database: Engine, scan_id: int) -> bool:
    """What it found is kept. False if it had ended."""
    return transitions.cancel_scan(database, scan_id)


def delete_scan(database: Engine, scan_id: int) -> None:
    """With all that it found. Raises UnknownScanError."""
    transitions.delete_scan(database, scan_id)


def _unserved(database: Engine, scanner: Scanner, alive_s: float) -> tuple[str, ...]:
    model = scanner.model
    if model is None:
        return ()
    known = fleet(database, alive_s)
    names = [each.name for each in known.models]
    if model not in names:
        raise BadScannerError(
            f"no worker has ever served a model {model!r} that could be asked{suggestion(model, names, 'There are')}. "
            "Start a worker whose registry has it: `overthink worker`"
        )
    if model in known.served:
        return ()
    return (f"no worker that serves {model!r} is alive now: the scan waits for one. Start it: `overthink worker`.",)


def _ring(redis_url: str, model: str | None) -> tuple[str, ...]:
    bells = Bells(redis_url)
    try:
        bells.ring_scan(model)
    except BellError as error:
        return (f"{error} The scan is stored, and starts when Redis is back.",)
    finally:
        bells.close()
    return ()
