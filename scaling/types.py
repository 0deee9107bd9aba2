"""The nouns of an experiment, frozen. Counts are never stored twice: totals are properties over steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from scaling.abilities import Ability

Ids = tuple[int, ...]
"""Token ids in the model's own vocabulary, in the order in which the model saw or made them."""

Path = tuple[int, ...]
"""A step's place in the tree: the root is (0,), its third child (0, 2)."""


class GraderName(StrEnum):
    """How an answer is read and compared with the reference. What each can do is in `scaling.answers.graders`."""

    INTEGER = "integer"  # the last integer of the answer, compared as a number (AIME, GSM8K, ladder)
    EXACT = "exact"  # the answer's text, compared after trimming and case folding
    CHOICE = "choice"  # one of the options, by its letter or its text (GPQA)
    MATH = "math"  # LaTeX or plain mathematics, compared by math-verify (MATH500)


class Verdict(StrEnum):
    """What grading says of one answer. Only `correct` counts towards accuracy."""

    CORRECT = "correct"  # equivalent to the reference
    WRONG = "wrong"  # an answer was read, and it is another
    UNPARSED = "unparsed"  # the chain ended by itself, but no answer could be read
    TRUNCATED = "truncated"  # the *answer* ended because its tokens ran out, whatever number stood last


class Unread(StrEnum):
    """Why no answer was read, or why what was read has no verdict."""

    NOTHING = "nothing"  # no box, no marker, nothing else that the grader takes for an answer
    CUT = "cut"  # the answer's tokens ran out; what stands there may be readable, and is kept
    ABSTAINED = "abstained"  # the model says that it does not know
    AMBIGUOUS = "ambiguous"  # more than one answer where one was asked for: "(A) or (B)"
    UNREADABLE = "unreadable"  # an answer is announced, and it is none that the grader can read
    IN_DOUBT = "in_doubt"  # read, but it may or may not be the reference: words for a number, "5 cm" for "5 m"
    GAVE_UP = "gave_up"  # the grader hung or crashed on it
    REFERENCE = "reference"  # the reference is one that the grader cannot read

    @property
    def label(self) -> str:
        """For people."""
        return {"nothing": "no answer", "gave_up": "grader gave up", "reference": "reference unreadable"}.get(
            self.value, self.value.replace("_", " ")
        )


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


class FinishReason(StrEnum):
    """Why a generation ended."""

    STOP = "stop"  # by itself: a delimiter or the end-of-sequence token
    LENGTH = "length"  # its token limit ran out


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with its reference answer. `id` is unique within its data set; it seeds the requests."""

    id: str
    question: str
    answer: str
    grader: GraderName
    level: str | None = None
    subject: str | None = None
    options: tuple[str, ...] = ()
    """Of a multiple choice, in the order of their letters A, B, C ...; the question shows them. Empty: none known."""


class ThinkingFormat(BaseModel):
    """How a model marks its thinking [s1 §3.1].

    `start` opens the thinking (appended to the rendered prompt unless the chat template already did); thinking
    ends at any of `stop`, or at the end-of-sequence token; `answer_opener` leads to the answer; after a cut,
    `final_answer` follows it. A model whose `answer_opener` is empty answers inside its reasoning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str = ""
    stop: tuple[str, ...] = ()
    answer_opener: str = ""
    final_answer: str = "Final Answer:"
    step_delimiter: str = Field(default="\n\n", min_length=1, description="what ends a step of reasoning, for search")

    @property
    def answers_in_thinking(self) -> bool:
        return not self.answer_opener


THINKING_FORMATS: dict[str, ThinkingFormat] = {
    "s1": ThinkingFormat(
        start="<|im_start|>think",
        stop=("<|im_start|>",),
        answer_opener="<|im_start|>answer",
        final_answer="\nFinal Answer:",
    ),
    "think": ThinkingFormat(
        start="<think>\n", stop=("</think>",), answer_opener="</think>\n\n", final_answer="Final Answer:"
    ),
    "plain": ThinkingFormat(final_answer="Final Answer:"),
}


SAMPLING_NEEDS = {"top_k": Ability.TOP_K, "cache": Ability.PRIVATE_CACHE}


