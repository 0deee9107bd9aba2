"""The claims put before the rule: each family's best within each budget on each axis, and what may be said of it.

Nothing is looked at that the rule does not name, and the rule is told with the answer: what the spec fixed beforehand,
and what the reader said otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from results.easiness import BaseArm
from results.measured.cost_notes import remedy
from results.measured.families import Family
from results.measured.measurements import Measurements
from results.verdict.claims import Claim, twin_of, without_shared
from results.verdict.offers import asked_P, offer
from results.within import Reached
from scaling.arrays import Booleans
from scaling.compute.axes import Axis
from scaling.spec.verdict import AXES, Primary
from scaling.statistics.difficulty import DifficultyBins
from scaling.statistics.estimates import Estimate
from scaling.verdict.contest import Match, Offer, contest, matches
from scaling.verdict.rule import LEVEL, MARGIN, Cell, Decided, Verdict, decided


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """By what is decided. `margin` is a share; `budgets` are means per problem by axis, and an axis without has all
    that both families can use. `base` None: all problems are taken to be of one difficulty. `spoken` are the parts that
    a reader chose, instead of what the spec fixed before anybody looked."""

    margin: float = MARGIN
    level: float = LEVEL
    axes: tuple[Axis, ...] = AXES
    budgets: Mapping[Axis, tuple[float, ...]] = field(default_factory=dict)
    base: BaseArm | None = None
    primary: Primary = field(default_factory=Primary)
    is_in_spec: bool = False
    spoken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A cell of a claim, with what each family reached there. `least` and `most` bound the mean difference, had all
    failed and unreadable answers been against the claim, or for it."""

    cell: Cell
    axis: Axis
    first: Reached
    second: Reached
    least: float
    most: float

    @property
    def budget(self) -> float:
        return self.cell.place.budget

    @property
    def band(self) -> Estimate:
        """Of the difference, second minus first."""
        return self.cell.difference

    @property
    def verdict(self) -> Verdict:
        return self.cell.verdict


@dataclass(frozen=True, slots=True, eq=False)
class Claimed:
    """A claim and what may be said of it. `undecidable` says why nothing can be: then there are no standings.

    `left_out` are the axes that were not looked at, each with the reason. `problems` are those that both sides were
    asked, `num_bins` how many difficulties they were parted into.
    """

    claim: Claim
    decided: Decided | None = None
    standings: tuple[Standing, ...] = ()
    left_out: Mapping[Axis, str] = field(default_factory=dict)
    problems: int = 0
    num_bins: int = 1
    undecidable: str = ""

    @property
    def verdict(self) -> Verdict:
        return Verdict.UNDECIDED if self.decided is None else self.decided.verdict

    @property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(dict.fromkeys(each.axis for each in self.standings))

    def on(self, axis: Axis) -> tuple[Standing, ...]:
        """Smallest budget first."""
        return tuple(each for each in self.standings if each.axis is axis)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """All claims of one question, decided together."""

    rule: Rule
    claims: tuple[Claimed, ...]

    def named(self, name: str) -> Claimed | None:
        """By its name, or the first of that kind: of several models, each has its own."""
        named = [each for each in self.claims if name == each.claim.name]
        return next((each for each in (*named, *self.claims) if name in (each.claim.name, each.claim.kind)), None)

    @property
    def primary(self) -> Standing | None:
        """The place of the primary outcome: the claim's largest budget within the one that the spec names. None where
        it names no claim, or nothing can be said there."""
        asked = self.rule.primary
        claimed = self.named(asked.claim) if asked.claim else None
        if claimed is None or not claimed.standings:
            return None
        on_axis = claimed.on(asked.axis or claimed.axes[0])
        within = [each for each in on_axis if asked.budget is None or each.budget <= asked.budget * (1 + 1e-9)]
        return within[-1] if within else None


def verdicts(measurements: Measurements, claims: Sequence[Claim], rule: Rule) -> Verdicts:
    """In the order of the claims; those that cannot be decided say why, and cost the others nothing."""
    hearings = [_Hearing.of(measurements, without_shared(claim), rule, claims[:at]) for at, claim in enumerate(claims)]
    contests = [contest(each.claim.name, each.matches) for each in hearings if each.matches]
    by_claim = {each.claim: each for each in decided(contests, rule.margin, rule.level)} if contests else {}
    return Verdicts(rule, tuple(each.told(by_claim.get(each.claim.name)) for each in hearings))


