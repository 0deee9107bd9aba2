"""What the two arms, and their experiments, were told otherwise: the difference of their specs, in words."""

from collections.abc import Iterator

import streamlit as st
from pydantic import ValidationError

from dashboard import data
from dashboard.compare.chosen import Chosen
from dashboard.escaping import in_html
from db.queries import Arm
from results import Comparison
from scaling.spec import ExperimentSpec
from scaling.spec.difference import difference
from scaling.spec.words import called, in_words

ALIKE = "Nothing: the two arms were told the same, but for their experiments."
OF_ANOTHER_VERSION = "was written for another version of Overthink: its spec cannot be read here."


def part(chosen: Chosen, comparison: Comparison) -> None:
    first, second = comparison.first, comparison.second
    st.html(_list_html("The arms", list(_arms_differ(first, second)) or [ALIKE]))
    homes = [chosen.reference(each).experiment for each in (first, second)]
    if homes[0] != homes[1]:
        st.html(_list_html(f"The specs of experiments {homes[0]} and {homes[1]}", list(_specs_differ(*homes))))


def _arms_differ(first: Arm, second: Arm) -> Iterator[str]:
    told = [
        {"strategy": each.strategy, "model": each.model, "verifier": each.verifier, **each.params}
        for each in (first, second)
    ]
    for name in dict.fromkeys(name for each in told for name in each):
        before, after = (each.get(name) for each in told)
        if before != after and name != "experiment":
            yield f"{called(*name.split('.'))}: {in_words(before)} → {in_words(after)}"


def _specs_differ(first: int, second: int) -> Iterator[str]:
    """Raises nothing: what cannot be read is said."""
    specs = []
    for each in (first, second):
        try:
            specs.append(ExperimentSpec.model_validate(data.experiment(each).spec))
        except ValidationError:
            yield f"experiment {each} {OF_ANOTHER_VERSION}"
            return
    changes = [change.sentence for change in difference(*specs)]
    yield from changes or ["They say the same."]


def _list_html(title: str, sentences: list[str]) -> str:
    items = "".join(f'<li dir="auto">{in_html(each)}</li>' for each in sentences)
    return f'<div class="ot-spec-difference"><h4>{in_html(title)}</h4><ul>{items}</ul></div>'
