"""The amount that an answer comes to tells answers apart, and never two that are the same."""

from collections.abc import Callable
from itertools import combinations
from typing import TypeVar

import pytest

from worker.graders import judging
from worker.graders.mathematics import MathGrader, apart

T = TypeVar("T")
ANSWERS = r"""
0 | 1 | -1 | 2 | 12 | 0.5 | .5 | 1/2 | \frac{1}{2} | \frac{2}{4} | 50\% | 50 | 0.5\% | 1/3 | 0.333333 | 0.3333
33.3333\% | \frac{2}{\sqrt{2}} | \sqrt{2} | 2^{1/2} | 1.41421 | 1.414214 | \sqrt{8} | 2\sqrt{2} | \pi | 3.14159
3.141593 | \pi/4 | (x+1)^2 | x^2+2x+1 | x^2 | x+y-y | x | y | X | x^2-1 | (x-1)(x+1) | \frac{x^2-1}{x+1} | 2^x
\sin^2 x+\cos^2 x | e^{x\ln 2} | x=5 | y=5 | 5 | x=2y+1 | y=\frac{x-1}{2} | 5\text{ cm} | 5\text{ m} | 1500
1.5\times 10^{3} | 1.5e3 | 1{,}500 | (1,2) | (2,1) | [1,2] | \{1,2\} | 1,2 | 2,1 | \{5\} | 1:2 | 10:3 | 10/3 | 1011_2
1011 | x>2 | (2,\infty) | 2<x | i | -i | 1+2i | 2i+1 | \sqrt{-4} | \text{no solution} | \text{A} | A | 5\frac12
\begin{pmatrix}1\\2\end{pmatrix} | \frac{11}{2} | 5 1/2 | 6.6\times 10^{-34} | 6.6e-34 | 1.4\times 10^{-23} | 10^{30}
10^{30}+1 | |x| | \sqrt{x^2} | \log_2 8 | 3 | 0.\overline{12} | \frac{4}{33} | 3.0e8 | 300000000 | \frac{0}{5} | -0
"""


def test_answers_that_are_the_same_are_never_apart_by_their_amounts() -> None:
    answers = sorted({each.strip() for each in ANSWERS.replace("\n", " | ").split(" | ")} - {""})
    amounts = {answer: judging.amount(answer) for answer in answers}
    pairs = list(combinations(answers, 2))
    same = [(one, other) for one, other in pairs if judging.compare(one, other)]
    assert len(same) > 30
    assert [pair for pair in same if apart(*(amounts[answer] for answer in pair))] == []
    assert sum(apart(amounts[one], amounts[other]) for one, other in pairs) > len(pairs) / 2


@pytest.mark.parametrize(
    ("first", "second", "are_apart"),
    [
        (1.0, 1.00009, False),
        (1.0, 1.0002, True),
        (0.0, 1e-30, True),
        (0.0, 0.0, False),
        (1j, -1j, True),
        (None, 1.0, False),
    ],
)
def test_amounts_are_apart_from_a_ten_thousandth_of_the_larger_on(
    first: complex | None, second: complex, are_apart: bool
) -> None:
    assert apart(first, second) is are_apart


class Listening(MathGrader):
    """Keeps what its processes were asked."""

    def __init__(self) -> None:
        super().__init__(processes=1)
        self.asked: list[str] = []

    async def _run(self, judge: Callable[..., T], *answers: str) -> T:
        self.asked.append(judge.__name__)
        return await super()._run(judge, *answers)


async def test_answers_whose_amounts_are_apart_are_not_compared() -> None:
    grader = Listening()
    try:
        assert not await grader.same("x^2+1", "x^2+2")
        assert not await grader.same("x^2+2", "x^2+1")
        assert grader.asked == ["amount", "amount"]
        assert await grader.same("x^2+1", "1+x^2")
        assert grader.asked == ["amount", "amount", "amount", "compare"]
    finally:
        grader.close()
