"""How a judge is asked about a trace, and how strictly what it says is read."""

import pytest
from pydantic import ValidationError

from scaling.scanners import BadScannerError, read_scanner
from scaling.scanners.chain_text import ChainText, Piece
from scaling.scanners.judge import Judge
from scaling.scanners.scanner import UnscannableError
from scaling.types import Phase

CHAIN = ChainText([Piece((0, 0), "1 + 1 {reference}", Phase.THINKING), Piece((0, 0, 0), " = 2", Phase.ANSWER)])
ASKS = Judge(judge="big", prompt="Q: {question}\nT: {trace}\nIs it sound?")


def test_what_stands_for_the_trace_is_put_in_and_never_looked_through_for_more() -> None:
    """The trace holds "{reference}", and the question "{trace}": both stay as they stand."""
    asked = ASKS.asked(CHAIN, "What is {trace}?", "2", "3")
    assert asked.startswith("Q: What is {trace}?\nT: 1 + 1 {reference} = 2\nIs it sound?\n\n")
    assert asked.endswith("ANSWER: yes or no, or none.")


@pytest.mark.parametrize(
    ("said", "value", "label"),
    [
        ("It is. \nANSWER: yes", 1.0, "yes"),
        ("**ANSWER:** No.", 0.0, "no"),
        ("ANSWER: yes\nOn second thought\nANSWER: none", 0.0, "none"),
    ],
)
def test_the_last_line_that_says_answer_counts(said: str, value: float, label: str) -> None:
    found = ASKS.read(said)
    assert (found.value, found.label) == (value, label)


def test_what_stands_before_it_is_the_reason() -> None:
    assert ASKS.read("The sum is right.\nANSWER: yes").why == "The sum is right."


@pytest.mark.parametrize("said", ["", "yes", "ANSWER: maybe", "ANSWER: yes, it is", "ANSWER:"])
def test_anything_else_is_no_answer(said: str) -> None:
    with pytest.raises(UnscannableError, match="the judge"):
        ASKS.read(said)


def test_numbers_and_labels_are_read_as_strictly() -> None:
    rates = ASKS.model_copy(update={"gives": "a number"})
    assert rates.read("ANSWER: 7.5").value == 7.5
    with pytest.raises(UnscannableError, match="'7 of 10', which is no number"):
        rates.read("ANSWER: 7 of 10")
    sorts = ASKS.model_copy(update={"gives": "a label", "labels": ("arithmetic slip", "misread")})
    assert (sorts.read("ANSWER: Misread").value, sorts.read("ANSWER: Misread").label) == (1.0, "misread")
    with pytest.raises(UnscannableError, match="none of arithmetic slip, misread, none"):
        sorts.read("ANSWER: other")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"prompt": "Is it sound?"}, r"shows no \{trace\}"),
        ({"prompt": "{trace} {thing}"}, r"\{thing\} stands for nothing; there are \{question\}, \{trace\}"),
        ({"prompt": "{trace}", "gives": "a label"}, "needs some"),
        ({"prompt": "{trace}", "gives": "a label", "labels": ["a", "A"]}, "not all different"),
    ],
)
def test_a_prompt_that_cannot_work_is_refused_before_anybody_is_asked(fields: dict[str, object], says: str) -> None:
    with pytest.raises(BadScannerError, match=says):
        read_scanner({"scanner": "judge", "judge": "big", **fields})  # type: ignore[dict-item]


def test_a_judge_that_is_frozen_cannot_be_asked_otherwise_later() -> None:
    with pytest.raises(ValidationError):
        ASKS.prompt = "x"
