"""A search tree as a Plotly figure: score as colour, pruned branches faint, the chosen path strong. Pure.

Of what a model wrote only the candidates' answers are drawn, shortened and escaped. What a click hits is a layer of
its own above the nodes, invisible but for the ring around the node that is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import plotly.graph_objects as go

from dashboard.charts.palette import PURPLE, VERDICT_COLOURS, VERDICT_SIGNS, VERMILION
from dashboard.escaping import in_plotly
from dashboard.trace.text import ENDINGS, KIND_NAMES, path_shown, tokens
from dashboard.trace.tree import Place, SearchTree
from db.queries import StoredCandidate
from scaling.types import FinishReason, Path, StepKind, Verdict

LEAST_HEIGHT_PX, MOST_HEIGHT_PX, ROW_PX = 260, 780, 26
MOST_LABELS = 48
LONGEST_ANSWER = 14
GREY = "#8A94A3"
SCALE = [[0.0, "#3B528B"], [0.33, "#21918C"], [0.67, "#5EC962"], [1.0, "#FDE725"]]
"""Viridis without its darkest quarter, which a dark page would swallow."""
Positions = list[float | None]


class Look(StrEnum):
    """How a node is painted, and how the legend calls it."""

    KEPT = "kept"
    PRUNED = "pruned"
    ROLLOUT = "rollout"
    ANSWER = "answer"  # a candidate ends here


@dataclass(frozen=True, slots=True)
class Paint:
    """Opacity, symbol, and size beside that of a kept node."""

    opacity: float
    symbol: str
    size: float


PAINTS = {  # the later ones lie above the others
    Look.PRUNED: Paint(0.5, "circle", 0.8),
    Look.ROLLOUT: Paint(0.75, "diamond", 0.7),
    Look.KEPT: Paint(1.0, "circle", 1.0),
    Look.ANSWER: Paint(1.0, "square", 1.1),
}


def tree_figure(tree: SearchTree, opened: Path) -> go.Figure:
    """`opened` is the node that has the ring until another one is clicked."""
    figure = go.Figure([*_edges(tree), *_nodes(tree), *_labels(tree), _pointer_layer(tree, opened)])
    figure.update_layout(
        height=height_px(tree),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "top", "y": -0.1, "x": 0, "title": None},
        hovermode="closest",
        dragmode="pan",
        coloraxis=_colour_axis(tree.scores),
    )
    deepest = max(place.depth for place in tree.places)
    figure.update_xaxes(
        title="depth", range=(-0.4, deepest + 0.9), dtick=max(1, round(deepest / 20)), showgrid=False, zeroline=False
    )
    figure.update_yaxes(visible=False, range=(tree.num_rows - 0.3, -0.7))
    return figure


def height_px(tree: SearchTree) -> int:
    return max(LEAST_HEIGHT_PX, min(MOST_HEIGHT_PX, 100 + ROW_PX * tree.num_rows))


def _node_px(tree: SearchTree) -> float:
    """Smaller where rows are closer."""
    return max(5.0, min(13.0, 0.6 * (height_px(tree) - 100) / tree.num_rows))


def _colour_axis(scores: Sequence[float]) -> dict[str, object]:
    """0 to 1 where all scores are chances, so that a colour means the same in every trace; else what there is."""
    are_chances = all(0.0 <= score <= 1.0 for score in scores)
    low, high = (0.0, 1.0) if are_chances else (min(scores), max(scores))
    bar = {"title": {"text": "score"}, "thickness": 12, "outlinewidth": 0}
    return {"colorscale": SCALE, "cmin": low, "cmax": high, "colorbar": bar, "showscale": bool(scores)}


def _edges(tree: SearchTree) -> list[go.Scatter]:
    """From each node to its parent: pruned ones faint, those of the chosen path strong and above the others."""
    children = [place for place in tree.places if place.depth]
    chosen = [place for place in children if place.is_chosen]
    kept = [place for place in children if _is_strong(place) and not place.is_chosen]
    faint = [place for place in children if not _is_strong(place)]
    parents = {place.node.path: place for place in tree.places}
    return [
        _line(parents, faint, {"color": GREY, "width": 1, "dash": "dot"}, opacity=0.45),
        _line(parents, kept, {"color": GREY, "width": 1.4}, opacity=0.8),
        _line(parents, chosen, {"color": VERMILION, "width": 4}, opacity=1.0, name="chosen path"),
    ]


def _is_strong(place: Place) -> bool:
    return place.node.kept and place.node.kind is not StepKind.ROLLOUT


def _line(
    parents: dict[Path, Place], ends: Sequence[Place], style: dict[str, object], opacity: float, name: str = ""
) -> go.Scatter:
    x: Positions = []
    y: Positions = []
    for end in ends:
        parent = parents[end.node.path[:-1]]
        x += [parent.depth, end.depth, None]
        y += [parent.row, end.row, None]
    return go.Scatter(
        x=x, y=y, mode="lines", line=style, opacity=opacity, name=name, showlegend=bool(name), hoverinfo="skip"
    )


def _look_of(place: Place) -> Look:
    if place.candidate is not None:
        return Look.ANSWER
    if place.node.kind is StepKind.ROLLOUT:
        return Look.ROLLOUT
    return Look.KEPT if place.node.kept else Look.PRUNED


def _nodes(tree: SearchTree) -> list[go.Scatter]:
    """A layer for each look, one more for those that have no score and are grey, and the legend's own signs."""
    groups: dict[tuple[Look, bool], list[Place]] = {}
    for place in tree.places:
        groups.setdefault((_look_of(place), place.node.score is not None), []).append(place)
    ordered = sorted(groups.items(), key=lambda group: list(PAINTS).index(group[0][0]))
    layers = [_node_layer(PAINTS[look], places, _node_px(tree)) for (look, _), places in ordered]
    return layers + [_legend_sign(look) for look in PAINTS if {(look, True), (look, False)} & set(groups)]


