"""What is asked of an engine and of a verifier, and what they return, with their own counts."""

from dataclasses import dataclass, field
from enum import StrEnum

from scaling.types.formats import Sampling

Ids = tuple[int, ...]
"""Token ids in the model's own vocabulary, in the order in which the model saw or made them."""

Path = tuple[int, ...]
"""A step's place in the tree: the root is (0,), its third child (0, 2)."""


class FinishReason(StrEnum):
    """Why a generation ended."""

    STOP = "stop"  # by itself: a delimiter or the end-of-sequence token
    LENGTH = "length"  # its token limit ran out


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
    path: Path = ()
    """The step that it is for. No engine is told."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one request took, as its engine counted it. None: not reported."""

    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    is_replayed: bool = field(default=False, compare=False)
    """An earlier attempt at the job asked it, and has paid. It is the same request all the same."""


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
    is_replayed: bool = field(default=False, compare=False)
    """It was told to an earlier attempt (`scaling.journal`)."""

    @property
    def usage(self) -> Usage:
        return Usage(self.prompt_tokens, self.cached_tokens, self.generated_tokens, self.is_replayed)


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
