"""What is wrong with a spec, said so that it can be mended: where, what was given, what is allowed, what is nearest."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import ErrorDetails

from scaling.errors import BadInputError, nearest, suggestion

Place = tuple[str | int, ...]
"""Where in the spec: ("arms", 1, "waits"), written arms[1].waits."""

Fault = tuple[Place, str]
"""Where something is wrong, and what."""

ALLOWED = "Allowed"
_MAX_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class SpecFault:
    """One thing to mend. `location` is file and line, or whatever the value came from."""

    place: Place
    message: str
    location: str

    @property
    def path(self) -> str:
        return dotted(self.place)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.location, self.path, self.message) if part)


class SpecError(BadInputError, ValueError):
    """The spec cannot be run as it is written. Each of `faults` says where, and what to do about it."""

    def __init__(self, faults: Iterable[SpecFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class PlacedError(ValueError):
    """Raised by a validator that knows the places of what it finds, relative to its own model."""

    def __init__(self, found: Sequence[tuple[Place, str]]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(f"{dotted(place)}: {message}" for place, message in found))


def dotted(place: Place) -> str:
    """("arms", 1, "waits") as arms[1].waits."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def shown(value: object) -> str:
    """A value as it would be written, not too long."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else f"{text[: _MAX_SHOWN_CHARACTERS - 1]}…"


def faults_of(
    errors: Iterable[ErrorDetails],
    data: JsonValue,
    location: Callable[[Place], str],
    allowed_keys: Callable[[Place, JsonValue], Sequence[str]],
) -> list[SpecFault]:
    """pydantic's errors in our words. `allowed_keys(place, data)` names the keys of the mapping at `place`."""
    found: dict[tuple[Place, str], None] = {}
    misspelt: set[Place] = set()
    for error in errors:
        if error["type"] == "too_short" and error["input"]:
            continue  # counted after the broken ones were dropped, and those are reported
        place, parent = _place(error, data)
        own = error.get("ctx", {}).get("error")
        if isinstance(own, PlacedError):
            found |= {((*place, *inner), message): None for inner, message in own.found}
        else:
            keys = allowed_keys(place[:-1], parent) if error["type"] == "extra_forbidden" else ()
            misspelt.add((*place[:-1], next(iter(nearest(place[-1], keys)), "")) if keys else ())
            found[_tag_place(error, place), _message(error, place, keys)] = None
    faults = [
        SpecFault(place, message, location(place))
        for place, message in found
        if not (place in misspelt and message.startswith(_MISSING))
    ]
    return sorted(faults, key=_line)


def _line(fault: SpecFault) -> int:
    """Faults are read from the top of the file down."""
    line = fault.location.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def _place(error: ErrorDetails, data: JsonValue) -> tuple[Place, JsonValue]:
    """The error's loc without pydantic's union tags, which are no keys; and the mapping that holds its last step."""
    place: list[str | int] = []
    here, parent = data, data
    for position, step in enumerate(error["loc"]):
        is_missing = error["type"] == "missing" and position == len(error["loc"]) - 1
        if isinstance(here, Mapping) and isinstance(step, str) and (step in here or is_missing):
            parent, here = here, here.get(step)
        elif isinstance(here, Sequence) and not isinstance(here, str) and isinstance(step, int) and step < len(here):
            parent, here = here, here[step]
        else:
            continue
        place.append(step)
    return tuple(place), parent


def _tag_place(error: ErrorDetails, place: Place) -> Place:
    return (*place, "strategy") if error["type"].startswith("union_tag") else place


def _message(error: ErrorDetails, place: Place, keys: Sequence[str]) -> str:
    kind, given, context = error["type"], shown(error.get("input")), error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key{suggestion(place[-1], keys, ALLOWED)}"
    if kind == "missing":
        return f"{_MISSING}; give it a value"
    if kind in ("literal_error", "enum"):
        allowed = [word.strip("'") for word in re.split(r", | or ", str(context.get("expected", "")))]
        return f"unknown value {given}{suggestion(error.get('input'), allowed, ALLOWED)}"
    if kind == "union_tag_invalid":
        allowed = re.findall(r"'([^']*)'", str(context["expected_tags"]))
        return f"unknown strategy {shown(context['tag'])}{suggestion(context['tag'], allowed, ALLOWED)}"
    if kind == "union_tag_not_found":
        return "missing; name the strategy"
    if kind in _LIMITS:
        limit = next(iter(context.values()))
        return f"expected {_LIMITS[kind]} {limit}, got {given}"
    if kind in ("too_short", "string_too_short"):
        return "empty; give at least one" if kind == "too_short" else "empty; give a name"
    expected = next((words for pattern, words in _EXPECTED if re.match(pattern, kind)), None)
    if expected is not None:
        return f"expected {expected}, got {given}"
    return f"{error['msg'].removeprefix('Value error, ')}" + ("" if kind == "value_error" else f", got {given}")


_MISSING = "missing"
_LIMITS = {
    "greater_than_equal": "at least",
    "greater_than": "more than",
    "less_than_equal": "at most",
    "less_than": "less than",
    "string_too_long": "no more characters than",
}
_EXPECTED: tuple[tuple[str, str], ...] = (
    (r"int_", "a whole number"),
    (r"float_|finite_number", "a number"),
    (r"bool_", "true or false"),
    (r"string_type|string_sub_type", "text (put it in quotes if it looks like a number)"),
    (r"list_type|tuple_type|set_type", "a list"),
    (r"model_type|model_attributes_type|dict_type|mapping_type|dataclass_type", "a mapping of keys to values"),
)
