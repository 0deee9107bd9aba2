"""The Recorder: a strategy's only door to an engine or a verifier. Every call becomes a Step, or a score and its cost
on a Step, with the engine's own counts.

A step's identity is its path in the tree. Its seed is derived from the experiment's seed, the problem, the repeat
and the path, not from the arm: arms that ask the same thing get the same tokens, which pairs their comparison.
`scaling.generation` makes a step, `scaling.verification` says what a verifier is shown of it.
"""

import asyncio
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

from scaling import answers
from scaling.abilities import Ability
from scaling.answers.after_thinking import answer_text, asked
from scaling.answers.equivalence import Equivalence
from scaling.compute.sequence import pass_tokens
from scaling.context import ContextShares
from scaling.delimiters import Delimiter
from scaling.generation import Asking, Generation, derive_seed
from scaling.opening import missing_start
from scaling.protocols import Engine, Grader, UnfitVerifierError, UnscorableError, Verifier
from scaling.types import (
    Candidate,
    Counts,
    FinishReason,
    Ids,
    Outcome,
    Path,
    Phase,
    Problem,
    PromptFormat,
    Sampling,
    Solution,
    Step,
    StepKind,
    ThinkingFormat,
    Unread,
    total_if_known,
)
from scaling.verification import Verified, charged, shown, since_prompt

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


