"""What a job makes: a tree of steps and an outcome. Counts are never stored twice: totals are properties over steps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from scaling.types.problems import Unread
from scaling.types.requests import FinishReason, Ids, Path, Usage


class StepKind(StrEnum):
    """What a node of the tree is."""

    PROMPT = "prompt"  # the rendered question, thinking start included
    THINK = "think"  # reasoning the model generated
    FORCED = "forced"  # ids we appended: a Wait, an answer opener
    ANSWER = "answer"  # the final answer the model generated
    STEP = "step"  # one delimited step of a search
    REVISION = "revision"  # a prompt that shows earlier attempts and asks for another: the context begins anew with it
    ROLLOUT = "rollout"  # lookahead that only informs a score


class Phase(StrEnum):
    """Which part of the chain a step's tokens belong to, and so which budget they are charged to."""

    PROMPT = "prompt"
    THINKING = "thinking"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a trace.

    The model was conditioned on the `ids` of the step's ancestors, in order, from the nearest prompt on, and then
    made or was given this step's `ids`. `dropped_ids` were generated as well and left out of the context: a first token
    that was drawn again (see `scaling.generation`), and what ended it, with all that the server made behind that.
    All ids are empty where the engine takes none: then the prompt is a conversation, and `text` all that is known.
    Counts are sums over the step's requests, as the engine reported them, None if it did not for one of them; a forced
    step made no request. A request that made a thought and went on to its answer is the thought's, but for the tokens
    that it generated of the answer.

    Seconds are apart: at the server, and of those in its own queue where it tells; in our gate and in tries that
    failed, of the generator's and the verifier's requests together. What a try that failed cost is the attempt's, not
    the step's.
    """

    path: Path
    kind: StepKind
    phase: Phase
    ids: Ids
    text: str
    dropped_ids: Ids = ()
    prompt_tokens: int | None = 0
    cached_tokens: int | None = 0
    generated_tokens: int | None = 0
    requests: int = 0
    seconds: float = 0.0
    finish_reason: FinishReason | None = None
    kept: bool = True
    """False for a branch that a search pruned."""
    score: float | None = None
    """The verifier's score of the branch up to and with this step; None: never scored. In a lookahead search, of the
    branch as the rollout went on with it."""
    verifier_tokens: int | None = 0
    """Prompt and generated tokens of the verifier's calls for this step, as its engine reported them."""
    verifier_cached_tokens: int | None = 0
    verifier_calls: int = 0
    verifier_seconds: float = 0.0
    verifier_generated_tokens: int | None = 0
    """Those of `verifier_tokens` that it generated; None: not known (a trace that was stored before they were told)."""
    usages: tuple[Usage, ...] = ()
    """Of each of its requests, in order; empty: known in sum only."""
    verifier_usages: tuple[Usage, ...] = ()
    verifier_spared_usages: tuple[Usage, ...] = ()
    """Of the calls that it needed none of, since a lower step's branch shows the verifier the very same."""
    queue_seconds: float | None = 0.0
    gate_seconds: float = 0.0
    retry_seconds: float = 0.0

    @property
    def is_forced(self) -> bool:
        return self.kind is StepKind.FORCED

    @property
    def forced_tokens(self) -> int:
        return len(self.ids) if self.is_forced else 0

    @property
    def charged_tokens(self) -> int:
        """What a budget is charged for it: the generated tokens as the engine counts them, or else their ids."""
        made = len(self.ids) + len(self.dropped_ids) - self.forced_tokens
        return made if self.generated_tokens is None else self.generated_tokens


Number = TypeVar("Number", int, float)


def total_if_known(numbers: Iterable[Number | None], nothing: Number | int = 0) -> Number | None:
    """The sum; None if one of them was not reported."""
    told = tuple(numbers)
    return None if None in told else sum(told, nothing)  # type: ignore[arg-type]


def thinking_tokens(steps: Iterable[Step]) -> int | None:
    """All that were generated while thinking, dropped delimiters included, and the forced ones (Waits)."""
    thinking = [step for step in steps if step.phase is Phase.THINKING]
    return total_if_known(n for step in thinking for n in (step.generated_tokens, step.forced_tokens))


