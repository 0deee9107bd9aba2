"""Votes by the grader that the workers have: what is spelled differently and is the same votes together."""

from collections.abc import Iterator

import pytest

from scaling.answers.equivalence import Equivalence
from scaling.answers.voting import MAJORITY, WEIGHTED, Selection
from scaling.types import Candidate, GraderName, Outcome, Problem, Verdict
from worker.graders.grading import Grading
from worker.graders.mathematics import MathGrader


@pytest.fixture(scope="module")
def grading() -> Iterator[Grading]:
    grading = Grading(MathGrader(processes=1))
    yield grading
    grading.close()


async def candidates(grading: Grading, problem: Problem, said: list[tuple[str, float]]) -> list[Candidate]:
    """Each said in a box, with its score; read by the grader and clustered."""
    read = [(await grading.read(problem, f"\\boxed{{{text}}}"), score) for text, score in said]
    made = [
        Candidate((0, place), "", told.answer, told.key, False, 1, 1, score) for place, (told, score) in enumerate(read)
    ]
    return await Equivalence(grading).clustered(problem, made)


@pytest.mark.parametrize(
    ("how", "said", "expected"),
    [
        (
            MAJORITY,
            [("1", 0.0), (r"\frac{2}{\sqrt{2}}", 0.0), (r"\sqrt{2}", 0.0), ("1", 0.0), ("2^{1/2}", 0.0)],
            r"\frac{2}{\sqrt{2}}",
        ),
        (WEIGHTED, [("x^2", 0.6), ("(x+1)^2", 0.4), ("x^2+2x+1", 0.4)], "(x+1)^2"),
        (MAJORITY, [("7", 0.0), (r"\frac{1}{2}", 0.0), ("7", 0.0), ("0.5", 0.0), ("1/2", 0.0)], r"\frac{1}{2}"),
        (MAJORITY, [(r"2\pi", 0.0), ("3", 0.0), (r"\pi+\pi", 0.0), ("3", 0.0), (r"\pi\cdot 2", 0.0)], r"2\pi"),
    ],
)
async def test_what_is_equal_votes_together(
    grading: Grading, how: Selection, said: list[tuple[str, float]], expected: str
) -> None:
    problem = Problem("p", "q", "0", GraderName.MATH)
    outcome = how.concluded(await candidates(grading, problem, said), seed=0)
    assert outcome.candidates[outcome.chosen].answer == expected


@pytest.mark.parametrize(
    ("grader", "said", "winner"),
    [
        (GraderName.INTEGER, ["12", "012", "13", "13"], None),
        (GraderName.INTEGER, ["1,200", "1200", "13"], "1200"),
        (GraderName.EXACT, ["Paris", " paris ", "Lyon"], "paris"),
    ],
)
async def test_of_other_graders_the_keys_say_what_is_equal(
    grading: Grading, grader: GraderName, said: list[str], winner: str | None
) -> None:
    """None: two against two."""
    problem = Problem("p", "q", "12", grader)
    clustered = await candidates(grading, problem, [(text, 0.0) for text in said])
    keys = [each.key for each in clustered]
    assert len(set(keys)) == 2
    assert winner is None or keys.count(winner) == 2


async def test_a_letter_and_the_text_of_its_option_are_one_vote(grading: Grading) -> None:
    problem = Problem("p", "q", "B", GraderName.CHOICE, options=("C. auris", "C. albicans"))
    clustered = await candidates(grading, problem, [("B", 0.0), ("A", 0.0), ("C. albicans", 0.0)])
    assert [each.key for each in clustered] == ["B", "A", "B"]
    assert MAJORITY.choose(clustered, seed=0).index == 0


async def test_a_cluster_has_one_verdict_where_the_grader_agrees_with_itself(grading: Grading) -> None:
    problem = Problem("p", "q", "x^2+2x+1", GraderName.MATH)
    made = await candidates(grading, problem, [("(x+1)^2", 0.0), ("1+2x+x^2", 0.0), ("x^2", 0.0)])
    grades = await grading.grade(problem, Outcome(tuple(made), chosen=0))
    assert [grade.verdict for grade in grades] == [Verdict.CORRECT, Verdict.CORRECT, Verdict.WRONG]
    assert made[0].key == made[1].key != made[2].key