@dataclass(frozen=True, slots=True, eq=False)
class _Hearing:
    """A claim with all that is put before the rule."""

    claim: Claim
    matches: tuple[Match, ...] = ()
    left_out: Mapping[Axis, str] = field(default_factory=dict)
    problems: int = 0
    num_bins: int = 1
    undecidable: str = ""

    @classmethod
    def of(cls, measurements: Measurements, claim: Claim, rule: Rule, before: Sequence[Claim]) -> "_Hearing":
        if not claim.is_asked:
            return cls(claim, undecidable=_no_arm(claim))
        if twin := twin_of(claim, before):
            return cls(claim, undecidable=f"it is about the same arms as {twin.name}: see there.")
        offers, left_out = _offers(measurements, claim, rule.axes)
        if not offers:
            return cls(claim, left_out=left_out, undecidable=" ".join(dict.fromkeys(left_out.values())))
        is_asked_P = asked_P(next(iter(offers.values())))
        if (problems := int(is_asked_P.sum())) < 2:
            return cls(claim, undecidable=f"both sides were asked {problems} problems by now, and 2 are needed; wait.")
        bins = _bins(rule.base, is_asked_P)
        found = {axis: matches(axis.value, *its, bins, rule.budgets.get(axis)) for axis, its in offers.items()}
        left_out |= {axis: _nothing_shared(claim, axis) for axis, its in found.items() if not its}
        made = tuple(each for its in found.values() for each in its)
        why = "" if made else " ".join(dict.fromkeys(left_out.values()))
        return cls(claim, made, left_out, problems, bins.num_bins, why)

    def told(self, found: Decided | None) -> Claimed:
        standings = tuple(self._standings(found)) if found else ()
        return Claimed(self.claim, found, standings, self.left_out, self.problems, self.num_bins, self.undecidable)

    def _standings(self, found: Decided) -> Iterator[Standing]:
        names = self.claim.first.name, self.claim.second.name
        for cell, match in zip(found.cells, self.matches, strict=True):
            first, second = (Reached(*each) for each in zip(names, (match.first, match.second), strict=True))
            yield Standing(cell, Axis(match.place.axis), first, second, match.least, match.most)


def _offers(
    measurements: Measurements, claim: Claim, axes: Sequence[Axis]
) -> tuple[dict[Axis, tuple[Offer, Offer]], dict[Axis, str]]:
    """By axis, of both families; and why, of the axes on which one has nothing to offer."""
    offers: dict[Axis, tuple[Offer, Offer]] = {}
    left_out: dict[Axis, str] = {}
    for axis in axes:
        first, second = (offer(measurements, family, axis) for family in (claim.first, claim.second))
        if first and second:
            offers[axis] = first, second
        else:
            left_out[axis] = _nothing_known(measurements, [claim.first, claim.second], [first, second], axis)
    return offers, left_out


def _bins(base: BaseArm | None, is_asked_P: Booleans) -> DifficultyBins:
    """One bin, where there is no base arm or its bins have too few of the problems for halves."""
    if base is not None:
        bins = DifficultyBins(np.where(is_asked_P, base.bins.bin_P, -1).astype(np.intp), base.bins.num_bins)
        if all(members.size >= 2 for members in bins.members):
            return bins
    return DifficultyBins(np.where(is_asked_P, 0, -1).astype(np.intp), 1)


def _no_arm(claim: Claim) -> str:
    empty = [f"“{each.name}”" for each in (claim.first, claim.second) if not each.arms]
    return f"no arm is of the family {' nor of '.join(empty)}."


def _nothing_known(
    measurements: Measurements, families: Sequence[Family], offers: Sequence[Offer | None], axis: Axis
) -> str:
    lacking = [family for family, its in zip(families, offers, strict=True) if its is None]
    arms = {arm for family in lacking for arm in family.arms}
    names = " and of ".join(family.name for family in lacking)
    return f"No job of {names} has a result with a known cost in {axis.label}: {remedy(measurements, axis, arms)}."


def _nothing_shared(claim: Claim, axis: Axis) -> str:
    return (
        f"There is no budget of {axis.label} at which both {claim.first.name} and {claim.second.name} have a setting "
        "with results in both halves of every bin."
    )
