"""What a verifier can read, and what it must say of it.

It reads a solution that fits into its context and does not hold its own marks. What it cannot read is no failure of the
server: the candidate goes without a score (UnscorableError). What it says of it must be numbers.
"""

import math
from collections.abc import Mapping, Sequence

from scaling.protocols import RequestRefusedError, UnscorableError
from scaling.types import Scores, Solution
from worker.engines.vllm_connection import VllmConnection


def require_fit(connection: VllmConnection, num_tokens: int) -> None:
    """Raises UnscorableError if the verifier's context does not hold so many tokens."""
    if num_tokens > connection.report.context_length:
        raise UnscorableError(
            f"the verifier {connection.report.served_as} reads {connection.report.context_length:,} tokens, and is "
            f"shown {num_tokens:,}"
        )


async def require_fitting_turns(connection: VllmConnection, turns: Sequence[Mapping[str, str]]) -> None:
    """The same for a conversation, as the server's own template and tokenizer spell it."""
    require_fit(connection, len(await connection.render([dict(turn) for turn in turns], add_generation_prompt=False)))


def require_no_tag(solution: Solution, tag: str) -> None:
    """Raises UnscorableError if the question or a step holds the tag at which scores are read."""
    if any(tag in shown for shown in (solution.question, *solution.steps)):
        raise UnscorableError(f"it holds the text {tag!r} itself, at which the verifier's scores are read")


def require_numbers(scores: Scores, solution: Solution, name: str) -> Scores:
    """The scores. Raises RequestRefusedError for one that is no number: nothing can be chosen by it."""
    for number, value in enumerate(scores.values, start=solution.first + 1):
        if not math.isfinite(value):
            raise RequestRefusedError(
                f"verifier {name!r} scored step {number} of {len(solution.steps)} with {value}, which is no "
                "number: serve it in a wider type (bfloat16 or float32), and look at its server's log"
            )
    return scores
