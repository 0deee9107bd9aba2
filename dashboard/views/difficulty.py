"""By difficulty: every arm on easy and on hard problems, and what choosing a setting by difficulty is worth."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.charts.difficulty import bars_figure
from dashboard.charts.ratio import ratio_figure
from dashboard.charts.scaling import Axes, accuracy_figure
from dashboard.escaping import in_markdown, message
from dashboard.views.choice_curves import choice_curves
from dashboard.views.curves import arm_curves, colours_of, curves_csv, without_budgets
from dashboard.views.difficulty_bars import arm_bars, bar_rows, bin_names, ratio_curves, ratio_rows
from dashboard.views.difficulty_tables import choice_rows, exchange_rows, worth_rows
from dashboard.views.plots import Plot, show
from db.queries import Arm, ExperimentDetail
from results import Difficulty, Easiness, NoResultsError
from results.columns import csv_text
from results.costs import strategy_of
from scaling.compute.axes import Axis
from scaling.statistics.difficulty import NUM_BINS

BY_NAMES = {Easiness.ORACLE: "share of right candidates", Easiness.VERIFIER: "verifier’s mean final score"}
MOST_BINS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What tells easy from hard, and what costs are counted in."""

    home: ExperimentDetail
    base: str
    by: Easiness
    num_bins: int
    axis: Axis


def view(detail: ExperimentDetail) -> None:
    asked = options(detail)
    try:
        found = data.difficulty(
            data.Revision.of(detail.summary),
            data.Revision.of(asked.home.summary),
            asked.base,
            asked.by,
            asked.axis,
            asked.num_bins,
        )
    except NoResultsError as error:
        st.info(message(str(error)), icon=":material/hourglass_empty:")
        return
    bars(detail, found)
    choice(detail, asked, found)
    if any(len(arms) > 1 for arms in found.ratios):
        ratios(detail, found)
    if found.exchanges:
        exchange(found)


def options(detail: ExperimentDetail) -> Asked:
    homes = data.on_the_same_data(detail)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        home_id = detail.id
        if len(homes) > 1:
            home_id = st.selectbox(
                "Base arm of", list(homes), key="basein", bind="query-params", width=180,
                format_func=lambda each: "this experiment" if each == detail.id else f"#{each} {homes[each]}",
                help="An arm of another experiment, with another seed, shares no samples with the arms of this one.",
            )  # fmt: skip
        home = detail if home_id == detail.id else data.experiment(home_id)
        labels = [arm.label for arm in home.arms]
        base = st.selectbox(
            "Base arm", labels, index=labels.index(finest(home.arms).label), key="base", bind="query-params", width=300,
            help="Tells easy problems from hard ones; better none of those compared.",
        )  # fmt: skip
        by = st.selectbox(
            "by its", list(BY_NAMES), key="by", bind="query-params", format_func=BY_NAMES.__getitem__, width=220
        )
        num_bins = st.number_input("Bins", 1, MOST_BINS, NUM_BINS, key="bins", bind="query-params", width=95)
        axis = st.selectbox(
            "Costs in", list(Axis), index=list(Axis).index(Axis.GENERATED_BY_ALL), key="cost", bind="query-params",
            format_func=lambda each: each.label, width=200,
        )  # fmt: skip
    return Asked(home, str(base), by or Easiness.ORACLE, int(num_bins), axis or Axis.GENERATED_BY_ALL)


def finest(arms: tuple[Arm, ...]) -> Arm:
    """The arm that makes the most samples: its share of right ones tells most."""
    return max(arms, key=lambda arm: strategy_of(arm).num_samples or 1)


def bars(detail: ExperimentDetail, found: Difficulty) -> None:
    names = bin_names(found)
    labels = [figure.arm.label for figure in found.figures if figure.estimate.n]
    shown = st.multiselect(
        "Arms", labels, key="arms", bind="query-params", placeholder="all", label_visibility="collapsed"
    )
    figure = bars_figure(arm_bars(found, colours_of(detail.arms), shown or labels), names)
    show(detail, Plot("difficulty", figure, csv_text(list(bar_rows(found)))))
    sizes = sorted({members.size for members in found.bins.members})
    size = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,} or {sizes[-1]:,}"
    unbinned = int((found.bins.bin_P < 0).sum())
    st.caption(
        f"Accuracy in each bin of {size} problems, easiest first, with 95 % intervals over the problems of the bin. "
        + (f"{unbinned:,} problems have no result of the base arm and are in no bin. " if unbinned else "")
        + flattery(detail, found)
    )


