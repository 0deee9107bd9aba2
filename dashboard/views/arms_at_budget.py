"""Two arms at one budget of compute: the best that each reached within it, and their sweeps interpolated."""

import math

import streamlit as st

from dashboard import data
from dashboard.charts.equal_compute import equal_compute_figure
from dashboard.charts.scaling import Axes
from dashboard.escaping import in_markdown, message
from dashboard.views.comparing import along_csv
from dashboard.views.curves import colours_of, side_curve
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Comparison, NoResultsError, Sides, at_budget_words, within_words
from results.wording import amount
from scaling.compute.axes import Axis
from scaling.statistics.equal_compute import EqualCompute

Asked = tuple[data.Revision, str, str, Axis]
AXES = (Axis.GENERATED_BY_ALL, *(axis for axis in Axis if axis is not Axis.GENERATED_BY_ALL))


def part(detail: ExperimentDetail, comparison: Comparison) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.selectbox(
            "Compute", AXES, key="compute", bind="query-params", format_func=lambda each: each.label, width=290
        )
        budget_field = st.empty()
    asked = data.Revision.of(detail.summary), comparison.first.label, comparison.second.label, axis
    try:
        sides = data.lines_through(*asked)
    except NoResultsError as error:
        st.info(message(str(error)), icon=":material/timeline:")
        return
    with budget_field:
        budget = asked_budget(sides)
    best_within(budget, asked)
    chosen = interpolated(sides, budget, asked)
    along = () if sides.budgets is None else data.along(*asked)
    curves = [side_curve(side, colours_of(detail.arms)) for side in (sides.first, sides.second)]
    title = f"mean {axis.label} per problem{axis.in_unit}"
    axes = Axes(title, axis.unit, is_log=False)  # so that lines are the interpolation
    shown = along if chosen is None else tuple(sorted({*along, chosen}, key=lambda each: each.budget))
    show(detail, Plot("equal-compute", equal_compute_figure(curves, shown, chosen, axes), along_csv(shown, axis.value)))
    notes = data.axis_notes(asked[0], axis, True, (comparison.first.id, comparison.second.id))
    st.caption(" ".join([about(sides), *map(in_markdown, notes)]))


def asked_budget(sides: Sides) -> float:
    """What is asked for; in the middle, on a logarithmic scale, until something is."""
    low, high = sides.worth_asking
    likely = sides.budgets if sides.budgets is not None and sides.budgets[0] < sides.budgets[1] else (low, high)
    middle = math.sqrt(likely[0] * likely[1]) if likely[0] > 0 else sum(likely) / 2
    asked = st.number_input(
        f"Budget, {amount(low)} to {amount(high)} {sides.axis.unit} a problem", value=None, min_value=0.0, key="at",
        bind="query-params", placeholder=amount(middle), step=(high - low) / 20 or None,
        format="%.6g", width=330,
    )  # fmt: skip
    return middle if asked is None else float(asked)


def best_within(budget: float, asked: Asked) -> None:
    try:
        st.markdown(in_markdown(within_words(data.within_budget(*asked, budget))))
    except NoResultsError as error:
        st.warning(message(str(error)), icon=":material/timeline:")


def interpolated(sides: Sides, budget: float, asked: Asked) -> EqualCompute | None:
    """None where a curve does not reach, which is said."""
    try:
        sides.require(budget)
    except NoResultsError as error:
        st.caption(in_markdown(f"Nothing to interpolate between: {error}."))
        return None
    found = data.resampled(*asked).at(budget)
    st.markdown(in_markdown(at_budget_words(sides, found)))
    return found


def about(sides: Sides) -> str:
    num_problems = sides.first.settings[0].correct_P.size
    return (
        f"n = {num_problems:,} problems that every setting of both curves has a result and a known cost for. Between "
        "settings accuracy is interpolated, linearly in cost; beyond them nothing is said. The band below is the "
        "difference’s 95 % interval at each budget by itself, from resampled problems. A vote or a best of N that "
        "stands alone is the curve of its k of n samples, at what k of its n chains cost. Best within a budget is of "
        "all arms that differ in numbers only, chosen on one half of the problems and measured on the other."
    )
