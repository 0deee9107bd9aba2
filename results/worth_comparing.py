"""Which pairs of arms are worth comparing: those that differ in one thing.

Neighbours in a sweep and its two ends, a vote against one chain of its own, and an arm with a prompt of its own against
the same without.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from db.queries import Arm
from scaling.statistics.lines import Setting, candidate_lines

Pair = tuple[Arm, Arm]
"""What the second has over the first is one thing."""


def worth_comparing(arms: Sequence[Arm]) -> list[Pair]:
    """Every pair once, sweeps first."""
    pairs = [*along_sweeps(arms), *votes_against_one(arms), *prompted_otherwise(arms)]
    return list({(less.id, more.id): (less, more) for less, more in pairs}.values())


def along_sweeps(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Within each group of arms that differ in one number only: each step of it, and from end to end."""
    for _, line in candidate_lines([Setting(arm.model, arm.strategy, arm.params) for arm in arms]):
        yield from ((arms[less], arms[more]) for less, more in pairwise(line))
        yield arms[line[0]], arms[line[-1]]


def votes_against_one(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each vote against the arm that makes just one of the vote's chains."""
    for vote in arms:
        chain = {name: value for name, value in vote.params.items() if name not in ("samples", "chain")}
        for single in arms:
            is_its_chain = single.strategy == vote.params.get("chain") and single.model == vote.model
            if is_its_chain and dict(single.params) == chain:
                yield single, vote


def prompted_otherwise(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each arm with a prompt of its own against what differs from it in nothing else."""
    for prompted in arms:
        rest = {name: value for name, value in prompted.params.items() if not name.startswith("prompt.")}
        for plain in arms:
            is_alike = (plain.model, plain.strategy) == (prompted.model, prompted.strategy)
            if is_alike and len(rest) < len(prompted.params) and dict(plain.params) == rest:
                yield plain, prompted
