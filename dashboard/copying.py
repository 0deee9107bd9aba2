"""What a part of a page shows, to take away: the link, the command and the lines of Python that give the same rows, and
the rows as Parquet.

A part names the questions that it answered (`Asked`), and answers through them: so what is copied asks what was asked.
"""

import io
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as parquet
import streamlit as st
from pydantic import JsonValue

from dashboard import data, download
from dashboard.escaping import in_html
from db.queries import ExperimentDetail
from db.search.found import FoundTrace
from results.columns import Record, Table
from results.questions import Question
from results.traces import found
from results.wording import shown

PARQUET = "application/vnd.apache.parquet"


class Copied(Protocol):
    """Rows, and what gives the same rows elsewhere."""

    @property
    def table(self) -> Table[Any]: ...

    @property
    def command(self) -> str: ...

    @property
    def call(self) -> str:
        """An expression of Python: rows, a dictionary each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about an experiment, as `data.answer` takes it."""

    question: Question[Any]
    detail: ExperimentDetail
    options: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[data.Revision, ...] = ()
    asked_too: tuple[data.Revision, ...] = ()

    @classmethod
    def of(cls, question: Question[Any], detail: ExperimentDetail, /, **told: Any) -> "Asked":
        """With `others` and `asked_too` among what it is told, as `data.answer` takes them."""
        known = {name: told.pop(name) for name in ("others", "asked_too") if name in told}
        return cls(question, detail, told, **known)

    def answer(self) -> Any:
        return data.answer(self.question, self.detail, self.others, self.asked_too, **self.options)

    @property
    def table(self) -> Table[Any]:
        return self.question.table(self.answer())

    @property
    def command(self) -> str:
        if self.question.command is not None:
            return shlex.join(["overthink", self.question.command, str(self.detail.id), *self._flags, "--csv"])
        others = [word for each in self.others for word in ("--with", str(each.experiment_id))]
        options = [
            word
            for name, value in self._said.items()
            for each in (value if isinstance(value, list) else [value])
            for word in ("--option", f"{name}={each}")
        ]
        view = ["--view", self.question.name]
        return shlex.join(["overthink", "results", str(self.detail.id), *others, *view, *options, "--csv"])

    @property
    def _flags(self) -> list[str]:
        return [word for name, value in self._said.items() for word in (f"--{name.replace('_', '-')}", shown(value))]

    @property
    def call(self) -> str:
        others = {"others": [each.experiment_id for each in self.others]} if self.others else {}
        told = "".join(f", {name}={value!r}" for name, value in {**others, **self._said}.items())
        return f"overthink.frame({self.detail.id}, {self.question.name!r}{told})"

    @property
    def _said(self) -> dict[str, Any]:
        """Options as they are typed: those that are as they are without saying so, left out."""
        return {name: _plain(value) for name, value in self.options.items() if value not in (None, ())}


@dataclass(frozen=True, slots=True)
class Searched:
    """What says `typed`, in one experiment or in all: the newest `data.MOST_COPIED` traces."""

    typed: str
    among: int | None

    @property
    def table(self) -> Table[FoundTrace]:
        return found.table(data.found_traces(self.typed, self.among))

    @property
    def command(self) -> str:
        within = [] if self.among is None else ["--in", str(self.among)]
        limit = ["--limit", str(data.MOST_COPIED)]
        return shlex.join(["overthink", "search", *within, *limit, "--csv", "--", self.typed])

    @property
    def call(self) -> str:
        within = "" if self.among is None else f", within={self.among}"
        return f"overthink.search({self.typed!r}{within}, limit={data.MOST_COPIED})"


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value


def commands(asked: Sequence[Copied]) -> str:
    return "\n".join(each.command for each in asked)


def python(asked: Sequence[Copied]) -> str:
    """Its last line is a data frame."""
    calls = [each.call for each in asked]
    rows = calls[0] if len(calls) == 1 else f"[{', '.join(f'*{call}' for call in calls)}]"
    return f"import overthink, pandas\n\npandas.DataFrame({rows})"


def parquet_of(rows: Sequence[Mapping[str, JsonValue]]) -> bytes:
    """A column that has numbers in some rows and text in others is text."""
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def _column(values: list[JsonValue]) -> pa.Array:
    is_mixed = len({isinstance(each, str) for each in values if each is not None}) > 1
    return pa.array([None if each is None else str(each) for each in values] if is_mixed else values)


def code(text: str) -> None:
    """What is to be typed or kept, literally, with a button that copies it.

    `st.code` fetches a highlighter of 1.6 MB, whose colours are too faint.
    """
    st.html(_line_html("Copy", text, "Text"))


def menu(name: str, stem: str, asked: Sequence[Copied]) -> None:
    """`name` is unique on its page; `stem` names the files."""
    with st.popover("Copy", icon=":material/content_copy:", key=f"{name}.copy"):
        texts = {"Link": None, "Command": commands(asked), "Python": python(asked)}
        st.html("".join(_line_html(title, text) for title, text in texts.items()))
        download.button(
            "Parquet", lambda: parquet_of(rows_of(asked)), f"{stem}.parquet", key=f"{name}.parquet", media_type=PARQUET
        )


def rows_of(asked: Sequence[Copied]) -> list[Record]:
    return [row for each in asked for row in each.table.flat]


def _line_html(title: str, text: str | None, what: str = "") -> str:
    """A button that copies, and what it copies below; None: the address that is open. It then says: `what` copied."""
    if text is None:
        return f'<div class="ot-copy"><button type="button" data-does="link">{title}</button></div>'
    said = in_html(text)
    button = f'<button type="button" data-does="copy" data-text="{said}" data-what="{what or title}">{title}</button>'
    return f'<div class="ot-copy">{button}<pre>{said}</pre></div>'
