"""What an attempt made itself of a tree that it replayed in part: earlier attempts have paid for the rest. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from scaling.types import Path, Step


def fresh(steps: Sequence[Step]) -> list[Step]:
    """Steps in path order, of which only the tokens count that were not replayed. Forced words are an earlier attempt's
    where something behind them was replayed.

    A request that ran on into the next step is told at its first step: what was replayed beyond that step's tokens is
    taken off the next one.
    """
    replayed_behind = {
        step.path[:depth] for step in steps if _replayed_tokens(step) for depth in range(1, len(step.path))
    }
    left: list[Step] = []
    beyond: dict[Path, int] = {}
    for step in steps:
        if step.is_forced:
            left += [] if step.path in replayed_behind else [step]
            continue
        replayed, made = _replayed_tokens(step) + beyond.pop(step.path[:-1], 0), step.generated_tokens
        beyond[step.path] = max(0, replayed - (made or 0))
        left.append(step if made is None else replace(step, generated_tokens=max(0, made - replayed)))
    return left


def _replayed_tokens(step: Step) -> int:
    """As far as they are known."""
    return sum(usage.generated_tokens or 0 for usage in step.usages if usage.is_replayed)
