"""Questions with their answers, and what grading says of one: frozen nouns."""

from dataclasses import dataclass
from enum import StrEnum


class GraderName(StrEnum):
    """How an answer is read and compared with the reference. What each can do is in `scaling.answers.graders`."""

    INTEGER = "integer"  # the last integer of the answer, compared as a number (AIME, GSM8K, ladder)
    EXACT = "exact"  # the answer's text, compared after trimming and case folding
    CHOICE = "choice"  # one of the options, by its letter or its text (GPQA)
    MATH = "math"  # LaTeX or plain mathematics, compared by math-verify (MATH500)


class Verdict(StrEnum):
    """What grading says of one answer. Only `correct` counts towards accuracy."""

    CORRECT = "correct"  # equivalent to the reference
    WRONG = "wrong"  # an answer was read, and it is another
    UNPARSED = "unparsed"  # the chain ended by itself, but no answer could be read
    TRUNCATED = "truncated"  # the *answer* ended because its tokens ran out, whatever number stood last


class Unread(StrEnum):
    """Why no answer was read, or why what was read has no verdict."""

    NOTHING = "nothing"  # no box, no marker, nothing else that the grader takes for an answer
    CUT = "cut"  # the answer's tokens ran out; what stands there may be readable, and is kept
    ABSTAINED = "abstained"  # the model says that it does not know
    AMBIGUOUS = "ambiguous"  # more than one answer where one was asked for: "(A) or (B)"
    UNREADABLE = "unreadable"  # an answer is announced, and it is none that the grader can read
    IN_DOUBT = "in_doubt"  # read, but it may or may not be the reference: words for a number, "5 cm" for "5 m"
    GAVE_UP = "gave_up"  # the grader hung or crashed on it
    REFERENCE = "reference"  # the reference is one that the grader cannot read

    @property
    def label(self) -> str:
        """For people."""
        return {"nothing": "no answer", "gave_up": "grader gave up", "reference": "reference unreadable"}.get(
            self.value, self.value.replace("_", " ")
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with its reference answer. `id` is unique within its data set; it seeds the requests."""

    id: str
    question: str
    answer: str
    grader: GraderName
    level: str | None = None
    subject: str | None = None
    options: tuple[str, ...] = ()
    """Of a multiple choice, in the order of their letters A, B, C ...; the question shows them. Empty: none known."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a grader read in a text: an `answer` with its `key`, or why it read none.

    Answers with one key are equal. Answers with different keys may be equal too: `Grader.equal` says.
    """

    answer: str | None
    key: str | None
    unread: Unread | None = None
    """None if and only if an answer was read."""
