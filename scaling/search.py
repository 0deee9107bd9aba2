"""Search over steps of reasoning with a process reward model: the one loop that beam search and its kin share.

A round samples a step behind every open beam, scores each as soon as it ends, and shares the next continuations out
among the open beams by their scores. A beam whose thinking has ended is finished: it answers at once, keeps its place
among the N and costs nothing more. So there are exactly `width` beams after every round, finished ones included, and a
search ends with `width` candidates. What each method adds is how continuations are shared out. Problems never wait for
one another; only the beams of one problem meet at the end of a round.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import ClassVar

from pydantic import Field, model_validator

from scaling.abilities import Ability
from scaling.answers.voting import WEIGHTED, Selection, aggregate
from scaling.endings import AtLimit, answer_of, cut_off, num_forced, shortage
from scaling.protocols import UnscorableError
from scaling.record import Recorder
from scaling.strategy import Limited, StrategyFamily, concurrently
from scaling.tape import Node
from scaling.types import Candidate, Outcome, Problem


@dataclass(frozen=True, slots=True)
class Beam:
    """A branch of whole steps and its score. `candidate` is None while it is open."""

    node: Node
    score: float
    candidate: Candidate | None = None


class StepSearch(Limited):
    """Grow `width` beams step by step; weighted best of N over what they end with [Snell §5.2]."""

    draws_by: ClassVar[str] = "width"
    said_as: ClassVar[Mapping[str, str]] = {
        "verifier": "by {}",
        "max_rounds": "{} rounds",
        "max_thinking_tokens": "up to {}",
    }

    width: int = Field(ge=1, description="N: beams at any time, and candidates at the end")
    verifier: str = Field(min_length=1, description="the registered verifier it asks; it has to score steps")
    max_rounds: int = Field(default=40, ge=1, description="steps of the longest beam; one that needs more is truncated")
    max_thinking_tokens: int | None = Field(
        default=None, ge=1, description="of one beam; None: as many as the context takes"
    )

    @property
    def family(self) -> StrategyFamily:
        return StrategyFamily.SEARCH

    @property
    def selects_by(self) -> Selection:
        return WEIGHTED

    @property
    def num_chains(self) -> int:
        return self.width

    @property
    def side_by_side(self) -> None:
        return None

    @property
    def generations_per_chain(self) -> int:
        return self.rollout_steps + 1

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    @property
    def verifier_name(self) -> str:
        return self.verifier

    @property
    def needs_step_scores(self) -> bool:
        return True

    @property
    def needs(self) -> frozenset[Ability]:
        """A step goes on where the one before it ended."""
        return frozenset({Ability.TOKEN_IDS})

    @property
    def num_trees(self) -> int:
        """How many searches share the width, none knowing of the others."""
        return 1

    @property
    def rollout_steps(self) -> int:
        """How many steps ahead a beam is scored."""
        return 0

    @abstractmethod
    def continuations(self, scores: Sequence[float]) -> list[int]:
        """For each open beam the number of its continuations, in all as many as there are open beams; 0 prunes it."""

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        recorder.scoring.require_steps()
        prompt = await recorder.ask(problem)
        kept_free = await num_forced(recorder, self.ending)
        limit = recorder.thinking_room(prompt, self.max_thinking_tokens, problem, kept_free)
        grower = BeamGrower(
            problem,
            recorder,
            limit,
            self.rollout_steps,
            rollout_index=self.width,
            ending=self.ending,
            num_forced=kept_free,
            shortage=shortage(self.max_thinking_tokens, limit),
        )
        width = self.width // self.num_trees
        grown = await concurrently(self._tree(grower, prompt, tree * width, width) for tree in range(self.num_trees))
        candidates = [candidate for tree in grown for candidate in tree]
        return await recorder.concluded(problem, candidates, self.conclude)

    async def _tree(self, grower: "BeamGrower", prompt: Node, first: int, width: int) -> list[Candidate]:
        """One search from its first steps on, which are the prompt's children number `first` and following."""
        beams = await concurrently(grower.grow(prompt, first + number) for number in range(width))
        for _ in range(self.max_rounds - 1):
            if all(beam.candidate for beam in beams):
                break
            beams = await self._round(grower, beams)
        return await concurrently(grower.ended(beam) for beam in beams)

    async def _round(self, grower: "BeamGrower", beams: Sequence[Beam]) -> list[Beam]:
        shares = iter(self.continuations([beam.score for beam in beams if not beam.candidate]))
        counts = [0 if beam.candidate else next(shares) for beam in beams]
        for beam, count in zip(beams, counts, strict=True):
            if count == 0 and not beam.candidate:
                grower.recorder.tape.prune(beam.node.path)
        pairs = [(beam.node, index) for beam, count in zip(beams, counts, strict=True) for index in range(count)]
        grown = iter(await concurrently(grower.grow(node, index) for node, index in pairs))
        return [
            each
            for beam, count in zip(beams, counts, strict=True)
            for each in ([beam] if beam.candidate else [next(grown) for _ in range(count)])
        ]


