"""What a submission will probably take."""

import streamlit as st

from dashboard.data.connection import asked
from dashboard.data.service import standing
from results.forecast.bill import Bill, bill
from scaling.spec import Submission

KNOWN_FOR_S = 60.0


def forecast(submission: Submission) -> Bill | None:
    """None: how many problems there are is not known."""
    return _forecast(submission.digest, submission)


@st.cache_data(ttl=KNOWN_FOR_S, show_spinner=False, max_entries=50)
def _forecast(digest: str, _submission: Submission) -> Bill | None:
    """At the prices that workers announced."""
    models = {model.name: model for model in standing().fleet.models}
    prices = {name: model.cost_facts.price_per_million for name, model in models.items()}
    with asked() as engine:
        return bill(engine, _submission, models, prices)
