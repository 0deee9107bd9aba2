"""Distributions over jobs: a row for each arm over one axis, verdicts stacked, with the middle and the tail marked.

Bars' areas are jobs, and each row is as high as its highest bar. See `histogram_slots` for where bars stand.
"""

import math
from collections.abc import Iterator, Sequence

import plotly.graph_objects as go

from dashboard.charts.histogram_slots import Bar, Scale, Slot, bars_of, place
from dashboard.charts.palette import GREY, MAGENTA, Looks, see_through
from dashboard.charts.theme import LARGEST_COUNT, Axis, laid_out, opens
from dashboard.escaping import in_plotly
from results import Histogram, Histograms
from scaling.types import Verdict

FULL_ROW = 0.56
"""How much of a row its highest bar takes; above it stands the arm's name, below it the marks."""
MARKS_AT = -0.09
ROW_PX, SMALLEST_ROW_PX, MOST_PX, AROUND_PX = 110, 64, 900, 170
ABOVE_PX = 40
"""The buttons above the plot do not lie on the first row's numbers."""
MOST_TICKS = 16
ROUNDING = 1e-9
PALE = 0.4
HATCHES = {Verdict.UNPARSED: "x", Verdict.TRUNCATED: "/"}

Rows = Sequence[tuple[float, Histogram]]
"""Arms with the height at which their bars stand."""


def histogram_figure(found: Histograms, looks: Looks) -> go.Figure:
    """The first arm on top; arms of which no cost is known have no row, and there is one that has."""
    arms = [each for each in found.arms if each.all.n]
    scale = Scale(found.axis, arms[0].bins)
    rows = [(float(len(arms) - 1 - row), arm) for row, arm in enumerate(arms)]
    figure = go.Figure(
        [*_verdict_bars(rows, scale, looks), *_percentile_marks(rows, scale), *_budget_marks(rows, scale)]
    )
    figure.update_layout(barmode="overlay", annotations=[each for row in rows for each in _titles(row, looks)])
    row_px = max(SMALLEST_ROW_PX, min(ROW_PX, MOST_PX / len(arms)))
    plot_px = row_px * len(arms)
    laid_out(figure, x=_shared_axis(arms, scale), y=_rows_axis(len(arms)), height_px=round(AROUND_PX + plot_px))
    return figure.update_layout(legend={"y": -60 / plot_px}, margin={"t": ABOVE_PX})


def _verdict_bars(rows: Rows, scale: Scale, looks: Looks) -> Iterator[go.Bar]:
    """One trace for each verdict that a job has."""
    placed = [(height, arm, bar) for height, arm in rows for bar in bars_of(arm, scale, FULL_ROW)]
    for verdict in Verdict:
        drawn = [each for each in placed if each[2].verdict is verdict]
        if not drawn:
            continue
        yield go.Bar(
            name=verdict.value,
            x=[(bar.slot.left + bar.slot.right) / 2 for _, _, bar in drawn],
            width=[bar.slot.right - bar.slot.left for _, _, bar in drawn],
            y=[bar.height for _, _, bar in drawn],
            base=[height + bar.base for height, _, bar in drawn],
            marker=_pattern(verdict, [looks.colour(arm.arm) for _, arm, _ in drawn]),
            customdata=[opens(arm.arm.label, **filters(bar, scale)) for _, arm, bar in drawn],
            hovertext=[_bar_words(arm, bar, scale) for _, arm, bar in drawn],
            hovertemplate="%{hovertext}<extra></extra>",
        )


def _pattern(verdict: Verdict, colours: Sequence[str]) -> dict[str, object]:
    """In the arms' colours: full for the correct, pale for the others, hatched where no answer could be used."""
    pale = [see_through(colour, PALE) for colour in colours]
    hatch = {"shape": HATCHES.get(verdict, ""), "size": 5, "solidity": 0.25, "bgcolor": pale}
    is_pale = verdict is Verdict.WRONG
    return {"color": pale if is_pale else colours, "line": {"width": 0}, "pattern": hatch}


def filters(bar: Bar, scale: Scale) -> dict[str, str | int]:
    """A bin of thinking tokens has whole edges; bins of anything else are not to be had from the list of traces."""
    of_bin = {"least": bar.slot.least, "most": math.floor(bar.slot.high)} if scale.are_thinking else {}
    return {"verdict": bar.verdict.value, **of_bin}


def _percentile_marks(rows: Rows, scale: Scale) -> Iterator[go.Scatter]:
    known = [(height, arm) for height, arm in rows if arm.all.n]
    for name, percentile, symbol in (
        ("median", "median", "triangle-up"),
        ("90th percentile", "ninetieth", "triangle-up-open"),
    ):
        places = [place(getattr(arm.all, percentile), scale) for _, arm in known]
        words = [_panel_words(arm, scale) for _, arm in known]
        yield _marks(name, known, places, words, {"symbol": symbol, "size": 8, "color": GREY})


