"""Two arms at one budget of compute: the best that each reached within it, and their sweeps interpolated."""

import streamlit as st

from dashboard.charts.equal_compute import equal_compute_figure
from dashboard.charts.palette import Looks
from dashboard.compare.chosen import Chosen
from dashboard.copying import Asked
from dashboard.escaping import in_markdown, message
from dashboard.views.plots import Plot, show
from results import Comparison, NoResultsError, Sides, at_budget_words, within_words
from results.equal_compute import EQUAL_COMPUTE, interpolated_table
from results.within import WITHIN_BUDGET
from results.wording import amount
from scaling.compute.axes import Axis
from scaling.statistics.equal_compute import EqualCompute

AXES = (Axis.GENERATED_BY_ALL, *(axis for axis in Axis if axis is not Axis.GENERATED_BY_ALL))


def part(chosen: Chosen, comparison: Comparison) -> None:
    detail, others = chosen.detail, chosen.others
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.selectbox(
            "Compute", AXES, key="compute", bind="query-params", format_func=lambda each: each.label, width=290
        )
        budget_field = st.empty()
    told = {"first": comparison.first.label, "second": comparison.second.label, "axis": axis}
    asked = Asked(EQUAL_COMPUTE, detail, told, others)
    try:
        sides = asked.answer()
    except NoResultsError as error:
        st.info(message(str(error)), icon=":material/timeline:")
        return
    with budget_field:
        budget = _asked_budget(sides)
    try:
        within = Asked(WITHIN_BUDGET, detail, {**told, "budget": budget}, others)
        st.markdown(in_markdown(within_words(within.answer())))
    except NoResultsError as error:
        st.warning(message(str(error)), icon=":material/timeline:")
    with st.spinner("Drawing resamples …"):
        between = _interpolated(sides, budget)
        along = tuple(sorted({*sides.along, *between}, key=lambda each: each.budget))
    looks = Looks.of(chosen.measured.experiment.arms, chosen.homes)
    figure = equal_compute_figure(sides, along, next(iter(between), None), looks)
    show(detail, Plot("equal-compute", figure, lambda: interpolated_table(sides, along).csv, asked=[asked]))
    st.caption(" ".join([_about(sides), *map(in_markdown, sides.notes)]))


def _asked_budget(sides: Sides) -> float:
    """What is asked for; in the middle, on a logarithmic scale, until something is."""
    low, high = sides.worth_asking
    asked = st.number_input(
        f"Budget, {amount(low)} to {amount(high)} {sides.axis.unit} a problem", value=None, min_value=0.0, key="at",
        bind="query-params", placeholder=amount(sides.middle), step=(high - low) / 20 or None,
        format="%.6g", width=330,
    )  # fmt: skip
    return sides.middle if asked is None else float(asked)


def _interpolated(sides: Sides, budget: float) -> tuple[EqualCompute, ...]:
    """None where a curve does not reach, which is said."""
    try:
        sides.require(budget)
    except NoResultsError as error:
        st.caption(in_markdown(f"Nothing to interpolate between: {error}."))
        return ()
    found = sides.resampled.at(budget)
    st.markdown(in_markdown(at_budget_words(sides, found)))
    return (found,)


def _about(sides: Sides) -> str:
    return (
        f"n = {sides.first.num_problems:,} problems that every setting of both curves has a result and a known cost "
        "for. Between settings accuracy is interpolated, linearly in cost; beyond them nothing is said. The band below "
        "is the difference’s 95 % interval at each budget by itself, from resampled problems. A vote or a best of N "
        "that stands alone is the curve of its k of n samples, at what k of its n chains cost. Best within a budget is "
        "of all arms that differ in numbers only, chosen on one half of the problems and measured on the other."
    )
