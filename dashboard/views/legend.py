"""The arms ranked by accuracy, beside the plot that they are on: its legend, and the way to their traces. Pure."""

from collections.abc import Mapping, Sequence

from dashboard.address import Page, here, href
from dashboard.charts.palette import Looks
from dashboard.charts.ranked import Mark
from results import ArmNames, Point
from results.measured.joined import Origin
from results.wording import UNKNOWN, amount, budget_shown, interval, percent
from scaling.compute.axes import Axis

SIGNS = {
    "circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "triangle-down": "▼", "star": "★",
    "hexagon": "⬢", "pentagon": "⬟", "circle-open": "○", "square-open": "□", "diamond-open": "◇",
    "triangle-up-open": "△", "triangle-down-open": "▽", "star-open": "☆", "hexagon-open": "⬡", "pentagon-open": "⬠",
}  # fmt: skip
"""Each of Plotly's marks as a character."""

Row = Mapping[str, object]


def legend(
    experiment_id: int,
    points: Sequence[Point],
    marks: Sequence[Mark],
    axis: Axis,
    looks: Looks,
    names: ArmNames,
) -> dict[str, object]:
    """As `plot.js` lays it out: the most accurate arm first, those without a result last."""
    symbols = {mark.point.arm.label: mark.symbol for mark in marks}
    ranked = sorted(points, key=lambda each: (not each.value.n, -each.value.value if each.value.n else 0.0))
    best = ranked[0].arm.label if ranked else ""
    rows = [_row(experiment_id, each, symbols.get(each.arm.label), looks, names, best) for each in ranked]
    return {"title": "Arms, the most accurate first", "cost": f"{axis.label} a problem", "rows": rows}


def _row(experiment_id: int, point: Point, symbol: str | None, looks: Looks, names: ArmNames, best: str) -> Row:
    arm = point.arm
    home = looks.homes.get(arm.id, Origin(experiment_id, arm.label))
    return {
        "arm": arm.label,
        "name": names[arm.label],
        "sign": SIGNS.get(symbol or "", "·"),
        "colour": looks.colour(arm),
        "value": percent(point.value),
        "interval": interval(point.value),
        "cost": _cost(point),
        "note": _note(point),
        "traces": href(Page.TRACES, experiment=home.experiment_id, arm=home.label),
        "compare": None if arm.label == best else _comparison(best, arm.label),
        "is_drawn": symbol is not None,
    }


def _comparison(first: str, second: str) -> str:
    return here(Page.EXPERIMENT, view="compare", **{"from": first, "to": second})


def _cost(point: Point) -> str:
    if not point.cost_n:
        return UNKNOWN
    shown = budget_shown(round(point.cost, 1)) if point.cost >= 1 else amount(point.cost)
    return f"≤ {shown}" if point.is_bound else shown


def _note(point: Point) -> str:
    """What clouds it, if anything does."""
    jobs = point.jobs
    counts = {"failed": jobs.failed, "cut": point.truncated, "unparsed": point.unparsed, "to come": jobs.open}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
