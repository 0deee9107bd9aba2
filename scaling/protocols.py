"""What strategies need of the outside world, one item in and one typed result out."""

from typing import Protocol

from scaling.abilities import Ability
from scaling.errors import UnreachableError
from scaling.types import Completion, Ids, Problem, Reading, Request, Scores, Solution


class EngineError(UnreachableError):
    """A model server did not do what was asked. Raise one of those below."""


class EngineUnavailableError(EngineError):
    """The server is away, overloaded or timed out: the same request may succeed later."""


class EngineAwayError(EngineUnavailableError):
    """It cannot be reached, or says that it has no time: whatever the request was, it is none of its doing.

    `for_s`: for so long, as far as the server says.
    """

    def __init__(self, message: str, for_s: float = 0.0) -> None:
        super().__init__(message)
        self.for_s = for_s


class RequestRefusedError(EngineError):
    """The server understood the request and refuses it: it is asked again by the job's next attempts only."""


class UnfitVerifierError(RequestRefusedError):
    """The strategy asks for a verifier that is not there, or for scores that this kind of verifier does not give."""


class UnscorableError(RequestRefusedError):
    """The verifier cannot read this solution, which is longer than its context or holds its own marks. It can read
    others: a limit of the method, not a failure."""


class Engine(Protocol):
    """One model behind one server. Raises EngineUnavailableError or RequestRefusedError: that, where it is asked for
    what is not among its abilities."""

    @property
    def abilities(self) -> frozenset[Ability]: ...

    @property
    def context_length(self) -> int:
        """Prompt and generated tokens together, at most."""
        ...

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        """The chat template applied, generation prompt included."""
        ...

    async def tokenize(self, text: str) -> Ids:
        """Text as ids, special tokens recognised, nothing added in front (no BOS)."""
        ...

    async def detokenize(self, ids: Ids) -> str:
        """Ids as text, special tokens kept."""
        ...

    async def complete(self, request: Request) -> Completion: ...


class Verifier(Protocol):
    """One reward model behind one server. Raises EngineUnavailableError or RequestRefusedError, of which
    UnscorableError concerns the one solution only."""

    @property
    def scores_steps(self) -> bool:
        """Whether it scores each step (a process reward model) or whole solutions only (an outcome reward model)."""
        ...

    async def score(self, solution: Solution) -> Scores: ...


class Grader(Protocol):
    """Reads and compares answers by the rules of a problem's grader. Raises nothing: what hangs is killed.

    Both cost the caller only waiting: what may hang is done in processes that can be killed.
    """

    async def read(self, problem: Problem, text: str) -> Reading:
        """The answer that `text` gives: what the model said after its thinking, or all it said if it does not think."""
        ...

    async def equal(self, problem: Problem, first: str, second: str) -> bool:
        """Whether two answers, each as `read` gave it, are the same answer to this problem. False when in doubt.

        Symmetric, and true of answers with one key, which callers may test first. Not promised to be transitive.
        """
        ...
