"""Grading: what each candidate's answer is worth, by which grader, in which version.

A truncated answer is `truncated`, whatever number happened to stand last; whether that would be right is kept beside
it. An answer that the grader hangs or crashes on, or that may or may not be the reference, is `unparsed`: it is neither
correct nor, silently, wrong. The grade says why; the candidate stays, so regrading can settle it without a model.
"""

import logging
from dataclasses import dataclass

from db.records import Grade
from scaling.answers import reading
from scaling.types import Candidate, GraderName, Outcome, Problem, Reading, Unread, Verdict
from worker.graders.mathematics import MathGrader, UngradableError
from worker.graders.versions import VERSIONS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`unread` says why an answer is unparsed; None if it is correct or wrong."""

    verdict: Verdict
    unread: Unread | None = None


class Grading:
    """Reads, compares and grades the answers of jobs; each distinct answer of a problem is judged once."""

    def __init__(self, mathematics: MathGrader | None = None) -> None:
        self._judges = {GraderName.MATH: mathematics or MathGrader()}
        """Of the graders whose answers keys do not tell apart."""

    async def grade(self, problem: Problem, outcome: Outcome) -> tuple[Grade, ...]:
        """One grade for each candidate, in their order."""
        reference = await self.reference(problem)
        judged: dict[str, Judgement] = {}
        return tuple([await self._grade(problem, reference, each, judged) for each in outcome.candidates])

    async def read(self, problem: Problem, text: str) -> Reading:
        """The answer that `text` gives by the problem's grader, or why there is none."""
        return await self._understood(problem, reading.read(problem, text))

    async def reference(self, problem: Problem) -> Reading:
        """The problem's own answer as its grader reads it, or why it cannot."""
        return await self._understood(problem, reading.read_reference(problem))

    async def equal(self, problem: Problem, first: str, second: str) -> bool:
        """Whether two answers to the problem are the same one; False if the grader cannot tell."""
        judge = self._judges.get(problem.grader)
        if judge is None:
            return first == second or reading.same(problem, first, second)
        try:
            return await judge.same(first, second) is True
        except UngradableError as error:
            log.warning("problem %s: %.200r and %.200r are not compared: %s", problem.id, first, second, error)
            return False

    def close(self) -> None:
        for judge in self._judges.values():
            judge.close()

    async def _understood(self, problem: Problem, told: Reading) -> Reading:
        """Where there is a judge the key is its own, and it may make nothing of the answer."""
        judge = self._judges.get(problem.grader)
        if judge is None or told.answer is None:
            return told
        try:
            key = await judge.read(told.answer)
        except UngradableError as error:
            log.warning("problem %s: answer %.200r is not read: %s", problem.id, told.answer, error)
            return Reading(None, None, Unread.GAVE_UP)
        return Reading(None, None, Unread.UNREADABLE) if key is None else Reading(told.answer, key)

    async def _grade(
        self, problem: Problem, reference: Reading, candidate: Candidate, judged: dict[str, Judgement]
    ) -> Grade:
        version = VERSIONS[problem.grader]
        read = await self._judgement(problem, reference, candidate, judged)
        if candidate.truncated:
            is_right = read.verdict is Verdict.CORRECT
            return Grade(candidate.path, problem.grader.value, version, Verdict.TRUNCATED, is_right, unread=Unread.CUT)
        return Grade(candidate.path, problem.grader.value, version, read.verdict, unread=read.unread)

    async def _judgement(
        self, problem: Problem, reference: Reading, candidate: Candidate, judged: dict[str, Judgement]
    ) -> Judgement:
        """Of what stands there, whether or not it was cut."""
        if candidate.answer is None:
            return Judgement(Verdict.UNPARSED, candidate.unread or Unread.NOTHING)
        if reference.answer is None:
            return Judgement(Verdict.UNPARSED, Unread.REFERENCE)
        if candidate.answer not in judged:
            judged[candidate.answer] = await self._judge(problem, reference.answer, candidate.answer)
        return judged[candidate.answer]

    async def _judge(self, problem: Problem, reference: str, answer: str) -> Judgement:
        judge = self._judges.get(problem.grader)
        if judge is None:
            is_same: bool | None = reading.same(problem, reference, answer)
        else:
            try:
                is_same = await judge.judge(reference, answer)
            except UngradableError as error:
                log.warning("problem %s: answer %.200r is not graded: %s", problem.id, answer, error)
                return Judgement(Verdict.UNPARSED, Unread.GAVE_UP)
        if is_same is None:
            return Judgement(Verdict.UNPARSED, Unread.IN_DOUBT)
        return Judgement(Verdict.CORRECT if is_same else Verdict.WRONG)