class BranchingSearch(StepSearch):
    """The best open beams go on, each with `branches` continuations; the others are pruned.

    Of N − F open beams, F being finished, the ⌈(N − F)/M⌉ best go on, the last of them with what is left of the N − F
    places: N/M with M each as long as none is finished. The paper does not say what becomes of finished beams; here
    they neither compete with open ones nor are replaced. Equal scores are parted by place.
    """

    branches: int = Field(ge=1, description="M: continuations of each beam that is kept; divides width")

    @model_validator(mode="after")
    def _divides(self) -> "BranchingSearch":
        if self.width % self.branches:
            raise ValueError(
                f"width={self.width} is not divisible by branches={self.branches}; give a multiple, such as "
                f"{ceil(self.width / self.branches) * self.branches}"
            )
        return self

    def continuations(self, scores: Sequence[float]) -> list[int]:
        counts, places = [0] * len(scores), len(scores)
        for best in sorted(range(len(scores)), key=lambda place: -scores[place]):
            counts[best] = min(self.branches, places)
            places -= counts[best]
        return counts


@dataclass(frozen=True, slots=True)
class BeamGrower:
    """Makes the beams of one problem a step longer."""

    problem: Problem
    recorder: Recorder
    max_thinking_tokens: int
    rollout_steps: int
    rollout_index: int
    """Of a rollout among its step's children; above those of the continuations."""
    ending: AtLimit
    num_forced: int
    """Tokens that a forced ending takes."""
    shortage: str | None
    """What is to be said of a beam that is cut because the context is shorter than its limit."""

    async def grow(self, parent: Node, index: int) -> Beam:
        """One more step, scored as soon as it ends, and answered if it was the last.

        A beam that the verifier cannot read cannot compete: it goes no further, and ends without a score.
        """
        node = await self.recorder.step(parent, max(1, self._limit(parent)), index=index)
        try:
            if self._has_ended(node):
                return await self._finished(node, await self.recorder.scoring.verify(self.problem, node.path))
            return Beam(node, aggregate(await self._scores(node), "last") or 0.0)
        except UnscorableError as error:
            beam = await self._finished(node, ())
            assert beam.candidate is not None
            return replace(beam, candidate=beam.candidate.noted(f"not scored: {error}"))

    async def ended(self, beam: Beam) -> Candidate:
        """What a beam ends with; one that the rounds were not enough for is cut."""
        if beam.candidate is not None:
            return beam.candidate
        candidate = await cut_off(self.problem, beam.node, self.recorder, self.ending, index=self.rollout_index + 1)
        return replace(candidate, score=beam.score, step_scores=self.recorder.tape.verified(beam.node.path).scores)

    async def _scores(self, node: Node) -> tuple[float, ...]:
        """As seen from the end of the rollout, or from the step itself where the verifier cannot read so far."""
        leaf = await self._rolled_out(node)
        try:
            return await self.recorder.scoring.look_ahead(self.problem, node.path, leaf.path)
        except UnscorableError:
            if leaf is node:
                raise
            return await self.recorder.scoring.verify(self.problem, node.path)

    async def _rolled_out(self, node: Node) -> Node:
        leaf = node
        for _ in range(self.rollout_steps):
            if self._has_ended(leaf):
                break
            index = self.rollout_index if leaf is node else 0
            leaf = await self.recorder.rollout(leaf, self._limit(leaf), index=index)
        return leaf

    async def _finished(self, node: Node, scores: tuple[float, ...]) -> Beam:
        score = aggregate(scores, "last")
        candidate = await self._candidate(node)
        return Beam(node, score or 0.0, replace(candidate, score=score, step_scores=scores))

    async def _candidate(self, node: Node) -> Candidate:
        if not self._is_open(node):
            return await answer_of(self.problem, node, self.recorder, self.ending, note=self.shortage)
        index = self.rollout_index + 1
        return await cut_off(self.problem, node, self.recorder, self.ending, index=index, note=self.shortage)

    def _has_ended(self, node: Node) -> bool:
        return not self._is_open(node) or self._limit(node) < 1

    def _is_open(self, node: Node) -> bool:
        return node.stopped_at == self.recorder.thinking.step_delimiter

    def _limit(self, node: Node) -> int:
        """How many tokens of thinking may follow."""
        left = self.max_thinking_tokens - self.recorder.tape.thinking_tokens(node.path)
        return self.recorder.most_thinking(node, left, self.num_forced)
