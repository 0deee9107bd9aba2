"""The verdict: does one family beat another at equal compute? Each claim in words, cell by cell, and along an axis."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import arm_fields, data
from dashboard.address import Page, here
from dashboard.charts.palette import Looks
from dashboard.charts.verdict import verdict_figure
from dashboard.copying import Asked, code
from dashboard.escaping import in_markdown, message
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from dashboard.views.verdict_matrix import matrix_html
from db.queries import ExperimentDetail
from results import Claimed, NoResultsError, UnknownArmError, UnknownOptionError, Verdicts, arm_names
from results.verdict import VERDICT, missing, spec_of
from results.verdict.words import SIGNS, claim_words, notes_of, primary_words, rule_words
from scaling.compute.axes import Axis
from scaling.spec.families import SelectorError
from scaling.statistics.difficulty import NUM_BINS

MOST_BINS = 10
STILL_RUNNING = (
    "Results still come in. Bands hold for one look at the end: whoever looks again and again, and stops when a "
    "verdict pleases, is wrong more often than the rule says."
)


def view(detail: ExperimentDetail) -> None:
    try:
        asked = Asked.of(VERDICT, detail, **_options(detail))
        found = asked.answer()
    except (NoResultsError, UnknownOptionError, UnknownArmError, SelectorError) as error:
        st.info(message(str(error)), icon=":material/balance:")
        return
    if not detail.summary.status.is_closed:
        st.info(STILL_RUNNING, icon=":material/hourglass_top:")
    if words := primary_words(found):
        st.markdown(f"**{in_markdown(answers.typographic(words))}**")
    for claimed in found.claims:
        _claim(claimed, found)
    if looked_at := [each for each in found.claims if each.standings]:
        _along(asked, found, looked_at)
        _cells(detail, found)
    _missing(detail, found)
    st.caption(in_markdown(answers.typographic(" ".join([*notes_of(found), rule_words(found.rule)]))))


def _options(detail: ExperimentDetail) -> dict[str, Any]:
    """What is chosen here; all else is as the spec says."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axes = st.multiselect(
            "Axes", list(Axis), key="axes", bind="query-params", format_func=lambda each: each.label,
            placeholder="as the rule says", width=260,
        )  # fmt: skip
        budgets = st.text_input(
            "Budgets", key="within", bind="query-params", placeholder="as the rule says", width=180,
            help="Means per problem on the primary axis, or the first, with commas between.",
        )  # fmt: skip
        margin = st.number_input(
            "Margin, points", 0.1, 50.0, None, 0.5, key="margin", bind="query-params", width=150, format="%g",
            placeholder="the rule’s", help="Differences of less make no difference: equivalent.",
        )  # fmt: skip
        parted = _parted(detail)
    families = st.text_input(
        "Families of your own", key="families", bind="query-params",
        placeholder="votes=majority_vote*; forcing=strategy=budget_forcing",
        help="NAME=ARMS with semicolons between: arms by label (* for anything) or by settings. Others are held "
        "against the first.",
    )  # fmt: skip
    told = {"axes": ",".join(axes), "budgets": budgets.strip(), "margin": margin, "families": families.strip()}
    return {name: value for name, value in told.items() if value} | parted


def _parted(detail: ExperimentDetail) -> dict[str, Any]:
    """By which arm problems are parted into bins of difficulty; by none, unless one is chosen."""
    homes = data.on_the_same_data(detail)
    home_id = detail.id
    if len(homes) > 1:
        home_id = st.selectbox(
            "Difficulty by an arm of", list(homes), key="partedin", bind="query-params", width=180,
            format_func=lambda each: "this experiment" if each == detail.id else f"#{each} {homes[each]}",
        )  # fmt: skip
    home = detail if home_id == detail.id else data.experiment(home_id)
    base = arm_fields.one(
        "Difficulty by", arm_names(home.arms), "partedby", placeholder="as the rule says",
        help="Settings are then chosen in each bin. This arm is in no family.",
    )  # fmt: skip
    if base is None:
        return {}
    bins = st.number_input("In bins", 1, MOST_BINS, NUM_BINS, key="parts", bind="query-params", width=95)
    elsewhere = {} if home.id == detail.id else {"base_in": str(home.id)}
    return {"base": base, "bins": int(bins), "asked_too": (data.Revision.of(home.summary),), **elsewhere}


def _claim(claimed: Claimed, found: Verdicts) -> None:
    st.markdown(f"#### {in_markdown(claimed.claim.asks)}")
    words = in_markdown(answers.typographic(claim_words(claimed, found.rule)))
    if not claimed.standings:
        st.markdown(words)
        return
    st.markdown(f"**{SIGNS[claimed.verdict]} {claimed.verdict.value}.** {words}")
    st.html(matrix_html(claimed))


def _along(asked: Asked, found: Verdicts, looked_at: Sequence[Claimed]) -> None:
    st.subheader("Along budgets", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        names = {each.claim.name: each for each in looked_at}
        claimed = names[st.selectbox("Claim", list(names), key="claim", bind="query-params", width=300)]
        axis = st.selectbox(
            "Axis", claimed.axes, key="axis", bind="query-params", format_func=lambda each: each.label, width=290
        )
    detail = asked.detail
    looks = Looks.of(detail.arms)
    figure = verdict_figure(claimed, axis or claimed.axes[0], found.rule.margin, detail.arms, looks)
    click = "A click on an upper mark opens the traces of what was chosen, where that is one arm."
    show(detail, Plot("verdict", figure, lambda: VERDICT.table(found).csv, click, asked=[asked]))
    st.caption(
        "Above, the best that each family reached within the budget, with 95 % intervals of each by itself, drawn side "
        "by side. Below, the difference, paired by problem, with its band. Bands hold together over all budgets and "
        "axes of the claim, so they are wider than intervals of one comparison, and they hold at the budgets, not "
        "between them. The verdict is read off the band below, never off the intervals above. The file has all claims."
    )


def _cells(detail: ExperimentDetail, found: Verdicts) -> None:
    """A row draws its claim along its axis."""
    if not st.toggle("all cells as a table", key="allcells", bind="query-params"):
        return
    table = VERDICT.table(found)
    doors = [
        here(Page.EXPERIMENT, claim=claimed.claim.name, axis=standing.axis.label) for claimed, standing in table.rows
    ]
    answers.show("verdict", table, doors)


def _missing(detail: ExperimentDetail, found: Verdicts) -> None:
    """With the command that adds them, where one can."""
    lacking = missing([each.claim for each in found.claims], detail)
    if not lacking:
        return
    st.subheader("Missing for a full answer", anchor=False)
    st.markdown("\n".join(f"- {in_markdown(answers.typographic(f'{each.claim}: {each.why}'))}" for each in lacking))
    if spec_of(lacking, detail) is not None:
        code(f"overthink verdict {detail.id} --missing > more.yaml && overthink run more.yaml")
