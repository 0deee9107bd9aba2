"""What `difficulty --json` and `--csv` print. Missing is null; keys are never renamed. Bins are from 1, the easiest."""

from collections.abc import Iterator
from typing import TypedDict

import numpy as np

from db.queries import ExperimentDetail
from overthink.cli.documents import known
from overthink.figure_documents import FigureDocument, figure_document
from results import Choices, Difficulty, Exchange, Figure, RatioArm, SettingFigure
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import PairedDifference
from scaling.statistics.estimates import Estimate


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
    """The choice minus one setting for all problems, within the same budget, paired by problem.

    `value` and `cost` are the setting's own, means per problem. `adjusted_p_value` is Holm's over all that is compared
    at all budgets, and `clear` is decided by it.
    """

    label: str
    value: float | None
    cost: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    adjusted_p_value: float | None
    clear: bool
    warning: str | None


class OneForAllDocument(RivalDocument):
    """The setting that is best for all problems together, chosen two-fold as well: `choice` has one for each half."""

    choice: list[str]


class ChoiceDocument(TypedDict):
    """The two-fold choice within a budget, a mean cost per problem in each bin, on the half that it is made by; what
    the other half spent, and is measured at, may by chance be more. `choices` has two settings a bin, one a half.

    `ceiling` is the best setting per bin chosen and measured on the same problems: it flatters. Costs are means per
    problem of what was chosen, without and with what it took to find out the bins.
    """

    budget: float
    accuracy: ShareDocument
    ceiling: float | None
    cost: float | None
    cost_with_binning: float | None
    choices: list[list[str]]
    one_for_all: OneForAllDocument
    against: list[RivalDocument]


class SettingDocument(TypedDict):
    """An arm (`k` null), or what k of its candidates would have given, over all problems."""

    label: str
    k: int | None
    cost: float | None
    accuracy: ShareDocument


class RatioDocument(TypedDict):
    """`parallel` chains of `sequential` revisions each."""

    label: str
    sequential: int
    parallel: int
    ratio: float
    accuracy: ShareDocument
    by_bin: list[ShareDocument]


class ExchangeDocument(TypedDict):
    """A smaller model's choice within `multiplier` times the FLOPs of one chain, minus a larger model's one answer.

    `inference_ratio`: tokens of inference over tokens of pretraining. `most_spent`: the dearest setting that was run
    within the budget; where it is far below, more would have been affordable. `adjusted_p_value` is Holm's over all
    exchanges.
    """

    larger: str
    model_ratio: float
    inference_ratio: float
    multiplier: float
    budget_flops: float
    most_spent_flops: float
    accuracy: ShareDocument
    difference: ShareDocument
    p_value: float | None
    adjusted_p_value: float | None
    clear: bool
    warning: str | None
    by_bin: list[ShareDocument]


class DifficultyDocument(TypedDict):
    """`unbinned` problems have no result of the base arm. `unchosen` says why `compute_optimal` is empty."""

    experiment: int
    name: str
    status: str
    base: str
    base_experiment: int
    by: str
    axis: str
    axis_label: str
    unit: str
    bins: list[BinDocument]
    unbinned: int
    arms: list[ArmByBinDocument]
    compute_optimal: list[ChoiceDocument]
    unchosen: str | None
    lines: list[list[SettingDocument]]
    ratios: list[list[RatioDocument]]
    exchanges: list[ExchangeDocument]


def difficulty_document(experiment: ExperimentDetail, found: Difficulty, axis: Axis) -> DifficultyDocument:
    return {
        "experiment": experiment.id,
        "name": experiment.summary.name,
        "status": experiment.summary.status.value,
        "base": found.base.arm.label,
        "base_experiment": found.base.experiment_id,
        "by": found.by.value,
        "axis": axis.value,
        "axis_label": axis.label,
        "unit": axis.unit,
        "bins": [bin_document(found, number) for number in range(found.bins.num_bins)],
        "unbinned": int((found.bins.bin_P < 0).sum()),
        "arms": [arm_document(found, figure) for figure in found.figures],
        "compute_optimal": [choice_document(choices) for choices in found.choices],
        "unchosen": found.unchosen,
        "lines": [[setting_document(each) for each in line] for line in found.lines],
        "ratios": [[ratio_document(each) for each in curve] for curve in found.ratios],
        "exchanges": [exchange_document(each) for each in found.exchanges],
    }


