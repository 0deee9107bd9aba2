"""The choice by difficulty in words and numbers: what each bin has, what that is worth, and larger models. Pure."""

import math

from results import Difficulty
from results.wording import amount, points, points_interval
from scaling.statistics.comparisons import PairedDifference, p_shown

Row = dict[str, object]


def choice_rows(found: Difficulty) -> list[Row]:
    """Which setting each bin has within each budget; both, where its two halves chose apart."""
    return [
        {
            "budget": f"{each.optimal.budget:,g}",
            **{f"bin {number}": named(of_bin) for number, of_bin in enumerate(each.optimal.choices, start=1)},
            "one for all": named(each.one_for_all.choices[0]),
        }
        for each in found.choices
    ]


def named(halves: tuple[str, str]) -> str:
    return " / ".join(dict.fromkeys(halves))


def worth_rows(found: Difficulty) -> list[Row]:
    """The choice minus one setting for all, and minus the dearest vote and best of N within the budget."""
    rows: list[Row] = []
    for each in found.choices:
        optimal = each.optimal
        begin: Row = {
            "budget": f"{optimal.budget:,g}",
            "by difficulty": percent(optimal.accuracy.value),
            "cost": known_amount(optimal.cost),
            "with binning": known_amount(optimal.cost_with_binning),
            "ceiling": percent(optimal.ceiling),
        }
        simple = each.one_for_all
        rows.append({**begin, **against("one setting for all", simple.accuracy.value, simple.cost, each.worth)})
        rows += [
            {**begin, **against(setting.label, setting.accuracy.value, setting.cost, rival.difference)}
            for rival in each.rivals
            for setting in (rival.setting,)
        ]
    return rows


def against(label: str, share: float, cost: float, paired: PairedDifference) -> Row:
    return {
        "against": label,
        "its accuracy": percent(share),
        "its cost": known_amount(cost),
        "points": in_points(paired),
        "p": p_shown(paired.p_value),
        "adjusted": p_shown(paired.adjusted_p_value),
        "clear": "" if paired.p_value is None else "clear" if paired.is_clear else "unclear",
    }


def exchange_rows(found: Difficulty) -> list[Row]:
    return [
        {
            "larger model’s arm": each.larger.label,
            "times larger": f"{each.model_ratio:.3g}",
            "D_inf / D_pre": f"{each.inference_ratio:g}",
            "× inference": f"{each.multiplier:.1f}",
            "FLOPs": f"{each.budget:.3g}",
            "run up to": f"{each.most_spent:.3g}",
            "smaller model": percent(each.optimal.accuracy.value),
            "points": in_points(each.difference),
            "p": p_shown(each.difference.p_value),
            "adjusted": p_shown(each.difference.adjusted_p_value),
            **{f"bin {number}": in_points(of_bin) for number, of_bin in enumerate(each.by_bin, start=1)},
        }
        for each in found.exchanges
    ]


def in_points(paired: PairedDifference) -> str:
    return f"{points(paired.difference)} ({points_interval(paired.difference)})"


def percent(share: float) -> str | None:
    return None if math.isnan(share) else f"{share:.1%}"


def known_amount(cost: float) -> str | None:
    return None if math.isnan(cost) else amount(cost)
