"""Which of the files that were uploaded, by anybody; and taking one away, after a question."""

import streamlit as st

from dashboard import data, person
from dashboard.escaping import in_markdown
from dashboard.form.fields import labelled
from dashboard.form.written import key
from dashboard.page import in_place_error
from db.errors import UnknownUploadError, UploadInUseError
from db.queries.data_sets import Upload
from db.uploads import MAX_BYTES
from results.wording import moment

KINDS = ["jsonl", "csv", "tsv", "parquet", "gz"]
CHOSEN, WHY_NOT = "data_set.upload", "upload.why-not"
MOST_NAMED = 8


def uploader_drawn() -> None:
    st.file_uploader(
        "A file of questions with their answers",
        KINDS,
        key=key("uploaded"),
        max_upload_size=MAX_BYTES >> 20,
        on_change=_take,
    )


def _take() -> None:
    """What was uploaded is kept where every worker can read it, and chosen."""
    file = st.session_state.get(key("uploaded"))
    if file is not None:
        st.session_state[key(CHOSEN)] = data.keep_upload(file.name, file.getvalue(), person.name())


def which(address: str) -> str:
    """The address of the one that is chosen; empty: none is."""
    known = {each.address: each for each in data.uploads()}
    words, help = labelled("upload", "data_set")
    chosen = st.session_state.get(key(CHOSEN), address)
    options = list(dict.fromkeys(filter(None, [*known, chosen])))
    found = st.selectbox(
        words,
        options,
        options.index(address) if address in options else None,
        key=key(CHOSEN),
        format_func=lambda option: _named(known[option]) if option in known else option,
        help=help,
        placeholder="upload one above, or choose one that was",
    )
    return str(found or "")


def deleting_drawn(address: str) -> None:
    """Of the one that is chosen."""
    with st.container():
        if upload := next((each for each in data.uploads() if each.address == address), None):
            _deleting(upload)
        if why_not := st.session_state.pop(key(WHY_NOT), None):
            in_place_error(why_not)


def _named(upload: Upload) -> str:
    return f"{upload.name} · {upload.owner} · {upload.address[:6]}"


def _deleting(upload: Upload) -> None:
    with st.popover("Delete this file", icon=":material/delete:", type="tertiary", key=key("upload.delete")):
        size = f"{upload.num_bytes / 1e6:,.1f} MB"
        st.caption(f"{in_markdown(_named(upload))}, {size}, uploaded {moment(upload.uploaded_at)}. {_asked_by(upload)}")
        st.button(
            "Delete it for ever", type="primary", key=key("upload.delete.really"), on_click=_delete, args=[upload]
        )


def _asked_by(upload: Upload) -> str:
    if not upload.experiments:
        return "No experiment asks what is in it."
    named = ", ".join(f"#{each}" for each in upload.experiments[:MOST_NAMED])
    more = len(upload.experiments) - MOST_NAMED
    others = f" and {more:,} more" if more > 0 else ""
    return in_markdown(f"Asked by {named}{others}: they keep their results, and cannot be run again without it.")


def _delete(upload: Upload) -> None:
    try:
        data.delete_upload(upload.address)
    except (UnknownUploadError, UploadInUseError) as error:
        st.session_state[key(WHY_NOT)] = str(error)
    else:
        st.session_state[key(CHOSEN)] = None
