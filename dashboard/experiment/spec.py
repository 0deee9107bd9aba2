"""What an experiment is made of: its spec as it was handed in, models, servers and code, digests, how to keep it."""

from collections.abc import Sequence

import streamlit as st
from pydantic import JsonValue

from dashboard import data
from dashboard.escaping import in_html, message
from db.queries import ExperimentDetail, swaps, told
from scaling.spec import yaml12


def spec(detail: ExperimentDetail) -> None:
    states = data.made_by(data.Revision.of(detail.summary))
    for swap in swaps(states):
        st.warning(message(swap), icon=":material/swap_horiz:")
    left, right = st.columns(2, gap="large")
    with left:
        _part(
            "The spec, as it was handed in" if detail.spec_yaml else "The spec", detail.spec_yaml or _yaml(detail.spec)
        )
        _numbers(detail)
    with right:
        if detail.models:
            _part("The models, as they were known when the jobs were laid out", _yaml(detail.models))
        made: Sequence[JsonValue] = [{"attempts": state.attempts, **state.facts} for state in states]
        facts = told({"expansion": detail.provenance, "attempts": list(made)})
        _part("Code, graders and seeds when they were laid out, and what made their attempts", _yaml(facts))


def _yaml(facts: JsonValue) -> str:
    return yaml12.dump(facts)


def _part(title: str, text: str) -> None:
    """With its lines numbered, as errors cite them; numbers are not copied along."""
    st.subheader(title, anchor=False)
    lines = "".join(f"<li><code>{in_html(line)}</code></li>" for line in text.rstrip("\n").split("\n"))
    st.html(f'<ol class="ot-lines" dir="ltr" tabindex="0" aria-label="{in_html(title)}">{lines}</ol>')


def _numbers(detail: ExperimentDetail) -> None:
    of_data = detail.summary.data_set_digest or "none yet"
    said = [
        f"Digest of the spec `{detail.summary.digest}`, of the data set `{of_data}`.",
        f"All of it as files, which any Overthink restores: `overthink archive {detail.id}`.",
    ]
    st.caption(" ".join(said))
