"""Handing in an experiment: from a form or as YAML, two views of the same submission, checked while it is typed."""

from dataclasses import dataclass

import streamlit as st
from pydantic import JsonValue

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.escaping import in_markdown, message
from dashboard.form.arm_widgets import Findings
from dashboard.form.draft import Draft, Offered, document, draft_of, faults
from dashboard.form.presets import BLANK, alike, presets
from dashboard.form.widgets import drawn, fill
from dashboard.ways import go, link
from results.wording import power_words
from scaling.spec import Submission, yaml12
from scaling.spec.errors import SpecError, SpecFault
from scaling.statistics.power import power_of

FORM, YAML = "Form", "YAML"
MEND = "mend what is marked in red."


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form or in the text. `submission` None: it cannot be handed in, for what `to_do` says."""

    submission: Submission | None
    text: str
    to_do: str = MEND
    shown: tuple[SpecFault, ...] = ()
    """What is wrong and stands beside its field."""


def main() -> None:
    frame.page_title("Submit an experiment")
    _start_from()
    left, right = st.columns([2, 1], gap="large") if _view() == YAML else (st.container(), None)
    with left:
        typed = _as_yaml() if _view() == YAML else _as_form()
    with right or st.container():
        _hand_in(typed)


def _view() -> str:
    return str(st.session_state.get("as") or st.query_params.get("as") or FORM)


def _start_from() -> None:
    """What the form starts with is in the address: a preset, or an experiment to do alike."""
    offered = {preset.name: preset for preset in presets()}
    like = frame.number_in_url("like")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        preset = st.selectbox(
            "Start from",
            list(offered),
            index=None,
            key="preset",
            bind="query-params",
            placeholder="a blank form",
            width=280,
        )
        st.segmented_control(
            "As", [FORM, YAML], default=FORM, required=True, key="as", bind="query-params", on_change=_change_view,
            label_visibility="collapsed",
        )  # fmt: skip
    if preset and offered[preset].about:
        st.caption(message(offered[preset].about))
    source = f"preset {preset}" if preset else f"experiment {like}" if like is not None else "blank"
    if st.session_state.get("submit.source") != source or "submit.text" not in st.session_state:
        st.session_state["submit.source"] = source
        _begin(offered[preset].text if preset else _text_of(like))
    elif _view() == FORM and "form.name" not in st.session_state:
        _begin(st.session_state["submit.text"])  # back from another page: Streamlit forgot the fields


def _text_of(like: int | None) -> str:
    if like is None:
        return _blank()
    detail = data.experiment(like)
    return alike(detail.spec_yaml, detail.spec, detail.summary.digest)


def _blank() -> str:
    """On the first of the models that are served, if any are."""
    served = list(data.standing().fleet.served[:1])
    return BLANK.replace("models: []", f"models: {yaml12.dump(served, is_flow=True).strip()}")


def _begin(text: str) -> None:
    """Shows the text as YAML, and in the fields where the form can say it."""
    st.session_state["submit.text"] = text
    st.session_state["yaml"] = text
    try:
        fill(draft_of(_mapping_of(text)))
    except ValueError as error:
        st.session_state["submit.unformable"] = str(error)
    else:
        st.session_state.pop("submit.unformable", None)


def _mapping_of(text: str) -> dict[str, JsonValue]:
    try:
        said = yaml12.load(text)
    except yaml12.YAMLError as error:
        raise ValueError(f"this is not YAML yet: {error}") from error
    if not isinstance(said, dict):
        raise ValueError("a spec is a mapping with name, data_set, models and arms")
    return said


def _change_view() -> None:
    """From one view to the other, what was said goes along."""
    _begin(st.session_state["submit.text"])


def _as_form() -> Typed:
    unformable = st.session_state.get("submit.unformable")
    text = st.session_state["submit.text"]
    if unformable:
        st.warning(f"The form cannot show this: {in_markdown(unformable)}. Go on in the YAML view.")
        return Typed(None, text, "the form cannot show what was written. Go on in the YAML view.")
    findings = Findings(st.session_state.get("submit.problems", ()))
    draft = drawn(findings, _offered())
    submission, problems = _checked(draft)
    text = st.session_state["submit.text"] = yaml12.dump(document(draft), is_flow=None, width=100)
    if st.session_state.get("submit.problems", ()) != problems:
        st.session_state["submit.problems"] = problems
        st.rerun()  # what is wrong stands beside its field, above what was just read
    for problem in findings.unplaced():
        frame.in_place_error(f"{problem.path}: {problem.message}".removeprefix(": "))
    return Typed(submission, text, shown=problems)


def _offered() -> Offered:
    fleet = data.standing().fleet
    return Offered(tuple(model.name for model in fleet.models), tuple(each.name for each in fleet.verifiers))


def _checked(draft: Draft) -> tuple[Submission | None, tuple[SpecFault, ...]]:
    """What was typed amiss, else what the spec refuses, else what the models that are served do."""
    if typed_amiss := faults(draft):
        return None, typed_amiss
    try:
        submission = Submission.from_data(document(draft), source="form")
    except SpecError as error:
        return None, error.faults
    return submission, data.check(submission).faults


def _as_yaml() -> Typed:
    text = st.text_area("Spec", key="yaml", height=560, label_visibility="collapsed")
    st.session_state["submit.text"] = text
    try:
        return Typed(Submission.from_yaml(text, source="line"), text)
    except SpecError as error:
        for problem in error.faults:
            frame.in_place_error(str(problem))
        return Typed(None, text)


def _hand_in(typed: Typed) -> None:
    with st.container(border=True):
        submission = typed.submission
        if submission is None:
            st.markdown(f"**Not ready:** {typed.to_do}")
            st.button("Submit", type="primary", disabled=True, icon=":material/send:")
            return
        _size(submission)
        checks = data.check(submission)
        for fault in checks.faults:
            if fault not in typed.shown:
                frame.in_place_error(str(fault))
        if checks.faults:
            st.markdown(f"**Not ready:** {MEND}")
        for note in checks.notes:
            st.warning(message(note), icon=":material/info:")
        again = _known_already(submission)
        is_refused = bool(checks.faults) or again is False
        if st.button("Submit", type="primary", disabled=is_refused, icon=":material/send:"):
            _send(submission, typed.text, again=bool(again))


def _size(submission: Submission) -> None:
    """The dry run: how much is asked for, at most."""
    asked = submission.size({model.name: model for model in data.standing().fleet.models})
    cells = {
        "arms": f"{asked.arms:,}",
        "problems, at most": "all" if asked.problems is None else f"{asked.problems:,}",
        "jobs, at most": "–" if asked.jobs is None else f"{asked.jobs:,}",
        "chains, at most": "–" if asked.chains is None else f"{asked.chains:,}",
        "generated tokens, at most": "–" if asked.generated_tokens is None else f"{asked.generated_tokens:,}",
    }
    with st.container(horizontal=True, gap="medium"):
        for name, value in cells.items():
            st.metric(name, value, width="content")
    power = power_of(asked.problems, submission.repeats, asked.arms)
    if power is not None:
        st.caption(power_words(power))
    with st.expander("The arms"):
        st.code("\n".join(f"{arm.label}  on {arm.model}" for arm in submission.expand()), language=None)


def _known_already(submission: Submission) -> bool | None:
    """None: this is new. Else whether it is to be run once more."""
    twin = data.twin(submission.digest)
    if twin is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            f"The same spec was submitted before: experiment #{twin.id}, {twin.status.shown}.",
            icon=":material/history:",
        )
        link(f"Open #{twin.id}", href(Page.EXPERIMENT, id=twin.id))
    return st.checkbox("Run it again, as another experiment", key="again")


def _send(submission: Submission, text: str, *, again: bool) -> None:
    try:
        made = data.hand_in(submission, text, again=again)
    except SpecError as error:
        for fault in error.faults:
            st.error(message(str(fault)))
        return
    for note in made.notes:
        st.toast(message(note), icon=":material/info:", duration="long")
    go(href(Page.EXPERIMENT, id=made.experiment_id))


main()
