"""Which problems: a data set that the workers know by name, a file that is uploaded here, or one where workers run."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data
from dashboard.form.draft import OPTION_COLUMNS, Texts
from dashboard.form.fields import labelled
from dashboard.form.findings import Findings
from dashboard.form.inputs import plain_field
from dashboard.form.problems import problems_drawn
from dashboard.form.uploaded import deleting_drawn, uploader_drawn, which
from dashboard.form.written import key
from scaling.answers.graders import GRADERS
from scaling.types import GraderName

BUILT_IN = "ladder-test"
NAMED, UPLOADED, FILE = "by name", "an upload", "a file where workers run"
COLUMNS = ("question", "answer", "level")
HINTS = {
    "limit": "all",
    "seed": "0",
    "options": "option_a, option_b",
    "incorrect": "found in GPQA’s files",
    "path": "aime24.jsonl",
}
"""What stands in a field that is empty; in that of a column its usual name."""


def data_set_drawn(texts: Texts, findings: Findings) -> dict[str, str]:
    """What is typed; of the other sources nothing is kept."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Data set", anchor=False, width="content")
        source = st.segmented_control(
            "Where its problems are",
            [NAMED, UPLOADED, FILE],
            default=FILE if texts.get("path") else UPLOADED if texts.get("upload") else NAMED,
            key=key("source"),
            required=True,
            label_visibility="collapsed",
        )
    fields = {NAMED: _named_fields, UPLOADED: _upload_fields, FILE: _file_fields}[str(source)]
    typed = {name: text for name, text in fields(texts, findings).items() if text}
    findings.below("data_set")
    problems_drawn(typed)
    return typed


def _named_fields(texts: Texts, findings: Findings) -> dict[str, str]:
    where, *others = st.columns([2, 1, 1])
    with where:
        name = texts.get("name") or BUILT_IN
        typed = st.session_state.get(key("data_set.name"), name)
        options = list(dict.fromkeys(filter(None, [*data.data_set_names(), name, typed])))
        chosen = st.selectbox("name", options, options.index(name), key=key("data_set.name"), accept_new_options=True)
        findings.below("data_set", "name")
    return {"name": chosen or "", **_fields(["limit", "seed"], others, texts, findings)}


def _file_fields(texts: Texts, findings: Findings) -> dict[str, str]:
    typed = _fields(["path", "limit", "seed"], st.columns([2, 1, 1]), texts, findings)
    return typed | _columns_fields(texts, findings)


def _upload_fields(texts: Texts, findings: Findings) -> dict[str, str]:
    uploader_drawn()
    where, *others = st.columns([2, 1, 1])
    with where:
        address = which(texts.get("upload") or "")
        findings.below("data_set", "upload")
        deleting_drawn(address)
    typed = _fields(["limit", "seed"], others, texts, findings)
    return {"upload": address, **typed, **_columns_fields(texts, findings)}


def _columns_fields(texts: Texts, findings: Findings) -> dict[str, str]:
    columns = st.columns(len(COLUMNS) + 1)
    typed = _fields(COLUMNS, columns[:-1], texts, findings)
    with columns[-1]:
        typed["grader"] = _grader(texts.get("grader") or GraderName.MATH.value)
        findings.below("data_set", "grader")
    if typed["grader"] in set(GraderName) and GRADERS[GraderName(typed["grader"])].takes_options:
        typed |= _fields(OPTION_COLUMNS, st.columns(2), texts, findings)
    return typed | {name: texts[name] for name in ("id", "subject") if texts.get(name)}


def _fields(
    names: Sequence[str], columns: Sequence[DeltaGenerator], texts: Texts, findings: Findings
) -> dict[str, str]:
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
    words, help = labelled("grader", "data_set")
    return str(st.selectbox(words, known, known.index(chosen), key=key("data_set.grader"), help=help))
