"""The Recorder: a strategy's only door to an engine or a verifier. Every call becomes a Step, or a score and its cost
on a Step, with the engine's own counts.

A step's identity is its path in the tree. Its seed is derived from the experiment's seed, the problem, the repeat
and the path, not from the arm: arms that ask the same thing get the same tokens, which pairs their comparison.
`scaling.generation` makes a step, `scaling.scoring` has it judged; what was recorded is on the `scaling.tape`.
"""

import asyncio
from collections.abc import Callable, Sequence
from copy import copy

from scaling.abilities import Ability
from scaling.answers.after_thinking import answer_text, asked
from scaling.answers.equivalence import Equivalence
from scaling.compute.sequence import pass_tokens
from scaling.context import ContextShares
from scaling.delimiters import Delimiter
from scaling.generation import Asking, Generation, draw_seed
from scaling.opening import missing_start
from scaling.protocols import Engine, Grader, Verifier
from scaling.scoring import Scoring
from scaling.tape import Node, Tape
from scaling.types import (
    Candidate,
    Ids,
    Outcome,
    Path,
    Phase,
    Problem,
    PromptFormat,
    Sampling,
    Step,
    StepKind,
    ThinkingFormat,
    Unread,
    thinking_tokens,
    total_if_known,
)

ROOT: Path = (0,)


class ContextOverflowError(ValueError):
    """The prompt and what is to be generated do not fit into the model's context. Retrying cannot mend it."""


