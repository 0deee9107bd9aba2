"""What the list of traces is filtered by and how it is ordered: one row of fields, and the rest folded.

The address is what they say. Keys of widgets are its parameters; a folded filter that is set is named beside the row,
so that none works unseen. A further one is a line in `FOLDED`, in `choice.FIELDS` and in `db.queries.trace_filter`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial

import streamlit as st

from dashboard import arm_fields, copying, data
from dashboard.address import LIST, Page, here
from dashboard.copying import Asked
from dashboard.escaping import in_html
from dashboard.page import in_place_error
from dashboard.trace.choice import CUTS, ORDER_NAMES, TraceChoice, read_choice, scan_choice
from dashboard.trace.text import visible
from db.opinions import Rating
from db.queries import ExperimentDetail, TraceOrder
from db.search.terms import SearchError, terms_of
from results import arm_names
from results.traces.question import TRACES
from scaling.types import Unread

SAYS_HELP = (
    "Words that the trace says, from their start on: wait finds Waiting. A phrase in quotes; signs as they stand, "
    r"as \boxed{3 or 12*3."
)
WITHOUT_WIDGET = ("arm", "verdict", "job_status")
"""What the address alone says: counts are links, and arms are shown by their names."""

Field = Callable[[ExperimentDetail, str], object]


def _choices(label: str, options_of: Callable[[ExperimentDetail], Sequence[str]]) -> Field:
    def draw(detail: ExperimentDetail, key: str) -> None:
        said = st.query_params.get(key)
        options = list(dict.fromkeys([*options_of(detail), *([said] if said else [])]))
        st.selectbox(label, options, index=None, placeholder="any", key=key, bind="query-params")

    return draw


def _number(label: str, step: int | float, detail: ExperimentDetail, key: str) -> None:
    least = 0 if isinstance(step, int) else None
    most = 2**31 - 1 if isinstance(step, int) else None
    st.number_input(label, least, most, value=None, step=step, key=key, bind="query-params", placeholder="any")


def _question(detail: ExperimentDetail, key: str) -> None:
    st.text_input("In the problem's id or question", key=key, bind="query-params", live=True)


def _errors(detail: ExperimentDetail) -> list[str]:
    return [kind.signature for kind in data.failures(detail.id)] if detail.summary.jobs.failed else []


FOLDED: Mapping[str, Field] = {
    "level": _choices("Level", lambda detail: data.levels(detail.id)),
    "problem": _choices("Problem", lambda detail: ()),
    "question": _question,
    "least": partial(_number, "Thinking tokens, from", 1),
    "most": partial(_number, "to", 1),
    "minscore": partial(_number, "Score, from", 0.05),
    "maxscore": partial(_number, "to", 0.05),
    "minwaits": partial(_number, "Waits really forced, from", 1),
    "maxwaits": partial(_number, "to", 1),
    "cut": _choices("Thinking cut by its limit", lambda detail: tuple(CUTS)),
    "unread": _choices("Why unread", lambda detail: tuple(Unread)),
    "rated": _choices("Somebody rates it", lambda detail: tuple(Rating)),
    "tagged": _choices("Somebody tags it", lambda detail: data.annotation_tags(detail.id)),
    "error": _choices("Failed with the error", _errors),
    "hit": _choices("With a hit of the scan", lambda detail: [scan_choice(each) for each in data.scans(detail.id)]),
}
ROWS = (("question",), ("level", "problem"), ("least", "most"), ("minscore", "maxscore"), ("minwaits", "maxwaits"),
        ("cut", "unread"), ("rated", "tagged"), ("error",), ("hit",))  # fmt: skip
WORDS = {
    "level": "level {}", "problem": "problem {}", "question": "asks “{}”", "least": "thinking from {}",
    "most": "thinking to {}", "minscore": "score from {}", "maxscore": "score to {}", "minwaits": "Waits from {}",
    "maxwaits": "Waits to {}", "cut": "{}", "unread": "unread: {}",
    "rated": "rated {}", "tagged": "tagged {}", "error": "error: {}", "hit": "hit of scan {}",
}  # fmt: skip
"""What a folded filter is called where it is set."""


def filters(detail: ExperimentDetail) -> None:
    with st.container(key="traces-filters", horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Says", key="says", bind="query-params", icon=":material/search:", help=SAYS_HELP, placeholder="any words"
        )
        arm_fields.one("Arm", arm_names(detail.arms), "arm")
        st.selectbox("Order", list(ORDER_NAMES.values()), key="order", bind="query-params")
        with st.popover("More", icon=":material/tune:"):
            for names in ROWS:
                for column, name in zip(st.columns(len(names)), names, strict=True):
                    with column:
                        FOLDED[name](detail, name)
        copying.menu(
            "traces", f"experiment-{detail.id}-traces", [asked(read_choice(detail.id, said(), detail.arms), detail)]
        )
    _explain(said().get("says"))


def asked(choice: TraceChoice, detail: ExperimentDetail) -> Asked:
    """All that the list has, on whatever page of it."""
    told: dict[str, object] = {name: value for name, value in asdict(choice.matching).items() if value is not None}
    if arm_id := told.pop("arm_id", None):
        told["arm"] = next(arm.label for arm in detail.arms if arm.id == arm_id)
    if "hit" in told:
        told["hit"] = str(told["hit"])
    if choice.order is not TraceOrder.PROBLEM:
        told["order"] = choice.order
    return Asked.of(TRACES, detail, **told)


def _explain(typed: str | None) -> None:
    if typed:
        try:
            terms_of(typed)
        except SearchError as error:
            in_place_error(str(error))


def said() -> dict[str, str]:
    """What filters the list: widgets are bound to the address, which may lag behind them by a moment."""
    found = {name: st.query_params.get(name) if name in WITHOUT_WIDGET else st.session_state.get(name) for name in LIST}
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def folded_html(parameters: Mapping[str, str]) -> str:
    """The folded filters that are set, each a link that takes it away."""
    links = "".join(_folded_html(name, parameters[name]) for name in WORDS if name in parameters)
    return f'<div class="ot-counts">{links}</div>' if links else ""


def _folded_html(name: str, value: str) -> str:
    said, way = (
        in_html(visible(WORDS[name].format(value))),
        in_html(here(Page.TRACES, **{name: None}, page=None, row=None)),
    )
    return (
        f'<a class="ot-folded" href="{way}" title="take this filter away: {said}"><bdi>{said}</bdi> '
        '<span aria-hidden="true">×</span></a>'
    )
