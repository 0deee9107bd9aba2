"""Ten of the problems that would be asked, with all that is wrong with their file, before anything runs."""

from collections.abc import Sequence

import streamlit as st
from pydantic import ValidationError

from dashboard import data
from dashboard import page as frame
from dashboard.data.problems import Looked
from dashboard.escaping import message
from dashboard.form.draft import Texts, data_set_document
from dashboard.linked_table import Column, show
from scaling.spec import DataSetSpec
from scaling.types import Problem
from worker.submit import Preview

COLUMNS = {
    "id": Column("id", widest="8rem"),
    "question": Column("question", widest="34rem"),
    "answer": Column("expected", widest="12rem"),
    "level": Column("level", widest="7rem"),
}


def problems_drawn(texts: Texts) -> None:
    """Nothing while the data set itself is not right yet: its fields say so."""
    try:
        source = DataSetSpec.model_validate(data_set_document(texts))
    except ValidationError:
        return
    looked = data.looked_at(source.model_dump(mode="json"))
    with st.expander(_title(looked), expanded=bool(looked.preview and looked.preview.faults)):
        if looked.preview is not None:
            _preview(looked.preview)
        else:
            _unseen(looked)


def _title(looked: Looked) -> str:
    if looked.preview is None:
        return "Its problems: read by a worker"
    faults, asked = looked.preview.num_faults, looked.preview.asked
    if faults:
        return f":red[▲ {faults:,} to be mended in the file]"
    return f"Its problems: {asked:,}" + ("" if asked == looked.preview.rows else f" of {looked.preview.rows:,}")


def _preview(shown: Preview) -> None:
    for fault in shown.faults:
        frame.in_place_error(fault)
    if more := shown.num_faults - len(shown.faults):
        st.caption(f"And {more:,} more.")
    if shown.problems:
        _table(shown.problems)
        st.caption(f"The first {len(shown.problems)} of {shown.asked:,} that would be asked.")


def _unseen(looked: Looked) -> None:
    st.caption(message(f"Not read here, a worker will: {looked.why_not}"))
    if looked.before is not None:
        _table(looked.before.problems)
        before = looked.before
        st.caption(f"As experiment #{before.experiment_id} asked them: {before.count:,} problems.")


def _table(problems: Sequence[Problem]) -> None:
    rows = [{name: getattr(problem, name) for name in COLUMNS} for problem in problems]
    show("problems", COLUMNS, rows)