@dataclass(frozen=True, slots=True)
class Counts:
    """What a set of steps cost, in tokens and seconds of requests (requests overlap: not wall-clock time).

    `seconds` and `verifier_seconds` are the servers'; `queue_seconds` those of `seconds` that requests waited in the
    generator's server, None if it does not tell; `gate_seconds` and `retry_seconds` were lost on our side.

    `thinking_tokens` are all tokens generated while thinking, dropped delimiters included, plus the forced ones
    (Waits); `forced_tokens` are all forced ones, answer openers included; `generated_tokens` are the engine's
    own: thinking and answer, without forced ones. The verifier's calls are counted apart: `verifier_tokens` are
    their prompt and generated tokens together, `verifier_cached_tokens` those of them that its engine had cached,
    `verifier_generated_tokens` those that it generated. A count is None if any step's is: what an engine did not report
    is in no sum.
    """

    prompt_tokens: int | None
    cached_tokens: int | None
    thinking_tokens: int | None
    forced_tokens: int
    answer_tokens: int | None
    generated_tokens: int | None
    verifier_tokens: int | None
    verifier_cached_tokens: int | None
    verifier_calls: int
    verifier_seconds: float
    seconds: float
    verifier_generated_tokens: int | None = 0
    queue_seconds: float | None = 0.0
    gate_seconds: float | None = 0.0
    """None: of a job from before waiting was told apart from serving."""
    retry_seconds: float | None = 0.0

    @classmethod
    def of(cls, steps: Iterable[Step]) -> "Counts":
        steps = tuple(steps)
        return cls(
            prompt_tokens=total_if_known(step.prompt_tokens for step in steps),
            cached_tokens=total_if_known(step.cached_tokens for step in steps),
            thinking_tokens=thinking_tokens(steps),
            forced_tokens=sum(step.forced_tokens for step in steps),
            answer_tokens=total_if_known(step.generated_tokens for step in steps if step.phase is Phase.ANSWER),
            generated_tokens=total_if_known(step.generated_tokens for step in steps),
            verifier_tokens=total_if_known(step.verifier_tokens for step in steps),
            verifier_cached_tokens=total_if_known(step.verifier_cached_tokens for step in steps),
            verifier_calls=sum(step.verifier_calls for step in steps),
            verifier_seconds=sum((step.verifier_seconds for step in steps), 0.0),
            seconds=sum((step.seconds for step in steps), 0.0),
            queue_seconds=total_if_known((step.queue_seconds for step in steps), 0.0),
            gate_seconds=sum((step.gate_seconds for step in steps), 0.0),
            retry_seconds=sum((step.retry_seconds for step in steps), 0.0),
            verifier_generated_tokens=total_if_known(step.verifier_generated_tokens for step in steps),
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A leaf that answers. `answer` is None if none could be read; answers with one `key` are equal.

    Once a strategy has concluded, all that the grader calls equal has one key: see `scaling.answers.equivalence`.
    """

    path: Path
    text: str
    answer: str | None
    key: str | None
    truncated: bool
    thinking_tokens: int | None
    total_tokens: int | None
    """Generated and forced tokens of this candidate's own branch, from its nearest prompt on; None, as above: its
    engine did not report them."""
    score: float | None = None
    """What it was chosen by: its `step_scores` put together as the strategy says, or the model's own confidence
    (DeepConf). None: nothing scored it."""
    step_scores: tuple[float, ...] = ()
    """The verifier's score after each step of its reasoning, in order."""
    unread: Unread | None = None
    """Why there is no answer to judge; CUT for a truncated one, whatever stands there. None: there is one."""
    waits: int = 0
    """Waits that were forced in its branch, of those that were asked for."""
    is_cut: bool = False
    """Its thought did not end: a limit cut it, whether an answer was forced behind it or not."""
    note: str | None = None
    """Which limit of the method it met: why it has no score where a verifier was asked, why nothing revised it, or that
    the context left less than its limit."""

    def noted(self, note: str) -> "Candidate":
        """The same, with one thing more to be said."""
        return replace(self, note=note if self.note is None else f"{self.note}; {note}")

    @property
    def can_vote(self) -> bool:
        """Its answer was read, and was not cut."""
        return self.key is not None and not self.truncated


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a strategy concluded: its candidates, which of them speaks for the job, and whether a draw decided."""

    candidates: tuple[Candidate, ...]
    chosen: int
    is_tie: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What a job produced: the tree of steps in path order, and the outcome."""

    steps: tuple[Step, ...]
    outcome: Outcome
    longest_path: int | None = None
    """Tokens that were generated one after the other (`scaling.compute.sequence`); None: not measured."""

    @property
    def counts(self) -> Counts:
        return Counts.of(self.steps)
