"""Where two arms disagree: a two-by-two table of tiles, and a strip that has each problem that flipped in its place."""

import json
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts.palette import BLUE, GREY, VERMILION, see_through
from dashboard.charts.theme import laid_out
from dashboard.escaping import in_plotly
from results.problems import PairedProblem
from scaling.statistics.comparisons import Agreement, Cell

HEIGHT_PX = 360
DEEPEST = 0.6
"""How much of its hue the fullest tile has; the rest is the page's own ground, and the words have the page's ink."""
CELL_COLOURS = {Cell.BOTH_RIGHT: GREY, Cell.LOST: VERMILION, Cell.GAINED: BLUE, Cell.BOTH_WRONG: GREY}
FULL = {"marker": {"opacity": 1}}
"""What was clicked is shown by the page: marks that were not must not fade."""


def tiles_figure(agreement: Agreement, chosen: Cell) -> go.Figure:
    """First arm downwards, second to the right; the more pairs of answers, the deeper the tile. A click chooses it.

    Lost and gained differ in hue and by their names. Bars are the tiles, since a click anywhere on a bar is felt.
    """
    cells = list(Cell)
    figure = go.Figure(
        go.Bar(
            x=[0 if cell.second_is_right else 1 for cell in cells],
            base=[1 if cell.first_is_right else 0 for cell in cells],
            y=[1] * len(cells),
            width=0.985,
            text=[_tile_text(agreement, cell, "▸ " if cell is chosen else "") for cell in cells],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"size": 14},
            constraintext="none",
            marker={
                "color": [_tile_colour(agreement, cell) for cell in cells],
                "line": {
                    "color": [CELL_COLOURS[cell] for cell in cells],
                    "width": [4 if cell is chosen else 0 for cell in cells],
                },
            },
            customdata=[json.dumps({"cell": cell.value}) for cell in cells],
            hovertext=[f"{WORDS[cell]}<br>click: these problems" for cell in cells],
            hovertemplate="%{hovertext}<extra></extra>",
            selected=FULL,
            unselected=FULL,
        )
    )
    sides = {"tickvals": [0, 1], "showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_layout(barmode="overlay", bargap=0, showlegend=False)
    return laid_out(
        figure,
        x={**sides, "ticktext": ["second right", "second wrong"], "side": "top", "range": (-0.5, 1.5)},
        y={**sides, "tickvals": [1.5, 0.5], "ticktext": ["first<br>right", "first<br>wrong"], "range": (-0.02, 2.02)},
        height_px=HEIGHT_PX,
    )


WORDS = {
    Cell.BOTH_RIGHT: "right under both",
    Cell.LOST: "right under the first only",
    Cell.GAINED: "right under the second only",
    Cell.BOTH_WRONG: "not right under either",
}


def _tile_text(agreement: Agreement, cell: Cell, sign: str = "") -> str:
    share = f"<br>{agreement.share(cell):.1%}" if agreement.total else ""
    return f"<b>{agreement.count(cell):,}</b>{share}<br>{sign}{cell.value}"


def _tile_colour(agreement: Agreement, cell: Cell) -> str:
    """From a breath of the hue for none to most of it for the fullest tile, on light ground and on dark."""
    fullest = max(agreement.count(each) for each in Cell)
    depth = agreement.count(cell) / fullest if fullest else 0.0
    return see_through(CELL_COLOURS[cell], 0.1 + (DEEPEST - 0.1) * depth)


Placed = tuple[int, PairedProblem]
"""A problem with its place in the row, from 1."""


def strip_figure(problems: Sequence[PairedProblem], order: str) -> go.Figure:
    """All problems in this order, a mark for each that flipped, upwards where the second is right more often.

    A click opens its traces.
    """
    flipped = [each for each in enumerate(problems, start=1) if each[1].is_flipped]
    figure = go.Figure(
        [
            _marks("gained", [each for each in flipped if each[1].change > 0], BLUE, "triangle-up"),
            _marks("lost", [each for each in flipped if each[1].change < 0], VERMILION, "triangle-down"),
            _marks("as often, other repeats", [each for each in flipped if each[1].change == 0], GREY, "diamond"),
        ]
    )
    figure.data = tuple(each for each in figure.data if len(each.x))
    figure.add_hline(y=0, line={"color": GREY, "width": 1})
    return laid_out(
        figure,
        x={"title": order, "range": (0, len(problems) + 1), "zeroline": False, "showgrid": False},
        y={
            "title": "second minus first",
            "range": (-1.25, 1.25),
            "zeroline": False,
            "tickvals": [-1, 0, 1],
            "ticktext": ["−100%", "0", "+100%"],
        },
        height_px=HEIGHT_PX,
    )


def _marks(name: str, placed: Sequence[Placed], colour: str, form: str) -> go.Scatter:
    is_dense = len(placed) > 200
    return go.Scatter(
        name=name,
        x=[place for place, _ in placed],
        y=[each.change for _, each in placed],
        mode="markers",
        marker={"color": colour, "symbol": form, "size": 6 if is_dense else 11, "opacity": 0.6 if is_dense else 1},
        cliponaxis=False,
        customdata=[json.dumps({"problem": each.key}) for _, each in placed],
        hovertext=[_hover(each) for _, each in placed],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(problem: PairedProblem) -> str:
    lines = [f"<b>{in_plotly(problem.key)}</b>"]
    if problem.lost + problem.gained > 1:
        lines.append(f"repeats lost {problem.lost}, gained {problem.gained}")
    if not math.isnan(problem.others):
        lines.append(f"right under {problem.others:.0%} of the other arms")
    return "<br>".join([*lines, "click: its traces"])
