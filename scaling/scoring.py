"""The hand that asks a verifier: every call becomes a score, and a cost, of a step on the tape.

`scaling.verification` says what a verifier is shown of a branch. What several branches show is asked once.
"""

import asyncio
from collections import defaultdict
from dataclasses import replace

from scaling.answers.voting import Aggregate, aggregate
from scaling.compute.sequence import pass_tokens
from scaling.protocols import UnfitVerifierError, UnscorableError, Verifier
from scaling.tape import Tape
from scaling.types import Candidate, Path, Problem, Scores, Solution, ThinkingFormat
from scaling.verification import Verified, shown


class Scoring:
    """Of the branches of one tape. `verifier` None: whoever asks it is told so."""

    def __init__(self, tape: Tape, verifier: Verifier | None, thinking: ThinkingFormat) -> None:
        self._tape = tape
        self._named = verifier
        self._thinking = thinking
        self._answers: dict[Solution, Scores | UnscorableError] = {}
        self._asking: defaultdict[Solution, asyncio.Lock] = defaultdict(asyncio.Lock)

    def require_steps(self) -> None:
        """Raise UnfitVerifierError unless there is a verifier that scores single steps."""
        if not self._verifier.scores_steps:
            raise UnfitVerifierError(
                "a search needs the score of every step, and this verifier is an outcome reward model: it scores whole "
                "solutions only. Name a process reward model, or use best_of_n"
            )

    async def verify(self, problem: Problem, path: Path) -> tuple[float, ...]:
        """The verifier's score after each step of the branch that ends at `path`; empty if it shows no step.

        Only what no ancestor was asked about is asked. The last score becomes the step's own, and the cost is its.
        Raises UnscorableError where the verifier cannot read this branch.
        """
        verifier = self._verifier
        steps = self._shown(path, with_answer=not verifier.scores_steps)
        before = self._tape.verified(path)
        scores = before.scores if before.steps == steps else ()
        if steps and not scores:
            first = before.known(steps) if verifier.scores_steps else 0
            solution = Solution(problem.question, steps, first)
            told = await self._told(verifier, solution)
            assert len(told.values) == (len(steps) - first if verifier.scores_steps else 1), "a score for each step"
            scores = before.scores[:first] + told.values
            self._tape.charge(path, solution, told)
            pass_tokens(told.generated_tokens)
        self._tape.know(path, Verified(steps, scores), scores)
        return scores

    async def look_ahead(self, problem: Problem, path: Path, rollout: Path) -> tuple[float, ...]:
        """Like `verify` for the branch that ends at `rollout`, below `path`; its last score becomes `path`'s too."""
        scores = await self.verify(problem, rollout)
        own = self._shown(path, with_answer=False)
        count = self._tape.verified(rollout).known(own)
        self._tape.know(path, Verified(own[:count], scores[:count]), scores)
        return scores

    async def scored(self, problem: Problem, candidate: Candidate, how: Aggregate = "last") -> Candidate:
        """The candidate as the verifier sees it; without a score, and with the reason, where it cannot see it."""
        try:
            scores = await self.verify(problem, candidate.path)
        except UnscorableError as error:
            return candidate.noted(f"not scored: {error}")
        if not scores:
            return candidate.noted("not scored: it shows no step of reasoning")
        return replace(candidate, score=aggregate(scores, how), step_scores=scores)

    async def _told(self, verifier: Verifier, solution: Solution) -> Scores:
        """Whoever shows the same meanwhile waits for the answer. If the asking fails, the next one asks."""
        async with self._asking[solution]:
            if solution not in self._answers:
                self._answers[solution] = await _scores_or_why_not(verifier, solution)
        answer = self._answers[solution]
        if isinstance(answer, UnscorableError):
            raise UnscorableError(str(answer))
        return answer

    @property
    def _verifier(self) -> Verifier:
        if self._named is None:
            raise UnfitVerifierError("the strategy asks a verifier, and this job has none; name one in its `verifier`")
        return self._named

    def _shown(self, path: Path, *, with_answer: bool) -> tuple[str, ...]:
        return shown(self._tape.branch(path), self._thinking, with_answer=with_answer)


async def _scores_or_why_not(verifier: Verifier, solution: Solution) -> Scores | UnscorableError:
    try:
        return await verifier.score(solution)
    except UnscorableError as error:
        return error
