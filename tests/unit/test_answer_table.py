"""Every answer of the tables gets the verdict that a careful reader gives it: above all, no wrong one is correct."""

import asyncio
from dataclasses import dataclass

import pytest

from scaling.types import Candidate, GraderName, Outcome, Problem, Unread, Verdict
from tests.unit.answer_tables import attacks, choices, integers, mathematics, phrases, waits
from worker.graders.grading import Grading
from worker.graders.mathematics import MathGrader

TABLES = {
    GraderName.MATH: mathematics.ROWS,
    GraderName.INTEGER: integers.ROWS,
    GraderName.CHOICE: choices.ROWS,
    GraderName.EXACT: phrases.ROWS,
}
BOTH = (GraderName.INTEGER, GraderName.MATH)
ROWS = [(grader, *row) for grader, rows in TABLES.items() for row in rows] + list(waits.ROWS)


@dataclass(frozen=True, slots=True)
class Graded:
    row: tuple[GraderName, str, str, Verdict, str]
    verdict: Verdict
    unread: Unread | None


@pytest.fixture(scope="module")
def graded() -> list[Graded]:
    """All rows through one Grading, as a worker has it."""
    return asyncio.run(grade_all())


async def grade_all() -> list[Graded]:
    grading = Grading(MathGrader(processes=2, time_limit_s=5.0))
    try:
        return [Graded(row, *await judged(grading, problem_of(*row[:2]), row[2])) for row in ROWS]
    finally:
        grading.close()


def problem_of(grader: GraderName, reference: str, options: tuple[str, ...] = choices.OPTIONS) -> Problem:
    return Problem("p", "q", reference, grader, options=options if grader is GraderName.CHOICE else ())


async def judged(grading: Grading, problem: Problem, text: str) -> tuple[Verdict, Unread | None]:
    told = await grading.read(problem, text)
    candidate = Candidate((0, 0), text, told.answer, told.key, False, 1, 1, unread=told.unread)
    (grade,) = await grading.grade(problem, Outcome((candidate,), chosen=0))
    return grade.verdict, grade.unread


def test_the_tables_hold_at_least_two_hundred_answers_and_each_once() -> None:
    assert len(ROWS) >= 200
    assert len({(grader, reference, text) for grader, reference, text, _, _ in ROWS}) == len(ROWS)


def test_no_wrong_answer_is_graded_correct(graded: list[Graded]) -> None:
    assert [each for each in graded if each.verdict is Verdict.CORRECT and each.row[3] is not Verdict.CORRECT] == []


def test_nearly_every_answer_gets_its_verdict_and_the_others_are_unparsed(graded: list[Graded]) -> None:
    others = [each for each in graded if each.verdict is not each.row[3]]
    assert len(others) <= 0.03 * len(graded), others
    assert [each for each in others if each.verdict is not Verdict.UNPARSED] == []


def test_what_is_unparsed_says_why(graded: list[Graded]) -> None:
    for each in graded:
        assert (each.unread is None) == (each.verdict in (Verdict.CORRECT, Verdict.WRONG)), each


async def test_attacks_on_the_rules_get_their_verdicts() -> None:
    grading = Grading(MathGrader(processes=2, time_limit_s=5.0))
    try:
        told = [
            (row, (await judged(grading, problem_of(*row[:2], attacks.OPTIONS), row[2]))[0]) for row in attacks.ROWS
        ]
    finally:
        grading.close()
    assert [(row, verdict) for row, verdict in told if verdict is not row[3]] == []


async def test_two_graders_of_the_same_answers_never_contradict_each_other() -> None:
    """Whole numbers are mathematics too: one may read what the other does not, but none calls correct what is wrong."""
    grading = Grading(MathGrader(processes=2, time_limit_s=5.0))
    told = []
    try:
        for reference, text, _, _ in integers.ROWS:
            verdicts = [await judged(grading, problem_of(name, reference), text) for name in BOTH]
            if verdicts[0][0] is not verdicts[1][0]:
                told.append((reference, text, *verdicts))
    finally:
        grading.close()
    print(*told, sep="\n")
    assert [each for each in told if {each[2][0], each[3][0]} == {Verdict.CORRECT, Verdict.WRONG}] == []
