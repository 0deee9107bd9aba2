"""How the results of an experiment will be judged: a rule that is written down before anybody looks.

It is no part of what is run, and so not of the digest. The first submission of a spec fixes it.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from scaling.compute.axes import Axis
from scaling.errors import suggestion
from scaling.spec.arms import ArmSpec
from scaling.spec.data_set import Name
from scaling.spec.errors import Fault, shown
from scaling.spec.families import Families, Selector, named_in_order, none_taken, unknown_family
from scaling.spec.sweeping import all_different

AXES = (Axis.GENERATED_BY_ALL, Axis.PROCESSED, Axis.LONGEST_PATH, Axis.FLOPS_WITH_ATTENTION, Axis.EFLOPS)
"""Tokens, tokens with what was read, latency, arithmetic, and memory traffic: no single one is fair."""
CLAIMS = ("training", "forcing", "families")
"""What is claimed where nothing is said."""

Budget = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Primary(_Part):
    """The one outcome that is named first. What is left out is the first of those that there are."""

    claim: Name | None = Field(default=None, description="name of a claim")
    axis: Axis | None = Field(default=None, description="one of the axes; left out: the first of them")
    budget: Budget | None = Field(default=None, description="one of the budgets; left out: the largest of them")


class DifficultySpec(_Part):
    """How easy problems are told from hard ones."""

    base: Selector | None = Field(default=None, description="the one arm whose accuracy tells it")
    bins: int = Field(default=5, ge=2, strict=True, description="of equally many problems")


class ClaimSpec(_Part):
    """That one family is better than another at equal compute; either may turn out."""

    better: Name = Field(description="a family: named in `families`, or what strategies say of themselves")
    than: Name = Field(description="another")


class VerdictSpec(_Part):
    """The rule by which claims are decided."""

    margin: float = Field(
        default=2.0, gt=0, le=50, strict=True, description="in points: differences up to that make no difference"
    )
    axes: Annotated[tuple[Axis, ...], Field(min_length=1), AfterValidator(all_different)] = Field(
        default=AXES, description="what compute is counted by; a claim holds where most of them agree"
    )
    budgets: Annotated[tuple[Budget, ...], AfterValidator(all_different)] = Field(
        default=(), description="means per problem on the primary axis; on others, and left out, powers of two"
    )
    primary: Primary = Primary()
    difficulty: DifficultySpec = DifficultySpec()
    claims: Annotated[dict[Name, ClaimSpec], BeforeValidator(named_in_order)] = Field(
        default_factory=dict,
        description=f"by name; left out: each of the families against the first of them; without families: "
        f"{', '.join(CLAIMS)}, as far as there are arms for them",
    )

    def claimed(self, families: Families) -> dict[str, ClaimSpec]:
        """By name; empty: CLAIMS."""
        if self.claims or not families:
            return self.claims
        first, *others = families
        return {against(each, first): ClaimSpec(better=each, than=first) for each in others}

    @property
    def primary_axis(self) -> Axis:
        return self.primary.axis or self.axes[0]


def against(family: str, other: str) -> str:
    """What the claim is called that holds one family against another."""
    return f"{family} against {other}"


def verdict_faults(verdict: VerdictSpec, families: Families, arms: Sequence[ArmSpec]) -> Iterator[Fault]:
    """What it names and there is not: families, arms, and outcomes that are not looked at."""
    for place, message in [
        *_claim_faults(verdict, families),
        *_primary_faults(verdict, families),
        *_base_faults(verdict, arms),
    ]:
        yield ("verdict", *place), message


def _claim_faults(verdict: VerdictSpec, families: Families) -> Iterator[Fault]:
    for name, claim in verdict.claims.items():
        for field, family in claim:
            if unknown := unknown_family(family, families):
                yield ("claims", name, field), unknown
        if claim.better == claim.than:
            yield ("claims", name), f"holds {claim.better} against itself; name two families"


def _primary_faults(verdict: VerdictSpec, families: Families) -> Iterator[Fault]:
    primary, names = verdict.primary, tuple(verdict.claimed(families)) or CLAIMS
    if primary.claim is not None and primary.claim not in names:
        near = suggestion(primary.claim, names, "Claims")
        yield ("primary", "claim"), f"there is no claim {shown(primary.claim)}{near}"
    if primary.axis is not None and primary.axis not in verdict.axes:
        axes = ", ".join(verdict.axes)
        yield ("primary", "axis"), f"{primary.axis} is not among the axes; add it there. Axes: {axes}"
    if primary.budget is not None and verdict.budgets and primary.budget not in verdict.budgets:
        budgets = ", ".join(f"{each:g}" for each in verdict.budgets)
        yield ("primary", "budget"), f"{primary.budget:g} is not among the budgets; add it there. Budgets: {budgets}"


def _base_faults(verdict: VerdictSpec, arms: Sequence[ArmSpec]) -> Iterator[Fault]:
    base = verdict.difficulty.base
    if base is None:
        return
    taken = [arm.label for arm in base.taken_of(arms)]
    if not taken:
        place, why = none_taken(base, arms)
        yield ("difficulty", "base", *place), why
    elif len(taken) > 1:
        listed = ", ".join(taken[:3]) + (" …" if len(taken) > 3 else "")
        yield ("difficulty", "base"), f"takes {len(taken)} arms ({listed}); name one"
