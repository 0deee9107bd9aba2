"""The finding in words, above everything else that is shown of the results: what was found, and what was not."""

from collections.abc import Iterator

import streamlit as st

from dashboard import data
from dashboard.escaping import in_html
from dashboard.views.answers import typographic
from db.queries import ExperimentDetail
from results import NoResultsError, UnknownArmError, UnknownOptionError, best_words, usual_model
from results.best import BEST
from results.verdict import VERDICT
from results.verdict.words import SIGNS, headline
from results.wording import INSTRUMENT_CHECK
from scaling.spec.families import SelectorError

TINY = "ladder-tiny"


def shown(detail: ExperimentDetail) -> None:
    """What the spec asked before anybody looked comes before what was picked afterwards."""
    said = best_words(data.answer(BEST, detail))
    judged = list(_verdicts(detail)) if detail.families else []
    first, *others = [*judged, said.lead]
    rest = [(each, "ot-rest") for each in (*others, " ".join(said.rest))]
    aside = [(" ".join(_beside(detail)), "ot-aside")]
    lines = "".join(_line_html(*each) for each in (*rest, *aside) if each[0])
    st.html(f'<section class="ot-finding" aria-label="Finding">{_line_html(first, "ot-lead")}{lines}</section>')


def _line_html(words: str, css_class: str) -> str:
    return f'<p class="{css_class}">{in_html(typographic(words))}</p>'


def _verdicts(detail: ExperimentDetail) -> Iterator[str]:
    """A line for each claim. Where they cannot be judged, their own view says why."""
    try:
        found = data.answer(VERDICT, detail)
    except (NoResultsError, UnknownOptionError, UnknownArmError, SelectorError):
        return
    for claimed in found.claims:
        if claimed.decided is not None:
            yield f"{SIGNS[claimed.verdict]} {headline(claimed, found.rule)}"


def _beside(detail: ExperimentDetail) -> Iterator[str]:
    models = {arm.model for arm in detail.arms}
    usual = usual_model(detail.arms)
    if len(models) > 1 and usual is not None:
        yield f"Arms that name no model are on {usual}."
    if TINY in models:
        yield f"Instrument check. {INSTRUMENT_CHECK}"
