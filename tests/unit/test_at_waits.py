"""The answers before and after each Wait: read as answers are, of the thought as far as it had come."""

from scaling.answers.at_waits import LEAST_READ, AtWait, at_waits
from scaling.types import GraderName, Problem

SUM = Problem("p", "2+3+9?", "14", GraderName.INTEGER)


def test_each_wait_stands_between_the_answers_of_the_thought_so_far() -> None:
    rounds = [
        "2+3=5\n5+9=13\nThe answer is 13.",
        " let me check: 5+9=14.\nThe answer is 14.",
        " Still: the answer is 14.",
    ]
    assert at_waits(SUM, rounds) == (AtWait("13", "14"), AtWait("14", "14"))


def test_what_was_announced_before_still_stands_if_a_round_announces_nothing() -> None:
    assert at_waits(SUM, ["The answer is 13.", " hmm, I look at it again"]) == (AtWait("13", "13"),)


def test_where_nothing_is_announced_nothing_is_said() -> None:
    assert at_waits(SUM, ["first 2 and 3, later 9", " that makes sense"]) == (AtWait(None, None),)


def test_what_is_boxed_counts_as_well_and_one_letter_of_a_choice() -> None:
    assert at_waits(SUM, ["\\boxed{12}", " no: \\boxed{14}"]) == (AtWait("12", "14"),)
    choice = Problem("p", "which?", "B", GraderName.CHOICE, options=("one", "two"))
    assert at_waits(choice, ["The answer is (A).", " The answer is (B)."]) == (AtWait("A", "B"),)


def test_a_thought_without_a_wait_has_none() -> None:
    assert at_waits(SUM, ["The answer is 13."]) == () and at_waits(SUM, []) == ()


def test_of_a_thought_with_thousands_of_waits_less_is_read_before_each() -> None:
    """4,000,000 characters for 2,500 rounds are 1,600 for each, and LEAST_READ at least."""
    far = ["The answer is 13.", *["x " * (LEAST_READ // 8)] * 2_499]
    found = at_waits(SUM, far)
    assert found[0] == AtWait("13", "13") and found[-1] == AtWait(None, None) and len(found) == 2_499
