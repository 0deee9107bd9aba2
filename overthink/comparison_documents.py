"""What `compare --json` and `--csv` print. Missing is null; keys are never renamed."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from overthink.cli.documents import known
from results import ArmResult, Comparison, Flip, Joined, Measurements, Reached, Sides, Within
from scaling.statistics.comparisons import Agreement
from scaling.statistics.equal_compute import EqualCompute


class FlipDocument(TypedDict):
    """A problem that is right under one arm only, with the job of each arm: `/trace?job=...` in the dashboard."""

    problem: str
    repeat: int
    first_job: int
    second_job: int


class SideDocument(TypedDict):
    """An arm over all its problems: `n` of them have a result. The bounds take what is missing as wrong, as right."""

    label: str
    n: int
    failed: int
    truncated: int
    unparsed: int
    accuracy: float | None
    ci_low: float | None
    ci_high: float | None
    if_missing_wrong: float | None
    if_missing_right: float | None


class AgreementDocument(TypedDict):
    """How many pairs of jobs, one of each arm on the same problem and repeat, were right or not: two by two."""

    both_right: int
    lost: int
    gained: int
    both_wrong: int


class AtBudgetDocument(TypedDict):
    """Both curves at one budget, the mean per problem, over `n` problems that every setting of both answered."""

    axis: str
    axis_label: str
    unit: str
    budget: float
    n: int
    first_curve: str
    first: float
    first_low: float
    first_high: float
    second_curve: str
    second: float
    second_low: float
    second_high: float
    difference: float
    difference_low: float
    difference_high: float


class ReachedDocument(TypedDict):
    """A family's best within a budget. `settings` has two where the halves of the problems chose apart; `cost` is the
    mean per problem that was spent. `envelope` is the best one chosen and measured on the same problems: it flatters.
    """

    family: str
    settings: list[str]
    accuracy: float | None
    ci_low: float | None
    ci_high: float | None
    cost: float | None
    envelope: float | None


class WithinDocument(TypedDict):
    """The best that both families reached within one budget, a mean per problem; two-fold, paired by problem."""

    axis: str
    unit: str
    budget: float
    n: int
    first: ReachedDocument
    second: ReachedDocument
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None


class ComparisonDocument(TypedDict):
    """Accuracy of `second` minus that of `first`, over the problems that both have a result for.

    `together` comparisons were made at once; `adjusted_p_value` is Holm's over them, null for one made alone, and
    `clear` is decided by it. `warning` says why these problems cannot support the claim that one is better; null where
    they can. `experiments` are those of the arms; of each `left_out` counts the problems that the others did not ask.
    """

    experiment: int
    status: str
    first: str
    second: str
    experiments: list[int]
    left_out: dict[str, int]
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    problems: int
    first_better: int
    second_better: int
    p_value: float | None
    adjusted_p_value: float | None
    together: int
    clear: bool
    test: str
    warning: str | None
    equal_compute: AtBudgetDocument | None
    within_budget: WithinDocument | None
    arms: list[SideDocument]
    agreement: AgreementDocument
    lost: list[FlipDocument]
    gained: list[FlipDocument]


def comparison_document(
    measurements: Measurements, comparison: Comparison, arms: Mapping[int, ArmResult], keys: Sequence[str]
) -> ComparisonDocument:
    """`arms` by their id; `keys` are the problems' by position. Nothing at a budget."""
    result, difference, experiment = comparison.result, comparison.result.difference, measurements.experiment
    left_out = measurements.left_out if isinstance(measurements, Joined) else {experiment.id: 0}
    return {
        "experiment": experiment.id,
        "status": experiment.summary.status.value,
        "first": comparison.first.label,
        "second": comparison.second.label,
        "experiments": list(left_out),
        "left_out": {str(each): count for each, count in left_out.items()},
        "difference": known(difference.value),
        "ci_low": known(difference.low),
        "ci_high": known(difference.high),
        "problems": result.common_problems,
        "first_better": result.first_better,
        "second_better": result.second_better,
        "p_value": result.p_value,
        "adjusted_p_value": result.adjusted_p_value,
        "together": result.together,
        "clear": result.is_clear,
        "test": result.test,
        "warning": result.warning,
        "equal_compute": None,
        "within_budget": None,
        "arms": [side_document(arms[arm.id]) for arm in (comparison.first, comparison.second)],
        "agreement": agreement_document(comparison.agreement),
        "lost": [flip_document(flip, keys) for flip in comparison.lost],
        "gained": [flip_document(flip, keys) for flip in comparison.gained],
    }


