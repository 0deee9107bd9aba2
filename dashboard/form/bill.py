"""What it would come to, beside the form and always in view: what is asked for, what can be shown, what is known."""

import streamlit as st

from dashboard import data
from dashboard.address import Page, href
from dashboard.escaping import in_html, in_markdown, message
from dashboard.ways import link
from results.wording import UNKNOWN, power_words
from scaling.spec import Submission
from scaling.statistics.power import power_of


def bill_drawn(submission: Submission) -> None:
    asked = submission.size({model.name: model for model in data.standing().fleet.models})
    rows = {
        "arms": _count(asked.arms),
        "problems, at most": "all" if asked.problems is None else _count(asked.problems),
        "jobs, at most": _count(asked.jobs),
        "chains, at most": _count(asked.chains),
        "generated tokens, at most": _count(asked.generated_tokens),
    }
    cells = "".join(f"<dt>{in_html(name)}</dt><dd>{in_html(value)}</dd>" for name, value in rows.items())
    st.html(f'<dl class="ot-bill">{cells}</dl>')


def fine_print_drawn(submission: Submission) -> None:
    """What it can show, and its arms one by one."""
    asked = submission.size()
    power = power_of(asked.problems, submission.repeats, asked.arms)
    if power is not None:
        st.caption(in_markdown(power_words(power)))
    with st.expander(f"The {asked.arms:,} arms"):
        labels = "".join(f"<li>{in_html(f'{arm.label} on {arm.model}')}</li>" for arm in submission.expand())
        st.html(f'<ol class="ot-arms">{labels}</ol>')


def _count(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"


def known_already(submission: Submission) -> bool | None:
    """None: this is new. Else whether it is to be run once more."""
    twin = data.twin(submission.digest)
    if twin is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="ot-known"):
        said = f"The same spec was submitted before: experiment #{twin.id}, {twin.status.shown}."
        st.markdown(f":material/history: {message(said)}", width="content")
        link(f"Open #{twin.id}", href(Page.EXPERIMENT, id=twin.id))
    return st.checkbox("Run it again, as another experiment", key="again")
