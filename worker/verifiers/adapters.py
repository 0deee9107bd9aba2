"""A registered verifier, connected and checked: shared by the jobs of a worker, each with its own view."""

import math
from dataclasses import dataclass
from typing import Protocol

from scaling.protocols import RequestRefusedError
from scaling.types import Scores, Solution
from worker.engines.caller import Caller
from worker.engines.connection import Connection
from worker.verifiers.formats import OutcomeRm, StepPoolingPrm, TokenPrm, VerifierFormat
from worker.verifiers.pooling import OutcomeVerifier, StepPoolingVerifier
from worker.verifiers.token_prm import TokenPrmVerifier


class SharedVerifier(Protocol):
    """An adapter."""

    @property
    def scores_steps(self) -> bool: ...

    async def score(self, solution: Solution, caller: Caller | None = None) -> Scores: ...


@dataclass(frozen=True, slots=True)
class VerifierView:
    """A job's own door to a shared verifier."""

    name: str
    verifier: SharedVerifier
    caller: Caller

    @property
    def scores_steps(self) -> bool:
        return self.verifier.scores_steps

    async def score(self, solution: Solution) -> Scores:
        """Raises RequestRefusedError for a score that is no number: nothing can be chosen by it."""
        scores = await self.verifier.score(solution, self.caller)
        for number, value in enumerate(scores.values, start=solution.first + 1):
            if not math.isfinite(value):
                raise RequestRefusedError(
                    f"verifier {self.name!r} scored step {number} of {len(solution.steps)} with {value}, which is no "
                    "number: serve it in a wider type (bfloat16 or float32), and look at its server's log"
                )
        return scores


async def checked(connection: Connection, form: VerifierFormat, name: str) -> SharedVerifier:
    """The adapter of the format's kind, once the server was found to read it. Raises FormatMismatchError."""
    match form:
        case TokenPrm():
            return await TokenPrmVerifier.check(connection, form, name)
        case StepPoolingPrm():
            return await StepPoolingVerifier.check(connection, form, name)
        case OutcomeRm():
            return await OutcomeVerifier.check(connection, form, name)
