"""Which pairs of arms are worth comparing: those that differ in one thing.

Neighbours in a sweep and its two ends, a vote against one chain of its own, and an arm with a prompt of its own against
the same without.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from db.queries import Arm
from results.measured.costs import strategy_of
from scaling.spec.arms import flat_params
from scaling.statistics.sweeps import candidate_sweeps

Pair = tuple[Arm, Arm]
"""What the second has over the first is one thing."""


def worth_comparing(arms: Sequence[Arm]) -> list[Pair]:
    """Every pair once, sweeps first."""
    pairs = [*_along_sweeps(arms), *_votes_against_one(arms), *_prompted_otherwise(arms)]
    return list({(less.id, more.id): (less, more) for less, more in pairs}.values())


def _along_sweeps(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Within each group of arms that differ in one number only: each step of it, and from end to end."""
    for _, line in candidate_sweeps(arms):
        yield from ((arms[less], arms[more]) for less, more in pairwise(line))
        yield arms[line[0]], arms[line[-1]]


def _votes_against_one(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each vote against the arm that makes just one of the vote's chains."""
    strategies = {arm.id: strategy_of(arm) for arm in arms}
    asking = {(arm.model, strategies[arm.id], _asked_with(arm)): arm for arm in arms}
    for vote in arms:
        one = strategies[vote.id].fewer(1)
        if one is None or one.strategy != vote.params.get("chain"):
            continue
        if single := asking.get((vote.model, one, _asked_with(vote))):
            yield single, vote


def _asked_with(arm: Arm) -> tuple[tuple[str, str], ...]:
    """What its strategy does not say: the sampling and the prompt that it has otherwise than its experiment."""
    own = flat_params(strategy_of(arm))
    return tuple(sorted((name, repr(value)) for name, value in arm.params.items() if name not in own))


def _prompted_otherwise(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each arm with a prompt of its own against what differs from it in nothing else."""
    for prompted in arms:
        rest = {name: value for name, value in prompted.params.items() if not name.startswith("prompt.")}
        for plain in arms:
            is_alike = (plain.model, plain.strategy) == (prompted.model, prompted.strategy)
            if is_alike and len(rest) < len(prompted.params) and dict(plain.params) == rest:
                yield plain, prompted