class Recorder:
    """Records one attempt at one problem.

    `seed_key` names the experiment's seed, the problem and the repeat. Not safe across threads; strategies may
    have any number of calls in flight, each with an `index` (its number among its siblings) of its own.
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
        self.grader = grader
        self.thinking = thinking
        self.sampling = sampling
        self._equivalence = Equivalence(grader)
        self._engine = engine
        self._verifier = verifier
        self._prompt = prompt
        self._seed_key = seed_key
        self._top_logprobs: int | None = None
        self._steps: dict[Path, Step] = {}
        self._verified: dict[Path, Verified] = {}
        self._confidences: dict[Path, tuple[float, ...]] = {}
        self._begin(ROOT, ())

    def _begin(self, path: Path, turns: Sequence[dict[str, str]]) -> None:
        """Where and how `ask` asks."""
        self._prompt_path = path
        self._turns = turns
        self._messages: tuple[dict[str, str], ...] = ()
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
                step = self._store(Step(self._prompt_path, kind, Phase.PROMPT, ids, text))
                self._root = Node(step, ids, text)
        return self._root

    async def think(
        self, parent: Node, max_tokens: int, *, index: int = 0, keep_delimiter: bool = False, goes_on: bool = False
    ) -> Node:
        """Reason until the thinking format's delimiter, the end of the sequence or `max_tokens` (≥ 1).

        The delimiter is left out of the context unless `keep_delimiter`: then what follows continues the same
        generation, as if it had never been interrupted. `goes_on`: it does not end before its first token.
        """
        step = Step((*parent.path, index), StepKind.THINK, Phase.THINKING, (), "")
        delimiters = await self._thinking_ends(is_kept=keep_delimiter)
        return await self._generate(parent, step, max_tokens, delimiters, goes_on=goes_on)

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

    async def answer(self, parent: Node, *, index: int = 0) -> Node:
        """The final answer, until the end of the sequence, `Sampling.max_answer_tokens` or the end of the context."""
        step = Step((*parent.path, index), StepKind.ANSWER, Phase.ANSWER, (), "")
        return await self._generate(parent, step, self._shares.most_answer(self.room(parent)), [])

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

    def thinking_tokens(self, node: Node) -> int:
        """What a budget of thinking is charged for the branch since its prompt."""
        thinking = (step for step in self._since_prompt(node.path) if step.phase is Phase.THINKING)
        return sum(step.charged_tokens + step.forced_tokens for step in thinking)

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

    def require_step_scores(self) -> None:
        """Raise UnfitVerifierError unless there is a verifier that scores single steps."""
        if not self._asked_verifier.scores_steps:
            raise UnfitVerifierError(
                "a search needs the score of every step, and this verifier is an outcome reward model: it scores whole "
                "solutions only. Name a process reward model, or use best_of_n"
            )

    async def verify(self, problem: Problem, path: Path) -> tuple[float, ...]:
        """The verifier's score after each step of the branch that ends at `path`; empty if it shows no step.

        Only what no ancestor was asked about is asked. The last score becomes the step's own, and the cost is its.
        Raises UnscorableError where the verifier cannot read this branch.
        """
        verifier = self._asked_verifier
        steps = shown(self._since_prompt(path), self.thinking, with_answer=not verifier.scores_steps)
        before = self._last_verified(path)
        scores = before.scores if before.steps == steps else ()
        if steps and not scores:
            first = before.known(steps) if verifier.scores_steps else 0
            told = await verifier.score(Solution(problem.question, steps, first))
            assert len(told.values) == (len(steps) - first if verifier.scores_steps else 1), "a score for each step"
            scores = before.scores[:first] + told.values
            self._steps[path] = charged(self._steps[path], told)
            pass_tokens(told.generated_tokens)
        self._know(path, Verified(steps, scores))
        return scores

    async def look_ahead(self, problem: Problem, path: Path, rollout: Path) -> tuple[float, ...]:
        """Like `verify` for the branch that ends at `rollout`, below `path`; its last score becomes `path`'s too."""
        scores = await self.verify(problem, rollout)
        own = shown(self._since_prompt(path), self.thinking, with_answer=False)
        count = self._verified[rollout].known(own)
        self._know(path, Verified(own[:count], scores[:count]))
        self._steps[path] = replace(self._steps[path], score=scores[-1] if scores else None)
        return scores

    def scores(self, path: Path) -> tuple[float, ...]:
        """What is known of the branch that ends at `path`: the score after each of its steps."""
        return self._last_verified(path).scores

    def confidences(self, path: Path) -> tuple[float, ...]:
        """One number for each token generated in the branch that ends at `path`; see `with_confidences`."""
        branch = (self._confidences.get(step.path, ()) for step in self._since_prompt(path))
        return tuple(confidence for of_step in branch for confidence in of_step)

    def prune(self, path: Path) -> None:
        """Give up a branch: the step, and all that was tried below it."""
        for other in [each for each in self._steps if each[: len(path)] == path]:
            self._steps[other] = replace(self._steps[other], kept=False)

    async def candidate(self, problem: Problem, leaf: Node, *, truncated: bool) -> Candidate:
        """Read the answer off a branch: what it says after its thinking, whoever wrote it in how many requests."""
        branch = self._since_prompt(leaf.path)
        text = answer_text(branch, self.thinking)
        reading = await self.grader.read(problem, asked(text, self.thinking))
        counts = Counts.of(branch)
        return Candidate(
            path=leaf.path,
            text=text,
            answer=reading.answer,
            key=reading.key,
            truncated=truncated,
            thinking_tokens=counts.thinking_tokens,
            total_tokens=total_if_known((counts.generated_tokens, counts.forced_tokens)),
            unread=Unread.CUT if truncated else reading.unread,
            waits=sum(step.is_forced and step.phase is Phase.THINKING for step in branch),
        )

    async def scored(self, problem: Problem, candidate: Candidate, aggregate: answers.Aggregate = "last") -> Candidate:
        """The candidate as the verifier sees it; without a score, and with the reason, where it cannot see it."""
        try:
            scores = await self.verify(problem, candidate.path)
        except UnscorableError as error:
            return candidate.noted(f"not scored: {error}")
        if not scores:
            return candidate.noted("not scored: it shows no step of reasoning")
        return replace(candidate, score=answers.aggregate(scores, aggregate), step_scores=scores)

    async def clustered(self, problem: Problem, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates, with one key for all answers that the grader calls equal. Ask before every vote."""
        return await self._equivalence.clustered(problem, candidates)

    async def concluded(self, problem: Problem, candidates: Sequence[Candidate], how: answers.How) -> Outcome:
        """What the candidates answer together."""
        return answers.concluded(await self.clustered(problem, candidates), how, self.draw_seed("vote"))

    @property
    def _shares(self) -> ContextShares:
        return ContextShares(self._engine.context_length, self.sampling.max_answer_tokens)

    @property
    def _asked_verifier(self) -> Verifier:
        if self._verifier is None:
            raise UnfitVerifierError("the strategy asks a verifier, and this job has none; name one in its `verifier`")
        return self._verifier

    def _since_prompt(self, path: Path) -> Sequence[Step]:
        return since_prompt([self._steps[path[:depth]] for depth in range(1, len(path) + 1)])

    def _last_verified(self, path: Path) -> Verified:
        """What is known of the nearest step of the branch that was verified."""
        branch = (step.path for step in reversed(self._since_prompt(path)))
        return next((self._verified[each] for each in branch if each in self._verified), Verified((), ()))

    def _know(self, path: Path, verified: Verified) -> None:
        self._verified[path] = verified
        self._steps[path] = replace(self._steps[path], score=verified.scores[-1] if verified.scores else None)

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

    def _store(self, step: Step) -> Step:
        assert step.path not in self._steps, f"two steps at path {step.path}: siblings need different indexes"
        self._steps[step.path] = step
        return step

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
    ) -> Node:
        """Generate segment by segment until a delimiter, the end of the sequence or `max_tokens`."""
        self._store(step)
        sampling = self.sampling.model_copy(update={"temperature": 0.0}) if is_greedy else self.sampling
        asking = Asking(self._engine, sampling, self._seed_key, self._top_logprobs, self._messages)
        generation = Generation(asking, parent.context, step, max_tokens, delimiters, goes_on)
        ending = None
        while ending is None:
            ending = await generation.extend()
            self._steps[step.path] = generation.step
            pass_tokens(generation.step.usages[-1].generated_tokens)
        step = self._steps[step.path] = await generation.end(ending)
        self._confidences[step.path] = generation.confidences
        stopped_at = ending.delimiter.text if ending.delimiter else None
        return Node(step, parent.context + step.ids, parent.text + step.text, stopped_at)
