"""What people say of what models wrote: notes, ratings and tags, and which of two they prefer. All of it by a name.

There is no log-in: a name is what somebody typed, and no proof of who it was.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from scaling.errors import BadInputError

LONGEST_NAME = 80
LONGEST_TAG = 60
LONGEST_NOTE = 20_000
MOST_TAGS = 20


class Rating(StrEnum):
    """How good a trace is, as its reader sees it, whatever its verdict."""

    GOOD = "good"  # sound from its beginning to its end
    FAIR = "fair"  # with faults that do not matter for the answer
    POOR = "poor"  # wrong, lost, or right by luck


class Choice(StrEnum):
    """Which of two traces of one problem, shown blind and side by side, is better."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"  # both as good, or both as bad


class Shown(StrEnum):
    """What a judge saw of either trace."""

    ANSWER = "answer"  # the text behind the thinking
    REASONING = "reasoning"  # the thinking, and the text behind it


class OpinionError(BadInputError):
    """What was said cannot be kept: a name or a tag is missing or too long, or a note is. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """All that one person says of one thing, now. Empty: they say nothing of it any more.

    Of an experiment there is a note only: its tags are its own, and it is no text to be rated.
    """

    note: str = ""
    rating: Rating | None = None
    tags: tuple[str, ...] = ()


NOTHING = Opinion()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two jobs of one problem under two arms, as they stood side by side, and which was chosen."""

    left_job: int
    right_job: int
    choice: Choice
    shown: Shown = field(default=Shown.REASONING)


def person_named(name: str) -> str:
    """The name as it is kept. Raises OpinionError."""
    joined = " ".join(name.split())
    if not 0 < len(joined) <= LONGEST_NAME:
        raise OpinionError(f"who says it? A name has 1 to {LONGEST_NAME} characters, got {len(joined):,}")
    return joined


def checked(opinion: Opinion) -> Opinion:
    """With each tag once, and no spaces around note and tags. Raises OpinionError."""
    tags = tuple(dict.fromkeys(filter(None, (" ".join(each.split()) for each in opinion.tags))))
    if len(opinion.note) > LONGEST_NOTE:
        raise OpinionError(f"a note has at most {LONGEST_NOTE:,} characters, got {len(opinion.note):,}")
    if len(tags) > MOST_TAGS or any(len(each) > LONGEST_TAG for each in tags):
        raise OpinionError(f"at most {MOST_TAGS} tags, of {LONGEST_TAG} characters at most")
    return Opinion(opinion.note.strip(), opinion.rating, tags)
