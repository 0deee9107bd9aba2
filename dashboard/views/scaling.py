"""Accuracy against compute: every arm, on any axis, with what fewer of its candidates would have given beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard import data
from dashboard.charts.curve import Curve, Point
from dashboard.charts.palette import colours_of
from dashboard.charts.published import PUBLISHED
from dashboard.charts.scaling import Axes, accuracy_figure, left_out
from dashboard.escaping import in_markdown, message
from dashboard.views.curves import arm_curves, curves_csv, curves_over_k, without_budgets, without_cost
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Joined, Measurements, Metric, NoResultsError, default_axis
from scaling.compute.axes import Axis
from scaling.statistics.pareto import pareto_front

OVER_K = (Metric.MAJ, Metric.PASS, Metric.BEST, Metric.WEIGHTED)
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
    revision, others = data.Revision.of(detail.summary), drawn_too(detail)
    try:
        measured = data.joined(revision, others)
    except NoResultsError as error:
        st.info(message(f"{error}."), icon=":material/join_inner:")
        others, measured = (), data.joined(revision, ())
    arms = measured.experiment.arms
    wanted, colours = options(default_axis(arms, measured.models)), colours_of(arms)
    own = data.figures(revision, wanted.axis, Metric.ACCURACY, others=others)
    curves = arm_curves(own, colours)
    for metric in wanted.over_k:
        curves += curves_over_k(metric, data.figures(revision, wanted.axis, metric, others=others), colours)
    if not wanted.has_budgets or wanted.axis is not Axis.THINKING:
        curves = without_budgets(curves)
    front = on_front([point for curve in curves for point in curve.points]) if wanted.has_front else ()
    axes = Axes(f"mean {wanted.axis.label} per problem{wanted.axis.in_unit}", wanted.axis.unit, is_log=wanted.is_log)
    marks = PUBLISHED.get(wanted.published or "", ())
    figure = accuracy_figure(at_home(curves, measured), axes, front, marks)
    show(detail, Plot("scaling", figure, curves_csv(curves, wanted.axis.value)))
    notes = data.axis_notes(revision, wanted.axis, bool(wanted.over_k), others=others)
    over = [measured.words] if isinstance(measured, Joined) else []
    said = words(detail, curves, axes, wanted, without_cost(own))
    st.caption(" ".join([*map(in_markdown, over), *said, *map(in_markdown, notes)]))


def drawn_too(detail: ExperimentDetail) -> tuple[data.Revision, ...]:
    """The experiments whose arms are drawn as well, as the address has them."""
    names = data.others_to_draw(detail)
    if not names:
        return ()
    chosen = st.multiselect(
        "Also draw the arms of", list(names), key="with", bind="query-params", placeholder="no other experiment",
        format_func=lambda each: f"#{each} {names[each]}",
        help="Over the problems that all of them asked: the same question, answer and grader.",
    )  # fmt: skip
    return tuple(data.Revision.of(data.experiment(each).summary) for each in chosen)


def at_home(curves: Sequence[Curve], measured: Measurements) -> tuple[Curve, ...]:
    """A click on another experiment's arm opens its traces there."""
    if not isinstance(measured, Joined):
        return tuple(curves)
    origins = {each.arm.label: measured.origins[each.arm.id] for each in measured.samples}
    return tuple(
        replace(
            curve,
            points=tuple(
                replace(point, arm=origins[point.arm].label, experiment=origins[point.arm].experiment_id)
                for point in curve.points
            ),
        )
        for curve in curves
    )


def options(default: Axis) -> Wanted:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.selectbox(
            "x axis",
            list(Axis),
            index=list(Axis).index(default),
            key="x",
            bind="query-params",
            format_func=lambda each: each.label,
            width=260,
        )
        over_k = st.multiselect(
            "Beside them, of k candidates", list(OVER_K), key="k", bind="query-params",
            format_func=lambda each: each.value, placeholder="none", width=330,
        )  # fmt: skip
        published = st.selectbox(
            "Published marks", list(PUBLISHED), index=None, key="published", bind="query-params",
            placeholder="none", width=170,
        )  # fmt: skip
        with st.container(gap=None, width=190):
            is_log = st.toggle("log scale", value=True, key="log", bind="query-params")
            has_front = st.toggle("Pareto front", key="front", bind="query-params")
            has_budgets = st.toggle(
                "budgets given", key="budgets", bind="query-params", disabled=axis is not Axis.THINKING,
                help="The thinking tokens that an arm was given, beside those that it took",
            )  # fmt: skip
    return Wanted(axis or default, is_log, has_front, has_budgets, tuple(map(Metric, over_k)), published)


def on_front(points: Sequence[Point]) -> tuple[Point, ...]:
    front = pareto_front([point.cost for point in points], [point.share.value for point in points])
    return tuple(points[at] for at in front)


def words(
    detail: ExperimentDetail, curves: Sequence[Curve], axes: Axes, wanted: Wanted, unknown: Sequence[str]
) -> list[str]:
    """What a reader of the plot has to know."""
    said = [
        f"{number_of_problems(curves)} Error bars are 95 % intervals over problems. The x axis is what was really "
        "spent, not the budget. Lines connect arms that differ in one number, which stands beside the point."
    ]
    said += [f"{WORDS[metric][0].upper()}{WORDS[metric][1:]}." for metric in wanted.over_k]
    if hidden := left_out(curves, axes):
        said.append(f"Not on a logarithmic axis: {in_markdown(', '.join(hidden))} (0 {axes.unit}).")
    if unknown:
        said.append(f"Not drawn, for their cost is not known: {in_markdown(', '.join(unknown))}.")
    if wanted.published:
        said.append(f"Published marks ({wanted.published}) are others’ figures on that data set, not measured here.")
    if not detail.summary.status.is_closed:
        said.append("Still running: points move as results come in.")
    return said


def number_of_problems(curves: Sequence[Curve]) -> str:
    sizes = sorted({point.share.n for curve in curves for point in curve.points})
    if not sizes:
        return "No arm has a result with a known cost."
    n = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    return f"n = {n} problems per arm."
