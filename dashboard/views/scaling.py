"""Accuracy against compute: every arm, on any axis, with what fewer of its candidates would have given beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import data
from dashboard.charts.curve import curves_of, without_cost
from dashboard.charts.palette import Looks
from dashboard.charts.published import PUBLISHED
from dashboard.charts.ranked import marks_of, ranked_figure
from dashboard.charts.scaling import Axes, left_out
from dashboard.copying import Asked
from dashboard.escaping import in_markdown, message
from dashboard.views.answers import typographic
from dashboard.views.legend import legend
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Joined, Measurements, Metric, NoResultsError, Point, arm_names, default_axis
from results.points import POINTS, TIES, Points
from scaling.compute.axes import Axis

WORDS = {
    Metric.MAJ: "dotted, what a vote of k of an arm’s candidates would have given (maj@k)",
    Metric.PASS: "dashed, whether any of k is right (pass@k)",
    Metric.BEST: "dash-dotted, the highest score of k (best-of-k)",
    Metric.WEIGHTED: "long-dashed, the answer with the largest sum of scores of k",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drawn."""

    axis: Axis
    is_log: bool
    has_front: bool
    has_budgets: bool
    over_k: tuple[Metric, ...]
    published: str | None


def view(detail: ExperimentDetail) -> None:
    wanted, others = _options(detail)
    try:
        measured = data.joined(data.Revision.of(detail.summary), others)
    except NoResultsError as error:
        st.info(message(f"{error}."), icon=":material/join_inner:")
        others, measured = (), data.joined(data.Revision.of(detail.summary), ())
    asked = [
        Asked(POINTS, detail, {"axis": wanted.axis, "metric": each}, others)
        for each in (Metric.ACCURACY, *wanted.over_k)
    ]
    found = Points.together([each.answer() for each in asked])
    _plot(detail, measured, found, wanted, asked)
    over = [measured.words] if isinstance(measured, Joined) else []
    said = _words(detail, measured, found.points, wanted)
    st.caption(" ".join([*map(in_markdown, over), *said, *map(in_markdown, found.notes)]))


def _plot(
    detail: ExperimentDetail, measured: Measurements, found: Points, wanted: Wanted, asked: Sequence[Asked]
) -> None:
    arms, own = measured.experiment.arms, [each for each in found.points if each.k is None]
    axes, names = Axes.of(wanted.axis, is_log=wanted.is_log), arm_names(arms)
    looks = Looks.of(arms, measured.origins if isinstance(measured, Joined) else None)
    figure = ranked_figure(
        curves_of(found.points), own, axes, looks, names, PUBLISHED.get(wanted.published or "", ()),
        has_front=wanted.has_front, has_budgets=wanted.has_budgets and wanted.axis is Axis.THINKING,
    )  # fmt: skip
    beside = legend(detail.id, own, marks_of(own, axes, names), wanted.axis, looks)
    show(detail, Plot("scaling", figure, lambda: POINTS.table(found).csv, legend=beside, asked=asked))


def _options(detail: ExperimentDetail) -> tuple[Wanted, tuple[data.Revision, ...]]:
    """And the experiments whose arms are drawn as well."""
    default = default_axis(detail.arms, detail.models)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        axis = st.selectbox(
            "Cost", list(Axis), index=list(Axis).index(default), key="x", bind="query-params",
            format_func=lambda each: each.label, width=300, label_visibility="collapsed",
        )  # fmt: skip
        with st.popover("Display", icon=":material/tune:"):
            return _displayed(axis or default), _drawn_too(detail)


def _displayed(axis: Axis) -> Wanted:
    is_log = st.toggle("log scale", value=True, key="log", bind="query-params")
    has_front = st.toggle("Pareto front", key="front", bind="query-params")
    has_budgets = st.toggle(
        "the budget asked for", key="budgets", bind="query-params", disabled=axis is not Axis.THINKING,
        help="The thinking tokens that an arm was given, beside those that it took",
    )  # fmt: skip
    over_k = st.multiselect(
        "Also draw, with fewer samples", list(WORDS), key="k", bind="query-params",
        format_func=lambda each: each.value, placeholder="none",
    )  # fmt: skip
    published = st.selectbox(
        "Published marks", list(PUBLISHED), index=None, key="published", bind="query-params", placeholder="none"
    )
    return Wanted(axis, is_log, has_front, has_budgets, tuple(map(Metric, over_k)), published)


def _drawn_too(detail: ExperimentDetail) -> tuple[data.Revision, ...]:
    names = data.others_to_draw(detail)
    if not names:
        return ()
    chosen = st.multiselect(
        "Also draw the arms of", list(names), key="with", bind="query-params", placeholder="no other experiment",
        format_func=lambda each: f"#{each} {names[each]}",
        help="Over the problems that all of them asked: the same question, answer and grader.",
    )  # fmt: skip
    return tuple(data.Revision.of(data.experiment(each).summary) for each in chosen)


def _words(detail: ExperimentDetail, measured: Measurements, points: Sequence[Point], wanted: Wanted) -> Iterator[str]:
    """What a reader of the plot has to know."""
    yield (
        f"{number_of_problems(points)} Error bars are 95 % intervals over problems. The x axis is what was really "
        "spent, not the budget; marks at one cost stand side by side. Lines connect arms that differ in one number."
    )
    yield from (f"{WORDS[metric][0].upper()}{WORDS[metric][1:]}." for metric in wanted.over_k)
    if Metric.MAJ in wanted.over_k:
        yield typographic(TIES)
    name = Looks.of(measured.experiment.arms).name
    if hidden := left_out(curves_of(points), Axes.of(wanted.axis, is_log=wanted.is_log)):
        yield f"Not on a logarithmic axis: {in_markdown(', '.join(map(name, hidden)))} (0 {wanted.axis.unit})."
    if unknown := without_cost(points):
        yield f"Not drawn, for their cost is not known: {in_markdown(', '.join(map(name, unknown)))}."
    if wanted.published:
        yield f"Published marks ({wanted.published}) are others’ figures on that data set, not measured here."
    if not detail.summary.status.is_closed:
        yield "Still running: points move as results come in."


def number_of_problems(points: Sequence[Point]) -> str:
    sizes = sorted({point.value.n for point in points if point.is_drawable})
    if not sizes:
        return "No arm has a result with a known cost."
    n = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    return f"n = {n} problems per arm."
