"""The rule by which a claim is decided, fixed before anybody looks.

A *claim* says that one family of settings is better than another at equal compute. It is looked at in *cells*, one for
each axis and each budget on it: the second family's best within the budget minus the first's, paired by problem. A cell
is

- *better* if its band lies above 0, *worse* if below;
- *equivalent* if its band lies within ±`margin`, whatever else;
- *undecided* else, and then about so many problems would decide it.

Bands hold together over all cells of a claim (`bands`), and over claims by Holm: the claim that is clearest is held to
the strictest level, the next to a less strict one, and so on until one has nothing to say; all that are left share its
level. So in a world where no family is better, *better* or *worse* is said of any cell of any claim in 5 of 100
experiments at most (`tests/benchmarks/bench_verdict` prints it).

What failures or unread answers could turn round is not claimed: a cell whose mean changes sides if all of them are
taken against it is *undecided*. A claim as a whole holds where most axes agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np
from numpy.typing import NDArray

from scaling.arrays import Floats
from scaling.statistics.estimates import Estimate
from scaling.verdict.bands import Deviations

MARGIN = 0.02
"""Differences of up to two points make no difference."""
LEVEL = 0.05


class Verdict(StrEnum):
    """Of the second family, against the first."""

    BETTER = "better"
    WORSE = "worse"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"
    MIXED = "mixed"  # better at some budgets, worse at others: never of a cell


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands: an axis by its name, and a budget on it, a mean per problem."""

    axis: str
    budget: float


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """What is looked at for one claim: of each place, the difference problem by problem.

    `least` and `most` are the mean differences if every failed job, and every answer that could not be read, had been
    for the first family, or for the second. `is_chosen_D` says where either side was chosen two-fold among several
    settings. Suffixes: P problems, D places.
    """

    claim: str
    places: tuple[Place, ...]
    differences_PD: Floats
    is_chosen_D: NDArray[np.bool_]
    least_D: Floats
    most_D: Floats

    def __post_init__(self) -> None:
        expected = len(self.places)
        given = {self.differences_PD.shape[1], len(self.is_chosen_D), len(self.least_D), len(self.most_D)}
        if given != {expected}:
            raise ValueError(f"{expected} places need as many differences and bounds, got {sorted(given)}")


@dataclass(frozen=True, slots=True)
class Cell:
    """`difference` is the second family minus the first with its band. `problems_needed` is of what is undecided: in
    all, for its band to exclude 0 or to fit in the margin if the difference stays as it is; None if none would do.
    `could_turn` says that failures or unread answers could turn it round."""

    place: Place
    difference: Estimate
    verdict: Verdict
    problems_needed: int | None = None
    could_turn: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """A claim with its cells. `level` is that of its bands, after Holm."""

    claim: str
    level: float
    cells: tuple[Cell, ...]

    @property
    def axes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.place.axis for cell in self.cells))

    def on(self, axis: str) -> Verdict:
        """Over the budgets of an axis: what is said of some and gainsaid of none."""
        return summed(cell.verdict for cell in self.cells if cell.place.axis == axis)

    @property
    def verdict(self) -> Verdict:
        """What most of the axes say; undecided where no verdict has most of them."""
        counts = Counter(self.on(axis) for axis in self.axes)
        verdict, votes = counts.most_common(1)[0]
        return verdict if 2 * votes > len(self.axes) else Verdict.UNDECIDED


def decided(contests: Sequence[Contest], margin: float = MARGIN, level: float = LEVEL, seed: int = 0) -> list[Decided]:
    """All claims of a question together, in the order given."""
    drawn = {each.claim: Deviations.drawn(each.differences_PD, each.is_chosen_D, seed) for each in contests}
    if len(drawn) < len(contests):
        raise ValueError(f"claims have names of their own, got {[each.claim for each in contests]}")
    level_of = _levels(drawn, level)
    return [
        _decided(each, drawn[each.claim].bands(level_of[each.claim]), level_of[each.claim], margin) for each in contests
    ]


def _levels(drawn: Mapping[str, Deviations], level: float) -> dict[str, float]:
    """Holm 1979: those that say something at the strictest level are done with, and the others share the level anew."""
    levels: dict[str, float] = {}
    left = set(drawn)
    while left:
        shared = level / len(left)
        saying = {claim for claim in left if any(map(_side, drawn[claim].bands(shared)))}
        levels |= dict.fromkeys(saying or left, shared)
        left -= saying or left
    return levels


def _decided(contest: Contest, bands: Sequence[Estimate], level: float, margin: float) -> Decided:
    cells = zip(contest.places, bands, contest.least_D.tolist(), contest.most_D.tolist(), strict=True)
    return Decided(contest.claim, level, tuple(_cell(*cell, margin) for cell in cells))


def _cell(place: Place, band: Estimate, least: float, most: float, margin: float) -> Cell:
    verdict = said_by(band, margin)
    if verdict is Verdict.UNDECIDED:
        return Cell(place, band, verdict, problems_needed(band, margin))
    if _holds(verdict, least, most, margin):
        return Cell(place, band, verdict)
    return Cell(place, band, Verdict.UNDECIDED, could_turn=True)


def said_by(band: Estimate, margin: float) -> Verdict:
    """A band that lies both above 0 and within the margin is *better*: a small difference is one."""
    if side := _side(band):
        return Verdict.BETTER if side > 0 else Verdict.WORSE
    return Verdict.EQUIVALENT if -margin < band.low and band.high < margin else Verdict.UNDECIDED


def _side(band: Estimate) -> int:
    """1 above 0, −1 below, 0 where the band has 0 in it."""
    return (band.low > 0) - (band.high < 0)


def _holds(verdict: Verdict, least: float, most: float, margin: float) -> bool:
    """Also if all that is not known went against it."""
    if verdict is Verdict.BETTER:
        return least > 0
    if verdict is Verdict.WORSE:
        return most < 0
    return -margin < least and most < margin


def problems_needed(band: Estimate, margin: float) -> int | None:
    """With which the band would decide, if the difference stays and the band narrows with the root of the problems."""
    size, half = abs(band.value), (band.high - band.low) / 2
    room = max(size, margin - size)
    return ceil(band.n * (half / room) ** 2 - 1e-9) if room > 0 else None


def summed(verdicts: Iterable[Verdict]) -> Verdict:
    """What is said of some and gainsaid of none. Equivalent only if all are."""
    said = set(verdicts)
    if {Verdict.BETTER, Verdict.WORSE} <= said:
        return Verdict.MIXED
    clear = said & {Verdict.BETTER, Verdict.WORSE}
    if clear:
        return clear.pop()
    return Verdict.EQUIVALENT if said == {Verdict.EQUIVALENT} else Verdict.UNDECIDED
