"""Where a trace says what was looked for, as columns of whatever row has its `hit`."""

from typing import Any

from db.paths import path_text
from db.search.hits import Hit
from results.columns import Column, Columns, any_of


def around(hit: Hit) -> str:
    """On one line."""
    before, after = ("…" if hit.is_begun else ""), ("…" if hit.goes_on else "")
    return " ".join(f"{before}{hit.before}{hit.said}{hit.after}{after}".split())


PLACE: Columns[Any] = (
    Column("words", lambda it: it.hit and around(it.hit), "place", needed=any_of(lambda it: it.hit)),
    Column("said", lambda it: it.hit and it.hit.said),
    Column("step", lambda it: it.hit and path_text(it.hit.path)),
    Column("kind", lambda it: it.hit and it.hit.kind),
)
