"""Answers are read by kind and by position: what stands where, before any grader asks what it means."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.answers import reading
from scaling.answers.announced import MAX_ANSWER_CHARACTERS
from scaling.types import GraderName, Problem, Reading, Unread

INTEGER, EXACT, MATH, CHOICE = GraderName.INTEGER, GraderName.EXACT, GraderName.MATH, GraderName.CHOICE
HOSTILE_UNITS = [
    *("9", "1 ", "1,", "1^", "1/", "a ", "a", " ", "-", "\0", "\ud800", "<|", "answer is ", "\n\n", "\nQ: ", "**", "*"),
    *(r"\boxed{", r"\boxed{x", r"\boxed{x} or ", "$", "$1$ or ", r"\(", "\\\\[", "{", r"\frac{1}{", r"\frac\pi", "\\"),
    *("(", "A or ", "answer, ", "answer to ", "the ", "####", "not ", "x=", "1\u2009"),
]


def read(text: str, grader: GraderName, reference: str = "words") -> Reading:
    return reading.read(Problem("p", "q", reference, grader), text)


def answer_in(text: str, grader: GraderName) -> str | None:
    return read(text, grader).answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"so \boxed{\frac{1}{\sqrt{2}}}.", r"\frac{1}{\sqrt{2}}"),  # nested braces belong to the box
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        ("\\boxed{\\frac{1}{2}\nand more", r"\frac{1}{2}"),  # left open, it ends with its line
        (r"Final Answer: \boxed{11<|im_end|>", "11"),
        (r"\boxed{\boxed{8}}", r"8"),
        (r"\boxed 8", "8"),
        (r"either $\boxed{5}$ or $\boxed{-7}$", "5, -7"),  # joined
        (r"\boxed{5}. \boxed{-7}", "-7"),  # two sentences
        (r"$\boxed{5}$ and again $\boxed{5}$", "5"),  # repeated
        (r"\boxed{3}, \boxed{5}, and \boxed{7}", "3, 5, 7"),
        (r"$x = \boxed{2}$ and $y = \boxed{3}$", "(2, 3)"),  # named: their order counts
        (r"$x = \boxed{2}$ or $x = \boxed{3}$", "2, 3"),
        (r"Thus $\boxed{8}$, while $\boxed{9}$ is not it", "8"),
        (r"we boxed \boxed{2} above; final answer: 36", "36"),  # by position
        (r"final answer: 36, so \boxed{2} dozen", "2"),
        (r"final answer: 36 (from \boxed{2})", "36"),  # an aside
        (r"The final answer is $\frac12$. I hope it is correct.", r"\frac12"),
        ("Answer: 3.5.\n\nQuestion: and 2 + 2?\nAnswer: 4", "3.5"),
        ("The answer is $5$, not $7$.", "5"),
        ("The answer is $5$ times $x$.", None),
        ("If the answer is 5, we are done. \n\nWe get $x = 4$.", "x = 4"),
        ("", None),
        (r"\boxed{}", None),
        ("I do not know", None),
    ],
)
def test_the_last_announcement_is_the_answer(text: str, answer: str | None) -> None:
    assert answer_in(text, MATH) == answer


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("It rains.", Unread.NOTHING),
        ("I am not sure about this one.", Unread.ABSTAINED),
        ("Answer: I don't know", Unread.ABSTAINED),
        ("Final Answer: unknown", Unread.ABSTAINED),
        ("The answer is 3 or 5.", Unread.AMBIGUOUS),
        (r"\boxed{3} or \boxed{5}", Unread.AMBIGUOUS),
        (r"\boxed{3\sqrt{2}}", Unread.UNREADABLE),
        ("Final Answer:", Unread.UNREADABLE),
        (r"\boxed{5}. Hmm, this answer is wrong.", Unread.UNREADABLE),
    ],
)
def test_where_no_answer_is_read_the_reason_is(text: str, unread: Unread) -> None:
    assert read(text, INTEGER) == Reading(None, None, unread)


def test_reasoning_before_an_announced_answer_is_not_searched_for_one() -> None:
    assert answer_in("26-6=20\nFinal Answer: none", INTEGER) is None


@pytest.mark.parametrize(
    ("reference", "grader", "key"),
    [
        ("48+24=72 clips\n#### 72", INTEGER, "72"),
        ("1,234", INTEGER, "1234"),
        (r"\boxed{7}", INTEGER, "7"),
        ("between 3 and 5", INTEGER, None),
        ("?", INTEGER, None),
        ("3.5", INTEGER, None),
        (r"\boxed{}", INTEGER, None),
        ("(b)", EXACT, "B"),
        ("New York", EXACT, "new york"),
        ("?", EXACT, "?"),
        (r"\frac{1}{2}", MATH, r"\frac{1}{2}"),
        (r"$\frac{1}{2}$", MATH, r"$\frac{1}{2}$"),
        (r"\boxed{}", MATH, None),
        ("", MATH, None),
    ],
)
def test_a_reference_is_read_as_if_it_stood_in_a_box(reference: str, grader: GraderName, key: str | None) -> None:
    assert reading.read_reference(Problem("p", "q", reference, grader)).key == key


def test_a_reference_to_an_option_is_its_letter() -> None:
    options = ("C. albicans", "C. auris")

    def letter(reference: str) -> str | None:
        return reading.read_reference(Problem("p", "q", reference, CHOICE, options=options)).key

    assert [letter(each) for each in ("B", "(b)", "C. auris", "c. auris.", "C", "neither")] == [*"BBBB", None, None]


def test_an_option_that_is_a_letter_is_not_the_letter_of_an_option() -> None:
    """Blood groups: option A is group B, and whoever answers "A" means the option."""
    problem = Problem("p", "q", "A", CHOICE, options=("B", "A", "O"))
    assert reading.read(problem, "Answer: A").answer == "A"
    assert reading.read(problem, "Answer: (B)").answer == "B"


def test_options_that_differ_by_case_alone_are_told_apart() -> None:
    problem = Problem("p", "q", "A", CHOICE, options=("genotype Aa", "genotype aa", "genotype AA"))
    assert [reading.read(problem, f"Answer: genotype {each}").answer for each in ("Aa", "aa", "AA", "aA")] == [
        *("A", "B", "C"),
        None,
    ]


def test_equal_integers_and_equal_texts_are_the_same() -> None:
    assert reading.same(Problem("p", "q", "1234", INTEGER), "1,234", "01234")
    assert reading.same(Problem("p", "q", "New York", EXACT), " New  York", "new york")
    assert not reading.same(Problem("p", "q", "New York", EXACT), "New York", "York")
    assert not reading.same(Problem("p", "q", "9", INTEGER), "9" * 900, "9" * 899)


@given(st.integers(), st.sampled_from(["{}", "Final Answer: {}", r"\boxed{{{}}}", "12 - 2 = 10, the answer is {:,}."]))
def test_every_integer_is_read_back(number: int, phrase: str) -> None:
    told = read(phrase.format(number), INTEGER)
    assert told.key == str(number)


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(list(GraderName)))
def test_any_text_is_survived(text: str, grader: GraderName) -> None:
    """Control characters, NUL and lone surrogates included."""
    told = read(text, grader)
    assert (told.answer is None) == (told.unread is not None) == (told.key is None)
    assert told.answer is None or (told.answer.strip() and len(told.answer) <= MAX_ANSWER_CHARACTERS)
    reading.read_reference(Problem("p", "q", text, grader))


@pytest.mark.parametrize("grader", list(GraderName))
@pytest.mark.parametrize("unit", HOSTILE_UNITS)
def test_a_long_line_takes_time_in_proportion(unit: str, grader: GraderName) -> None:
    """A quadratic pattern would take minutes here, and hours on a megabyte."""
    text = unit * (40_000 // len(unit))
    started = time.process_time()
    read(text, grader)
    read("Answer: " + text, grader)
    assert time.process_time() - started < 10


def test_an_endless_answer_is_none() -> None:
    assert answer_in("\\boxed{" + "9" * (MAX_ANSWER_CHARACTERS + 1) + "}", INTEGER) is None
    assert answer_in("\\boxed{" + "x+" * MAX_ANSWER_CHARACTERS + "}", MATH) is None
