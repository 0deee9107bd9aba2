"""A registered verifier, connected and checked: shared by the jobs of a worker, each as a caller of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from scaling.abilities import Ability
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


@dataclass(frozen=True, slots=True)
class AdapterKind:
    """A kind of verifier: the format that describes one, and what its server must be able to do.

    `check` makes the adapter of a connection to a server that can do so, a format of this form and the verifier's name,
    once the server was found to read the format; it raises FormatMismatchError.
    """

    form: type[VerifierFormat]
    check: Callable[[Any, Any, str], Awaitable[SharedVerifier]]
    needs: frozenset[Ability]


ADAPTERS: Mapping[str, AdapterKind] = MappingProxyType(
    {
        "token_prm": AdapterKind(
            TokenPrm, TokenPrmVerifier.check, frozenset({Ability.TOKEN_IDS, Ability.LOGPROBS, Ability.PROMPT_LOGPROBS})
        ),
        "step_pooling_prm": AdapterKind(StepPoolingPrm, StepPoolingVerifier.check, frozenset({Ability.POOLING})),
        "outcome_rm": AdapterKind(OutcomeRm, OutcomeVerifier.check, frozenset({Ability.POOLING})),
    }
)
"""By the kind that a format names. A new kind is a format, an adapter and a line here."""


async def checked(connection: Connection, form: VerifierFormat, name: str) -> SharedVerifier:
    """The adapter of the format's kind. Raises FormatMismatchError."""
    return await ADAPTERS[form.kind].check(connection, form, name)
