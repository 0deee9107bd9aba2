"""Which differences between arms are real: of two, of all against one, or of those that are worth comparing.

Comparisons that are made at once are adjusted for their number, and *clear* is what is clear among all of them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from db.queries import Arm, ArmSamples
from results.at_budget import AtBudget
from results.columns import Column, Columns, Record, Table, estimate, lifted, record
from results.measured.endings import ending_note
from results.measured.measurements import Measurements, correct_PR, labelled, shape_over
from results.measured.worth_comparing import worth_comparing
from results.problems import flip_columns, pairs_of
from results.questions import Question
from results.wording import pair_label, percent, points, points_interval
from scaling.statistics import comparisons as statistics
from scaling.statistics import estimates
from scaling.statistics.comparisons import Agreement, Cell, PairedDifference, p_shown, together
from scaling.statistics.estimates import Accuracy
from scaling.types import Verdict


@dataclass(frozen=True, slots=True)
class ComparedArm:
    """Over all its own problems, whichever others were asked. `in_common`: its accuracy on those of both, NaN: none."""

    arm: Arm
    in_common: float
    accuracy: Accuracy
    failed: int
    truncated: int
    unparsed: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`result.difference` is the accuracy of `second` minus that of `first`, paired by problem; `sides` are the two.

    `agreement` counts the pairs of jobs that agree and that do not; `problems` has the pairs themselves.
    """

    first: Arm
    second: Arm
    result: PairedDifference
    agreement: Agreement
    sides: tuple[ComparedArm, ComparedArm]

    @property
    def label(self) -> str:
        return pair_label(self.first.label, self.second.label)


def _comparisons(
    measurements: Measurements, first: str | None = None, second: str | None = None, against: str | None = None
) -> tuple[Comparison, ...]:
    """Two arms by label or number, all others against one, or else what is worth comparing. Raises UnknownArmError."""
    if against is not None:
        return all_against(measurements, against)
    if first is not None or second is not None:
        return (paired(measurements, first or "1", second or str(len(measurements.samples))),)
    return worthwhile(measurements)


def paired(measurements: Measurements, first: str, second: str) -> Comparison:
    """Two arms by label or number: the accuracy of the second minus that of the first. Raises UnknownArmError."""
    return compare(measurements, labelled(measurements.samples, first), labelled(measurements.samples, second))


def all_against(
    measurements: Measurements, baseline: str, arms: Collection[int] | None = None
) -> tuple[Comparison, ...]:
    """Every other arm, or those of `arms` by id, minus one, by label or number; adjusted for their number.

    Raises UnknownArmError.
    """
    first = labelled(measurements.samples, baseline)
    others = [each for each in measurements.samples if each is not first and (arms is None or each.arm.id in arms)]
    return adjusted([compare(measurements, first, second) for second in others])


def worthwhile(measurements: Measurements) -> tuple[Comparison, ...]:
    """What is worth comparing and has problems in common; adjusted for its number."""
    samples = {each.arm.id: each for each in measurements.samples}
    pairs = worth_comparing([each.arm for each in samples.values()])
    made = [compare(measurements, samples[less.id], samples[more.id]) for less, more in pairs]
    return adjusted([each for each in made if each.result.common_problems])


