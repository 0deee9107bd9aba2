"""The one line above a trace: what came of it, whose it is, and the ways to the traces beside it. Pure."""

from dataclasses import dataclass

from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_html
from dashboard.trace.text import known, visible
from db.queries import Neighbours, StoredTrace, TraceDetail
from db.status import JobStatus

LONGEST = 60
STATUS_WORDS = {
    JobStatus.QUEUED: "waiting",
    JobStatus.RUNNING: "running",
    JobStatus.SUCCEEDED: "no trace",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the line leads, in HTML: up by its crumbs, to its problem and what the arms beside it said of that, to the
    traces beside this one in the list, and to what else there is."""

    crumbs: tuple[str, ...]
    problem: str
    arm_before: str
    arm_behind: str
    previous: str
    following: str
    others: tuple[str, ...] = ()


def line_html(job: TraceDetail, arm: str, ways: Ways, around: Neighbours, *, is_filtered: bool) -> str:
    """`arm` is its short name; `is_filtered`: the neighbours are those that match a filter."""
    crumbs = "".join(f"<li>{crumb}</li>" for crumb in ways.crumbs)
    told = "".join(f"<span>{part}</span>" for part in (*_outcome(job), _name(job, arm, ways), *_tokens(job.trace)))
    place = f'<span class="ot-line-place">{_position(around, is_filtered=is_filtered)}</span>'
    return (
        f'<div class="ot-line"><nav aria-label="Breadcrumb"><ol class="ot-crumbs">{crumbs}</ol></nav>'
        f'<h1 dir="auto">{ways.problem}</h1>{told}<span class="ot-line-ways">'
        f"{ways.previous}{place}{ways.following}{''.join(ways.others)}</span></div>"
    )


def _outcome(job: TraceDetail) -> list[str]:
    expected = f'expected <b dir="auto">{_cut(job.problem.answer)}</b>'
    if job.trace is None:
        return [f'<b class="ot-status">{STATUS_WORDS[job.status]}</b>', expected]
    verdict = job.trace.verdict
    words = f"{VERDICT_SIGNS[verdict]} {in_html(job.trace.chosen_candidate.verdict_text)}"
    sign = f'<b class="ot-verdict {verdict.value}">{words}</b>'
    tie = " <small>by a draw</small>" if job.trace.is_tie else ""
    answer = "no answer" if job.trace.answer is None else f'answer <b dir="auto">{_cut(job.trace.answer)}</b>'
    return [sign + tie, f"{answer}, {expected}"]


def _name(job: TraceDetail, arm: str, ways: Ways) -> str:
    """Between the ways to what the arms beside it said of the same problem."""
    repeat = f" · repeat {job.repeat}" if job.repeat else ""
    level = f" · level {in_html(job.problem.level)}" if job.problem.level else ""
    whole = in_html(f"{job.arm.label} · {job.arm.model}")
    name = f'<bdi class="ot-line-arm" title="{whole}">{in_html(arm)}</bdi>'
    return f"{ways.arm_before}{name}{ways.arm_behind}{repeat}{level}"


def _tokens(trace: StoredTrace | None) -> list[str]:
    if trace is None:
        return []
    forced = f", {trace.counts.forced_tokens:,} forced" if trace.counts.forced_tokens else ""
    return [f"{known(trace.counts.thinking_tokens)} thinking{forced}"]


def _position(around: Neighbours, *, is_filtered: bool) -> str:
    if around.position is None:
        return "not among those that match the filter"
    title = "those that match the filter" if is_filtered else "all of the experiment"
    return f'<span title="{title}">{around.position:,} of {around.total:,} jobs</span>'


def _cut(text: str) -> str:
    return in_html(visible(text if len(text) <= LONGEST else text[:LONGEST] + " …"))
