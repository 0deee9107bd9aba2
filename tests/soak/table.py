"""The table of faults: how often each was injected, how many jobs were in flight then, and how soon it was over."""

from collections.abc import Iterator, Sequence
from statistics import median

from tests.soak.agent import Injection
from tests.soak.faults import FAULTS

WIDTHS = (34, 8, 18, 20)


def lines(injections: Sequence[Injection]) -> Iterator[str]:
    yield _line("fault", "times", "jobs in flight", "over in (median)")
    for fault in FAULTS:
        its = [each for each in injections if each.fault == fault]
        yield _line(fault, str(len(its)), *(_measures(its) if its else ("", "")))


def _measures(its: Sequence[Injection]) -> tuple[str, str]:
    in_flight = [each.in_flight for each in its]
    return f"{min(in_flight)} to {max(in_flight)}", f"{median(each.over_in_s for each in its):.1f} s"


def _line(fault: str, *cells: str) -> str:
    first, *others = WIDTHS
    return fault.ljust(first) + "".join(cell.rjust(width) for cell, width in zip(cells, others, strict=True))
