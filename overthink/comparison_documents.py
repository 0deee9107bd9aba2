"""What `compare --json` and `--csv` print. Missing is null; keys are never renamed."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from db.queries import ExperimentDetail
from db.results import ArmResult, Comparison, Flip, Sides
from overthink.documents import known
from scaling.comparisons import Agreement
from scaling.equal_compute import EqualCompute


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


class ComparisonDocument(TypedDict):
    """Accuracy of `second` minus that of `first`, over the problems that both have a result for.

    `together` comparisons were made at once; `adjusted_p_value` is Holm's over them, null for one made alone, and
    `clear` is decided by it. `warning` says why these problems cannot support the claim that one is better; null where
    they can.
    """

    experiment: int
    status: str
    first: str
    second: str
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
    arms: list[SideDocument]
    agreement: AgreementDocument
    lost: list[FlipDocument]
    gained: list[FlipDocument]


def comparison_document(
    experiment: ExperimentDetail,
    comparison: Comparison,
    arms: Mapping[int, ArmResult],
    keys: Sequence[str],
    at_budget: AtBudgetDocument | None = None,
) -> ComparisonDocument:
    """`arms` by their id; `keys` are the problems' by position."""
    result, difference = comparison.result, comparison.result.difference
    return {
        "experiment": experiment.id,
        "status": experiment.summary.status.value,
        "first": comparison.first.label,
        "second": comparison.second.label,
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
        "equal_compute": at_budget,
        "arms": [side_document(arms[arm.id]) for arm in (comparison.first, comparison.second)],
        "agreement": agreement_document(comparison.agreement),
        "lost": [flip_document(flip, keys) for flip in comparison.lost],
        "gained": [flip_document(flip, keys) for flip in comparison.gained],
    }


def comparison_row(document: ComparisonDocument) -> dict[str, object]:
    """One line of CSV: the same, flat; the jobs behind the flips are the document's alone."""
    first, second = document["arms"]
    nested = ("arms", "agreement", "lost", "gained", "equal_compute")
    at_budget: Mapping[str, object] = document["equal_compute"] or {}
    return {
        **{key: value for key, value in document.items() if key not in nested},
        **{f"first_{key}": value for key, value in first.items() if key != "label"},
        **{f"second_{key}": value for key, value in second.items() if key != "label"},
        **{f"at_{key}": value for key, value in at_budget.items()},
    }


def at_budget_document(sides: Sides, found: EqualCompute) -> AtBudgetDocument:
    return {
        "axis": sides.axis.label,
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
