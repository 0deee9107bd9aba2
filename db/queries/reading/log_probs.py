"""Log-probs of a trace's tokens, where a scan has asked for them: those of the newest scan that did."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.paths import parse_path, path_text
from scaling.types import Path

NEWEST = text("SELECT max(scan_id) FROM step_log_probs WHERE job_id = :job_id")
LOG_PROBS = text("""
SELECT path, ends, log_probs FROM step_log_probs
WHERE scan_id = :scan_id AND job_id = :job_id AND path = ANY (CAST(:paths AS text[]))
""")


@dataclass(frozen=True, slots=True)
class TokenLogProbs:
    """Of one step, token by token: the character of its text before which the token ends, and its log-prob in nats;
    None: nobody knows."""

    path: Path
    ends: tuple[int, ...]
    log_probs: tuple[float | None, ...]


def log_probs_scan(database: Engine, job_id: int) -> int | None:
    """The newest scan that asked for this trace's; None: none did."""
    with reading(database) as connection:
        found: int | None = connection.execute(NEWEST, {"job_id": job_id}).scalar_one()
        return found


def log_probs(database: Engine, scan_id: int, job_id: int, paths: Sequence[Path]) -> tuple[TokenLogProbs, ...]:
    """Of the steps at these paths that have any."""
    values = {"scan_id": scan_id, "job_id": job_id, "paths": [path_text(path) for path in paths]}
    with reading(database) as connection:
        rows = connection.execute(LOG_PROBS, values)
        return tuple(TokenLogProbs(parse_path(row.path), tuple(row.ends), tuple(row.log_probs)) for row in rows)
