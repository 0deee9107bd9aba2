"""By difficulty: every arm on easy and on hard problems, and what choosing a setting by difficulty is worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from dashboard import arm_fields, data
from dashboard.charts.bars import bars_figure
from dashboard.charts.choosing import choice_curves
from dashboard.charts.curve import curves_of
from dashboard.charts.palette import Looks
from dashboard.charts.ratio import ratio_figure
from dashboard.charts.scaling import Axes, accuracy_figure
from dashboard.charts.theme import BESIDE_OTHERS_PX
from dashboard.copying import Asked
from dashboard.escaping import in_markdown, message
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import (
    Choosing,
    Difficulty,
    Easiness,
    Exchanges,
    NoResultsError,
    Ratios,
    arm_names,
    choosing,
    easiness,
    exchange,
)
from results.choosing import CHOOSING
from results.difficulty import DIFFICULTY, best_of_bins
from results.exchange import EXCHANGE
from results.ratios import RATIOS
from scaling.compute.axes import Axis
from scaling.statistics.difficulty import NUM_BINS

BY_NAMES = {Easiness.ORACLE: "share of right candidates", Easiness.VERIFIER: "verifier’s mean final score"}
MOST_BINS = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What tells easy from hard, and what costs are counted in."""

    home: ExperimentDetail
    base: str
    by: Easiness
    num_bins: int
    axis: Axis

    def of(self, detail: ExperimentDetail) -> dict[str, Any]:
        """As the questions take it."""
        base_in = None if self.home.id == detail.id else str(self.home.id)
        told = {"base": self.base, "base_in": base_in, "by": self.by, "bins": self.num_bins, "axis": self.axis}
        return {"asked_too": (data.Revision.of(self.home.summary),), **told}


def view(detail: ExperimentDetail) -> None:
    chosen, looks = _options(detail), Looks.of(detail.arms)
    told = chosen.of(detail)
    asked = Asked.of(DIFFICULTY, detail, **told)
    try:
        found = asked.answer()
    except NoResultsError as error:
        st.info(message(Looks.of(chosen.home.arms).name(str(error))), icon=":material/hourglass_empty:")
        return
    _bars(asked, found, looks)
    _choice(Asked.of(CHOOSING, detail, **told), found, looks)
    _ratios(Asked.of(RATIOS, detail, **told), looks)
    _exchanges(data.answer(EXCHANGE, detail, **told), looks)


def _options(detail: ExperimentDetail) -> Told:
    homes = data.on_the_same_data(detail)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        home_id = detail.id
        if len(homes) > 1:
            home_id = st.selectbox(
                "Difficulty by an arm of", list(homes), key="basein", bind="query-params", width=180,
                format_func=lambda each: "this experiment" if each == detail.id else f"#{each} {homes[each]}",
                help="An arm of another experiment, with another seed, shares no samples with the arms of this one.",
            )  # fmt: skip
        home = detail if home_id == detail.id else data.experiment(home_id)
        base = arm_fields.one(
            "Base arm", arm_names(home.arms), "base", easiness.finest(home.arms).label,
            "Tells easy problems from hard ones; better none of those compared.",
        )  # fmt: skip
        by = st.selectbox(
            "measured by its",
            list(BY_NAMES),
            key="by",
            bind="query-params",
            format_func=BY_NAMES.__getitem__,
            width=220,
        )
        num_bins = st.number_input("in bins", 1, MOST_BINS, NUM_BINS, key="bins", bind="query-params", width=95)
        axis = st.selectbox(
            "Costs in", list(Axis), index=list(Axis).index(Axis.GENERATED_BY_ALL), key="cost", bind="query-params",
            format_func=lambda each: each.label, width=250,
        )  # fmt: skip
    return Told(home, str(base), by or Easiness.ORACLE, int(num_bins), axis or Axis.GENERATED_BY_ALL)


