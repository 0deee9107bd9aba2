"""What it would come to, beside the form and always in view: what is asked, what it likely takes, what it can show."""

from collections.abc import Iterator

import streamlit as st

from dashboard import data
from dashboard.address import Page, href
from dashboard.escaping import in_html, in_markdown, message
from dashboard.ways import link
from results.forecast.bill import Bill
from results.forecast.words import bill_words, dollars_shown, seconds_shown, tokens_shown
from results.wording import UNKNOWN, power_words
from scaling.spec import ExperimentSize, Submission
from scaling.statistics.power import power_of


def bill_drawn(submission: Submission) -> None:
    asked = data.as_asked(submission).size({model.name: model for model in data.standing().fleet.models})
    rows = dict(_rows(asked, data.forecast(submission)))
    if submission.token_cap is not None:
        rows["stops at"] = f"{submission.token_cap:,} tokens"
    cells = "".join(f"<dt>{in_html(name)}</dt><dd>{in_html(value)}</dd>" for name, value in rows.items())
    st.html(f'<dl class="ot-bill">{cells}</dl>')


def _rows(asked: ExperimentSize, bill: Bill | None) -> Iterator[tuple[str, str]]:
    """What is not known is a dash; what there is nothing of is left out."""
    yield "arms", f"{asked.arms:,}"
    yield "problems, at most", "all" if asked.problems is None else f"{asked.problems:,}"
    yield "jobs, at most", _counted(asked.jobs)
    if bill is not None and bill.before:
        yield "done before", f"{bill.jobs_before:,}"
    if asked.chains != asked.jobs:
        yield "chains, at most", _counted(asked.chains)
    yield "tokens, likely", UNKNOWN if bill is None or bill.generated is None else tokens_shown(bill.generated)
    yield "tokens, at most", _counted(asked.generated_tokens)
    yield "time, likely", UNKNOWN if bill is None or bill.seconds is None else seconds_shown(bill.seconds)
    if bill is not None and bill.dollars is not None:
        yield "price, likely", dollars_shown(bill.dollars)


def _counted(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"


def fine_print_drawn(submission: Submission) -> None:
    """What all of that is by, what it can show, and its arms one by one."""
    asked, bill = data.as_asked(submission).size(), data.forecast(submission)
    power = power_of(asked.problems, submission.repeats, asked.arms)
    if power is not None:
        st.caption(in_markdown(power_words(power)))
    if bill is not None:
        with st.expander("What this is expected by"):
            for sentence in bill_words(bill):
                st.caption(in_markdown(sentence))
    with st.expander(f"The {asked.arms:,} arms"):
        labels = "".join(f"<li>{in_html(f'{arm.label} on {arm.model}')}</li>" for arm in submission.expand())
        st.html(f'<ol class="ot-arms">{labels}</ol>')


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