def adjusted(made_at_once: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Clear is then what is clear among all of them."""
    results = together([each.result for each in made_at_once])
    return tuple(replace(each, result=result) for each, result in zip(made_at_once, results, strict=True))


def compare(measurements: Measurements, first: ArmSamples, second: ArmSamples) -> Comparison:
    """Over the problems that both have a result for."""
    shape = shape_over([first, second])
    first_PR, second_PR = correct_PR(first, shape), correct_PR(second, shape)
    result = statistics.paired_difference(first_PR, second_PR)
    sides = _compared_arm(measurements, first, result.first), _compared_arm(measurements, second, result.second)
    return Comparison(first.arm, second.arm, result, statistics.agreement(first_PR, second_PR), sides)


def _compared_arm(measurements: Measurements, samples: ArmSamples, in_common: float) -> ComparedArm:
    own = measurements.own(samples)
    return ComparedArm(
        arm=samples.arm,
        in_common=in_common,
        accuracy=estimates.accuracy(correct_PR(own, shape_over([own]))),
        failed=own.jobs.failed,
        truncated=own.count(Verdict.TRUNCATED),
        unparsed=own.count(Verdict.UNPARSED),
    )


PAIR: Columns[Comparison] = (
    Column("first", lambda it: it.first.label, "compared", show=lambda it: it.label, of=lambda it: it),
    Column("second", lambda it: it.second.label, "arm"),
    *estimate(
        "difference", lambda it: it.result.difference, "points", "difference in accuracy: second minus first",
        show=points, interval=points_interval,
    ),
    Column("problems", lambda it: it.result.common_problems, "n", "problems in common"),
    Column("first_better", lambda it: it.result.first_better, "lost", "problems that the first has right more often"),
    Column("second_better", lambda it: it.result.second_better, "gained", "problems that it has right more often"),
    Column("p_value", lambda it: it.result.p_value, "p", "exact, two-sided, of this pair alone", p_shown),
    Column(
        "adjusted_p_value", lambda it: it.result.adjusted_p_value, "adjusted", "Holm's p for all rows together",
        p_shown,
        needed=lambda rows: any(it.result.together > 1 for it in rows),
    ),
    Column("together", lambda it: it.result.together),
    Column(
        "clear", lambda it: it.result.is_clear, "", "interval and adjusted p agree that there is a difference",
        lambda is_clear: "clear" if is_clear else "unclear",
    ),
    Column("test", lambda it: it.result.test),
    Column("warning", lambda it: it.result.warning),
)  # fmt: skip

LABEL: Column[ComparedArm] = Column("label", lambda it: it.arm.label, "arm")
BESIDE: Columns[ComparedArm] = (
    Column("n", lambda it: it.accuracy.estimate.n, "n", "its own problems with a result"),
    Column("failed", lambda it: it.failed, "failed", "jobs without a result; not in the accuracy"),
    Column("truncated", lambda it: it.truncated, "truncated", "answers cut by their limit; not correct"),
    Column("unparsed", lambda it: it.unparsed, "unparsed", "no answer could be read; not correct"),
    *estimate("accuracy", lambda it: it.accuracy.estimate, "on all its own", "all problems that it has a result for"),
    Column("if_missing_wrong", lambda it: it.accuracy.if_missing_wrong),
    Column("if_missing_right", lambda it: it.accuracy.if_missing_right),
)
IN_COMMON: Column[ComparedArm] = Column(
    "in_common", lambda it: it.in_common, "accuracy", "on the problems in common", percent
)
AGREEMENT: Columns[Agreement] = (
    Column("both_right", lambda it: it.both_right, "both right"),
    Column("lost", lambda it: it.lost, "lost", "right under the first only"),
    Column("gained", lambda it: it.gained, "gained", "right under the second only"),
    Column("both_wrong", lambda it: it.both_wrong, "both wrong"),
)

COLUMNS: Columns[Comparison] = (
    *PAIR,
    *lifted("first_", BESIDE, lambda it: it.sides[0]),
    *lifted("second_", BESIDE, lambda it: it.sides[1]),
)


SHOWN = (
    "first", "difference", "ci_low", "problems", "first_better", "second_better", "p_value", "adjusted_p_value",
    "clear",
)  # fmt: skip


def table(compared: Sequence[Comparison]) -> Table[Comparison]:
    return Table(COLUMNS, compared, tuple(_notes(compared)), SHOWN)


def sides_table(compared: Sequence[Comparison]) -> Table[ComparedArm]:
    """Each arm once; what it has in common with another where there is one other."""
    sides = {side.arm.id: side for each in compared for side in each.sides}
    own = ("accuracy", "ci_low", "n", "failed", "truncated", "unparsed")
    if len(compared) == 1:
        return Table((LABEL, IN_COMMON, *BESIDE), tuple(sides.values()), order=("label", "in_common", *own))
    beside = tuple(replace(each, title="accuracy") if each.name == "accuracy" else each for each in BESIDE)
    return Table((LABEL, *beside), tuple(sides.values()), order=("label", *own))


def _notes(compared: Sequence[Comparison]) -> Iterator[str]:
    """What has to be told of one comparison, or of several that were made at once."""
    if len(compared) > 1:
        yield (
            f"adjusted: Holm's p for {compared[0].result.together} comparisons together; those below .05 whose "
            "interval excludes 0 are clear, and may be claimed at once."
        )
    for each in compared if len(compared) == 1 else ():
        result = each.result
        yield (
            f"{result.common_problems} problems in common: the second is right more often on {result.second_better}, "
            f"the first on {result.first_better} ({result.test})."
        )
        yield from filter(None, (ending_note((each.first, each.second)), result.warning))


def document(measurements: Measurements, comparison: Comparison, found: AtBudget | None = None) -> Record:
    """As JSON: `warning` says why these problems cannot support the claim that one is better; null where they can.

    `experiments` are those of the arms; of each `left_out` counts the problems that the others did not ask. `lost` and
    `gained` are the problems that are right under one arm only, with the job of each.
    """
    pair, experiment, left_out = record(PAIR, comparison), measurements.experiment, measurements.left_out
    samples = {each.arm.id: each for each in measurements.samples}
    pairs = pairs_of(samples[comparison.first.id], samples[comparison.second.id])
    columns = flip_columns(measurements.problem_keys())
    return {
        "experiment": experiment.id,
        "status": experiment.summary.status.value,
        "first": pair["first"],
        "second": pair["second"],
        "experiments": list(left_out),
        "left_out": {str(each): count for each, count in left_out.items()},
        **pair,
        **({"equal_compute": None, "within_budget": None} if found is None else found.document),
        "arms": [record((LABEL, *BESIDE), side) for side in comparison.sides],
        "agreement": record(AGREEMENT, comparison.agreement),
        **{
            cell.value: [record(columns, flip) for flip in pairs.inside(cell).flips]
            for cell in (Cell.LOST, Cell.GAINED)
        },
    }


def row(measurements: Measurements, comparison: Comparison, found: AtBudget | None = None) -> Record:
    """As one line of CSV: the same, flat; the jobs behind the flips are the document's alone."""
    experiment = measurements.experiment
    begin: Record = {"experiment": experiment.id, "status": experiment.summary.status.value}
    return {**begin, **record(COLUMNS, comparison), **({} if found is None else found.row)}


COMPARISONS = Question("comparisons", "Which differences between arms are real?", _comparisons, table)
