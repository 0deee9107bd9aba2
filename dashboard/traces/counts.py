"""How many traces there are of each verdict, and jobs without one: the counts are the filter.

Pure. A count is under all other filters, so it says what choosing it will show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.address import Page, here
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_html
from db.queries import TraceCounts
from db.status import JobStatus
from scaling.types import Verdict

STATUS_WORDS = {
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
    JobStatus.RUNNING: "running",
    JobStatus.QUEUED: "waiting",
}
"""Of jobs without a trace, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Count:
    """`parameters` are what the address says when it is chosen."""

    shown: str
    says: str
    number: int
    mark: str
    parameters: Mapping[str, str | None]
    is_chosen: bool


def counts_of(counts: TraceCounts, said: Mapping[str, str]) -> list[Count]:
    """All verdicts, and the statuses that some job has or that are asked for."""
    chosen = said.get("verdict"), said.get("job_status")
    verdicts = [_of_verdict(verdict, counts.of(verdict), chosen) for verdict in VERDICT_SIGNS]
    statuses = [_of_status(status, counts.of(status=status), chosen) for status in STATUS_WORDS]
    return [*verdicts, *(each for each in statuses if each.number or each.is_chosen)]


def _of_verdict(verdict: Verdict, number: int, chosen: tuple[str | None, str | None]) -> Count:
    is_chosen = chosen == (verdict.value, None)
    told = None if is_chosen else verdict.value
    return Count(
        VERDICT_SIGNS[verdict], verdict.value, number, verdict.value, {"verdict": told, "job_status": None}, is_chosen
    )


def _of_status(status: JobStatus, number: int, chosen: tuple[str | None, str | None]) -> Count:
    is_chosen = chosen == (None, status.value)
    told = None if is_chosen else status.value
    word = STATUS_WORDS[status]
    return Count(word, word, number, status.value, {"verdict": None, "job_status": told}, is_chosen)


def counts_html(counts: Sequence[Count], total: int) -> str:
    """Links; the chosen one takes the filter away again."""
    is_any = not any(each.is_chosen for each in counts)
    everything = Count("all", "all", total, "all", {"verdict": None, "job_status": None}, is_any)
    links = "".join(_count_html(each) for each in (everything, *counts))
    return f'<nav class="ot-counts" aria-label="Traces by verdict">{links}</nav>'


def _count_html(count: Count) -> str:
    address = here(Page.TRACES, **count.parameters, page=None, row=None)
    chosen = ' aria-current="true"' if count.is_chosen else ""
    return (
        f'<a class="ot-count {count.mark}" href="{in_html(address)}" title="{in_html(count.says)}"{chosen}>'
        f"{in_html(count.shown)} <b>{count.number:,}</b></a>"
    )
