"""Which answers of a job are one answer, though they are spelled differently: votes are among answers, not spellings.

Answers with one key are equal. Of keys that differ the grader is asked, each pair once: k of them cost at most k²/2
comparisons, and none where keys tell all. A cluster's candidates are then given one key, which votes, rollups and
curves count by.

What a grader calls equal need not be transitive (50% is 50, and .5). That is settled here: keys are taken from the most
frequent to the rarest, of equals the shorter first, then in the order of their characters. Each joins the first before
it that leads a cluster and equals it, or leads a cluster itself. So a member equals its leader, a rare spelling between
two frequent answers never makes them one, and neither the order nor the time in which candidates came matters.

Verdicts are not shared: each answer is judged by itself, whatever else was sampled. If a grader calls two answers equal
and only one of them right, curves count their cluster with the share of its candidates that are right, and a job has
the verdict of the candidate that was chosen to speak for it: of equal samples the first, which is right as often.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from scaling.answers.graders import GRADERS
from scaling.protocols import Grader
from scaling.types import Candidate, Problem


class Equivalence:
    """What the grader has said of one problem's answers so far."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._answers: dict[str, str] = {}
        """The first answer of each key."""
        self._equals: dict[str, set[str]] = {}
        """For each key the others that it equals."""

    async def clustered(self, problem: Problem, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates in their order, each that can vote with the key of its cluster's leader."""
        if GRADERS[problem.grader].is_told_by_keys:
            return list(candidates)
        votes = Counter[str]()
        for each in candidates:
            if each.can_vote and each.key is not None and each.answer is not None:
                await self._meet(problem, each.key, each.answer)
                votes[each.key] += 1
        leaders = self._leaders(votes)
        return [
            replace(each, key=leaders[each.key]) if each.can_vote and each.key in leaders else each
            for each in candidates
        ]

    async def _meet(self, problem: Problem, key: str, answer: str) -> None:
        """A new key is compared with all that are known."""
        if key in self._equals:
            return
        equal = {other for other, its in self._answers.items() if await self._grader.equal(problem, its, answer)}
        self._answers[key], self._equals[key] = answer, equal
        for other in equal:
            self._equals[other].add(key)

    def _leaders(self, votes: Counter[str]) -> dict[str, str]:
        """For each key the one that leads its cluster."""
        leaders: dict[str, str] = {}
        ranks: dict[str, int] = {}
        for rank, key in enumerate(sorted(votes, key=lambda key: (-votes[key], len(key), key))):
            before = [other for other in self._equals[key] if leaders.get(other) == other]
            leaders[key] = min(before, key=ranks.__getitem__, default=key)
            ranks[key] = rank
        return leaders
