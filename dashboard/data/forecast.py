"""What a submission will probably take."""

from collections.abc import Mapping

import streamlit as st

from dashboard.data.connection import asked
from dashboard.data.problems import looked_at
from dashboard.data.service import standing
from db.problems import Fingerprints
from results.forecast.bill import Bill, bill
from scaling.compute.model_facts import PricePerMillion
from scaling.spec import Submission

KNOWN_FOR_S = 60.0


def as_asked(submission: Submission) -> Submission:
    """Limited to the problems that there are, where they can be read here: as the command's dry run has it."""
    problems = _problems(submission)
    if problems is None:
        return submission
    exact = submission.data_set.model_copy(update={"limit": len(problems)})
    return submission.model_copy(update={"data_set": exact})


def forecast(submission: Submission) -> Bill | None:
    """At the prices that workers announced. None: how many problems there are is not known."""
    prices = {model.name: model.cost_facts.price_per_million for model in standing().fleet.models}
    return _forecast(submission.digest, submission, repr(prices), prices, _problems(submission))


def _problems(submission: Submission) -> Fingerprints | None:
    read = looked_at(submission.data_set.model_dump(mode="json")).preview
    return None if read is None or read.faults else read.fingerprints


@st.cache_data(ttl=KNOWN_FOR_S, show_spinner=False, max_entries=50)
def _forecast(
    digest: str,
    _submission: Submission,
    priced: str,
    _prices: Mapping[str, PricePerMillion | None],
    problems: Fingerprints | None,
) -> Bill | None:
    models = {model.name: model for model in standing().fleet.models}
    with asked() as engine:
        return bill(engine, _submission, models, _prices, problems)
