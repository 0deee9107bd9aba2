"""What `difficulty --json` and `--csv` print. Missing is null; keys are never renamed. Bins are from 1, the easiest."""

from collections.abc import Iterator
from typing import TypedDict

import numpy as np

from db.queries import ExperimentDetail
from db.results import Choices, Difficulty, Figure
from overthink.documents import known
from overthink.figure_documents import FigureDocument, figure_document
from scaling.compute import Axis
from scaling.estimates import Estimate


class BinDocument(TypedDict):
    """`easiness` is the base arm's pass@1, or its verifier's mean final score: the hardest and the easiest's."""

    bin: int
    problems: int
    easiness_low: float
    easiness_high: float


class ShareDocument(TypedDict):
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


class ArmByBinDocument(FigureDocument):
    """The arm over all problems, and in each bin."""

    by_bin: list[ShareDocument]


class RivalDocument(TypedDict):
    """The choice minus one arm for all problems, at the same number of chains, paired by problem."""

    label: str
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    warning: str | None


class ChoiceDocument(TypedDict):
    """The two-fold choice at a budget of so many chains. `choices` has two arms a bin, one for each half.

    `ceiling` is the best arm per bin chosen and measured on the same problems: it flatters. Costs are means per problem
    of what was chosen, without and with what it took to find out the bins.
    """

    budget: int
    accuracy: ShareDocument
    ceiling: float | None
    cost: float | None
    cost_with_binning: float | None
    choices: list[list[str]]
    against: list[RivalDocument]


class DifficultyDocument(TypedDict):
    """`unbinned` problems have no result of the base arm. `unchosen` says why `compute_optimal` is empty."""

    experiment: int
    name: str
    status: str
    base: str
    by: str
    axis: str
    unit: str
    bins: list[BinDocument]
    unbinned: int
    arms: list[ArmByBinDocument]
    compute_optimal: list[ChoiceDocument]
    unchosen: str | None


def difficulty_document(experiment: ExperimentDetail, found: Difficulty, axis: Axis) -> DifficultyDocument:
    labels = {arm.id: arm.label for arm in experiment.arms}
    return {
        "experiment": experiment.id,
        "name": experiment.summary.name,
        "status": experiment.summary.status.value,
        "base": found.base.label,
        "by": found.by.value,
        "axis": axis.label,
        "unit": axis.unit,
        "bins": [bin_document(found, number) for number in range(found.bins.num_bins)],
        "unbinned": int((found.bins.bin_P < 0).sum()),
        "arms": [arm_document(found, figure) for figure in found.figures],
        "compute_optimal": [choice_document(choices, labels) for choices in found.choices],
        "unchosen": found.unchosen,
    }


def bin_document(found: Difficulty, number: int) -> BinDocument:
    easiness = found.easiness_P[found.bins.members[number]]
    return {
        "bin": number + 1,
        "problems": int(easiness.size),
        "easiness_low": float(np.min(easiness)),
        "easiness_high": float(np.max(easiness)),
    }


def arm_document(found: Difficulty, figure: Figure) -> ArmByBinDocument:
    by_bin = [share_document(estimate) for estimate in found.by_bin[figure.arm.id]]
    return {**figure_document(figure), "by_bin": by_bin}


def choice_document(choices: Choices, labels: dict[int, str]) -> ChoiceDocument:
    optimal = choices.optimal
    return {
        "budget": int(optimal.budget),
        "accuracy": share_document(optimal.accuracy),
        "ceiling": known(optimal.ceiling),
        "cost": known(optimal.cost),
        "cost_with_binning": known(optimal.cost_with_binning),
        "choices": [list(of_bin) for of_bin in optimal.choices],
        "against": [
            {
                "label": labels[arm_id],
                "difference": known(paired.difference.value),
                "ci_low": known(paired.difference.low),
                "ci_high": known(paired.difference.high),
                "p_value": paired.p_value,
                "warning": paired.warning,
            }
            for arm_id, paired in choices.against.items()
        ],
    }


def share_document(estimate: Estimate) -> ShareDocument:
    return {
        "value": known(estimate.value),
        "ci_low": known(estimate.low),
        "ci_high": known(estimate.high),
        "n": estimate.n,
    }


COLUMNS = (
    "label", "bin", "budget", "cost", "cost_with_binning", "value", "ci_low", "ci_high", "n",
    "failed", "truncated", "unparsed",
)  # fmt: skip


def difficulty_rows(document: DifficultyDocument) -> Iterator[dict[str, object]]:
    """Each arm over all problems (no bin) and in each bin; then the choice at each budget, as `compute-optimal`."""
    for arm in document["arms"]:
        clouds = {"failed": arm["failed"], "truncated": arm["truncated"], "unparsed": arm["unparsed"]}
        beside: dict[str, object] = {"label": arm["label"], **clouds}
        over_all = {"value": arm["value"], "ci_low": arm["ci_low"], "ci_high": arm["ci_high"], "n": arm["n"]}
        yield {**beside, "cost": arm["cost"], **over_all}
        yield from ({**beside, "bin": number, **share} for number, share in enumerate(arm["by_bin"], start=1))
    for choice in document["compute_optimal"]:
        costs = {"cost": choice["cost"], "cost_with_binning": choice["cost_with_binning"]}
        yield {"label": "compute-optimal", "budget": choice["budget"], **costs, **choice["accuracy"]}
