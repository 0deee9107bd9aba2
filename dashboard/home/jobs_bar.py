"""How far an experiment's jobs are, as one bar of five parts with its words. HTML of our own: it changes in place."""

from dashboard.escaping import in_html
from db.queries import JobCounts


def jobs_bar(jobs: JobCounts) -> str:
    """Empty where there are no jobs yet."""
    if not jobs.total:
        return ""
    parts = {
        "done": jobs.succeeded,
        "failed": jobs.failed,
        "cancelled": jobs.cancelled,
        "running": jobs.running,
        "waiting": jobs.queued + jobs.to_come,
    }
    told = in_html(jobs_words(jobs))
    pieces = "".join(f'<i class="{name}" style="flex-grow:{count}"></i>' for name, count in parts.items() if count)
    return f'<div class="ot-jobs" role="img" aria-label="{told}" title="{told}">{pieces}</div>'


def jobs_words(jobs: JobCounts) -> str:
    """`1,020 of 1,440 jobs done, 3 of them failed, 16 running, 404 waiting`: zeros go unsaid."""
    failed = f", {jobs.failed:,} of them failed" if jobs.failed else ""
    others = {"cancelled": jobs.cancelled, "running": jobs.running, "waiting": jobs.queued + jobs.to_come}
    rest = "".join(f", {count:,} {name}" for name, count in others.items() if count)
    return f"{jobs.done:,} of {jobs.total:,} jobs done{failed}{rest}"
