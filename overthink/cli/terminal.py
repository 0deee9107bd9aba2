"""Standard output and standard error as Rich consoles, JSON documents, and the one look of all tables."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from overthink.cli.harmless import harmless

WIDTH_WITHOUT_TERMINAL = 10_000
"""Piped output is as wide as its tables: somebody greps it, and nothing of it may be cut or folded away."""


def standard_output() -> Console:
    return _console(is_error=False)


def standard_error() -> Console:
    return _console(is_error=True)


class HarmlessConsole(Console):
    """Prints strings as they stand: no markup, no emoji codes, no control characters."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(harmless(text), **options)


def _console(is_error: bool) -> Console:
    stream = sys.stderr if is_error else sys.stdout
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return HarmlessConsole(
        emoji=False, stderr=is_error, highlight=False, width=width, markup=False, soft_wrap=width is not None
    )


def print_document(document: object) -> None:
    """As the only thing on standard output."""
    print(json.dumps(document, indent=2, allow_nan=False))


def table(*columns: str, numbers: Iterable[str] = ()) -> Table:
    """An empty table; columns named in `numbers` are flushed right, and never wrapped."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    right = set(numbers)
    for column in columns:
        is_number = column in right
        made.add_column(column, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return made


def plain(text: str, style: str = "") -> Text:
    return Text(harmless(text), style)
