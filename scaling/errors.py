"""The two kinds of error that end before a person, who is told what it says and not where it was raised.

An error of ours is of one of these kinds, or somebody of ours catches it. Its docstring says what happened and what to
do; its message says what was given, what was expected, and what was probably meant.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

LONGEST_COMPARED = 200


class BadInputError(Exception):
    """What was given is wrong: a file, an option, a name, or its moment. Nothing was changed."""


class UnreachableError(Exception):
    """A service is missing or does not answer: PostgreSQL, Redis, a model server, the embedded stack."""


def nearest(given: object, known: Sequence[str], most: int = 1) -> list[str]:
    """The known words that were probably meant, the likeliest first."""
    return get_close_matches(str(given)[:LONGEST_COMPARED], known, n=most, cutoff=0.55)


def suggestion(given: object, known: Sequence[str], known_are: str = "Known", shown: Callable[[str], str] = str) -> str:
    """`; did you mean x? Known: x, y`, to end a message with."""
    near = nearest(given, known)
    return f"{f'; did you mean {shown(near[0])}?' if near else '.'} {known_are}: {', '.join(known) or 'none'}"
