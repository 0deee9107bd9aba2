"""Is one family better than another at equal compute? The verdict of every claim, axis and budget, as a table."""

from collections.abc import Iterator

from results.columns import Column, Columns, Record, Table, lifted, plain, record
from results.measured.families import Family
from results.measured.measurements import Measurements
from results.questions import Question
from results.verdict.finding import Claimed, Standing, Verdicts, verdicts
from results.verdict.missing import Missing, missing
from results.verdict.rules import Said, claims_of, rule_told
from results.verdict.words import claim_words, notes_of, rule_words, title, verdict_on
from results.within import Reached
from results.wording import budget_shown, percent, points, points_interval

Row = tuple[Claimed, Standing]


def _ask(
    measurements: Measurements,
    margin: float | None = None,
    axes: str | None = None,
    budgets: str | None = None,
    base: str | None = None,
    base_in: str | None = None,
    bins: int | None = None,
    families: str | None = None,
) -> Verdicts:
    """`margin` in points; `axes`, and `budgets` of the primary one, with commas between; `families` as
    `votes=majority_vote*; forcing=strategy=budget_forcing`, each held against the first. What is not given is as the
    spec has it, and where that says nothing as it is by default.

    Raises UnknownArmError, UnknownOptionError, SelectorError and NoResultsError.
    """
    said = Said(margin, axes, budgets, base, base_in, bins, families)
    rule = rule_told(measurements, said)
    return verdicts(measurements, claims_of(measurements, rule, said), rule)


def _reached(prefix: str) -> Columns[Reached]:
    return (
        Column(f"{prefix}_settings", lambda it: it.settings),
        Column(
            f"{prefix}_accuracy", lambda it: it.accuracy.value, prefix, "its best within the budget", percent,
        ),
        Column(f"{prefix}_ci_low", lambda it: it.accuracy.low),
        Column(f"{prefix}_ci_high", lambda it: it.accuracy.high),
        Column(f"{prefix}_cost", lambda it: it.cost),
    )  # fmt: skip


PLACE: Columns[Standing] = (
    Column("axis", lambda it: it.axis.value, "axis", show=str, of=lambda it: it.axis.label),
    Column("unit", lambda it: it.axis.unit),
    Column("budget", lambda it: it.budget, "budget", "mean per problem", budget_shown),
    *lifted("", _reached("first"), lambda it: it.first),
    *lifted("", _reached("second"), lambda it: it.second),
    Column("difference", lambda it: it.band.value, "points", "second minus first", points, lambda it: it.band),
    Column("band_low", lambda it: it.band.low, "band", "simultaneous", points_interval, lambda it: it.band),
    Column("band_high", lambda it: it.band.high),
    Column("n", lambda it: it.band.n, "n", "problems"),
    Column("verdict", lambda it: it.verdict, "verdict", "of the second, by its band and the margin"),
    Column("problems_needed", lambda it: it.cell.problems_needed, "needed", "problems that would decide it"),
    Column("could_turn", lambda it: it.cell.could_turn),
    Column("if_unknown_against", lambda it: it.least),
    Column("if_unknown_for", lambda it: it.most),
)  # fmt: skip
"""Bands hold together over all places of a claim, at its level after Holm. `if_unknown_against` is the difference had
all failed and unreadable answers been against the second family. `settings` are those chosen, easiest bin first."""

ROW: Columns[Row] = (
    Column("claim", lambda row: row[0].claim.name, "claim"),
    Column("first_family", lambda row: row[0].claim.first.name),
    Column("second_family", lambda row: row[0].claim.second.name),
    *lifted("", PLACE, lambda row: row[1]),
)


def table(found: Verdicts) -> Table[Row]:
    rows = [(claimed, each) for claimed in found.claims for each in claimed.standings]
    return Table(ROW, rows, tuple(_notes(found)), once=2)


def places_table(claimed: Claimed) -> Table[Standing]:
    """Of one claim, by axis and budget."""
    return Table(PLACE, claimed.standings, once=1)


def _notes(found: Verdicts) -> Iterator[str]:
    yield from (f"{title(each)}: {claim_words(each, found.rule)}" for each in found.claims)
    yield from notes_of(found)
    yield rule_words(found.rule)


FAMILY: Columns[tuple[Family, Measurements]] = (
    Column("name", lambda it: it[0].name),
    Column("arms", lambda it: [each.arm.label for each in it[1].samples if each.arm.id in it[0].arms]),
)
CLAIM: Columns[tuple[Claimed, Measurements]] = (
    Column("claim", lambda it: it[0].claim.name),
    Column("asks", lambda it: it[0].claim.asks),
    Column("first", lambda it: record(FAMILY, (it[0].claim.first, it[1]))),
    Column("second", lambda it: record(FAMILY, (it[0].claim.second, it[1]))),
    Column("verdict", lambda it: it[0].verdict),
    Column("level", lambda it: None if it[0].decided is None else it[0].decided.level),
    Column("problems", lambda it: it[0].problems),
    Column("bins", lambda it: it[0].num_bins),
    Column("axes", lambda it: {axis.value: verdict_on(it[0], axis) for axis in it[0].axes}),
    Column("not_asked", lambda it: it[0].undecidable or None),
    Column("left_out", lambda it: {axis.value: why for axis, why in it[0].left_out.items()}),
    Column("places", lambda it: [record(PLACE, each) for each in it[0].standings]),
)
MISSING: Columns[Missing] = (
    Column("claim", lambda it: it.claim),
    Column("why", lambda it: it.why),
    Column("arms", lambda it: it.arms),
)


def document(measurements: Measurements, found: Verdicts) -> Record:
    """All of it as JSON. `missing` are the arms without which an answer is not full, as a spec has them."""
    rule, primary = found.rule, found.primary
    lacking = missing([each.claim for each in found.claims], measurements.experiment)
    shared = VERDICT.document(measurements, Table(ROW, ()))
    return {
        **{name: value for name, value in shared.items() if name not in ("rows", "notes", "view")},
        "rule": {
            "margin": rule.margin,
            "level": rule.level,
            "axes": [axis.value for axis in rule.axes],
            "budgets": plain({axis.value: amounts for axis, amounts in rule.budgets.items()}),
            "base": rule.base.arm.label if rule.base else None,
            "is_in_spec": rule.is_in_spec,
            "spoken": list(rule.spoken),
            "words": rule_words(rule),
        },
        "primary": None if primary is None else record(PLACE, primary),
        "claims": [{**record(CLAIM, (each, measurements)), "words": claim_words(each, rule)} for each in found.claims],
        "missing": [record(MISSING, each) for each in lacking],
        "notes": list(notes_of(found)),
    }


VERDICT = Question("verdict", "Is one family better than another at equal compute?", _ask, table)
