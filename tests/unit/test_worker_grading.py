"""Verdicts are honest: cut answers are truncated, unreadable ones unparsed, and no grader can hang a job."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from scaling.types import Candidate, GraderName, Outcome, Problem, Reading, Unread, Verdict
from worker.graders import versions
from worker.graders.grading import Grading
from worker.graders.mathematics import MathGrader
from worker.graders.versions import VERSIONS


@pytest.fixture(scope="module")
def grading() -> Iterator[Grading]:
    grading = Grading(MathGrader(processes=1, time_limit_s=3.0))
    yield grading
    grading.close()


def candidate(answer: str | None, *, truncated: bool = False, index: int = 0) -> Candidate:
    return Candidate((0, index), answer or "", answer, answer, truncated, thinking_tokens=1, total_tokens=2)


async def verdict(grading: Grading, grader: GraderName, reference: str, answered: Candidate) -> Verdict:
    problem = Problem("p", "q", reference, grader)
    (grade,) = await grading.grade(problem, Outcome((answered,), chosen=0))
    assert grade.path == answered.path
    assert grade.grader == grader.value
    return grade.verdict


@pytest.mark.parametrize("grader", list(GraderName))
async def test_a_cut_answer_is_truncated_even_if_it_is_right(grading: Grading, grader: GraderName) -> None:
    assert await verdict(grading, grader, "12", candidate("12", truncated=True)) is Verdict.TRUNCATED


@pytest.mark.parametrize(
    ("answered", "right_if_read"),
    [
        (candidate("0.5", truncated=True), True),
        (candidate("0.4", truncated=True), False),
        (candidate(None, truncated=True), False),
        (candidate("0.5"), None),
    ],
)
async def test_beside_a_cut_answer_stands_whether_it_would_be_right_if_it_were_read(
    grading: Grading, answered: Candidate, right_if_read: bool | None
) -> None:
    problem = Problem("p", "q", r"\frac{1}{2}", GraderName.MATH)
    (grade,) = await grading.grade(problem, Outcome((answered,), chosen=0))
    assert grade.right_if_read is right_if_read


@pytest.mark.parametrize("grader", list(GraderName))
async def test_no_answer_is_unparsed(grading: Grading, grader: GraderName) -> None:
    assert await verdict(grading, grader, "12", candidate(None)) is Verdict.UNPARSED


async def test_integers_are_compared_as_numbers(grading: Grading) -> None:
    assert await verdict(grading, GraderName.INTEGER, "12", candidate("012")) is Verdict.CORRECT
    assert await verdict(grading, GraderName.INTEGER, "12", candidate("13")) is Verdict.WRONG


async def test_exact_answers_are_compared_as_text(grading: Grading) -> None:
    assert await verdict(grading, GraderName.EXACT, "Paris", candidate(" paris ")) is Verdict.CORRECT
    assert await verdict(grading, GraderName.EXACT, "Paris", candidate("London")) is Verdict.WRONG


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        (r"\frac{1}{2}", "0.5", Verdict.CORRECT),
        (r"\frac{1}{2}", r"\frac{2}{4}", Verdict.CORRECT),
        ("x^2+2x+1", "(x+1)^2", Verdict.CORRECT),
        (r"\sqrt{8}", r"2\sqrt{2}", Verdict.CORRECT),
        ("(1,2)", "(2,1)", Verdict.WRONG),
        (r"\frac{1}{2}", r"\frac{1}{3}", Verdict.WRONG),
    ],
)
async def test_mathematics_is_compared_by_meaning(
    grading: Grading, reference: str, answer: str, expected: Verdict
) -> None:
    assert await verdict(grading, GraderName.MATH, reference, candidate(answer)) is expected


async def test_an_answer_that_makes_the_grader_hang_is_unparsed_and_the_next_is_graded(
    grading: Grading, caplog: pytest.LogCaptureFixture
) -> None:
    tower_of_powers = candidate("9^{9^{9^{9}}}")  # math-verify 0.9 evaluates it, which takes for ever

    assert await verdict(grading, GraderName.MATH, "1", tower_of_powers) is Verdict.UNPARSED
    assert "took longer than 3 s and was killed" in caplog.text
    assert await verdict(grading, GraderName.MATH, r"\frac{1}{2}", candidate("0.5")) is Verdict.CORRECT


async def test_every_candidate_is_graded_and_each_distinct_answer_judged_once() -> None:
    class Counting(MathGrader):
        asked: ClassVar[list[str]] = []

        async def judge(self, reference: str, answer: str) -> bool | None:
            self.asked.append(answer)
            return False

    grading = Grading(Counting())
    candidates = tuple(candidate(answer, index=index) for index, answer in enumerate(["3", "4", "3", None]))
    grades = await grading.grade(Problem("p", "q", "12", GraderName.MATH), Outcome(candidates, chosen=0))

    assert [grade.verdict for grade in grades] == [Verdict.WRONG, Verdict.WRONG, Verdict.WRONG, Verdict.UNPARSED]
    assert Counting.asked == ["3", "4"]


async def test_the_door_reads_an_answer_or_says_why_there_is_none(grading: Grading) -> None:
    problem = Problem("p", "q", "12", GraderName.INTEGER)

    assert await grading.read(problem, "So it is 12.\nFinal Answer: 012") == Reading("12", "12")
    assert await grading.read(problem, "I do not know.") == Reading(None, None, Unread.ABSTAINED)
    assert await grading.read(problem, "It rains.") == Reading(None, None, Unread.NOTHING)
    assert await grading.read(problem, "Final Answer: a dozen") == Reading(None, None, Unread.UNREADABLE)


async def test_answers_that_are_spelled_differently_are_equal_where_the_grader_says_so(grading: Grading) -> None:
    problem = Problem("p", "q", "x^2+2x+1", GraderName.MATH)

    assert await grading.equal(problem, "(x+1)^2", "x^2 + 2x + 1")
    assert not await grading.equal(problem, "(x+1)^2", "x^2 + 1")
    assert not await grading.equal(replace(problem, grader=GraderName.EXACT), "(x+1)^2", "x^2+2x+1")


async def test_answers_that_make_the_grader_hang_are_not_equal(grading: Grading) -> None:
    assert not await grading.equal(Problem("p", "q", "1", GraderName.MATH), "9^{9^{9^{9}}}", "1")


@pytest.mark.parametrize(
    ("reference", "answered", "unread"),
    [
        ("12", replace(candidate(None), unread=Unread.ABSTAINED), Unread.ABSTAINED),
        ("12", candidate("12", truncated=True), Unread.CUT),
        ("12", candidate("a dozen"), Unread.IN_DOUBT),
        ("12", candidate("9^{9^{9^{9}}}"), Unread.GAVE_UP),
        (r"\frac{d}{", candidate("12"), Unread.REFERENCE),
        ("12", candidate("12"), None),
        ("12", candidate("13"), None),
    ],
)
async def test_a_grade_says_why_it_is_neither_correct_nor_wrong(
    grading: Grading, reference: str, answered: Candidate, unread: Unread | None
) -> None:
    (grade,) = await grading.grade(Problem("p", "q", reference, GraderName.MATH), Outcome((answered,), chosen=0))
    assert grade.unread is unread
    assert (grade.verdict in (Verdict.CORRECT, Verdict.WRONG)) == (unread is None)


def test_a_grader_of_other_rules_has_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to think of it: a changed rule changes the hash, and only of the graders that go by that rule."""
    shutil.copytree(versions.CHECKOUT / "scaling", tmp_path / "scaling")
    shutil.copytree(versions.CHECKOUT / "worker", tmp_path / "worker")
    monkeypatch.setattr(versions, "CHECKOUT", tmp_path)
    assert {grader: versions.version_of(grader) for grader in GraderName} == VERSIONS

    rules = tmp_path / "scaling" / "answers" / "integers.py"
    rules.write_text(rules.read_text().replace("_EQUALS.split(text)", "[text]"))
    changed = {grader for grader in GraderName if versions.version_of(grader) != VERSIONS[grader]}

    assert changed == {GraderName.INTEGER}
    assert "(math-verify " in VERSIONS[GraderName.MATH]
