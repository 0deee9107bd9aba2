"""What people call the fields of a spec, and how its values are said to them: `waits: [0, 1]` as "Waits 0, 1".

A field that is not listed is called by its key, so that a new strategy needs nothing here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

from scaling.spec.errors import Place, shown

CALLED: Mapping[str, str] = MappingProxyType(
    {
        "answer": "expected column",
        "at_limit": "at the budget",
        "chain": "chains of",
        "data_set": "data set",
        "grader": "compared as",
        "id": "id column",
        "incorrect": "wrong options’ columns",
        "level": "level column",
        "limit": "problems, at most",
        "max_answer_tokens": "answer budget",
        "max_thinking_tokens": "thinking budget",
        "options": "options’ columns",
        "path": "file",
        "question": "question column",
        "repeats": "repeats of each problem",
        "subject": "subject column",
        "token_cap": "tokens spent, at most",
        "top_k": "top k",
        "top_p": "top p",
        "upload": "uploaded file",
        "wait": "text of a Wait",
        "waits": "Waits",
    }
)
"""By their key, wherever it stands, but for those of PLACED."""

PLACED: Mapping[Place, str] = MappingProxyType({("data_set", "seed"): "which problems (seed)"})


def called(*place: str | int) -> str:
    """The field at the place, in words."""
    name = place[-1]
    return PLACED.get(place) or CALLED.get(str(name)) or str(name).replace("_", " ")


def in_words(value: JsonValue) -> str:
    """A value, the list of a sweep, or a strategy with what it sets."""
    if isinstance(value, Mapping):
        return _mapping_in_words(value)
    if isinstance(value, list):
        return ", ".join(map(in_words, value)) or "none"
    if value is None:
        return "not set"
    return value if isinstance(value, str) and _is_plain(value) else shown(value)


def _is_plain(text: str) -> bool:
    return bool(text) and text.isprintable() and text == text.strip() and not set(text) & set(",:;→\"'")


def _mapping_in_words(value: Mapping[str, JsonValue]) -> str:
    said = [f"{called(name)} {in_words(inner)}" for name, inner in value.items() if name != "strategy"]
    strategy = value.get("strategy")
    if isinstance(strategy, str):
        said.insert(0, strategy.replace("_", " "))
    return ", ".join(said) or "nothing"
