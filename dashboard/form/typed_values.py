"""Values as they are typed into a field, and as YAML would read them. `read` and `typed` undo one another. Pure."""

import json
import re
from enum import StrEnum

from pydantic import JsonValue

WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
FRACTION = re.compile(r"[-+]?(?=\.?[0-9])(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?")
"""Neither begins with a 0 too many: `1,000` is two numbers here, and the second of them none."""
BAR = re.compile(r'\|(?=[^"]*(?:"[^"]*"[^"]*)*$)')
MASHED = re.compile(r"[0-9][\s;/|]+[-+.0-9]")
"""Numbers apart by something else than a comma."""


class Kind(StrEnum):
    """How a field's text is read."""

    NUMBER = "number"  # 8 or, where sweeps are allowed, 8, 16, 32
    TEXT = "text"  # as it stands; where sweeps are allowed, texts apart by |; "" is the empty text
    FLAG = "flag"  # true or false
    CHOICE = "choice"  # some of a closed set of values; texts apart by | where sweeps are allowed
    NAME = "name"  # of what workers announced; texts apart by | where sweeps are allowed
    CHAIN = "chain"  # a nested strategy


TEXTS = (Kind.TEXT, Kind.CHOICE, Kind.NAME)


def read(text: str, kind: Kind) -> JsonValue:
    """One value, or the list of a sweep. What cannot be read goes on as text, for the spec to refuse in its place."""
    if kind in TEXTS:
        values: list[JsonValue] = [_read_text(piece) for piece in pieces(text)]
    else:
        values = [as_number(piece.strip()) for piece in _split_up(text, kind)]
    return values[0] if len(values) == 1 else values


def fault(text: str, kind: Kind) -> tuple[int, str] | None:
    """What is wrong with what was typed, and in which value of the sweep (from 0), where a spec could not say it.

    None: nothing. Whatever else is wrong goes on to the spec as it stands.
    """
    parts = [part.strip() for part in _split_up(text, kind)]
    if "" in parts:
        apart = 'one | each; the empty text is written ""' if kind is Kind.TEXT else "one comma each: 1, 2"
        return parts.index(""), f"nothing stands here. Several values stand apart by {apart}"
    mashed = next((part for part in parts if kind is Kind.NUMBER and MASHED.search(part)), None)
    if mashed is not None:
        return parts.index(mashed), f'"{mashed}" is no number. Several stand apart by commas: 1, 2'
    return None


def _split_up(text: str, kind: Kind) -> list[str]:
    """The values of a sweep, as typed."""
    return pieces(text) if kind in TEXTS else text.split(",")


def pieces(text: str) -> list[str]:
    """Apart by the | that stand outside quotes."""
    return [piece.strip() for piece in BAR.split(text)]


def _read_text(piece: str) -> str:
    if piece.startswith('"') and piece.endswith('"') and len(piece) > 1:
        try:
            return str(json.loads(piece))
        except json.JSONDecodeError:
            return piece
    return piece


def as_number(text: str) -> JsonValue:
    """A number, truth or none as YAML would read it; else the text as it stands."""
    if WHOLE.fullmatch(text):
        return int(text)
    if FRACTION.fullmatch(text):
        return float(text)
    return {"true": True, "false": False, "none": None, "null": None}.get(text.lower(), text)


def typed(value: JsonValue, kind: Kind) -> str:
    """How a value, or the list of a sweep, would be typed. The inverse of `read`."""
    values = value if isinstance(value, list | tuple) else [value]
    if kind in TEXTS:
        return " | ".join(_typed_text(each) for each in values)
    return ", ".join(
        "none" if each is None else str(each).lower() if isinstance(each, bool) else str(each) for each in values
    )


def _typed_text(value: JsonValue) -> str:
    text = str(value)
    is_plain = bool(text) and text == text.strip() and not set(text) & {"|", '"'}
    return text if is_plain else '"' + json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', "\\u0022") + '"'
