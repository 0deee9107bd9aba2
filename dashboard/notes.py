"""Notes, ratings and tags, beside a trace or an experiment: what others say of it, and a form for what one says
oneself."""

from collections.abc import Sequence

import streamlit as st

from dashboard import data, download, person
from dashboard.address import Page, href
from dashboard.escaping import in_html, message, tags_html
from dashboard.trace.text import visible
from dashboard.views import answers
from db.errors import UnknownExperimentError, UnknownJobError
from db.opinions import LONGEST_NOTE, MOST_TAGS, Opinion, OpinionError, Rating
from db.queries import Annotation, Said
from results import arm_names
from results.notes.question import NOTES
from results.wording import moment

HELP = {
    Rating.GOOD: "sound from its beginning to its end",
    Rating.FAIR: "with faults that do not matter for the answer",
    Rating.POOR: "wrong, lost, or right by luck",
}
REFUSED = "note.refused"
"""Of why the last note was not kept."""
RATED = "Your rating: " + "; ".join(f"{rating} is {words}" for rating, words in HELP.items()) + "."


@st.fragment
def of_trace(experiment_id: int, job_id: int) -> None:
    """What people say of one trace, and what you do."""
    said = data.annotations(experiment_id, job_id)
    person.chooser()
    who = person.name()
    _others([each for each in said if each.person != who])
    _own_of_trace(experiment_id, job_id, next((each for each in said if each.person == who), None))


@st.fragment
def of_experiment(experiment_id: int) -> None:
    """Your note on it, and everybody's on it and on its traces, as a table that opens them and a file."""
    said = data.annotations(experiment_id)
    person.chooser()
    who = person.name()
    own = next((each for each in said if each.person == who and each.job_id is None), None)
    _own_of_experiment(experiment_id, own)
    if not said:
        return
    table = NOTES.table(said)
    names = arm_names(data.experiment(experiment_id).arms)
    answers.show("notes", table, [_door(each) for each in said], names=names)
    download.button("CSV", lambda: table.csv, f"experiment-{experiment_id}-notes.csv", key="notes.csv")


def _door(said: Annotation) -> str | None:
    return None if said.job_id is None else href(Page.TRACE, job=said.job_id)


def _others(said: Sequence[Annotation]) -> None:
    if said:
        st.html("".join(map(_opinion_html, said)))


def _opinion_html(said: Annotation) -> str:
    edited = f" · changed {said.earlier}×" if said.earlier else ""
    rating = "" if said.rating is None else f'<span class="ot-rating">{said.rating}</span>'
    return (
        f'<div class="ot-opinion"><div class="ot-opinion-head"><b dir="auto">{in_html(said.person)}</b> {rating} '
        f"{tags_html(said.tags)}<span>{moment(said.said_at)}{edited}</span></div>{_note_html(said.note)}</div>"
    )


def _note_html(note: str) -> str:
    return f'<div class="ot-plain" dir="auto">{in_html(visible(note))}</div>' if note else ""


def _own_of_trace(experiment_id: int, job_id: int, own: Annotation | None) -> None:
    """As a form: nothing is said before it is saved. Its fields begin anew with what was saved last."""
    key = f"note.{job_id}.{person.name()}.{own.earlier if own else None}"
    tags = list(own.tags) if own else []
    with st.form(key, border=False):
        st.segmented_control(
            "Your rating", list(Rating), default=own.rating if own else None, key=f"{key}.rating",
            format_func=lambda each: each.value, help=RATED,
        )  # fmt: skip
        st.multiselect(
            "Your tags", list(dict.fromkeys((*tags, *data.annotation_tags(experiment_id)))), tags, key=f"{key}.tags",
            accept_new_options=True, max_selections=MOST_TAGS, placeholder="type one, and Enter",
        )  # fmt: skip
        st.text_area("Your note", own.note if own else "", key=f"{key}.text", max_chars=LONGEST_NOTE)
        st.form_submit_button("Save", key=f"{key}.save", on_click=_save, args=(experiment_id, job_id, key))
    _saved(own)
    if own:
        _earlier(experiment_id, own)


def _own_of_experiment(experiment_id: int, own: Annotation | None) -> None:
    key = f"note.experiment.{person.name()}.{own.earlier if own else None}"
    with st.form(key, border=False):
        st.text_area(
            "Your note on this experiment", own.note if own else "", key=f"{key}.text", max_chars=LONGEST_NOTE,
            height=80,
        )  # fmt: skip
        st.form_submit_button("Save", key=f"{key}.save", on_click=_save, args=(experiment_id, None, key))
    _saved(own)


def _save(experiment_id: int, job_id: int | None, form: str) -> None:
    """What stands in the form; of an experiment there is a note only."""
    field = st.session_state.get
    opinion = Opinion(field(f"{form}.text") or "", field(f"{form}.rating"), tuple(field(f"{form}.tags") or ()))
    st.session_state.pop(REFUSED, None)
    try:
        data.annotate(experiment_id, job_id, person.name(), opinion)
    except (OpinionError, UnknownJobError, UnknownExperimentError) as error:
        st.session_state[REFUSED] = str(error)


def _saved(own: Annotation | None) -> None:
    if refused := st.session_state.pop(REFUSED, None):
        st.error(message(refused))
    if own:
        st.caption(f"Saved {moment(own.said_at)}")


def _earlier(experiment_id: int, own: Annotation) -> None:
    if not own.earlier:
        return
    with st.expander(f"What you said before ({own.earlier})"):
        st.html("".join(map(_said_html, data.said_earlier(experiment_id, own.job_id, own.person))))


def _said_html(said: Said) -> str:
    rating = "" if said.rating is None else f'<span class="ot-rating">{said.rating}</span>'
    head = f'<div class="ot-opinion-head">{rating} {tags_html(said.tags)}<span>{moment(said.said_at)}</span></div>'
    return f'<div class="ot-opinion">{head}{_note_html(said.note)}</div>'
