"""The rule that holds: what the reader says, else what the spec fixed beforehand, else the defaults."""

from db.queries import Arm
from results.easiness import BaseArm, base_arm
from results.errors import NoResultsError, UnknownOptionError
from results.measured.measurements import Measurements
from results.verdict.finding import DEFAULT_AXES, Rule
from scaling.compute.axes import Axis, axis_named
from scaling.statistics.difficulty import NUM_BINS
from scaling.verdict.rule import MARGIN

MOST_MARGIN = 50


def rule_told(
    measurements: Measurements,
    margin: float | None = None,
    axes: str | None = None,
    budgets: str | None = None,
    base: str | None = None,
    base_in: str | None = None,
    bins: int | None = None,
) -> Rule:
    """Each as typed; None: not said. Raises UnknownArmError, UnknownOptionError and NoResultsError."""
    asked = _axes(axes) if axes else DEFAULT_AXES
    said = {"margin": margin, "axes": axes, "budgets": budgets, "difficulty": base or base_in or bins}
    return Rule(
        margin=MARGIN if margin is None else _share(margin),
        axes=asked,
        budgets={asked[0]: _amounts(budgets)} if budgets else {},
        base=_base(measurements, base, base_in, bins),
        spoken=tuple(name for name, value in said.items() if value is not None),
    )


def among(measurements: Measurements, rule: Rule) -> list[Arm]:
    """The arms that claims are about: all but the one that tells difficulty, which made the bins that it would be
    measured in. NoResultsError where there is none."""
    base = rule.base
    at_home = None if base is None or not base.is_at_home else base.arm.id
    arms = [each.arm for each in measurements.samples if each.arm.id != at_home]
    if not arms:
        raise NoResultsError("there is no arm to compare yet; wait until the experiment is expanded")
    return arms


def _base(measurements: Measurements, base: str | None, base_in: str | None, bins: int | None) -> BaseArm | None:
    if base is None and base_in is None:
        if bins is not None:
            raise UnknownOptionError("bins are of the arm that tells difficulty: give base, too")
        return None
    return base_arm(measurements, base, base_in, bins=NUM_BINS if bins is None else bins)


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
