"""Which problems would be asked: files that people uploaded, and a look at what is in a data set."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from pydantic import JsonValue

from dashboard.data.connection import FRESH_S, asked
from db import transitions
from db.queries.data_sets import AskedBefore, Upload, asked_before
from db.queries.data_sets import uploads as newest_uploads
from scaling.spec import DataSetSpec
from worker import submit
from worker.submit import DataSetError, Preview

MOST_SHOWN = 10
LOOKED_FOR_S = 30.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What can be seen here: the file itself, or else what an earlier experiment asked, and why not the file."""

    preview: Preview | None
    before: AskedBefore | None = None
    why_not: str = ""


def data_set_names() -> tuple[str, ...]:
    return submit.data_set_names()


@st.cache_data(ttl=FRESH_S, show_spinner=False)
def uploads() -> tuple[Upload, ...]:
    with asked() as engine:
        return newest_uploads(engine)


def keep_upload(name: str, content: bytes, owner: str) -> str:
    """Its address."""
    with asked() as engine:
        address = transitions.keep_upload(engine, name, content, owner)
    uploads.clear()
    return address


def delete_upload(address: str) -> None:
    """Raises UnknownUploadError and UploadInUseError."""
    with asked() as engine:
        transitions.delete_upload(engine, address)
    uploads.clear()
    looked_at.clear()


@st.cache_data(ttl=LOOKED_FOR_S, show_spinner="Looking at the problems …", max_entries=50)
def looked_at(data_set: Mapping[str, JsonValue]) -> Looked:
    """As a worker would read it, if this machine has the file."""
    source = DataSetSpec.model_validate(data_set)
    with asked() as engine:
        try:
            return Looked(submit.preview(engine, source, MOST_SHOWN))
        except DataSetError as error:
            return Looked(None, asked_before(engine, data_set, MOST_SHOWN), str(error))
