"""Tokens on the longest sequential path: what a job's latency is made of, without a clock.

A logical clock that ticks with every generated token. It belongs to the task that runs: what a strategy awaits in turn
adds up, and of what it does `concurrently` (`scaling.strategy`) the longest counts. So it follows what really waits for
what, whatever the strategy: the longest chain of a vote, the sum over the rounds of a search of each round's longest,
all tries of a rejection sampling. A token that is only read (a prompt, a forced Wait, what a verifier is shown) takes
no turn of its own; a token that a verifier generates does. Behind a generation whose tokens nobody counted the path
is not known (None), however it goes on.
"""

from collections.abc import Coroutine, Iterable
from contextvars import ContextVar
from typing import Any, TypeVar

from scaling.types import total_if_known

T = TypeVar("T")

_tokens: ContextVar[int | None] = ContextVar("tokens on the path to here", default=0)


def pass_tokens(number: int | None) -> None:
    """So many were generated, and what comes next in this task waited for them."""
    _tokens.set(total_if_known((passed(), number)))


def passed() -> int | None:
    """How many have been since the task's path began."""
    return _tokens.get()


def wait_until(paths: Iterable[int | None]) -> None:
    """The task goes on where the longest of the paths is, or its own if that is longer already."""
    lengths = [passed(), *paths]
    known = [length for length in lengths if length is not None]
    _tokens.set(max(known) if len(known) == len(lengths) else None)


async def with_path(coroutine: Coroutine[Any, Any, T]) -> tuple[T, int | None]:
    """What it returns, and where the path was then."""
    return await coroutine, passed()


async def measured(coroutine: Coroutine[Any, Any, T]) -> tuple[T, int | None]:
    """What it returns, and the tokens on its longest path."""
    before = passed()
    result = await coroutine
    after = passed()
    return result, None if before is None or after is None else after - before
