"""New: an experiment from a preset, from another one or from nothing, as a form or as YAML, with its bill beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard import data, person
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.escaping import in_markdown, message
from dashboard.form import keeper, starts, written
from dashboard.form.arms import arranged
from dashboard.form.bill import bill_drawn, fine_print_drawn, known_already
from dashboard.form.changes import changes_drawn
from dashboard.form.draft import document, draft_of, faults
from dashboard.form.fields import Offered
from dashboard.form.findings import Findings, words
from dashboard.form.starts import Start
from dashboard.form.widgets import drawn
from dashboard.form.yaml_view import line_of, number_lines, yaml_drawn
from dashboard.ways import go
from scaling.spec import Submission
from scaling.spec.errors import SpecError, SpecFault
from worker.submit import WAITS

FORM, YAML = "Form", "YAML"
VIEW, RUN = "new.view", "new.run"
LINE = "line"  # before its number, in a fault's location


@dataclass(frozen=True, slots=True)
class Read:
    """What stands there. `submission` None: it cannot be handed in, for the `faults`."""

    submission: Submission | None
    faults: tuple[SpecFault, ...] = ()
    unknown: tuple[SpecFault, ...] = ()
    """What nobody serves yet: it is waited for."""
    silent: tuple[str, ...] = ()
    """What nobody serves now."""


def main() -> None:
    frame.page_title("New experiment")
    keeper.heard()
    start = starts.chosen()
    written.begin(start.name, start.text)
    with st.container(horizontal=True, vertical_alignment="bottom", key="ot-start"):
        elsewhere = starts.choices_drawn()
        view = _view_drawn()
    _read_before(view)
    keeper.begun()
    told = st.container()  # what comes and goes in it moves nothing that somebody types into
    left, right = st.columns([5, 3], gap="large")
    with left, st.container(key="ot-form"):
        read = VIEWS[view]()
    keeping = st.container()
    is_handed_in = bool(st.session_state.get(RUN))
    if not is_handed_in:  # before the bill, which takes its time
        keeper.kept(keeping)
    with told:
        _start_told(start)
    with right, st.container(key="ot-beside"):
        made = _beside(start, read, has_fields=view == FORM)
    if is_handed_in:
        keeper.kept(keeping)
    if elsewhere is not None:
        go(elsewhere)
    if made is not None:
        go(href(Page.EXPERIMENT, id=made))


def _read_before(view: str) -> None:
    """What was typed last into the other view, which was there until now, or before the page was left."""
    other = YAML if view == FORM else FORM
    if st.session_state.get(VIEW) == other or written.is_typed(in_yaml=other == YAML):
        with st.container(key="hidden-view-before"):
            VIEWS[other]()
        written.read_anew()
    st.session_state[VIEW] = view


def _view_drawn() -> str:
    return str(
        st.segmented_control(
            "As", [FORM, YAML], default=FORM, required=True, key="as", bind="query-params",
            label_visibility="collapsed",
        )
    )  # fmt: skip


def _start_told(start: Start) -> None:
    if start.about:
        st.caption(message(start.about))
    if written.is_changed():
        with st.container(horizontal=True, vertical_alignment="center"):
            said = "Your draft, as you left it." if keeper.is_restored() else "Your draft is kept in this tab."
            st.caption(said, width="content")
            st.button("Start over", type="tertiary", icon=":material/undo:", on_click=written.start_over)


def _as_form() -> Read:
    try:
        draft = draft_of(written.document_of(written.text()))
    except ValueError as error:
        st.warning(f"The form cannot show this: {in_markdown(str(error))}. Go on in the YAML view.")
        return Read(None, _read().faults)
    findings = Findings()
    fleet = data.standing().fleet
    offered = Offered(tuple(model.name for model in fleet.models), tuple(each.name for each in fleet.verifiers))
    typed = drawn(draft, offered, findings)
    written.say(document(draft), document(typed))
    if arranged():
        st.rerun()
    amiss = faults(typed)
    read = Read(None, amiss) if amiss else _read()
    findings.tell(read.faults, read.unknown)
    return read


def _as_yaml() -> Read:
    gutter = yaml_drawn()
    read = _read()
    number_lines(gutter, written.text(), read.faults)
    return read


VIEWS = {FORM: _as_form, YAML: _as_yaml}


def _read() -> Read:
    """What the spec refuses, else what the models that are served do."""
    try:
        submission = Submission.from_yaml(written.text(), source=LINE)
    except SpecError as error:
        return Read(None, error.faults)
    if amiss := _upload_faults(submission):
        return Read(None, amiss)
    checks = data.check(submission)
    return Read(None if checks.faults else submission, checks.faults, checks.unknown, checks.silent)


def _upload_faults(submission: Submission) -> tuple[SpecFault, ...]:
    """What every worker would refuse: they read the same file as this page."""
    if submission.data_set.upload is None:
        return ()
    looked = data.looked_at(submission.data_set.model_dump(mode="json"))
    why = looked.why_not if looked.preview is None else _in_file(looked.preview.num_faults)
    return (SpecFault(("data_set", "upload"), why, LINE),) if why else ()


def _in_file(number: int) -> str:
    things = "1 thing in the file is" if number == 1 else f"{number:,} things in the file are"
    return f"{things} to be mended" if number else ""


def _beside(start: Start, read: Read, *, has_fields: bool) -> int | None:
    """The number of the experiment that was handed in just now."""
    if read.submission is None:
        _to_mend([words(each) if has_fields and each.place else _in_text(each) for each in read.faults])
        st.button("Run", type="primary", disabled=True, icon=":material/play_arrow:", width="stretch")
        return None
    bill_drawn(read.submission)
    again = known_already(read.submission)
    is_pressed = st.button(
        "Run", type="primary", disabled=again is False, icon=":material/play_arrow:", width="stretch", key=RUN
    )
    if is_pressed and (made := _send(read.submission, again=bool(again))) is not None:
        return made
    person.chooser()
    _waits_told(read)
    if start.original is not None:
        changes_drawn(start.name, start.original, read.submission)
    fine_print_drawn(read.submission)
    return None


def _waits_told(read: Read) -> None:
    """It is taken all the same."""
    unknown = [f"{words(fault)}. {WAITS}" for fault in read.unknown]
    if said := " ".join([*read.silent, *unknown]):
        st.warning(message(said), icon=":material/hourglass_empty:")


def _in_text(fault: SpecFault) -> str:
    """`line 5: arms[0].strategy: …`; what is wrong with the text as a whole has no line."""
    line = line_of(fault)
    return str(replace(fault, location="" if line is None else f"line {line}"))


def _to_mend(found: Sequence[str]) -> None:
    count = "1 thing is" if len(found) == 1 else f"{len(found)} things are"
    st.markdown(f"**Not ready:** {count} to be mended.")
    for fault in found:
        frame.in_place_error(fault)


def _send(submission: Submission, *, again: bool) -> int | None:
    try:
        made = data.hand_in(submission, written.text(), owner=person.name(), again=again)
    except SpecError as error:
        for fault in error.faults:
            st.error(message(str(fault)))
        return None
    for note in made.notes:
        st.toast(message(note), icon=":material/info:", duration="long")
    written.start_over()
    return made.experiment_id


main()
