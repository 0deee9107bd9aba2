"""Where a trace says what was looked for, as columns."""

from db.paths import path_text
from db.search.hits import Hit
from results.columns import Column, Columns


def around(hit: Hit) -> str:
    """On one line."""
    before, after = ("…" if hit.is_begun else ""), ("…" if hit.goes_on else "")
    return " ".join(f"{before}{hit.before}{hit.said}{hit.after}{after}".split())


PLACE: Columns[Hit | None] = (
    Column("words", lambda it: it and around(it), "place", needed=any),
    Column("said", lambda it: it and it.said),
    Column("step", lambda it: it and path_text(it.path)),
    Column("kind", lambda it: it and it.kind),
)
