"""The form on the page: a Draft in, what is typed out, and under each field room for what is wrong with it."""

from collections.abc import Mapping

import streamlit as st

from dashboard.escaping import in_markdown
from dashboard.form.arms import arms_drawn
from dashboard.form.data_set import data_set_drawn
from dashboard.form.draft import NUMBERS, Document, Draft
from dashboard.form.fields import PROMPT_FIELDS, SAMPLING_FIELDS, Offered, labelled
from dashboard.form.findings import Findings
from dashboard.form.inputs import long_field, one_value_field, plain_field
from dashboard.form.written import key

DEFAULTS = {"repeats": "1", "seed": "0", "priority": "0", "token_cap": "none"}


def drawn(draft: Draft, offered: Offered, findings: Findings) -> Draft:
    first, second = st.columns(2)
    with first:
        name = plain_field("name", labelled("name"), draft.name, "budget forcing on AIME")
        findings.below("name")
    with second:
        models = _models_field(draft, offered)
        findings.below("models")
    with st.container():  # as many elements after it, whatever it shows: else they would lose what is being typed
        data_set = data_set_drawn(draft.data_set, findings)
    arms = arms_drawn(draft.arms, offered, findings)
    sampling, prompt, numbers = _settings(draft, findings)
    tags, notes = _labels(draft, findings)
    return Draft(name, data_set, models, arms, sampling, prompt, numbers, tags, notes, _kept(draft.kept, findings))


def _models_field(draft: Draft, offered: Offered) -> tuple[str, ...]:
    typed = st.session_state.get(key("models"), draft.models)
    hint = "every arm runs on each of them" if offered.models else "no worker has announced any yet"
    return tuple(
        st.multiselect(
            "models",
            list(dict.fromkeys([*offered.models, *draft.models, *typed])),
            default=draft.models,
            key=key("models"),
            placeholder=hint,
            accept_new_options=True,
            help="Every arm runs on each of them, but for those that name their own.",
        )
    )


def _settings(draft: Draft, findings: Findings) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Folded while all is at its default."""
    is_told = bool(draft.sampling or draft.prompt or draft.numbers)
    with st.expander("Sampling, prompt, repeats and priority", expanded=is_told, key=key("settings")):
        sampling, prompt = _sampling(draft.sampling, findings), _prompt(draft.prompt, findings)
        numbers = _numbers(draft.numbers, findings)
    findings.below("sampling")
    findings.below("prompt")
    return sampling, prompt, numbers


def _sampling(texts: Mapping[str, str], findings: Findings) -> dict[str, str]:
    typed: dict[str, str] = {}
    for row in (SAMPLING_FIELDS[:3], SAMPLING_FIELDS[3:]):
        for column, each in zip(st.columns(3), row, strict=True):
            with column:
                typed[each.name] = one_value_field(f"sampling.{each.name}", each, texts.get(each.name, ""))
                findings.below("sampling", each.name)
    return typed


def _prompt(texts: Mapping[str, str], findings: Findings) -> dict[str, str]:
    typed: dict[str, str] = {}
    for column, each in zip(st.columns(2), PROMPT_FIELDS, strict=True):
        with column:
            label = labelled(each.name, help=each.help)
            typed[each.name] = long_field(f"prompt.{each.name}", label, texts.get(each.name, ""), "none")
            findings.below("prompt", each.name)
    return typed


def _numbers(texts: Mapping[str, str], findings: Findings) -> dict[str, str]:
    typed: dict[str, str] = {}
    for column, name in zip(st.columns([3, 2, 2, 3]), NUMBERS, strict=True):
        with column:
            typed[name] = plain_field(name, labelled(name), texts.get(name, ""), DEFAULTS[name]).strip()
            findings.below(name)
    return typed


def _labels(draft: Draft, findings: Findings) -> tuple[tuple[str, ...], str]:
    left, right = st.columns([1, 2])
    with left:
        typed = st.session_state.get(key("tags"), draft.tags)
        options = list(dict.fromkeys([*draft.tags, *typed]))
        tags = st.multiselect("tags", options, default=draft.tags, key=key("tags"), accept_new_options=True)
        findings.below("tags")
    with right:
        notes = long_field("notes", labelled("notes"), draft.notes)
        findings.below("notes")
    return tuple(tags), notes


def _kept(kept: Document, findings: Findings) -> Document:
    """What the form has no fields for."""
    if kept:
        st.caption(f"Kept as written, and to be edited as YAML: {', '.join(map(in_markdown, kept))}.")
    for name in kept:
        findings.below(name)
    return kept