def _budget_marks(rows: Rows, scale: Scale) -> Iterator[go.Scatter]:
    """A budget beyond the axis is an arrow at its end."""
    given = [(height, arm, arm.requested) for height, arm in rows if arm.requested is not None]
    if not given:
        return
    low, high = scale.ends
    places = [scale.at(budget) for _, _, budget in given]
    symbols = ["triangle-right" if at > high else "triangle-left" if at < low else "line-ns-open" for at in places]
    look = {"symbol": symbols, "size": 9, "color": MAGENTA, "line": {"width": 2.5, "color": MAGENTA}}
    words = [_given_words(arm, budget, scale) for _, arm, budget in given]
    within = [min(high, max(low, at)) for at in places]
    yield _marks("budget given", [(height, arm) for height, arm, _ in given], within, words, look)


def _marks(name: str, rows: Rows, places: Sequence[float], words: Sequence[str], look: dict[str, object]) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=places,
        y=[height + MARKS_AT for height, _ in rows],
        mode="markers",
        marker=look,
        cliponaxis=False,
        customdata=[opens(arm.arm.label) for _, arm in rows],
        hovertext=words,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _titles(row: tuple[float, Histogram], looks: Looks) -> Iterator[dict[str, object]]:
    """Above the bars: whose they are, and their numbers."""
    height, arm = row
    where = {"xref": "paper", "y": height + FULL_ROW + 0.02, "yanchor": "bottom", "showarrow": False}
    yield {**where, "x": 0, "xanchor": "left", "text": in_plotly(looks.name(arm.arm.label)), "font": {"size": 12}}
    yield {**where, "x": 1, "xanchor": "right", "text": _numbers(arm), "font": {"size": 11}}


def _given_words(arm: Histogram, budget: int, scale: Scale) -> str:
    return f"<b>{in_plotly(arm.arm.label)}</b><br>given {budget:,} {scale.axis.unit} a job"


def _numbers(arm: Histogram) -> str:
    said = [f"{arm.all.n:,} jobs", f"median {_amount(arm.all.median)}"]
    if arm.correct.n and arm.others.n:
        said.append(f"of the correct {_amount(arm.correct.median)}, of the others {_amount(arm.others.median)}")
    if arm.requested is not None:
        said.append(f"given {arm.requested:,}")
    return " · ".join(said)


def _bar_words(arm: Histogram, bar: Bar, scale: Scale) -> str:
    lines = [
        f"<b>{in_plotly(arm.arm.label)}</b>",
        f"{_range_words(bar.slot, scale)} {scale.axis.unit}",
        f"{bar.count:,} {bar.verdict.value} of {bar.slot.total:,} jobs here, of {arm.all.n:,} in all",
    ]
    return "<br>".join([*lines, f"click: {'these' if scale.are_thinking else f'its {bar.verdict.value}'} traces"])


def _range_words(slot: Slot, scale: Scale) -> str:
    least, most = (slot.least if scale.axis.is_whole else slot.low), slot.high
    return _amount(least) if least == most else f"{_amount(least)} – {_amount(most)}"


def _panel_words(arm: Histogram, scale: Scale) -> str:
    lines = [
        f"<b>{in_plotly(arm.arm.label)}</b>",
        f"half of the jobs up to {_amount(arm.all.median)} {scale.axis.unit}, 90 % up to {_amount(arm.all.ninetieth)}",
        f"{arm.all.n:,} jobs",
    ]
    counts = {verdict.value: arm.by_verdict[verdict].total for verdict in Verdict}
    counts |= {"failed": arm.jobs.failed, f"of unknown {scale.axis.unit}": arm.unknown}
    return "<br>".join([*lines, *(f"{count:,} {name}" for name, count in counts.items() if count), "click: its traces"])


def _amount(value: float) -> str:
    """Whole from a thousand on."""
    if value >= LARGEST_COUNT:
        return f"{value:.3g}"
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"


def _rows_axis(num_rows: int) -> Axis:
    """Lines for the bars to stand on."""
    return {
        "range": (-0.2, num_rows - 0.02),
        "tickvals": list(range(num_rows)),
        "showticklabels": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _shared_axis(arms: Sequence[Histogram], scale: Scale) -> Axis:
    low, high = scale.ends
    has_zeros = scale.bins.is_log and any(each.zeros for arm in arms for each in arm.by_verdict.values())
    begin = scale.zero_slot[0] if has_zeros else low
    margin = 0.012 * (high - begin)
    axis: Axis = {
        "title": f"{scale.axis.label} per job{scale.axis.in_unit}",
        "range": (begin - margin, high + margin),
        "zeroline": False,
    }
    if not scale.bins.is_log:
        return axis
    ticks = _log_ticks(scale) | ({place(0.0, scale): "0"} if has_zeros else {})
    return {**axis, "tickvals": list(ticks), "ticktext": list(ticks.values())}


def _log_ticks(scale: Scale) -> dict[float, str]:
    """Powers of two by where they stand; of ten where numbers are large; edges of bins where there are too few."""
    low, high = scale.ends
    base, name = (10.0, "1e{}") if 2.0**high >= LARGEST_COUNT else (2.0, "")
    step = math.log2(base)
    powers = range(math.ceil(low / step - ROUNDING), math.floor(high / step + ROUNDING) + 1)
    every = math.ceil(len(powers) / MOST_TICKS) or 1
    if len(powers) > 1:
        return {power * step: name.format(power) or f"{2.0**power:g}" for power in powers[::every]}
    return {scale.at(edge): f"{edge:.4g}" for edge in scale.bins.edges.tolist()}
