"""Is one family better than another at equal compute? The verdict of every claim, axis and budget, as a table."""

from collections.abc import Iterator

from results.columns import Column, Columns, Table, estimate, lifted
from results.easiness import BaseArm, base_arm
from results.errors import NoResultsError, UnknownOptionError
from results.measured.measurements import Measurements
from results.questions import Question
from results.verdict.claims import default_claims
from results.verdict.finding import DEFAULT_AXES, Claimed, Rule, Standing, Verdicts, verdicts
from results.verdict.words import claim_words, notes_of, rule_words
from results.within import Reached
from results.wording import budget_shown, percent, points, points_interval
from scaling.compute.axes import Axis, axis_named
from scaling.statistics.difficulty import NUM_BINS
from scaling.verdict.rule import MARGIN

Row = tuple[Claimed, Standing]


def _ask(
    measurements: Measurements,
    margin: float | None = None,
    axes: str | None = None,
    budgets: str | None = None,
    base: str | None = None,
    base_in: str | None = None,
    bins: int | None = None,
) -> Verdicts:
    """`margin` in points; `axes` and `budgets`, of the first axis, by commas. What is not given is the spec's.

    Raises UnknownArmError, UnknownOptionError and NoResultsError.
    """
    told_axes = _axes(axes) if axes else DEFAULT_AXES
    rule = Rule(
        margin=MARGIN if margin is None else _share(margin),
        axes=told_axes,
        budgets={told_axes[0]: _amounts(budgets)} if budgets else {},
        base=_base(measurements, base, base_in, bins),
    )
    arms = [each.arm for each in measurements.samples if not _is(rule.base, each.arm.id)]
    if not arms:
        raise NoResultsError("no arm is left to compare; wait until the experiment is expanded")
    return verdicts(measurements, default_claims(arms, measurements.models), rule)


def _is(base: BaseArm | None, arm: int) -> bool:
    return base is not None and base.is_at_home and base.arm.id == arm


def _base(measurements: Measurements, base: str | None, base_in: str | None, bins: int | None) -> BaseArm | None:
    if base is None and base_in is None:
        return None
    return base_arm(measurements, base, base_in, bins=NUM_BINS if bins is None else bins)


def _share(points: float) -> float:
    if not 0 < points <= 50:
        raise UnknownOptionError(f"a margin of 0 to 50 points is expected, got {points:g}")
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


def _reached(prefix: str) -> Columns[Reached]:
    return (
        Column(f"{prefix}_family", lambda it: it.name),
        Column(f"{prefix}_settings", lambda it: it.settings),
        *estimate(
            f"{prefix}_accuracy", lambda it: it.accuracy, ends=(f"{prefix}_ci_low", f"{prefix}_ci_high"),
        ),
        Column(
            f"{prefix}_shown", lambda it: it.accuracy.value, prefix, "its best within the budget", percent,
            is_kept=False,
        ),
        Column(f"{prefix}_cost", lambda it: it.cost),
    )  # fmt: skip


ROW: Columns[Row] = (
    Column("claim", lambda row: row[0].claim.name, "claim"),
    Column("axis", lambda row: row[1].axis.value, "axis"),
    Column("unit", lambda row: row[1].axis.unit),
    Column("budget", lambda row: row[1].budget, "budget", "mean per problem", budget_shown),
    *lifted("", _reached("first"), lambda row: row[1].first),
    *lifted("", _reached("second"), lambda row: row[1].second),
    *estimate(
        "difference", lambda row: row[1].cell.difference, "points", "second minus first",
        ends=("band_low", "band_high"),
        show=points, interval=points_interval,
    ),
    Column("n", lambda row: row[1].cell.difference.n, "n", "problems"),
    Column("verdict", lambda row: row[1].verdict, "verdict", "of the second, by the band and the margin"),
    Column("problems_needed", lambda row: row[1].cell.problems_needed, "needed", "problems that would decide it"),
    Column("could_turn", lambda row: row[1].cell.could_turn),
    Column("if_unknown_against", lambda row: row[1].least),
    Column("if_unknown_for", lambda row: row[1].most),
)  # fmt: skip
"""Bands hold together over all cells of a claim, at its level after Holm. `if_unknown_against` is the difference had
all failed and unreadable answers been against the second family. `settings` are a pair per bin of difficulty."""


def table(found: Verdicts) -> Table[Row]:
    rows = [(claimed, each) for claimed in found.claims for each in claimed.standings]
    return Table(ROW, rows, tuple(_notes(found)), once=2)


def _notes(found: Verdicts) -> Iterator[str]:
    yield from (words for each in found.claims for words in [claim_words(each, found.rule)])
    yield from notes_of(found)
    yield rule_words(found.rule)


VERDICT = Question("verdict", "Is one family better than another at equal compute?", _ask, table)
