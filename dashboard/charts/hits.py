"""What a scan found, arm by arm: how many chains have a hit, their number, and whether traces with one are correct.

Arms stand below one another, first on top. Over all arms together nothing is drawn: it compares arms. Pure.
"""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from dashboard.charts.palette import GREY, Looks
from dashboard.charts.theme import Axis, error_bars, interval_words, laid_out, opens, share_range
from dashboard.escaping import in_plotly
from db.queries import Arm
from results.scans.question import ArmHits
from results.wording import amount
from scaling.statistics.estimates import Estimate

ROW_PX, AROUND_PX = 26, 96
LONGEST_NAME = 22
Row = tuple[Arm, ArmHits]
Rows = Sequence[Row]
SHARE: Axis = {"tickformat": ".0%", "zeroline": False}


def hits_figure(rows: Rows, looks: Looks, scan: str) -> go.Figure:
    """The share of chains with a hit. `scan` is what the list of traces calls it."""
    figure = go.Figure([_marks("with a hit", rows, lambda it: it.hit, interval_words, looks, scan)])
    return _below(
        figure, rows, looks, {**SHARE, "title": "chains with a hit", "range": share_range([it.hit for _, it in rows])}
    )


def numbers_figure(rows: Rows, looks: Looks, scan: str) -> go.Figure:
    """The mean number of a chain."""
    figure = go.Figure([_marks("number", rows, lambda it: it.value, _amount_words, looks, scan)])
    return _below(figure, rows, looks, {"title": "number, a chain’s mean", "zeroline": False})


def correct_figure(rows: Rows, looks: Looks, scan: str) -> go.Figure:
    """Accuracy of traces whose chosen chain has a hit, and, as open marks, of those whose has none."""
    figure = go.Figure(
        [
            _marks("with a hit", rows, lambda it: it.correct_with, interval_words, looks, scan),
            _marks("without", rows, lambda it: it.correct_without, interval_words, looks, None),
        ]
    )
    both = share_range([share for _, it in rows for share in (it.correct_with, it.correct_without)])
    return _below(figure, rows, looks, {**SHARE, "title": "accuracy, with a hit ● and without ○", "range": both})


def log_probs_figure(rows: Rows, looks: Looks, scan: str) -> go.Figure:
    """Mean log-probs of the model's own tokens: of thinking and, as open marks, of answers."""
    figure = go.Figure(
        [
            _marks("thinking", rows, lambda it: it.thinking_log_prob, _amount_words, looks, scan),
            _marks("answer", rows, lambda it: it.answer_log_prob, _amount_words, looks, None),
        ]
    )
    return _below(figure, rows, looks, {"title": "mean log-prob, nats: thinking ● and answer ○", "zeroline": False})


def _marks(
    name: str,
    rows: Rows,
    of: Callable[[ArmHits], Estimate],
    words: Callable[[Estimate], str],
    looks: Looks,
    scan: str | None,
) -> go.Scatter:
    """Of arms of which it is known. Open marks stand for no scan: a click opens all of the arm's traces."""
    shown = [(place, arm, of(it)) for place, (arm, it) in enumerate(rows) if of(it).n]
    bars = error_bars([each for _, _, each in shown], GREY)
    return go.Scatter(
        name=name,
        x=[each.value for _, _, each in shown],
        y=[place for place, _, _ in shown],
        error_x={**bars, "width": 0, "thickness": 1.6},
        mode="markers",
        marker={
            "color": [looks.colour(arm) for _, arm, _ in shown],
            "size": 10,
            "symbol": "circle" if scan else "circle-open",
            "line": {"width": 0 if scan else 2},
        },
        customdata=[opens(arm.label, **({"hit": scan} if scan else {})) for _, arm, _ in shown],
        hovertext=[_hover(looks.name(arm.label), name, words(each), each, scan) for _, arm, each in shown],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )


def _hover(arm: str, name: str, words: str, estimate: Estimate, scan: str | None) -> str:
    opened = "its traces with a hit" if scan else "its traces"
    return f"<b>{in_plotly(arm)}</b><br>{name}: {words}<br>n = {estimate.n} problems<br>click: {opened}"


def _amount_words(mean: Estimate) -> str:
    return f"{amount(mean.value)}  [{amount(mean.low)}, {amount(mean.high)}]"


def _below(figure: go.Figure, rows: Rows, looks: Looks, x: Axis) -> go.Figure:
    names = [looks.name(arm.label) for arm, _ in rows]
    shown = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]
    y: Axis = {
        "title": None,
        "tickvals": list(range(len(names))),
        "ticktext": [in_plotly(name) for name in shown],
        "range": (len(names) - 0.4, -0.6),
        "zeroline": False,
        "automargin": True,
    }
    return laid_out(figure, x=x, y=y, height_px=AROUND_PX + ROW_PX * len(names))