class Sampling(BaseModel):
    """How tokens are drawn. Temperature 0 is greedy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(default=0.7, ge=0.0, le=2.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    top_k: int | None = Field(default=None, ge=1, description="None: no limit")
    max_answer_tokens: int | None = Field(
        default=None,
        ge=1,
        description="limit on the answer that follows the thinking; None: what the context leaves, at most 32,768",
    )
    segment_tokens: int = Field(
        default=1024,
        ge=1,
        description="a generation is made in requests of this many tokens, each with its own seed",
    )
    cache: Literal["job", "shared"] = Field(
        default="job",
        description="whose computed prefixes a server may find in its cache. job: those of the same job alone, so that "
        "what it costs does not depend on who ran before. shared: everybody's; less is computed, and FLOPs then count "
        "what the cache happened to hold: the same job may cost a fifth",
    )

    @property
    def needs(self) -> Mapping[str, Ability]:
        """What an engine must be able to do to draw like this, by the field that asks for it."""
        asked = {"top_k": self.top_k is not None, "cache": self.cache == "job"}
        return {name: ability for name, ability in SAMPLING_NEEDS.items() if asked[name]}

    @property
    def greedy_by(self) -> str | None:
        """The setting that makes every draw the same; None: draws differ. vLLM takes a temperature below 1e-5 for 0."""
        if self.temperature < 1e-5:
            return "temperature"
        return "top_k" if self.top_k == 1 else None


class PromptFormat(BaseModel):
    """What is said to the model around the question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str | None = Field(default=None, description="system message; None: the chat template's own")
    instruction: str = Field(default="", description="appended to the question after a blank line")

    def messages(self, question: str) -> list[dict[str, str]]:
        user = f"{question}\n\n{self.instruction}" if self.instruction else question
        system = [] if self.system is None else [{"role": "system", "content": self.system}]
        return [*system, {"role": "user", "content": user}]


@dataclass(frozen=True, slots=True)
class Request:
    """One generation asked of an engine. `stop_token_ids` and `stop` are what ends it besides end-of-sequence.

    Before `min_tokens` are generated, no stop id and no end-of-sequence can be drawn, and no stop string is looked for.
    """

    prompt: Ids
    max_tokens: int
    seed: int
    sampling: Sampling
    stop: tuple[str, ...] = ()
    stop_token_ids: Ids = ()
    min_tokens: int = 0
    top_logprobs: int | None = None
    """How many log-probs to return for each generated token; None: none."""
    logprob_token_ids: Ids = ()
    """Return the log-probs of just these ids at each generated token."""
    messages: tuple[dict[str, str], ...] = ()
    """What an engine that takes no ids is asked with in place of `prompt`, which is empty then."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one request took, as its engine counted it. None: not reported."""

    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None


@dataclass(frozen=True, slots=True)
class Completion:
    """What an engine generated, with the engine's own counts.

    `token_ids` are all generated ids, and `text` is the text of all of them: the stop token, or the tokens of the
    stop string, are the last and are included in both. An engine that takes no ids gives the text alone.
    A count is None if not reported. `logprobs` has one {token id: log-prob} for each generated token, None unless asked
    for.
    """

    token_ids: Ids
    text: str
    finish_reason: FinishReason
    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    seconds: float
    """At the server: of the one try that was answered."""
    logprobs: tuple[dict[int, float], ...] | None = None
    queue_seconds: float | None = None
    """Of `seconds`, those that the request waited in the server's own queue; None: not told."""
    gate_seconds: float = 0.0
    """Before it was sent, in our own queue."""
    retry_seconds: float = 0.0
    """In tries that failed, and in the pauses after them."""

    @property
    def usage(self) -> Usage:
        return Usage(self.prompt_tokens, self.cached_tokens, self.generated_tokens)


@dataclass(frozen=True, slots=True)
class Solution:
    """What a verifier is shown: a question and the steps of one solution so far, none of them empty.

    The verifier returns a score for each step from number `first` on; those before it are known already.
    """

    question: str
    steps: tuple[str, ...]
    first: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """A verifier's scores of a solution's steps from `first` on, with its engine's own counts.

    A process reward model gives each step's chance of being right, in 0..1. An outcome reward model gives one
    score, of the whole solution. A count is None if not reported.
    """

    values: tuple[float, ...]
    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    calls: int
    seconds: float
    """At the server, of the tries that were answered; requests overlap."""
    usages: tuple[Usage, ...] = ()
    """Of each call by itself; empty: told in sum only."""
    gate_seconds: float = 0.0
    retry_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a trace.

    The model was conditioned on the `ids` of the step's ancestors, in order, from the nearest prompt on, and then
    made or was given this step's `ids`. `dropped_ids` were generated as well and left out of the context: a first token
    that was drawn again (see `scaling.generation`), and what ended it, with all that the server made behind that.
    All ids are empty where the engine takes none: then the prompt is a conversation, and `text` all that is known.
    Counts are sums over the step's requests, as the engine reported them, None if it did not for one of them; a forced
    step made no request.

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
    total = nothing
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


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
        thinking = [step for step in steps if step.phase is Phase.THINKING]
        return cls(
            prompt_tokens=total_if_known(step.prompt_tokens for step in steps),
            cached_tokens=total_if_known(step.cached_tokens for step in steps),
            thinking_tokens=total_if_known(n for step in thinking for n in (step.generated_tokens, step.forced_tokens)),
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
class Reading:
    """What a grader read in a text: an `answer` with its `key`, or why it read none.

    Answers with one key are equal. Answers with different keys may be equal too: `Grader.equal` says.
    """

    answer: str | None
    key: str | None
    unread: Unread | None = None
    """None if and only if an answer was read."""


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
