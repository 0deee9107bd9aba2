"""The Recorder: a strategy's only door to an engine. Every call becomes a Step with the engine's own counts.

A step's identity is its path in the tree. Its seed is derived from the experiment's seed, the problem, the repeat
and the path, not from the arm: arms that ask the same thing get the same tokens, which pairs their comparison.
A long generation is made in segments of `Sampling.segment_tokens`, each a request with its own seed, always, so
that where a run was interrupted leaves no mark on what it generates.
"""

import asyncio
import hashlib
from dataclasses import dataclass, replace

from scaling import answers
from scaling.delimiters import Delimiter, first_delimiter, ids_before
from scaling.protocols import Engine
from scaling.types import (
    Candidate,
    Completion,
    Counts,
    FinishReason,
    Ids,
    Path,
    Phase,
    Problem,
    PromptFormat,
    Request,
    Sampling,
    Step,
    StepKind,
    ThinkingFormat,
)

ROOT: Path = (0,)


class ContextOverflowError(ValueError):
    """The prompt and what is to be generated do not fit into the model's context. Retrying cannot mend it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A finished step and the ids that anything after it is conditioned on."""

    step: Step
    context: Ids
    text: str
    """The text of `context`, prompt included."""
    stopped_at: str | None = None
    """The delimiter that ended it; None if it ended with the end-of-sequence token or its limit."""

    @property
    def path(self) -> Path:
        return self.step.path

    @property
    def is_stopped(self) -> bool:
        """The model ended it by itself."""
        return self.step.finish_reason is FinishReason.STOP


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a step is over, and how many of its ids stand before the delimiter or stop token that ended it."""

    reason: FinishReason
    num_kept: int
    delimiter: Delimiter | None


def derive_seed(key: str, path: Path, segment: int) -> int:
    """A 63-bit seed, the same on every machine."""
    digest = hashlib.sha256(f"{key}/{'.'.join(map(str, path))}/{segment}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


class Recorder:
    """Records one attempt at one problem.

    `seed_key` names the experiment's seed, the problem and the repeat. Not safe across threads; strategies may
    have any number of calls in flight, each with an `index` (its number among its siblings) of its own.
    """

    def __init__(
        self, engine: Engine, *, thinking: ThinkingFormat, sampling: Sampling, prompt: PromptFormat, seed_key: str
    ) -> None:
        self.thinking = thinking
        self.sampling = sampling
        self._engine = engine
        self._prompt = prompt
        self._seed_key = seed_key
        self._steps: dict[Path, Step] = {}
        self._root: Node | None = None
        self._asking = asyncio.Lock()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps so far in path order; the ones in flight with what their finished segments cost."""
        return tuple(self._steps[path] for path in sorted(self._steps))

    @property
    def spent(self) -> Counts:
        """What was spent so far, segments of unfinished steps included."""
        return Counts.of(self._steps.values())

    def draw_seed(self, purpose: str) -> int:
        """A seed for a draw that is not a generation, such as the breaking of a tie."""
        return derive_seed(f"{self._seed_key}/{purpose}", (), 0)

    async def ask(self, problem: Problem) -> Node:
        """The root: the rendered question with the thinking start. Asked again, the same node."""
        async with self._asking:
            if self._root is None:
                ids = await self._render(problem)
                text = await self._engine.detokenize(ids)
                step = self._store(Step(ROOT, StepKind.PROMPT, Phase.PROMPT, ids, text))
                self._root = Node(step, ids, text)
        return self._root

    async def think(self, parent: Node, max_tokens: int, *, index: int = 0, keep_delimiter: bool = False) -> Node:
        """Reason until the thinking format's delimiter, the end of the sequence or `max_tokens` (≥ 1).

        The delimiter is left out of the context unless `keep_delimiter`: then what follows continues the same
        generation, as if it had never been interrupted.
        """
        step = Step((*parent.path, index), StepKind.THINK, Phase.THINKING, (), "")
        return await self._generate(parent, step, max_tokens, self.thinking.stop, keep_delimiter)

    async def answer(self, parent: Node, *, index: int = 0) -> Node:
        """The final answer, until the end of the sequence or `Sampling.max_answer_tokens`."""
        step = Step((*parent.path, index), StepKind.ANSWER, Phase.ANSWER, (), "")
        return await self._generate(parent, step, self.sampling.max_answer_tokens)

    async def force(self, parent: Node, text: str, phase: Phase, *, index: int = 0) -> Node:
        """Put words in the model's mouth: `text` is tokenised by itself and appended to the context."""
        ids = await self.tokenize(text)
        step = self._store(Step((*parent.path, index), StepKind.FORCED, phase, ids, text))
        return Node(step, parent.context + ids, parent.text + text)

    async def tokenize(self, text: str) -> Ids:
        return await self._engine.tokenize(text) if text else ()

    def room(self, node: Node) -> int:
        """How many tokens the context still takes after `node`."""
        return self._engine.context_length - len(node.context)

    def require_room(self, node: Node, tokens: int, problem: Problem) -> None:
        """Raise ContextOverflowError unless `tokens` more fit after `node`."""
        if self.room(node) < tokens:
            raise ContextOverflowError(
                f"problem {problem.id}: its prompt of {len(node.context)} tokens and {tokens} more (thinking, answer "
                f"and what is forced between them) exceed the model's context of {self._engine.context_length}; "
                "lower max_thinking_tokens or max_answer_tokens, or serve the model with a longer context"
            )

    def candidate(self, problem: Problem, leaf: Node, *, truncated: bool) -> Candidate:
        """Read the answer off a branch: its answer steps, or its reasoning if the model answers there."""
        branch = [self._steps[leaf.path[:depth]] for depth in range(1, len(leaf.path) + 1)]
        phase = Phase.THINKING if self.thinking.answers_in_thinking else Phase.ANSWER
        text = "".join(step.text for step in branch if step.phase in (phase, Phase.ANSWER))
        text = text.split(self.thinking.answer_opener, 1)[-1] if self.thinking.answer_opener else text
        answer = answers.extract(text, problem.grader)
        counts = Counts.of(branch)
        return Candidate(
            path=leaf.path,
            text=text,
            answer=answer,
            key=None if answer is None else answers.normalise(answer, problem.grader),
            truncated=truncated,
            thinking_tokens=counts.thinking_tokens,
            total_tokens=counts.generated_tokens + counts.forced_tokens,
        )

    async def _render(self, problem: Problem) -> Ids:
        ids = await self._engine.render(self._prompt.messages(problem.question))
        start = await self.tokenize(self.thinking.start)
        ids = ids if not start or ids[-len(start) :] == start else ids + start
        if len(ids) >= self._engine.context_length:
            raise ContextOverflowError(
                f"problem {problem.id}: its prompt of {len(ids)} tokens exceeds the model's context of "
                f"{self._engine.context_length}; drop the problem or serve the model with a longer context"
            )
        return ids

    def _store(self, step: Step) -> Step:
        assert step.path not in self._steps, f"two steps at path {step.path}: siblings need different indexes"
        self._steps[step.path] = step
        return step

    async def _generate(
        self, parent: Node, step: Step, max_tokens: int, stop: tuple[str, ...] = (), keep_delimiter: bool = False
    ) -> Node:
        """Generate segment by segment until a delimiter, the end of the sequence or `max_tokens`."""
        self._store(step)
        delimiters = [Delimiter(text, await self.tokenize(text)) for text in stop]
        ending = None
        while ending is None:
            limit = min(self.sampling.segment_tokens, max_tokens - step.generated_tokens)
            completion = await self._engine.complete(self._request(parent.context, step, limit, delimiters))
            step = self._steps[step.path] = _extend(step, completion)
            ending = await self._ending(step, completion, max_tokens, delimiters)
        num_kept = ending.num_kept
        if ending.delimiter and keep_delimiter:
            num_kept = min(len(step.ids), num_kept + len(ending.delimiter.ids))
        step = self._steps[step.path] = await self._end(step, ending.reason, num_kept)
        stopped_at = ending.delimiter.text if ending.delimiter else None
        return Node(step, parent.context + step.ids, parent.text + step.text, stopped_at)

    def _request(self, context: Ids, step: Step, limit: int, delimiters: list[Delimiter]) -> Request:
        return Request(
            prompt=context + step.ids,
            max_tokens=limit,
            seed=derive_seed(self._seed_key, step.path, step.requests),
            sampling=self.sampling,
            stop=tuple(delimiter.text for delimiter in delimiters if not delimiter.is_single_token),
            stop_token_ids=tuple(delimiter.ids[0] for delimiter in delimiters if delimiter.is_single_token),
        )

    async def _ending(
        self, step: Step, completion: Completion, max_tokens: int, delimiters: list[Delimiter]
    ) -> Ending | None:
        """How the segment just made ended the step; None if there is more to come."""
        strings = [delimiter for delimiter in delimiters if not delimiter.is_single_token]
        if delimiter := first_delimiter(step.text, strings):
            num_kept = await ids_before(delimiter, step.ids, step.text, self._engine.detokenize)
            return Ending(FinishReason.STOP, num_kept, delimiter)
        if completion.finish_reason is FinishReason.STOP:
            single = next((delimiter for delimiter in delimiters if delimiter.ids == step.ids[-1:]), None)
            return Ending(FinishReason.STOP, len(step.ids) - 1, single)
        if step.generated_tokens >= max_tokens:
            return Ending(FinishReason.LENGTH, len(step.ids), None)
        return None

    async def _end(self, step: Step, reason: FinishReason, num_kept: int) -> Step:
        """The step with what comes after its first `num_kept` ids set aside, and the text of what is left."""
        kept, dropped = step.ids[:num_kept], step.ids[num_kept:]
        tail = await self._engine.detokenize(dropped) if dropped else ""
        is_whole = step.requests == 1 and step.text.endswith(tail)  # segments may have split a character
        text = step.text.removesuffix(tail) if is_whole else await self._engine.detokenize(kept)
        return replace(step, ids=kept, dropped_ids=dropped, text=text, finish_reason=reason)


def _extend(step: Step, completion: Completion) -> Step:
    cached = (step.cached_tokens, completion.cached_tokens)
    return replace(
        step,
        ids=step.ids + completion.token_ids,
        text=step.text + completion.text,
        prompt_tokens=step.prompt_tokens + completion.prompt_tokens,
        cached_tokens=None if cached[0] is None or cached[1] is None else cached[0] + cached[1],
        generated_tokens=step.generated_tokens + completion.generated_tokens,
        requests=step.requests + 1,
        seconds=step.seconds + completion.seconds,
    )
