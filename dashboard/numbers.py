"""Numbers as people are shown them, on the pages and in the terminal alike. Pure."""

from math import isnan

from results import Sides, Within
from scaling.statistics.equal_compute import EqualCompute
from scaling.statistics.estimates import Estimate
from scaling.statistics.power import DISCORDANT, Power


def percent(estimate: Estimate | None) -> str:
    return "–" if estimate is None else f"{estimate.value:.1%}"


def interval(estimate: Estimate | None) -> str:
    """In percent."""
    return "–" if estimate is None else f"{estimate.low * 100:.1f} … {estimate.high * 100:.1f}"


def points(difference: Estimate) -> str:
    return f"{difference.value * 100:+.1f}" if difference.n else "–"


def points_interval(difference: Estimate) -> str:
    return f"{difference.low * 100:+.1f} … {difference.high * 100:+.1f}" if difference.n else "–"


def pair_label(first: str, second: str) -> str:
    """`budget_forcing waits=0 → waits=1`: of the second only what differs, if they are akin."""
    words = first.split()
    is_akin = words[0] == second.split()[0]
    differing = [word for word in second.split() if word not in words] if is_akin else []
    return f"{first} → {' '.join(differing) or second}"


def at_budget_words(sides: Sides, found: EqualCompute) -> str:
    """Both curves and their difference at one budget."""
    return (
        f"Interpolated at {budget_shown(found.budget)} {sides.axis.unit} a problem ({sides.axis.label}), "
        f"{sides.first.line.name}: {percent(found.first)}; {sides.second.line.name}: {percent(found.second)}; "
        f"{points(found.difference)} points ({points_interval(found.difference)}), n = {found.difference.n}."
    )


def within_words(within: Within) -> str:
    """What each family reached by then, and their difference."""
    sides = "; ".join(
        f"{side.name}: {percent(side.accuracy)} for {budget_shown(side.cost)} ({' / '.join(side.settings)}; "
        f"{side.envelope:.1%} if chosen and measured on the same)"
        for side in (within.first, within.second)
    )
    paired = within.difference
    return (
        f"Best within {budget_shown(within.budget)} {within.axis.unit} a problem ({within.axis.label}), chosen on one "
        f"half of the problems and measured on the other: {sides}; {points(paired.difference)} points "
        f"({points_interval(paired.difference)}), n = {paired.common_problems}."
    )


def power_words(power: Power) -> str:
    """What an experiment can show before it runs, and what is assumed for it."""
    asked = f"{power.problems:,} problems" + (f" × {power.repeats:,} repeats" if power.repeats > 1 else "")
    low, high = (f"{100 * share:g}" for share in DISCORDANT)
    chance = "; half of that by chance, which repeats average out" if power.repeats > 1 else ""
    among = (
        f", and {shown_range(power.among)} to stay clear among all {power.comparisons} against one (Holm)"
        if power.comparisons > 1
        else ""
    )
    return (
        f"{asked} can show a difference of {shown_range(power.alone)} between two arms{among}: four times in five, at "
        f"p < .05, paired by problem, if {low} to {high} % of their answers differ, or as many as the difference takes"
        f"{chance}."
    )


def shown_range(differences: tuple[float, float]) -> str:
    """In points, where few and where many answers differ."""
    few, many = ("more than 100" if isnan(each) else f"{100 * each:.1f}" for each in differences)
    return f"{few} to {many} points"


def budget_shown(budget: float) -> str:
    return f"{budget:,.0f}" if budget < 1e7 else f"{budget:.4g}"