class Recorder:
    """Records one attempt at one problem.

    `seed_key` names the experiment's seed, the problem and the repeat. Not safe across threads, but for what was spent
    so far (`tape.spent`); strategies may have any number of calls in flight, each with an `index` (its number among its
    siblings) of its own.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        grader: Grader,
        thinking: ThinkingFormat,
        sampling: Sampling,
        prompt: PromptFormat,
        seed_key: str,
        verifier: Verifier | None = None,
    ) -> None:
        self.tape = Tape()
        self.scoring = Scoring(self.tape, verifier, thinking)
        self.grader = grader
        self.thinking = thinking
        self.sampling = sampling
        self._equivalence = Equivalence(grader)
        self._engine = engine
        self._prompt = prompt
        self._seed_key = seed_key
        self._top_logprobs: int | None = None
        self._begin(ROOT, ())

    def _begin(self, path: Path, turns: Sequence[dict[str, str]]) -> None:
        """Where and how `ask` asks."""
        self._prompt_path = path
        self._turns = turns
        self._messages: tuple[dict[str, str], ...] = ()
        self._root: Node | None = None
        self._asking = asyncio.Lock()

    def draw_seed(self, purpose: str) -> int:
        """A seed for a draw that is not a generation, such as the breaking of a tie."""
        return draw_seed(self._seed_key, purpose)

    def revising(self, parent: Path, turns: Sequence[dict[str, str]]) -> "Recorder":
        """The same record, gone on with behind `parent` in a new context: a prompt that shows `turns` as well."""
        other = copy(self)
        other._begin((*parent, 0), turns)
        return other

    def with_confidences(self, top: int) -> "Recorder":
        """The same record; what is generated through it has `confidences`, from `top` log-probs of each token."""
        other = copy(self)
        other._top_logprobs = top
        return other

    async def ask(self, problem: Problem) -> Node:
        """The prompt: the rendered question with the thinking start. Asked again, the same node."""
        async with self._asking:
            if self._root is None:
                ids, text = await self._opened(problem)
                kind = StepKind.PROMPT if self._prompt_path == ROOT else StepKind.REVISION
                step = self.tape.begin(Step(self._prompt_path, kind, Phase.PROMPT, ids, text))
                self._root = Node(step, ids, text)
        return self._root

    async def think(
        self, parent: Node, max_tokens: int, *, index: int = 0, keep_delimiter: bool = False, goes_on: bool = False
    ) -> Node:
        """Reason until the thinking format's delimiter, the end of the sequence or `max_tokens` (≥ 1).

        The delimiter is left out of the context unless `keep_delimiter`: then nothing but the `answer` may follow,
        which continues the same generation, and where limits allow the same request. `goes_on`: it does not end before
        its first token.
        """
        step = Step((*parent.path, index), StepKind.THINK, Phase.THINKING, (), "")
        delimiters = await self._thinking_ends(is_kept=keep_delimiter)
        most_behind = self._shares.most_answer(self.room(parent)) if keep_delimiter else 0
        return await self._generate(parent, step, max_tokens, delimiters, goes_on=goes_on, most_behind=most_behind)

    async def step(self, parent: Node, max_tokens: int, *, index: int) -> Node:
        """One step of reasoning: until the step delimiter, the end of the thinking or `max_tokens` (≥ 1).

        Delimiters stay in the context: branches continue one generation.
        """
        step = Step((*parent.path, index), StepKind.STEP, Phase.THINKING, (), "")
        return await self._generate(parent, step, max_tokens, await self._step_ends())

    async def rollout(self, parent: Node, max_tokens: int, *, index: int) -> Node:
        """One step as `step` makes it, at temperature 0. It informs a score, and no answer comes of it."""
        step = Step((*parent.path, index), StepKind.ROLLOUT, Phase.THINKING, (), "")
        return await self._generate(parent, step, max_tokens, await self._step_ends(), is_greedy=True)

    async def answer(self, parent: Node) -> Node:
        """The final answer, until the end of the sequence, `Sampling.max_answer_tokens` or the end of the context."""
        step = Step((*parent.path, 0), StepKind.ANSWER, Phase.ANSWER, (), "")
        return await self._generate(parent, step, self._shares.most_answer(self.room(parent)), [])

    async def force(self, parent: Node, text: str, phase: Phase, *, index: int = 0) -> Node:
        """Put words in the model's mouth: `text` is tokenised by itself and appended to the context."""
        ids = await self.tokenize(text)
        step = self.tape.begin(Step((*parent.path, index), StepKind.FORCED, phase, ids, text))
        return Node(step, parent.context + ids, parent.text + text)

    async def tokenize(self, text: str) -> Ids:
        return await self._engine.tokenize(text) if text else ()

    def room(self, node: Node) -> int:
        """How many tokens the context still takes after `node`."""
        return self._engine.context_length - len(node.context)

    def most_thinking(self, node: Node, limit: int | None, num_forced: int = 0) -> int:
        """How many tokens of thinking may follow `node` within `limit` (None: no limit) and the context, where
        `num_forced` tokens come between thinking and answer; below 1 if none may."""
        return self._shares.most_thinking(self.room(node), limit, num_forced)

    def thinking_room(self, prompt: Node, limit: int | None, problem: Problem, num_forced: int = 0) -> int:
        """How many tokens of thinking may follow a prompt: `limit`, or what the context leaves if that is less.

        A long prompt is no reason to leave a problem out: at least one token of thinking is allowed, unless the limit
        is 0, and the answer gets what is left. Raises ContextOverflowError where there is no room even for that.
        """
        if self.room(prompt) < 2 + num_forced:
            raise self._overflow(problem, len(prompt.context), f", with {2 + num_forced} more to think and answer,")
        return limit if limit == 0 else max(1, self.most_thinking(prompt, limit, num_forced))

    async def candidate(self, problem: Problem, leaf: Node, *, truncated: bool) -> Candidate:
        """Read the answer off a branch: what it says after its thinking, whoever wrote it in how many requests."""
        branch = self.tape.branch(leaf.path)
        text = answer_text(branch, self.thinking)
        reading = await self.grader.read(problem, asked(text, self.thinking))
        return Candidate(
            path=leaf.path,
            text=text,
            answer=reading.answer,
            key=reading.key,
            truncated=truncated,
            thinking_tokens=thinking_tokens(branch),
            total_tokens=total_if_known(n for step in branch for n in (step.generated_tokens, step.forced_tokens)),
            unread=Unread.CUT if truncated else reading.unread,
            waits=sum(step.is_forced and step.phase is Phase.THINKING for step in branch),
        )

    async def clustered(self, problem: Problem, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates, with one key for all answers that the grader calls equal. Ask before every vote."""
        return await self._equivalence.clustered(problem, candidates)

    async def concluded(
        self,
        problem: Problem,
        candidates: Sequence[Candidate],
        conclude: Callable[[Sequence[Candidate], int], Outcome],
    ) -> Outcome:
        """What the candidates answer together, by a strategy's `conclude`."""
        return conclude(await self.clustered(problem, candidates), self.draw_seed("vote"))

    @property
    def _shares(self) -> ContextShares:
        return ContextShares(self._engine.context_length, self.sampling.max_answer_tokens)

    async def _opened(self, problem: Problem) -> tuple[Ids, str]:
        """The rendered prompt, and of the thinking start what the chat template did not write itself; of an engine that
        takes no ids the conversation, which its requests are then made with."""
        messages = [*self._prompt.messages(problem.question), *self._turns]
        if Ability.TOKEN_IDS not in self._engine.abilities:
            self._messages = tuple(messages)
            return (), "\n\n".join(f"{each['role']}: {each['content']}" for each in messages)
        ids = await self._engine.render(messages)
        text = await self._engine.detokenize(ids)
        start = missing_start(text, self.thinking.start)
        ids += await self.tokenize(start)
        if len(ids) >= self._engine.context_length:
            raise self._overflow(problem, len(ids))
        return ids, text + start

    def _overflow(self, problem: Problem, num_tokens: int, more: str = "") -> ContextOverflowError:
        return ContextOverflowError(
            f"problem {problem.id}: its prompt of {num_tokens} tokens{more} exceeds the model's context of "
            f"{self._engine.context_length}; drop the problem or serve the model with a longer context"
        )

    async def _thinking_ends(self, *, is_kept: bool) -> list[Delimiter]:
        return [Delimiter(text, await self.tokenize(text), is_kept) for text in self.thinking.stop]

    async def _step_ends(self) -> list[Delimiter]:
        text = self.thinking.step_delimiter
        step_end = Delimiter(text, await self.tokenize(text), is_kept=True, ends_step=True)
        return [step_end, *await self._thinking_ends(is_kept=True)]

    async def _generate(
        self,
        parent: Node,
        step: Step,
        max_tokens: int,
        delimiters: Sequence[Delimiter],
        *,
        is_greedy: bool = False,
        goes_on: bool = False,
        most_behind: int = 0,
    ) -> Node:
        """Generate segment by segment until a delimiter, the end of the sequence or `max_tokens`; goes on where the
        parent's request ran through to it."""
        self.tape.begin(step)
        sampling = self.sampling.model_copy(update={"temperature": 0.0}) if is_greedy else self.sampling
        asking = Asking(self._engine, sampling, self._seed_key, self._top_logprobs, self._messages)
        generation = Generation(asking, parent.context, step, max_tokens, delimiters, goes_on, most_behind)
        ending = None if parent.behind is None else generation.begin(parent.behind)
        self.tape.put(generation.step)
        while ending is None:
            ending = await generation.extend()
            self.tape.put(generation.step)
            pass_tokens(generation.step.usages[-1].generated_tokens)
        behind = await generation.end(ending)
        step = self.tape.put(generation.step, generation.confidences)
        stopped_at = ending.delimiter.text if ending.delimiter else None
        return Node(step, parent.context + step.ids, parent.text + step.text, stopped_at, behind)