def _node_layer(paint: Paint, places: Sequence[Place], size: float) -> go.Scatter:
    """Its nodes all have a score, or none of them has."""
    scores = [place.node.score for place in places]
    return go.Scatter(
        x=[place.depth for place in places],
        y=[place.row for place in places],
        mode="markers",
        marker={
            "symbol": paint.symbol,
            "size": size * paint.size,
            "opacity": paint.opacity,
            "line": {"width": 1.2, "color": GREY},
            **({"color": GREY} if None in scores else {"color": scores, "coloraxis": "coloraxis"}),
        },
        unselected={"marker": {"opacity": paint.opacity}},  # or Plotly dims what is not the clicked node
        showlegend=False,
        hoverinfo="skip",
    )


def _legend_sign(look: Look) -> go.Scatter:
    """In grey: the layers' own signs would be black, because their colour is a scale."""
    paint = PAINTS[look]
    marker = {"symbol": paint.symbol, "size": 11 * paint.size, "opacity": paint.opacity, "color": GREY}
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=look.value, hoverinfo="skip")


def _labels(tree: SearchTree) -> list[go.Scatter]:
    """Each candidate's answer and verdict; of very many, only the chosen one's.

    Beside it, or, where the tree goes on from it as in a chain of revisions, above it: a line would run through them.
    """
    ends = [(place, place.candidate) for place in tree.places if place.candidate is not None]
    shown = ends if len(ends) <= MOST_LABELS else [end for end in ends if end[1].chosen]
    parents = {place.node.path[:-1] for place in tree.places}
    layers: dict[tuple[Verdict, bool], list[tuple[Place, StoredCandidate]]] = {}
    for place, candidate in shown:
        layers.setdefault((candidate.verdict, place.node.path in parents), []).append((place, candidate))
    return [_label_layer(verdict, ends, goes_on=goes_on) for (verdict, goes_on), ends in layers.items()]


def _label_layer(verdict: Verdict, ends: Sequence[tuple[Place, StoredCandidate]], *, goes_on: bool) -> go.Scatter:
    font = {"size": 12, "color": VERDICT_COLOURS[verdict]}
    gap = "" if goes_on else "\N{EM SPACE}\N{NO-BREAK SPACE}"
    return go.Scatter(
        x=[place.depth for place, _ in ends],
        y=[place.row - (0.25 if goes_on else 0.0) for place, _ in ends],
        mode="text",
        text=[gap + _label(candidate) for _, candidate in ends],
        textposition="top center" if goes_on else "middle right",
        textfont=font,
        unselected={"textfont": {"color": font["color"]}},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )


def _label(candidate: StoredCandidate) -> str:
    answer = " ".join((candidate.answer or "").split())
    short = answer if len(answer) <= LONGEST_ANSWER else answer[: LONGEST_ANSWER - 1] + "…"
    star = " ★" if candidate.chosen else ""
    return in_plotly(f"{VERDICT_SIGNS[candidate.verdict]} {short}{star}")


def _pointer_layer(tree: SearchTree, opened: Path) -> go.Scatter:
    """What hovers and clicks meet. Its `customdata` are paths."""
    paths = [place.node.path for place in tree.places]
    return go.Scatter(
        x=[place.depth for place in tree.places],
        y=[place.row for place in tree.places],
        customdata=[path_shown(path) for path in paths],
        hovertext=[hover(place) for place in tree.places],
        hovertemplate="%{hovertext}<extra></extra>",
        mode="markers",
        marker={
            "symbol": "circle-open",
            "size": _node_px(tree),  # larger ones would overlap, and the pointer would hit a neighbour
            "color": PURPLE,
            "opacity": 0,
            "line": {"width": 3.5},
        },
        selectedpoints=[paths.index(opened)],
        selected={"marker": {"opacity": 1, "size": max(13.0, 1.7 * _node_px(tree))}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )


def hover(place: Place) -> str:
    """Words of ours and numbers, nothing that a model wrote."""
    node = place.node
    kind = KIND_NAMES[node.kind].lower()
    lines = [f"<b>{path_shown(node.path)}</b> {kind if node.kept else f'{kind}, pruned'}"]
    if node.score is not None:
        lines.append(f"score {node.score:.3f}")
    lines.append(tokens(node.forced_tokens if node.generated_tokens == 0 else node.generated_tokens))
    if node.finish_reason is FinishReason.LENGTH:
        lines.append(ENDINGS[FinishReason.LENGTH])
    if place.candidate is not None:
        lines.append(place.candidate.verdict.value + (", chosen" if place.candidate.chosen else ""))
    return "<br>".join(lines)
