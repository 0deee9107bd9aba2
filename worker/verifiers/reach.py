"""What a verifier can read: a solution that fits into its context and does not hold its own marks.

What it cannot read is no failure of the server: the candidate goes without a score (UnscorableError).
"""

from collections.abc import Mapping, Sequence

from scaling.protocols import UnscorableError
from scaling.types import Solution
from worker.engines.connection import Connection


def require_fit(connection: Connection, num_tokens: int) -> None:
    """Raises UnscorableError if the verifier's context does not hold so many tokens."""
    if num_tokens > connection.report.context_length:
        raise UnscorableError(
            f"the verifier {connection.report.served_as} reads {connection.report.context_length:,} tokens, and is "
            f"shown {num_tokens:,}"
        )


async def require_fitting_turns(connection: Connection, turns: Sequence[Mapping[str, str]]) -> None:
    """The same for a conversation, as the server's own template and tokenizer spell it."""
    require_fit(connection, len(await connection.render([dict(turn) for turn in turns], add_generation_prompt=False)))


def require_no_tag(solution: Solution, tag: str) -> None:
    """Raises UnscorableError if the question or a step holds the tag at which scores are read."""
    if any(tag in shown for shown in (solution.question, *solution.steps)):
        raise UnscorableError(f"it holds the text {tag!r} itself, at which the verifier's scores are read")
