"""What is wrong with an experiment that ended otherwise than it should have, in one sentence. Pure.

Errors stand in it as they are; whoever shows it shows it literally.
"""

from db.queries import EndedBadly
from db.status import ExperimentStatus

MOST_CHARACTERS = 240
"""Of an error: all of it stands on the experiment's own page."""


def what_happened(ended: EndedBadly) -> str:
    summary = ended.summary
    if summary.status is ExperimentStatus.FAILED:
        return f"Could not begin: {_cut(summary.error or 'nobody knows why')}"
    if summary.status is ExperimentStatus.CAPPED:
        cap = "tokens" if summary.token_cap is None else f"{summary.token_cap:,} tokens"
        return f"Stopped at its cap of {cap}: {_of(summary.jobs.cancelled, summary.jobs.total)} not run."
    return " ".join(filter(None, (_failed(ended), _not_run(ended))))


def _failed(ended: EndedBadly) -> str:
    jobs = ended.summary.jobs
    if not jobs.failed:
        return ""
    if ended.job_error is None:
        return f"{_of(jobs.failed, jobs.total)} failed."
    others = jobs.failed - (ended.alike or 0)
    more = f" ({others:,} for other reasons)" if others else ""
    return f"{_of(jobs.failed, jobs.total)} failed{more}: {_cut(ended.job_error)}"


def _not_run(ended: EndedBadly) -> str:
    cancelled = ended.summary.jobs.cancelled
    return f"{cancelled:,} jobs were cancelled." if cancelled else ""


def _of(count: int, total: int) -> str:
    return f"{count:,} of {total:,} jobs"


def _cut(error: str) -> str:
    joined = " ".join(error.split())
    return joined if len(joined) <= MOST_CHARACTERS else f"{joined[:MOST_CHARACTERS]} …"
