"""The rule that holds, and the claims it decides: what the reader says, else what the spec fixed beforehand, else the
defaults."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries import Arm
from results.easiness import BaseArm, base_arm, finest
from results.errors import NoResultsError, UnknownArmError, UnknownOptionError
from results.measured.costs import strategy_of
from results.measured.measurements import MOST_NEAR, Measurements
from results.verdict.claims import Claim, claims_told, default_claims
from results.verdict.finding import Rule
from scaling.compute.axes import Axis, axis_named
from scaling.errors import nearest
from scaling.spec.families import OWN_OF_STRATEGIES, Families, Selector
from scaling.spec.verdict import DifficultySpec, VerdictSpec

MOST_MARGIN = 50


@dataclass(frozen=True, slots=True)
class Said:
    """What a reader may say, as typed; None: nothing. `margin` is in points; `budgets` are of the primary axis."""

    margin: float | None = None
    axes: str | None = None
    budgets: str | None = None
    base: str | None = None
    base_in: str | None = None
    bins: int | None = None
    families: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """Of the rule, that are as the reader says."""
        difficulty = [self.base, self.base_in, self.bins]
        said = {
            "margin": self.margin is not None,
            "axes": self.axes is not None,
            "budgets": self.budgets is not None,
            "difficulty": any(each is not None for each in difficulty),
            "families": self.families is not None,
        }
        return tuple(name for name, is_said in said.items() if is_said)


def rule_told(measurements: Measurements, said: Said) -> Rule:
    """Raises UnknownArmError, UnknownOptionError and NoResultsError."""
    fixed = measurements.experiment.verdict or VerdictSpec()
    axes = _axes(said.axes) if said.axes else fixed.axes
    of_budgets = fixed.primary_axis if fixed.primary_axis in axes else axes[0]
    budgets = _amounts(said.budgets) if said.budgets else fixed.budgets
    return Rule(
        margin=fixed.margin / 100 if said.margin is None else _share(said.margin),
        axes=axes,
        budgets={of_budgets: budgets} if budgets else {},
        base=_base(measurements, said, fixed.difficulty),
        primary=fixed.primary,
        is_in_spec=measurements.experiment.verdict is not None,
        spoken=said.parts,
    )


def claims_of(measurements: Measurements, rule: Rule, said: Said) -> tuple[Claim, ...]:
    """About all arms but the one that tells difficulty, which made the bins that it would be measured in. Raises
    SelectorError, and NoResultsError where there is no arm."""
    base, experiment = rule.base, measurements.experiment
    at_home = None if base is None or not base.is_at_home else base.arm.id
    arms = [each.arm for each in measurements.samples if each.arm.id != at_home]
    if not arms:
        raise NoResultsError("there is no arm to compare yet; wait until the experiment is expanded")
    if said.families is not None:
        families = families_read(said.families)
        _require_arms(families, arms)
        return claims_told(arms, families, VerdictSpec().claimed(families))
    told = (experiment.verdict or VerdictSpec()).claimed(experiment.families)
    return claims_told(arms, experiment.families, told) if told else default_claims(arms, measurements.models)


def families_read(text: str) -> Families:
    """`NAME=SELECTOR; NAME=SELECTOR`: at least two names; selectors of one name are joined. What strategies say they
    are (`parallel`) needs no selector, and has none here.

    Raises UnknownOptionError and SelectorError.
    """
    families: dict[str, tuple[Selector, ...]] = {}
    for part in filter(None, (each.strip() for each in text.replace("\n", ";").split(";"))):
        name, equals, selector = (each.strip() for each in part.partition("="))
        if not (name and (equals or name in OWN_OF_STRATEGIES)):
            own = ", ".join(OWN_OF_STRATEGIES)
            raise UnknownOptionError(
                f"a family is NAME=SELECTOR, as votes=majority_vote*, or one of {own}; got {part!r}"
            )
        families[name] = (*families.get(name, ()), *((Selector.read(selector),) if equals else ()))
    if len(families) < 2:
        raise UnknownOptionError(f"two families are expected, the first of which others are held against, got {text!r}")
    return families


def _require_arms(families: Families, arms: Sequence[Arm]) -> None:
    """UnknownArmError for a selector that takes none."""
    for name, selector in ((name, each) for name, selectors in families.items() for each in selectors):
        if not any(selector.takes(arm.label, arm.model, arm.strategy, arm.params) for arm in arms):
            near = nearest(str(selector), [arm.label for arm in arms], MOST_NEAR)
            hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
            listed = "\n".join(f"  {arm.label}" for arm in arms)
            raise UnknownArmError(
                f"family {name!r}: no arm is taken by {str(selector)!r}. {hint}`*` stands for anything, and "
                f"strategy=NAME,setting=VALUE for settings. Arms:\n{listed}"
            )


def _base(measurements: Measurements, said: Said, fixed: DifficultySpec) -> BaseArm | None:
    """None where nothing tells difficulty: then all problems are taken to be alike."""
    bins = fixed.bins if said.bins is None else said.bins
    if said.base is not None or said.base_in is not None:
        return base_arm(measurements, said.base, said.base_in, bins=bins)
    base = _telling(measurements, fixed)
    if base is None and said.bins is not None:
        raise UnknownOptionError("bins are of the arm that tells difficulty: give base, too")
    return None if base is None else base_arm(measurements, base.label, bins=bins)


def _telling(measurements: Measurements, fixed: DifficultySpec) -> Arm | None:
    """The arm that the spec names; else the finest vote with a seed of its own, whose samples flatter no other arm."""
    arms = [each.arm for each in measurements.samples]
    if fixed.base is not None:
        return next((it for it in arms if fixed.base.takes(it.label, it.model, it.strategy, it.params)), None)
    seeded = [arm for arm in arms if "seed" in arm.params and (strategy_of(arm).num_samples or 1) > 1]
    return finest(seeded) if seeded else None


def _share(points: float) -> float:
    if not 0 < points <= MOST_MARGIN:
        raise UnknownOptionError(f"a margin above 0 and of at most {MOST_MARGIN} points is expected, got {points:g}")
    return points / 100


def _axes(text: str) -> tuple[Axis, ...]:
    try:
        return tuple(dict.fromkeys(axis_named(each.strip()) for each in text.split(",")))
    except ValueError as error:
        raise UnknownOptionError(str(error)) from None


def _amounts(text: str) -> tuple[float, ...]:
    try:
        amounts = sorted({float(each) for each in text.split(",")})
    except ValueError:
        raise UnknownOptionError(f"budgets are numbers with commas between them, got {text!r}") from None
    if not all(0 < each < float("inf") for each in amounts):
        raise UnknownOptionError(f"budgets above 0 are expected, got {text!r}")
    return tuple(amounts)
