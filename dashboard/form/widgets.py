"""The form on the page: fields that fill a Draft, each with what is wrong with it below.

Widgets keep their text in the session under keys made here; `fill` writes a Draft into them, `drawn` reads one back
while it draws them.
"""

from collections.abc import Sequence

import streamlit as st

from dashboard.escaping import in_markdown
from dashboard.form.arm_widgets import ARM_IDS, Findings, add_arm, arm_fields, text_field
from dashboard.form.draft import NUMBERS, OPTION_COLUMNS, PROMPT_FIELDS, SAMPLING_FIELDS, Document, Draft, Offered
from scaling.answers.graders import GRADERS
from scaling.types import GraderName

BUILT_IN_DATA_SET = "ladder-test"
SOURCES = {"registered": "registered name", "file": "file on the workers' side"}
DATA_SET_TEXTS = ("path", "question", "answer", "limit", "seed", *OPTION_COLUMNS)


def fill(draft: Draft) -> None:
    """Before any widget is drawn: what each is to show."""
    state = st.session_state
    state["form.name"] = draft.name
    state["form.source"] = "file" if draft.data_set.get("path") else "registered"
    state["form.data_set.name"] = draft.data_set.get("name", BUILT_IN_DATA_SET)
    state["form.data_set.grader"] = draft.data_set.get("grader", GraderName.MATH.value)
    for name in DATA_SET_TEXTS:
        state[f"form.data_set.{name}"] = draft.data_set.get(name, "")
    state["form.models"] = list(draft.models)
    state["form.tags"] = list(draft.tags)
    state["form.notes"] = draft.notes
    state["form.kept"] = draft.kept
    for section, texts, fields in (
        ("sampling", draft.sampling, SAMPLING_FIELDS),
        ("prompt", draft.prompt, PROMPT_FIELDS),
    ):
        for each in fields:
            state[f"form.{section}.{each.name}"] = texts.get(each.name, "")
    for name in NUMBERS:
        state[f"form.{name}"] = draft.numbers.get(name, "")
    state[ARM_IDS] = []
    for arm in draft.arms:
        add_arm(arm)


def drawn(findings: Findings, offered: Offered) -> Draft:
    """Draws the form and returns what is typed in it."""
    first, second = st.columns([3, 2])
    with first:
        name = st.text_input("Name", key="form.name", placeholder="budget forcing on AIME")
        findings.below("name")
    with second:
        chosen = _models_field(offered.models)
        findings.below("models")
    data_set = _data_set_fields(findings)
    st.subheader("Arms", anchor=False)
    st.caption(
        "A number or a text may be a sweep: `8, 16, 32` makes three arms, `Wait | Hmm` two. Sweeps in one arm multiply."
    )
    arms = tuple(
        arm_fields(position, number, offered, findings) for position, number in enumerate(st.session_state[ARM_IDS])
    )
    findings.below("arms")
    st.button("Add an arm", icon=":material/add:", on_click=add_arm)
    sampling, prompt, numbers = _settings_fields(findings)
    tags, notes = _label_fields(findings)
    return Draft(name, data_set, chosen, arms, sampling, prompt, numbers, tags, notes, _kept(findings))


def _models_field(models: Sequence[str]) -> tuple[str, ...]:
    options = [*models, *(each for each in st.session_state.get("form.models", []) if each not in models)]
    said = "every arm runs on each of them" if models else "no worker has announced any yet"
    return tuple(
        st.multiselect("Models", options, key="form.models", placeholder=said, accept_new_options=True, help=said)
    )


def _data_set_fields(findings: Findings) -> dict[str, str]:
    st.subheader("Data set", anchor=False)
    source = st.segmented_control(
        "Where its problems are", ["registered", "file"], key="form.source", required=True,
        label_visibility="collapsed", format_func=lambda each: SOURCES[each],
    )  # fmt: skip
    texts: dict[str, str] = {}
    where, *others = st.columns([3, 1, 1] if source == "registered" else [3, 1, 1, 1, 1, 1])
    with where:
        if source == "registered":
            options = list(
                dict.fromkeys([BUILT_IN_DATA_SET, st.session_state.get("form.data_set.name") or BUILT_IN_DATA_SET])
            )
            texts["name"] = st.selectbox("Name", options, key="form.data_set.name", accept_new_options=True) or ""
        else:
            texts["path"] = st.text_input("Path", key="form.data_set.path", placeholder="aime24.jsonl")
        findings.below("data_set", "name" if source == "registered" else "path")
    rest = ["limit", "seed"] if source == "registered" else ["question", "answer", "grader", "limit", "seed"]
    for column, name in zip(others, rest, strict=True):
        with column:
            texts[name] = _data_set_field(name)
            findings.below("data_set", name)
    if "grader" in texts and GRADERS[GraderName(texts["grader"])].takes_options:
        for column, name in zip(st.columns(2), OPTION_COLUMNS, strict=True):
            with column:
                texts[name] = _data_set_field(name)
                findings.below("data_set", name)
    findings.below("data_set")
    return {name: text for name, text in texts.items() if text}


def _data_set_field(name: str) -> str:
    key = f"form.data_set.{name}"
    if name == "grader":
        return str(st.selectbox("Grader", [grader.value for grader in GraderName], key=key))
    labels = {
        "limit": ("At most", "all"),
        "seed": ("Seed of the draw", "0"),
        "options": ("Columns: options A, B, C …", "option_a, option_b"),
        "incorrect": ("Columns: incorrect options", "found in GPQA's files"),
    }
    label, placeholder = labels.get(name, (f"Column: {name}", name))
    return st.text_input(label, key=key, placeholder=placeholder)


def _settings_fields(findings: Findings) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    st.subheader("Sampling, prompt and repeats", anchor=False)
    sampling: dict[str, str] = {}
    for column, each in zip(st.columns(len(SAMPLING_FIELDS)), SAMPLING_FIELDS, strict=True):
        with column:
            sampling[each.name] = text_field(f"form.sampling.{each.name}", each)
            findings.below("sampling", each.name)
    prompt: dict[str, str] = {}
    for column, each in zip(st.columns(len(PROMPT_FIELDS)), PROMPT_FIELDS, strict=True):
        with column:
            prompt[each.name] = st.text_area(
                each.name, key=f"form.prompt.{each.name}", height=70, help=each.help, placeholder="default: none"
            )
            findings.below("prompt", each.name)
    numbers: dict[str, str] = {}
    defaults = {"repeats": "1", "seed": "0", "priority": "0"}
    for column, name in zip(st.columns(len(NUMBERS)), NUMBERS, strict=True):
        with column:
            numbers[name] = st.text_input(name, key=f"form.{name}", placeholder=f"default: {defaults[name]}").strip()
            findings.below(name)
    return sampling, prompt, numbers


def _kept(findings: Findings) -> Document:
    """What the form has no fields for, with what is wrong with it."""
    kept: Document = st.session_state.get("form.kept", {})
    if kept:
        st.caption(f"Kept as written, and to be edited as YAML: {', '.join(map(in_markdown, kept))}.")
    for name in kept:
        findings.below(name)
    return kept


def _label_fields(findings: Findings) -> tuple[tuple[str, ...], str]:
    left, right = st.columns([1, 2])
    with left:
        tags = st.multiselect(
            "Tags", list(st.session_state.get("form.tags", [])), key="form.tags", accept_new_options=True
        )
        findings.below("tags")
    with right:
        notes = st.text_area("Notes", key="form.notes", height=70)
        findings.below("notes")
    return tuple(tags), notes
