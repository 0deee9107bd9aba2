"""Answers are read from what a model wrote, made comparable, and voted on."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.answers import MAX_ANSWER_CHARACTERS, equivalent, extract, last_boxed, normalise, vote
from scaling.types import GraderName

INTEGER, EXACT, MATH = GraderName.INTEGER, GraderName.EXACT, GraderName.MATH
HOSTILE_UNITS = [
    *("9", "1 ", "1,", "1^", "1/", "a ", "a", " ", "-", "\0", "\ud800", "<|", "answer is "),
    *(r"\boxed{", r"\boxed{x", "$", r"\(", "\\\\[", "{", r"\frac{1}{", r"\frac\pi", "\\"),
]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"20-10=10 so \boxed{11}", "11"),
        (r"\boxed{5} no, \boxed{6}", "6"),  # the last box
        (r"put it in \boxed{}. 7", "7"),  # an empty box is the instruction repeated
        (r"\boxed{\frac{408}{2}=204}", "204"),
        (r"\boxed{11\text{ cm}^2}", "11"),
        (r"\boxed{90^\circ}", "90"),
        (r"\boxed{- 5}", "-5"),
        (r"\boxed{1{,}234}", "1234"),
        (r"\boxed{1\,234}", "1234"),
        ("Final Answer: -6", "-6"),
        ("The answer is −1,234.", "-1234"),
        ("**Final Answer**\n\n072", "72"),
        ("Answer: 204.0", "204"),
        ("26-6=20\n20-10=10", "10"),  # no box, no marker: the last integer
        ("26 - 6", "6"),  # a subtraction, not a sign
        ("10^2 = 100", "100"),
        ("答案是１１", "11"),  # full-width digits
        ("-0", "0"),
    ],
)
def test_an_integer_is_read(text: str, answer: str) -> None:
    assert extract(text, INTEGER) == answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no digits here",
        r"\boxed{}",
        "3.5",  # not 5
        "1e5",
        "3/4",  # neither 3 nor 4
        "x2 and x_3",
        r"\boxed{\frac{3}{4}}",
        r"\boxed{2^{10}}",
        r"\boxed{3\sqrt{2}}",
    ],
)
def test_what_is_no_integer_is_not_read_as_one(text: str) -> None:
    assert extract(text, INTEGER) is None


def test_reasoning_before_an_announced_answer_is_not_searched_for_one() -> None:
    assert extract("26-6=20\nFinal Answer: none", INTEGER) is None


def test_a_box_left_open_at_the_end_is_read_to_the_end_of_its_line() -> None:
    """Budget forcing may open the box itself; the model then writes `11` and ends."""
    assert extract(r"Final Answer: \boxed{11", INTEGER) == "11"
    assert extract(r"Final Answer: \boxed{11<|im_end|>", INTEGER) == "11"
    assert last_boxed("\\boxed{\\frac{1}{2}\nand more") == r"\frac{1}{2}"
    assert extract(r"\boxed{", INTEGER) is None


def test_nested_braces_belong_to_the_box() -> None:
    assert extract(r"so \boxed{\frac{1}{\sqrt{2}}}.", MATH) == r"\frac{1}{\sqrt{2}}"
    assert extract(r"\boxed{\{1, 2\}}", MATH) == r"\{1, 2\}"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Final Answer: (B)", "B"),
        ("Answer: B. Paris", "B"),
        ("so the answer is (C).", "C"),
        ("B", "B"),
        (r"\boxed{\textbf{(D)}}", "D"),
        ("**Answer:** Paris", "Paris"),
        ("Answer: New York.", "New York"),
        ("Final Answer:\n\nBlue", "Blue"),
        ("some thoughts\nin two lines", None),
        ("Answer:", None),
    ],
)
def test_an_exact_answer_is_read(text: str, answer: str | None) -> None:
    assert extract(text, EXACT) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"Final Answer: The final answer is $\frac12$. I hope it is correct.", r"\frac12"),
        ("Final Answer:\n$$\n5\n$$", "5"),
        ("Final Answer: 3.5.", "3.5"),
        (r"so $x=2$ and $y=\sqrt3$", r"y=\sqrt3"),
        (r"it is \(x^{2}\) then", "x^{2}"),
        ("5", "5"),
        ("I do not know", None),
    ],
)
def test_a_mathematical_answer_is_read(text: str, answer: str | None) -> None:
    assert extract(text, MATH) == answer


@pytest.mark.parametrize(
    "spellings",
    [
        [r"\dfrac12", r"\frac{1}{2}", r"\tfrac{1}{2}", "0.5", ".5", "1/2", r"$\frac 1 2$", "2/4", "0.50", r"\frac1{2}"],
        ["10", "10.0", "10%", r"10\%", r"10\text{ cm}", "10 cm", r"10^\circ", "x = 10", r"\$10", "{10}", "10."],
        ["1,234", "1234", r"1{,}234"],
        [r"-\frac{1}{2}", r"\frac{-1}{2}", "-1/2", "−0.5"],
        [r"\left( 3, \frac{\pi}{2} \right)", r"(3,\frac{\pi}{2})", r"(3,\dfrac \pi2)"],
        [r"\text{Evelyn}", "Evelyn", "evelyn"],
        [r"\text{(B)}", "(B)", "B"],
        [r"3\times10^{4}", r"3 \cdot 10^4", "3×10^4"],
        [r"\sqrt3", r"\sqrt{3}"],
        [r"x \le 5", r"x\leq5", "x ≤ 5"],
    ],
)
def test_spellings_of_the_same_mathematics_share_a_key(spellings: list[str]) -> None:
    assert {normalise(spelling, MATH) for spelling in spellings} == {normalise(spellings[0], MATH)}


@pytest.mark.parametrize(
    ("first", "second", "grader"),
    [
        ("(1,234)", "1234", MATH),  # a pair is not a number with a thousands separator
        ("x^2", "x_2", MATH),
        ("A", "a", MATH),  # variables keep their case
        ("1/3", "0.33", MATH),
        ("1/0", "0", MATH),
        ("11", "-11", INTEGER),
        ("B", "C", EXACT),
    ],
)
def test_different_answers_have_different_keys(first: str, second: str, grader: GraderName) -> None:
    assert not equivalent(first, second, grader)


def test_equal_integers_and_equal_texts_are_equivalent() -> None:
    assert equivalent("1,234", "01234", INTEGER)
    assert equivalent("(B)", "b", EXACT)
    assert equivalent(" New  York", "new york", EXACT)
    assert not equivalent("9" * 5000, "9" * 4999, INTEGER)  # more digits than int() takes


@given(st.integers(), st.sampled_from(["{}", "Final Answer: {}", r"\boxed{{{}}}", "12 - 2 = 10, the answer is {:,}."]))
def test_every_integer_is_read_back(number: int, phrase: str) -> None:
    answer = extract(phrase.format(number), INTEGER)
    assert answer is not None
    assert normalise(answer, INTEGER) == str(number)


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(list(GraderName)))
def test_any_text_is_survived(text: str, grader: GraderName) -> None:
    """Control characters, NUL and lone surrogates included; what is read again gives the same key."""
    answer = extract(text, grader)
    assert answer is None or (answer.strip() and len(answer) <= MAX_ANSWER_CHARACTERS)
    assert isinstance(normalise(text, grader), str)


@pytest.mark.parametrize("grader", list(GraderName))
@pytest.mark.parametrize(
    "unit",
    HOSTILE_UNITS,
)
def test_a_long_line_takes_time_in_proportion(unit: str, grader: GraderName) -> None:
    """A quadratic pattern would take minutes here, and hours on a megabyte."""
    text = unit * (200_000 // len(unit))
    started = time.monotonic()
    extract(text, grader)
    normalise(text, grader)
    assert time.monotonic() - started < 10


def test_an_endless_answer_is_none() -> None:
    assert extract("\\boxed{" + "9" * (MAX_ANSWER_CHARACTERS + 1) + "}", INTEGER) is None
    assert extract("\\boxed{" + "x+" * MAX_ANSWER_CHARACTERS + "}", MATH) is None


def test_the_most_frequent_answer_wins_and_the_unparsed_do_not_vote() -> None:
    result = vote([None, "3", None, "5", "5", None], seed=0)
    assert (result.winner, result.index, result.is_tie) == ("5", 3, False)
    assert dict(result.counts) == {"3": 1, "5": 2}


def test_nobody_wins_where_nobody_votes() -> None:
    result = vote([None, None], seed=0)
    assert (result.winner, result.index, result.is_tie, dict(result.counts)) == (None, None, False, {})
    assert vote([], seed=0).winner is None


@given(st.permutations(["3", "3", "5", "5", "7", None]), st.integers())
def test_a_tie_is_drawn_by_the_seed_and_not_by_the_order(keys: list[str | None], seed: int) -> None:
    result = vote(keys, seed)
    assert result.is_tie
    assert result.winner == vote(["3", "5", "3", "5", "7"], seed).winner
    assert result.winner in {"3", "5"}
    assert result.index == keys.index(result.winner)


def test_a_draw_is_fair_over_seeds_and_over_problems() -> None:
    """1,000 fair draws: 500 ± 16 (one standard error); 420 is five of them away."""
    over_seeds = sum(vote(["3", "5"], seed).winner == "3" for seed in range(1000))
    over_problems = sum(vote([str(n), str(n + 10_000)], seed=0).winner == str(n) for n in range(10_000, 11_000))
    assert 420 < over_seeds < 580
    assert 420 < over_problems < 580


@pytest.mark.parametrize("nothing", [r"\boxed{\text{}}", r"\boxed{\,}", "The answer is $ $", r"Answer: \quad"])
def test_an_answer_with_nothing_in_it_does_not_vote(nothing: str) -> None:
    """Their keys were all empty, and so they agreed with each other: three of them outvoted two right answers."""
    assert extract(nothing, GraderName.MATH) is None
