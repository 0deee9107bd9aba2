"""A claim along an axis as SVG for the printed page: what both families reached, and below it their difference.

Text stays text, nothing is interactive, and the same verdict gives the same bytes. Labels are set literally: a `$` in a
name begins no formula.
"""

import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from results import Claimed, Reached, Standing
from results.verdict.words import SIGNS, band_title
from results.wording import budget_shown
from scaling.compute.axes import Axis
from scaling.statistics.estimates import Estimate
from scaling.verdict.rule import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_IN, HEIGHT_IN = 5.2, 4.3
FIRST, SECOND = "#6B7480", "#C2185B"
COLOURS = {
    Verdict.BETTER: "#00805C",
    Verdict.WORSE: "#C24A00",
    Verdict.EQUIVALENT: "#0072B2",
    Verdict.UNDECIDED: "#6B7480",
}
"""On white, dark enough to be read."""
MARKS = {Verdict.BETTER: "^", Verdict.WORSE: "v", Verdict.EQUIVALENT: "s", Verdict.UNDECIDED: "o"}
SETTINGS: dict[Any, object] = {
    "svg.fonttype": "none", "text.parse_math": False, "font.size": 9, "font.family": "sans-serif",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#E3E6EA",
    "grid.linewidth": 0.6, "axes.axisbelow": True, "axes.edgecolor": "#8A94A3", "legend.frameon": False,
}  # fmt: skip
BESIDE = 2**0.04
"""So far are two intervals at one budget drawn apart, each way."""
LONGEST_NAME = 44
IDENTIFIER = re.compile(r' id="([^"]*)"')
REFERENCE = re.compile(r'(?:url\(|href=")#([^)"]+)')


def claim_svg(claimed: Claimed, axis: Axis, margin: float) -> Markup:
    """`margin` is a share. For HTML: no prolog, and no identifier that nothing refers to."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({**SETTINGS, "svg.hashsalt": f"{claimed.claim.name} {axis}"}):
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _draw_reached(upper, claimed.on(axis))
        _draw_differences(lower, claimed, axis, 100 * margin)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return _in_html(text.getvalue(), f"{claimed.claim.name}: {axis.label}")


def _in_html(svg: str, title: str) -> Markup:
    kept = set(REFERENCE.findall(svg))
    bare = svg[svg.index("<svg") :]
    lean = IDENTIFIER.sub(lambda found: found[0] if found[1] in kept else "", bare)
    return Markup(lean.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1))


def _draw_reached(axes: "Axes", standings: Sequence[Standing]) -> None:
    firsts, seconds = [each.first for each in standings], [each.second for each in standings]
    budgets = [each.budget for each in standings]
    _draw_family(axes, [each / BESIDE for each in budgets], firsts, FIRST, "o")
    _draw_family(axes, [each * BESIDE for each in budgets], seconds, SECOND, "D")
    axes.set_ylabel("best within the budget")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1)


def _draw_family(axes: "Axes", at: Sequence[float], reached: Sequence[Reached], colour: str, mark: str) -> None:
    shares = [each.accuracy for each in reached]
    axes.errorbar(
        at, [each.value for each in shares], yerr=_arms(shares), color=colour, marker=mark, markersize=5,
        linewidth=1.4, elinewidth=0.8, capsize=2, label=shortened(reached[0].name),
    )  # fmt: skip


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _draw_differences(axes: "Axes", claimed: Claimed, axis: Axis, margin: float) -> None:
    standings = claimed.on(axis)
    axes.axhspan(-margin, margin, color=COLOURS[Verdict.EQUIVALENT], alpha=0.14, linewidth=0)
    axes.axhline(0, color="#8A94A3", linewidth=0.8)
    for verdict, of_it in _by_verdict(standings):
        bands = [_in_points(each.band) for each in of_it]
        axes.errorbar(
            [each.budget for each in of_it], [each.value for each in bands], yerr=_arms(bands), linestyle="none",
            color=COLOURS[verdict], marker=MARKS[verdict], markersize=7, capsize=3, elinewidth=1.4,
            markerfacecolor="white" if verdict is Verdict.UNDECIDED else COLOURS[verdict],
        )  # fmt: skip
    for each in standings:
        place = (each.budget, 100 * each.band.high)
        axes.annotate(SIGNS[each.verdict], place, (0, 3), textcoords="offset points", ha="center", fontsize=8)
    axes.margins(y=0.16)
    axes.set_ylabel("difference, points")
    axes.yaxis.set_major_formatter(lambda points, _: f"{points:+.0f}")
    _draw_budgets(axes, axis, [each.budget for each in standings])
    axes.set_xlabel(f"budget: mean {axis.label} per problem{axis.in_unit}")


def _by_verdict(standings: Sequence[Standing]) -> Iterator[tuple[Verdict, list[Standing]]]:
    for verdict in MARKS:
        if of_it := [each for each in standings if each.verdict is verdict]:
            yield verdict, of_it


def _draw_budgets(axes: "Axes", axis: Axis, budgets: Sequence[float]) -> None:
    """A tick at each, on a logarithmic scale."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(budgets, [budget_shown(each) for each in budgets], rotation=30 if axis.is_scientific else 0)
    axes.minorticks_off()
    axes.set_xlim(min(budgets) / 1.5, max(budgets) * 1.5)


def _arms(estimates: Sequence[Estimate]) -> list[list[float]]:
    """Downwards and upwards. Rounding must make none negative."""
    return [
        [max(0.0, each.value - each.low) for each in estimates],
        [max(0.0, each.high - each.value) for each in estimates],
    ]


def _in_points(band: Estimate) -> Estimate:
    return Estimate(100 * band.value, 100 * band.low, 100 * band.high, band.n)


def caption(claimed: Claimed, axis: Axis) -> str:
    sizes = sorted({each.band.n for each in claimed.on(axis)})
    n = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    return f"{axis.label}; n = {n} problems"


def plots_words(claimed: Claimed, margin: float) -> str:
    """What a reader of the plots must be told."""
    assert claimed.decided is not None
    return (
        "Above, the best of each family within the budget, with 95 % intervals of each by itself, drawn side by side; "
        f"below, {claimed.claim.second.name} minus {claimed.claim.first.name}, paired by problem, with its "
        f"{band_title(claimed.decided.level)} and the margin of ±{100 * margin:g} points. Verdicts are read off the "
        "bands, which hold at the budgets and not between them."
    )