def _bars(asked: Asked, found: Difficulty, looks: Looks) -> None:
    labels = [each.point.label for each in found.arms if each.point.value.n]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        names = {each: looks.name(each) for each in labels}
        shown = arm_fields.several("Arms", names, "arms", "the best of each bin", is_labelled=False)
        has_all = st.toggle("all arms", key="everyarm", bind="query-params", width=110)
    best = [each.point.label for each in best_of_bins(found)]
    figure = bars_figure(found, looks, labels if has_all else shown or best)
    show(asked.detail, Plot("difficulty", figure, lambda: DIFFICULTY.table(found).csv, asked=[asked]))
    sizes = sorted({members.size for members in found.base.bins.members})
    size = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,} or {sizes[-1]:,}"
    st.caption(
        f"Accuracy in each bin of {size} problems, easiest first, with 95 % intervals over the problems of the bin. "
        + " ".join(_about_bins(found.base, looks))
    )


def _about_bins(base: easiness.BaseArm, looks: Looks) -> Iterator[str]:
    if not base.is_at_home:
        yield f"The bins are by {in_markdown(base.arm.label)} of experiment #{base.experiment_id}."
    yield from (in_markdown(looks.name(each)) for each in easiness.notes(base))
    if base.is_at_home and base.arm.seed is None:
        yield "A base arm with a seed of its own flatters no other; one of another experiment flatters nobody."


def _choice(asked: Asked, arms: Difficulty, looks: Looks) -> None:
    found: Choosing = asked.answer()
    if found.unchosen is not None:
        st.info(f"No choice by difficulty: {in_markdown(looks.name(found.unchosen))}.", icon=":material/block:")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.subheader("Compute-optimal choice", anchor=False, width="content")
        is_log = st.toggle("log scale", value=True, key="costlog", bind="query-params")
        has_arms = st.toggle("all arms", key="withall", bind="query-params", help="Each arm at its own cost, too")
    own = curves_of([each.point for each in arms.arms]) if has_arms else ()
    axes = Axes.of(found.base.axis, is_log=is_log)
    figure = accuracy_figure((*own, *choice_curves(found)), axes, looks, height_px=BESIDE_OTHERS_PX)
    file = partial(choosing.csv, arms, found) if has_arms else lambda: CHOOSING.table(found).csv
    show(asked.detail, Plot("compute-optimal", figure, file, asked=[asked]))
    costs = in_markdown(" ".join(found.cost_notes))
    st.caption(
        "Within each budget, each bin has the setting that was best on one half of its problems, at a mean cost within "
        "the budget there, measured on the other half (which may by chance spend more), and the other way round "
        "[Snell et al. §3.2, §5.3]. Settings are all "
        "other arms on the base arm’s model, and what fewer samples of a vote or a best of N would have given. "
        "*One for all* is the same choice without knowing the difficulty. Points lie at what was spent, not at "
        "the budget; *binning charged* adds what the base arm spent. Dotted: the votes and best-of-N themselves. "
        f"Adjusted: Holm’s p for all rows of the second table together, by which they are clear or not. {costs}"
    )
    with st.expander("Each budget: what was chosen, and what that is worth"):
        answers.show("choices", choosing.choices_table(found), names=looks.names)
        answers.show("worth", choosing.worth_table(found), names=looks.names)


def _ratios(asked: Asked, looks: Looks) -> None:
    found: Ratios = asked.answer()
    if not found.has_several:
        return
    st.subheader("Sequential against parallel", anchor=False)
    show(asked.detail, Plot("ratio", ratio_figure(found, looks), lambda: RATIOS.table(found).csv, asked=[asked]))
    st.caption(
        "Arms of revisions by how they share one budget of attempts: long chains or many [Snell et al. §6, Fig. 7]. "
        "Solid: all problems; dotted: each bin, the harder the lighter."
    )


def _exchanges(found: Exchanges, looks: Looks) -> None:
    if not found.made:
        return
    st.subheader("Inference instead of pretraining", anchor=False)
    answers.show("exchange", exchange.table(found), names=looks.names)
    st.caption(
        "What the base arm’s model makes of the FLOPs that it takes to pretrain a larger model and to have that answer "
        "once [Snell et al. §7], minus that model’s accuracy, in points, for so many tokens of inference per token of "
        "pretraining. *Run up to* is the dearest setting that was run within the budget: where it is far below, more "
        "samples would have been affordable. Adjusted: Holm’s p for all rows together."
    )
