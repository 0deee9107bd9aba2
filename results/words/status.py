"""How an experiment stands, in one sentence. What is not there is not said: no zeros. Pure."""

import datetime as dt
from collections.abc import Iterator

from db.queries import ExperimentSummary, Progress
from db.status import ExperimentStatus
from results.wording import UNKNOWN, duration

ENDED = {
    ExperimentStatus.SUCCEEDED: "Finished",
    ExperimentStatus.FINISHED_WITH_FAILURES: "Finished",
    ExperimentStatus.CANCELLED: "Cancelled",
    ExperimentStatus.CAPPED: "Stopped at its cap",
    ExperimentStatus.FAILED: "Failed",
}
ROUNDED_FROM = 10_000
UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def status_words(
    summary: ExperimentSummary, progress: Progress, worked_s: float | None, left: str, now: dt.datetime
) -> str:
    """`Finished 12 min ago: 1,440 jobs, 3 failed; took 4 min 2 s; 206,000 tokens.`

    `worked_s` is how long its jobs were run, None: none was. `left` is what is left of it, in words; a dash: nobody
    knows.
    """
    parts = [", ".join(_jobs(summary, progress)), *_effort(summary, progress, worked_s, left)]
    said = "; ".join(filter(None, parts))
    begun = _begun(summary, now)
    return f"{begun}: {said}." if said else f"{begun}."


def ago(when: dt.datetime, now: dt.datetime) -> str:
    """In its largest unit: nobody cares for the seconds of what was hours ago."""
    seconds = max(0, int((now - when).total_seconds()))
    return next((f"{seconds // size} {unit} ago" for size, unit in UNITS if seconds >= size), "just now")


def _begun(summary: ExperimentSummary, now: dt.datetime) -> str:
    if summary.status in ENDED:
        said = ENDED[summary.status]
        return said if summary.finished_at is None else f"{said} {ago(summary.finished_at, now)}"
    since = summary.started_at or summary.created_at
    words = summary.status.shown.capitalize()
    return f"{words}, {'started' if summary.started_at else 'submitted'} {ago(since, now)}"


def _jobs(summary: ExperimentSummary, progress: Progress) -> Iterator[str]:
    jobs = progress.jobs
    if jobs.total:
        yield f"{jobs.total:,} jobs" if jobs.done == jobs.total else f"{jobs.done:,} of {jobs.total:,} jobs done"
    for count, name in ((jobs.failed, "failed"), (jobs.cancelled, "cancelled"), (jobs.running, "running")):
        if count:
            yield f"{count:,} {name}"


def _effort(summary: ExperimentSummary, progress: Progress, worked_s: float | None, left: str) -> Iterator[str]:
    is_running = summary.status is ExperimentStatus.RUNNING
    if is_running and left != UNKNOWN:
        yield f"{left} left"
    elif worked_s is not None and not is_running:
        yield f"{'took' if summary.status.is_closed else 'ran for'} {duration(worked_s)}"
    if progress.spent_tokens:
        rate = progress.generated_tokens_per_s if is_running else None
        speed = f" so far, {rate:,.0f} a second" if rate else ""
        cap = f" of at most {summary.token_cap:,}" if summary.token_cap else ""
        yield f"{_rounded(progress.spent_tokens)}{cap} tokens{speed}"
    if progress.lost_attempts:
        lost = "1 attempt was" if progress.lost_attempts == 1 else f"{progress.lost_attempts:,} attempts were"
        yield f"{lost} lost with a worker and made again"


def _rounded(tokens: int) -> str:
    """To three digits, from where more say nothing."""
    return f"{tokens:,}" if tokens < ROUNDED_FROM else f"{round(tokens, 3 - len(str(tokens))):,}"
