"""Accuracy by bin as bars and as curves over the ratio of sequential to parallel, and as files. Pure."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from dashboard.charts.difficulty import Bars
from dashboard.charts.palette import BLUE, GREY, Colours, with_white
from dashboard.charts.ratio import RatioCurve, RatioMark
from results import Difficulty, RatioArm
from scaling.statistics.estimates import Estimate


def bin_names(found: Difficulty) -> tuple[str, ...]:
    """`1 · easiest (pass@1 .94 – 1.00)`: a bin's number, and what the base arm made of its problems."""
    measure = "pass@1" if found.by.value == "oracle" else "score"
    last = found.bins.num_bins
    said = {1: " · easiest", last: " · hardest"} if last > 1 else {}
    names = []
    for number, members in enumerate(found.bins.members, start=1):
        easiness = found.base.easiness_P[members]
        spread = f"{measure} {np.min(easiness):.2f} – {np.max(easiness):.2f}"
        names.append(f"{number}{said.get(number, '')} ({spread})")
    return tuple(names)


def arm_bars(found: Difficulty, colours: Colours, shown: Collection[str]) -> tuple[Bars, ...]:
    """Of the arms with these labels that have a result."""
    return tuple(
        Bars(point.arm.label, colours[point.arm.id], found.by_bin[point.arm.id])
        for point in found.points
        if point.arm.label in shown and point.value.n
    )


def ratio_curves(curve: Sequence[RatioArm], bins: Sequence[str]) -> tuple[RatioCurve, ...]:
    """One budget of attempts: over all problems, and in each bin, the harder the lighter."""
    budget = curve[0].point.budget
    over_all = RatioCurve(f"{budget} attempts, all problems", GREY, marks(curve, None))
    of_bins = (
        RatioCurve(
            f"{budget} attempts, bin {name}", with_white(BLUE, 0.7 * number / len(bins)), marks(curve, number), True
        )
        for number, name in enumerate(bins)
    )
    return (over_all, *of_bins)


def marks(curve: Sequence[RatioArm], bin_number: int | None) -> tuple[RatioMark, ...]:
    return tuple(
        RatioMark(
            each.arm.label,
            each.point.sequential,
            each.point.parallel,
            each.point.accuracy if bin_number is None else each.point.by_bin[bin_number],
        )
        for each in curve
    )


def bar_rows(found: Difficulty) -> Iterator[dict[str, object]]:
    """Every arm over all problems (no bin) and in each bin."""
    for each in found.points:
        beside = {"failed": each.jobs.failed, "truncated": each.truncated, "unparsed": each.unparsed}
        yield {"arm": each.arm.label, "bin": None, **share_cells(each.value), **beside}
        for number, share in enumerate(found.by_bin[each.arm.id], start=1):
            yield {"arm": each.arm.label, "bin": number, **share_cells(share), **dict.fromkeys(beside)}


def ratio_rows(curves: Sequence[RatioCurve]) -> Iterator[dict[str, object]]:
    for curve in curves:
        for mark in curve.marks:
            shape = {"sequential": mark.sequential, "parallel": mark.parallel}
            yield {"curve": curve.name, "arm": mark.arm, **shape, **share_cells(mark.share)}


def share_cells(share: Estimate) -> dict[str, object]:
    if not share.n:
        return {"share": None, "ci_low": None, "ci_high": None, "problems": 0}
    return {"share": share.value, "ci_low": share.low, "ci_high": share.high, "problems": share.n}
