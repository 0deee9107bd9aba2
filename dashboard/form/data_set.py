"""Which problems: a data set that the workers know by name, or a file, with how its columns are called."""

from collections.abc import Mapping

import streamlit as st

from dashboard.form.draft import OPTION_COLUMNS
from dashboard.form.fields import labelled
from dashboard.form.findings import Findings
from dashboard.form.inputs import plain_field
from dashboard.form.written import key
from scaling.answers.graders import GRADERS
from scaling.types import GraderName

BUILT_IN = "ladder-test"
NAMED, FILE = "by name", "a file where workers run"
HINTS = {
    "limit": "all",
    "seed": "0",
    "options": "option_a, option_b",
    "incorrect": "found in GPQA’s files",
    "path": "aime24.jsonl",
}
"""What stands in a field that is empty; in that of a column its usual name."""

Texts = Mapping[str, str]


def data_set_drawn(texts: Texts, findings: Findings) -> dict[str, str]:
    """What is typed; of the other source nothing is kept."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Data set", anchor=False, width="content")
        source = st.segmented_control(
            "Where its problems are",
            [NAMED, FILE],
            default=FILE if texts.get("path") else NAMED,
            key=key("source"),
            required=True,
            label_visibility="collapsed",
        )
    typed = _file_fields(texts, findings) if source == FILE else _named_fields(texts, findings)
    findings.below("data_set")
    return {name: text for name, text in typed.items() if text}


def _named_fields(texts: Texts, findings: Findings) -> dict[str, str]:
    where, *others = st.columns([2, 1, 1])
    with where:
        name = texts.get("name") or BUILT_IN
        typed = st.session_state.get(key("data_set.name"), name)
        options = list(dict.fromkeys(filter(None, [BUILT_IN, name, typed])))
        chosen = st.selectbox("name", options, options.index(name), key=key("data_set.name"), accept_new_options=True)
        findings.below("data_set", "name")
    return {"name": chosen or "", **_fields(["limit", "seed"], others, texts, findings)}


def _file_fields(texts: Texts, findings: Findings) -> dict[str, str]:
    typed = _fields(["path", "limit", "seed"], st.columns([2, 1, 1]), texts, findings)
    columns = st.columns(4)
    typed |= _fields(["question", "answer", "level"], columns[:3], texts, findings)
    with columns[3]:
        typed["grader"] = _grader(texts.get("grader") or GraderName.MATH.value)
        findings.below("data_set", "grader")
    if GRADERS[GraderName(typed["grader"])].takes_options:
        typed |= _fields(OPTION_COLUMNS, st.columns(2), texts, findings)
    return typed | {name: texts[name] for name in ("id", "subject") if texts.get(name)}


def _fields(names, columns, texts: Texts, findings: Findings) -> dict[str, str]:  # type: ignore[no-untyped-def]
    typed = {}
    for column, name in zip(columns, names, strict=True):
        with column:
            label = labelled(name, "data_set")
            typed[name] = plain_field(f"data_set.{name}", label, texts.get(name, ""), HINTS.get(name, name))
            findings.below("data_set", name)
    return typed


def _grader(chosen: str) -> str:
    graders = [grader.value for grader in GraderName]
    known = graders if chosen in graders else [*graders, chosen]
    label = labelled("grader", "data_set")
    return str(st.selectbox(label, known, known.index(chosen), key=key("data_set.grader")))
