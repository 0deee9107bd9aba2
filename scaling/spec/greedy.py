"""Draws that cannot differ: at temperature 0 a second chain from the same prompt is the first one again.

It would cost what it costs and add nothing: a vote of equals, a pass@k that never rises, an interval too narrow.
(A server may answer differently as its batches change: that is noise of its arithmetic, not sampling.)
"""

from collections.abc import Iterator

from scaling.spec.arms import ArmSpec
from scaling.spec.errors import Place
from scaling.spec.sweeps import Swept
from scaling.strategy import Strategy


def equal_draws(index: int, arm: ArmSpec, written: Swept, repeats: int) -> Iterator[tuple[Place, str]]:
    """Where the spec asks for more than one draw in this arm, number `index` as `written`, and all would be the same.

    Repeats are the spec's: what is wrong with them stands there, or where the arm itself is made greedy.
    """
    greedy_by = arm.sampling.greedy_by
    if greedy_by is None:
        return
    why = f"{greedy_by}: {getattr(arm.sampling, greedy_by):g} is greedy"
    if repeats > 1:
        place: Place = ("arms", index, "sampling", greedy_by) if greedy_by in arm.own_sampling else ("repeats",)
        yield place, f"{why}: all {repeats:,} repeats would be the same; set repeats to 1, or give a higher {greedy_by}"
    if arm.own_seed is not None:
        message = f"{why}: a seed of its own would change nothing; leave it out, or give a higher {greedy_by}"
        yield ("arms", index, "seed"), message
    for inner, name, count in _repeated(arm.strategy, written):
        message = f"{why}: all {count:,} would be the same; set {name} to 1, or give a higher {greedy_by}"
        yield ("arms", index, *inner), message


def _repeated(strategy: Strategy, written: Swept) -> Iterator[tuple[Place, str, int]]:
    """Where a strategy or its chain draws more than once from one prompt, the field that says so, and its value."""
    name = strategy.draws_by
    count = getattr(strategy, name) if name else 1
    if name and count > 1:
        as_written = getattr(written, name)
        yield (name, as_written.index(count)) if isinstance(as_written, tuple) else (name,), name, count
    for field, value in strategy:
        if isinstance(value, Strategy):
            for place, inner, times in _repeated(value, getattr(written, field)):
                yield (field, *place), inner, times
