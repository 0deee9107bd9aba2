"""Accuracy by difficulty: a group of bars for each bin, one bar for each arm."""

from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from dashboard.charts.palette import GREY, Looks
from dashboard.charts.theme import BESIDE_OTHERS_PX, error_bars, interval_words, laid_out
from dashboard.escaping import in_plotly
from results import Difficulty, Easiness
from results.difficulty import ArmByBin
from results.easiness import BaseArm, in_bin
from scaling.statistics.estimates import Estimate


def bars_figure(found: Difficulty, looks: Looks, shown: Collection[str]) -> go.Figure:
    """The arms with these labels that have a result. A bar that has no height is drawn as its interval: nothing was
    correct there."""
    bins = bin_names(found.base)
    arms = [each for each in found.arms if each.point.label in shown and each.point.value.n]
    figure = go.Figure([_bars(arm, bins, looks) for arm in arms])
    figure.update_layout(barmode="group", bargap=0.18, bargroupgap=0.06)
    y = {"title": "accuracy", "tickformat": ".0%", "range": (0.0, 1.03), "zeroline": True}
    return laid_out(figure, x={"title": None, "type": "category"}, y=y, height_px=BESIDE_OTHERS_PX)


def bin_names(base: BaseArm) -> tuple[str, ...]:
    """`1 · easiest (pass@1 0.94 – 1.00)`: a bin's number, and what the base arm made of its problems."""
    measure, last = "pass@1" if base.by is Easiness.ORACLE else "score", base.bins.num_bins
    said = {1: " · easiest", last: " · hardest"} if last > 1 else {}
    easiness = {number: in_bin(base, number) for number in range(1, last + 1)}
    return tuple(
        f"{number}{said.get(number, '')} ({measure} {of_bin.min():.2f} – {of_bin.max():.2f})"
        for number, of_bin in easiness.items()
    )


def _bars(arm: ArmByBin, bins: Sequence[str], looks: Looks) -> go.Bar:
    label = arm.point.label
    return go.Bar(
        name=in_plotly(looks.name(label)),
        x=[in_plotly(each) for each in bins],
        y=[each.value if each.n else None for each in arm.by_bin],
        error_y={**error_bars(arm.by_bin, GREY, is_thin=True), "thickness": 1.1},
        marker={"color": looks.colour(arm.point.arm)},
        customdata=[looks.door(arm.point.arm)] * len(bins),
        hovertext=[hover(label, name, each) for name, each in zip(bins, arm.by_bin, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def hover(arm: str, name: str, share: Estimate) -> str:
    """Of a mark of an arm, in a bin or on a curve of this name."""
    said = f"{interval_words(share)}<br>n = {share.n} problems" if share.n else "no result yet"
    return f"<b>{in_plotly(arm)}</b><br>{in_plotly(name)}<br>accuracy {said}<br>click: its traces"
