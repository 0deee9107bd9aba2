"""A registered verifier, connected and checked: shared by the jobs of a worker, each as a caller of its own."""

from typing import Protocol

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

    def for_job(self, caller: Caller) -> "SharedVerifier":
        """The same verifier, asked by a job."""

    async def score(self, solution: Solution) -> Scores: ...


async def checked(connection: Connection, form: VerifierFormat, name: str) -> SharedVerifier:
    """The adapter of the format's kind, once the server was found to read it. Raises FormatMismatchError."""
    match form:
        case TokenPrm():
            return await TokenPrmVerifier.check(connection, form, name)
        case StepPoolingPrm():
            return await StepPoolingVerifier.check(connection, form, name)
        case OutcomeRm():
            return await OutcomeVerifier.check(connection, form, name)