def bin_document(found: Difficulty, number: int) -> BinDocument:
    easiness = found.base.easiness_P[found.bins.members[number]]
    return {
        "bin": number + 1,
        "problems": int(easiness.size),
        "easiness_low": float(np.min(easiness)),
        "easiness_high": float(np.max(easiness)),
    }


def arm_document(found: Difficulty, figure: Figure) -> ArmByBinDocument:
    by_bin = [share_document(estimate) for estimate in found.by_bin[figure.arm.id]]
    return {**figure_document(figure), "by_bin": by_bin}


def choice_document(choices: Choices) -> ChoiceDocument:
    optimal, simple = choices.optimal, choices.one_for_all
    return {
        "budget": optimal.budget,
        "accuracy": share_document(optimal.accuracy),
        "ceiling": known(optimal.ceiling),
        "cost": known(optimal.cost),
        "cost_with_binning": known(optimal.cost_with_binning),
        "choices": [list(of_bin) for of_bin in optimal.choices],
        "one_for_all": {
            **rival_document("one for all", simple.accuracy.value, simple.cost, choices.worth),
            "choice": list(simple.choices[0]),
        },
        "against": [
            rival_document(rival.setting.label, rival.setting.accuracy.value, rival.setting.cost, rival.difference)
            for rival in choices.rivals
        ],
    }


def rival_document(label: str, value: float, cost: float, paired: PairedDifference) -> RivalDocument:
    return {
        "label": label,
        "value": known(value),
        "cost": known(cost),
        "difference": known(paired.difference.value),
        "ci_low": known(paired.difference.low),
        "ci_high": known(paired.difference.high),
        "p_value": paired.p_value,
        "adjusted_p_value": paired.adjusted_p_value,
        "clear": paired.is_clear,
        "warning": paired.warning,
    }


def setting_document(setting: SettingFigure) -> SettingDocument:
    accuracy = share_document(setting.accuracy)
    return {"label": setting.label, "k": setting.k, "cost": known(setting.cost), "accuracy": accuracy}


def ratio_document(each: RatioArm) -> RatioDocument:
    point = each.point
    return {
        "label": each.arm.label,
        "sequential": point.sequential,
        "parallel": point.parallel,
        "ratio": point.ratio,
        "accuracy": share_document(point.accuracy),
        "by_bin": [share_document(estimate) for estimate in point.by_bin],
    }


def exchange_document(each: Exchange) -> ExchangeDocument:
    return {
        "larger": each.larger.label,
        "model_ratio": each.model_ratio,
        "inference_ratio": each.inference_ratio,
        "multiplier": each.multiplier,
        "budget_flops": each.budget,
        "most_spent_flops": each.most_spent,
        "accuracy": share_document(each.optimal.accuracy),
        "difference": share_document(each.difference.difference),
        "p_value": each.difference.p_value,
        "adjusted_p_value": each.difference.adjusted_p_value,
        "clear": each.difference.is_clear,
        "warning": each.difference.warning,
        "by_bin": [share_document(of_bin.difference) for of_bin in each.by_bin],
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
    """Each arm over all problems (no bin) and in each bin; what fewer samples would have given; then, by budget,
    `compute-optimal` and `one for all`."""
    for arm in document["arms"]:
        clouds = {"failed": arm["failed"], "truncated": arm["truncated"], "unparsed": arm["unparsed"]}
        beside: dict[str, object] = {"label": arm["label"], **clouds}
        over_all = {"value": arm["value"], "ci_low": arm["ci_low"], "ci_high": arm["ci_high"], "n": arm["n"]}
        yield {**beside, "cost": arm["cost"], **over_all}
        yield from ({**beside, "bin": number, **share} for number, share in enumerate(arm["by_bin"], start=1))
    for line in document["lines"]:
        fewer = [setting for setting in line if setting["k"] is not None]
        yield from ({"label": each["label"], "cost": each["cost"], **each["accuracy"]} for each in fewer)
    for choice in document["compute_optimal"]:
        costs = {"cost": choice["cost"], "cost_with_binning": choice["cost_with_binning"]}
        yield {"label": "compute-optimal", "budget": choice["budget"], **costs, **choice["accuracy"]}
        simple = choice["one_for_all"]
        worth = {"value": simple["value"], "cost": simple["cost"], "n": choice["accuracy"]["n"]}
        yield {"label": "one for all", "budget": choice["budget"], **worth}
