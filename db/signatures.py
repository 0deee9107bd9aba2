"""What errors have in common that differ in problems, numbers, ids, paths and quoted texts only: in Python and in SQL.

`prompt of 3,029 tokens exceeds the context of 1,024` has the signature `prompt of N tokens exceeds the context of N`.
The patterns mean the same to both: no classes of characters that a locale decides, no alternatives.
"""

import re

MOST_CHARACTERS = 300

PATTERNS = (
    (r"^problem [^:]*:", "problem …:"),
    (r'"[^"]*"', '"…"'),
    (r"[a-z][a-z0-9+]*://[^ ,;)]*", "URL"),
    (r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", "ID"),
    (r"0x[0-9a-fA-F]+", "ID"),
    (r"(^|[^A-Za-z0-9_.~/<-])(/[A-Za-z0-9_.~+-]+)+", r"\1PATH"),
    (r"(^|[^A-Za-z0-9_.-])[0-9]+([.,][0-9]+)*", r"\1N"),
)
"""In this order. A number that belongs to a name, as in `qwen2.5-7B`, stays."""


def signature(error: str) -> str:
    for pattern, common in PATTERNS:
        error = re.sub(pattern, common, error)
    return error[:MOST_CHARACTERS]


def signature_of(column: str) -> str:
    """The same as an expression of PostgreSQL."""
    expression = f"coalesce({column}, '')"
    for pattern, common in PATTERNS:
        expression = f"regexp_replace({expression}, {_quoted(pattern)}, {_quoted(common)}, 'g')"
    return f"left({expression}, {MOST_CHARACTERS})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
