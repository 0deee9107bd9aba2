"""Which arms are worth comparing: neighbours in a sweep, its two ends, a vote against one chain of its own, and an arm
with a prompt of its own against the same without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.queries import Arm
from results import Comparison, Measurements, adjusted, compare, strategy_of
from scaling.spec.arms import flat_params
from scaling.statistics.lines import candidate_lines


@dataclass(frozen=True, slots=True)
class Pair:
    """Two arms that differ in one thing: what `more` has over `less`."""

    less: Arm
    more: Arm


def comparisons(measurements: Measurements) -> tuple[Comparison, ...]:
    """The comparisons that are worth making, for arms that have problems in common; adjusted for their number."""
    samples = {each.arm.id: each for each in measurements.samples}
    pairs = worth_comparing([each.arm for each in samples.values()])
    made = [compare(samples[pair.less.id], samples[pair.more.id]) for pair in pairs]
    return adjusted([each for each in made if each.result.common_problems])


def worth_comparing(arms: Sequence[Arm]) -> list[Pair]:
    """Every pair once, sweeps first."""
    pairs = [*_along_sweeps(arms), *_votes_against_one(arms), *_told_otherwise(arms)]
    return list({(pair.less.id, pair.more.id): pair for pair in pairs}.values())


def _along_sweeps(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Within each group of arms that differ in one number only: each step of it, and from end to end."""
    for _, line in candidate_lines(arms):
        yield from (Pair(arms[less], arms[more]) for less, more in pairwise(line))
        yield Pair(arms[line[0]], arms[line[-1]])


def _votes_against_one(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each vote against the arm that makes just one of the vote's chains."""
    strategies = {arm.id: strategy_of(arm) for arm in arms}
    asking = {(arm.model, strategies[arm.id], _asked_with(arm)): arm for arm in arms}
    for vote in arms:
        one = strategies[vote.id].fewer(1)
        if one is None or one.strategy != vote.params.get("chain"):
            continue
        if single := asking.get((vote.model, one, _asked_with(vote))):
            yield Pair(single, vote)


def _asked_with(arm: Arm) -> tuple[tuple[str, str], ...]:
    """What its strategy does not say: the sampling and the prompt that it has otherwise than its experiment."""
    own = flat_params(strategy_of(arm))
    return tuple(sorted((name, repr(value)) for name, value in arm.params.items() if name not in own))


def _told_otherwise(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each arm with a prompt of its own against what differs from it in nothing else."""
    for told in arms:
        rest = {name: value for name, value in told.params.items() if not name.startswith("prompt.")}
        for plain in arms:
            is_alike = (plain.model, plain.strategy) == (told.model, told.strategy)
            if is_alike and len(rest) < len(told.params) and dict(plain.params) == rest:
                yield Pair(plain, told)