def comparison_row(document: ComparisonDocument) -> dict[str, object]:
    """One line of CSV: the same, flat; the jobs behind the flips are the document's alone."""
    first, second = document["arms"]
    nested = ("arms", "agreement", "lost", "gained", "equal_compute", "within_budget", "experiments", "left_out")
    at_budget: Mapping[str, object] = document["equal_compute"] or {}
    within = document["within_budget"]
    return {
        **{key: value for key, value in document.items() if key not in nested},
        **{f"first_{key}": value for key, value in first.items() if key != "label"},
        **{f"second_{key}": value for key, value in second.items() if key != "label"},
        **{f"at_{key}": value for key, value in at_budget.items()},
        **({} if within is None else within_columns(within)),
    }


def within_columns(within: WithinDocument) -> dict[str, object]:
    columns: dict[str, object] = {
        f"within_{key}": value for key, value in within.items() if key not in ("first", "second")
    }
    for name, side in (("first", within["first"]), ("second", within["second"])):
        columns |= {f"within_{name}_{key}": value for key, value in side.items() if key != "settings"}
        columns[f"within_{name}_settings"] = " / ".join(side["settings"])
    return columns


def within_document(within: Within) -> WithinDocument:
    paired = within.difference
    return {
        "axis": within.axis.label,
        "unit": within.axis.unit,
        "budget": within.budget,
        "n": paired.common_problems,
        "first": reached_document(within.first),
        "second": reached_document(within.second),
        "difference": known(paired.difference.value),
        "ci_low": known(paired.difference.low),
        "ci_high": known(paired.difference.high),
        "p_value": paired.p_value,
    }


def reached_document(reached: Reached) -> ReachedDocument:
    return {
        "family": reached.name,
        "settings": list(reached.settings),
        "accuracy": known(reached.accuracy.value),
        "ci_low": known(reached.accuracy.low),
        "ci_high": known(reached.accuracy.high),
        "cost": known(reached.cost),
        "envelope": known(reached.envelope),
    }


def at_budget_document(sides: Sides, found: EqualCompute) -> AtBudgetDocument:
    return {
        "axis": sides.axis.value,
        "axis_label": sides.axis.label,
        "unit": sides.axis.unit,
        "budget": found.budget,
        "n": found.difference.n,
        "first_curve": sides.first.line.name,
        "first": found.first.value,
        "first_low": found.first.low,
        "first_high": found.first.high,
        "second_curve": sides.second.line.name,
        "second": found.second.value,
        "second_low": found.second.low,
        "second_high": found.second.high,
        "difference": found.difference.value,
        "difference_low": found.difference.low,
        "difference_high": found.difference.high,
    }


def side_document(arm: ArmResult) -> SideDocument:
    accuracy = arm.accuracy
    return {
        "label": arm.label,
        "n": accuracy.estimate.n,
        "failed": arm.jobs.failed,
        "truncated": arm.truncated,
        "unparsed": arm.unparsed,
        "accuracy": known(accuracy.estimate.value),
        "ci_low": known(accuracy.estimate.low),
        "ci_high": known(accuracy.estimate.high),
        "if_missing_wrong": known(accuracy.if_missing_wrong),
        "if_missing_right": known(accuracy.if_missing_right),
    }


def agreement_document(agreement: Agreement) -> AgreementDocument:
    return {
        "both_right": agreement.both_right,
        "lost": agreement.lost,
        "gained": agreement.gained,
        "both_wrong": agreement.both_wrong,
    }


def flip_document(flip: Flip, keys: Sequence[str]) -> FlipDocument:
    return {
        "problem": keys[flip.problem],
        "repeat": flip.repeat,
        "first_job": flip.first_job,
        "second_job": flip.second_job,
    }
