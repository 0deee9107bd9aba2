"""Grading: what each candidate's answer is worth, by which grader, in which version.

A truncated answer is `truncated`, whatever number happened to stand last; whether that would be right is kept beside
it. An answer that the mathematics grader hangs or crashes on is `unparsed`: nobody read it, so it is neither correct
nor, silently, wrong. The log says which; the candidate stays, so regrading can settle it without a model.
"""

import logging
from collections.abc import Mapping
from types import MappingProxyType

from db.records import Grade
from scaling import answers
from scaling.answers import equivalent
from scaling.types import Candidate, GraderName, Outcome, Problem, Reading, Verdict
from worker.graders import mathematics
from worker.graders.mathematics import MathGrader, UngradableError

log = logging.getLogger(__name__)

VERSIONS: Mapping[GraderName, str] = MappingProxyType(
    {
        GraderName.INTEGER: "1",
        GraderName.EXACT: "1",
        GraderName.MATH: f"1 ({mathematics.NAME} {mathematics.VERSION})",
    }
)


class Grading:
    """Reads, compares and grades the answers of jobs; each distinct answer of a problem is judged once."""

    def __init__(self, mathematics: MathGrader | None = None) -> None:
        self._mathematics = mathematics or MathGrader()

    async def grade(self, problem: Problem, outcome: Outcome) -> tuple[Grade, ...]:
        """One grade for each candidate, in their order."""
        judged: dict[str, Verdict] = {}
        return tuple([await self._grade(problem, candidate, judged) for candidate in outcome.candidates])

    async def read(self, problem: Problem, text: str) -> Reading:
        """The answer that `text` gives by the problem's grader, or why there is none."""
        return answers.read(text, problem.grader)

    async def equal(self, problem: Problem, first: str, second: str) -> bool:
        """Whether two answers to the problem are the same one; False if the grader cannot tell."""
        if equivalent(first, second, problem.grader):
            return True
        if problem.grader is not GraderName.MATH:
            return False
        try:
            return await self._mathematics.is_equivalent(first, second)
        except UngradableError as error:
            log.warning("problem %s: %.200r and %.200r are not compared: %s", problem.id, first, second, error)
            return False

    def close(self) -> None:
        self._mathematics.close()

    async def _grade(self, problem: Problem, candidate: Candidate, judged: dict[str, Verdict]) -> Grade:
        read = await self._verdict(problem, candidate, judged)
        verdict = Verdict.TRUNCATED if candidate.truncated else read
        right_if_read = read is Verdict.CORRECT if candidate.truncated else None
        return Grade(candidate.path, problem.grader.value, VERSIONS[problem.grader], verdict, right_if_read)

    async def _verdict(self, problem: Problem, candidate: Candidate, judged: dict[str, Verdict]) -> Verdict:
        """Of what stands there, whether or not it was cut."""
        if candidate.answer is None:
            return Verdict.UNPARSED
        if candidate.answer not in judged:
            judged[candidate.answer] = await self._judge(problem, candidate.answer)
        return judged[candidate.answer]

    async def _judge(self, problem: Problem, answer: str) -> Verdict:
        if equivalent(problem.answer, answer, problem.grader):
            return Verdict.CORRECT
        if problem.grader is not GraderName.MATH:
            return Verdict.WRONG
        try:
            is_correct = await self._mathematics.is_equivalent(problem.answer, answer)
        except UngradableError as error:
            log.warning("problem %s: answer %.200r is not graded: %s", problem.id, answer, error)
            return Verdict.UNPARSED
        return Verdict.CORRECT if is_correct else Verdict.WRONG
