"""Which arms are worth comparing: neighbours in a sweep, its two ends, a vote against one chain of its own, and an arm
with a prompt of its own against the same without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.queries import Arm
from results import Comparison, Measurements, adjusted, compare
from scaling.statistics.lines import Setting, candidate_lines


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
    settings = [Setting(arm.model, arm.strategy, arm.params) for arm in arms]
    for _, line in candidate_lines(settings):
        yield from (Pair(arms[less], arms[more]) for less, more in pairwise(line))
        yield Pair(arms[line[0]], arms[line[-1]])


def _votes_against_one(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each vote against the arm that makes just one of the vote's chains."""
    for vote in arms:
        chain: dict[str, object] = {
            name: value for name, value in vote.params.items() if name not in ("samples", "chain")
        }
        for single in arms:
            is_its_chain = single.strategy == vote.params.get("chain") and single.model == vote.model
            if is_its_chain and dict(single.params) == chain:
                yield Pair(single, vote)


def _told_otherwise(arms: Sequence[Arm]) -> Iterator[Pair]:
    """Each arm with a prompt of its own against what differs from it in nothing else."""
    for told in arms:
        rest = {name: value for name, value in told.params.items() if not name.startswith("prompt.")}
        for plain in arms:
            is_alike = (plain.model, plain.strategy) == (told.model, told.strategy)
            if is_alike and len(rest) < len(told.params) and dict(plain.params) == rest:
                yield Pair(plain, told)
