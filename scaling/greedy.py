"""Draws that cannot differ: at temperature 0 a second chain from the same prompt is the first one again.

It would cost what it costs and add nothing: a vote of equals, a pass@k that never rises, an interval too narrow.
(A server may answer differently as its batches change: that is noise of its arithmetic, not sampling.)
"""

from collections.abc import Iterator

from scaling.spec_errors import Place
from scaling.strategy import Strategy
from scaling.sweeps import Swept
from scaling.types import Sampling


def equal_repeats(sampling: Sampling, repeats: int) -> str | None:
    """What is wrong with asking each problem so often; None: nothing."""
    greedy_by = sampling.greedy_by
    return _message(greedy_by, repeats, "repeats") if greedy_by and repeats > 1 else None


def equal_draws(strategy: Strategy, written: Swept, sampling: Sampling) -> Iterator[tuple[Place, str]]:
    """Where a strategy or its chain draws more than once from one prompt and all would be the same.

    `written` is what the strategy was expanded from; places are relative to it.
    """
    greedy_by = sampling.greedy_by
    for place, name, count in _repeated(strategy, written) if greedy_by else ():
        yield place, _message(greedy_by or "", count, name)


def _repeated(strategy: Strategy, written: Swept) -> Iterator[tuple[Place, str, int]]:
    name = strategy.draws_by
    count = getattr(strategy, name) if name else 1
    if name and count > 1:
        as_written = getattr(written, name)
        yield (name, as_written.index(count)) if isinstance(as_written, tuple) else (name,), name, count
    for field, value in strategy:
        if isinstance(value, Strategy):
            for place, inner, times in _repeated(value, getattr(written, field)):
                yield (field, *place), inner, times


def _message(greedy_by: str, count: int, name: str) -> str:
    setting = greedy_by.partition(":")[0]
    return f"{greedy_by} is greedy: all {count:,} would be the same; set {name} to 1, or give a higher {setting}"