def flattery(detail: ExperimentDetail, found: Difficulty) -> str:
    if found.base.experiment_id != detail.id:
        return f"The bins are by {in_markdown(found.base.arm.label)} of experiment #{found.base.experiment_id}."
    return (
        f"{in_markdown(found.base.arm.label)} made the bins: its own bars are flattered by that, and a little those of "
        "arms that ask the same with the same seed, for they share samples with it. A base arm of another experiment, "
        "with another seed, flatters nobody."
    )


def choice(detail: ExperimentDetail, asked: Asked, found: Difficulty) -> None:
    st.subheader("Compute-optimal choice", anchor=False)
    if found.unchosen is not None:
        st.info(f"No choice by difficulty: {in_markdown(found.unchosen)}.", icon=":material/block:")
        return
    colours = colours_of(detail.arms)
    with st.container(horizontal=True, gap="medium"):
        is_log = st.toggle("log scale", value=True, key="costlog", bind="query-params")
        has_arms = st.toggle("all arms", key="withall", bind="query-params", help="Each arm at its own cost, too")
    curves = choice_curves(found, colours)
    if has_arms:
        curves = (*without_budgets(arm_curves(found.figures, colours)), *curves)
    axes = Axes(f"mean {asked.axis.label} per problem{asked.axis.in_unit}", asked.axis.unit, is_log=is_log)
    show(detail, Plot("compute-optimal", accuracy_figure(curves, axes), curves_csv(curves, asked.axis.value)))
    st.caption(
        "Within each budget, each bin has the setting that was best on one half of its problems, at a mean cost within "
        "the budget there, measured on the other half (which may by chance spend more), and the other way round "
        "[Snell et al. §3.2, §5.3]. Settings are all "
        "other arms on the base arm’s model, and what fewer samples of a vote or a best of N would have given. "
        "*One setting for all* is the same choice without knowing the difficulty. Points lie at what was spent, not at "
        "the budget; *binning charged* adds what the base arm spent. Dotted: the votes and best-of-N themselves. "
        "Adjusted: Holm’s p for all rows of the second table together, by which they are clear or not."
    )
    st.caption(in_markdown(" ".join(data.axis_notes(data.Revision.of(detail.summary), asked.axis, True))))
    st.dataframe(pd.DataFrame(choice_rows(found)), hide_index=True, placeholder="–")
    st.dataframe(pd.DataFrame(worth_rows(found)), hide_index=True, placeholder="–")


def ratios(detail: ExperimentDetail, found: Difficulty) -> None:
    st.subheader("Sequential against parallel", anchor=False)
    curves = tuple(curve for arms in found.ratios for curve in ratio_curves(arms, bin_names(found)))
    show(detail, Plot("ratio", ratio_figure(curves), csv_text(list(ratio_rows(curves)))))
    st.caption(
        "Arms of revisions by how they share one budget of attempts: long chains or many [Snell et al. §6, Fig. 7]. "
        "Solid: all problems; dotted: each bin, the harder the lighter."
    )


def exchange(found: Difficulty) -> None:
    st.subheader("Inference instead of pretraining", anchor=False)
    st.dataframe(pd.DataFrame(exchange_rows(found)), hide_index=True, placeholder="–")
    st.caption(
        "What the base arm’s model makes of the FLOPs that it takes to pretrain a larger model and to have that answer "
        "once [Snell et al. §7], minus that model’s accuracy, in points, for so many tokens of inference per token of "
        "pretraining. *Run up to* is the dearest setting that was run within the budget: where it is far below, more "
        "samples would have been affordable. Adjusted: Holm’s p for all rows together."
    )
