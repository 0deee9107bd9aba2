"""Numbers, moments and labels as people are shown them, on pages, in plots and in the terminal alike. Pure.

What is not known is a dash. Machines get the numbers themselves (`columns`), never these words.
"""

import datetime as dt
import math
from enum import Enum

from scaling.statistics.estimates import Estimate
from scaling.statistics.power import DISCORDANT, Power

INSTRUMENT_CHECK = (
    "The tiny model was trained so that Waits can help. What it shows is that Overthink measures what it says; it is "
    "no evidence about large models."
)
UNKNOWN = "–"
LARGEST_COUNT = 1e7
"""From here on numbers are written with an exponent."""
UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def shown(value: object) -> str:
    """Anything that needs no words of its own: counts and amounts, names, yes and no, several of them with commas."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return amount(value)
    return ", ".join(map(shown, value)) if isinstance(value, tuple | list) else str(value)


def amount(value: float | None) -> str:
    """A measured amount of anything: `34.2`, `1,234.5`, `0.0123`, `1.23e+15`."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return f"{value:,.1f}" if 1 <= value < LARGEST_COUNT or value == 0 else f"{value:.3g}"


def budget_shown(value: float) -> str:
    """An amount without a decimal that nobody gave: `400`, `56.6`."""
    return amount(value).removesuffix(".0")


def percent(share: Estimate | float | None) -> str:
    """Of a share in 0..1."""
    value = share.value if isinstance(share, Estimate) else share
    return UNKNOWN if value is None or math.isnan(value) else f"{value:.1%}"


def interval(share: Estimate | None) -> str:
    """Of a share, in percent."""
    return UNKNOWN if share is None or not share.n else f"{share.low * 100:.1f} … {share.high * 100:.1f}"


def points(difference: Estimate) -> str:
    """Of a difference of shares."""
    return f"{difference.value * 100:+.1f}" if difference.n else UNKNOWN


def points_interval(difference: Estimate) -> str:
    return f"{difference.low * 100:+.1f} … {difference.high * 100:+.1f}" if difference.n else UNKNOWN


def accuracy(share: Estimate) -> str:
    """`57.5% (48.6 … 66.0)`."""
    return f"{percent(share)} ({interval(share)})" if share.n else UNKNOWN


def slope(difference: Estimate) -> str:
    """`+1.2 (-3.0 … +4.1)`: points, where both stand in one cell."""
    return f"{points(difference)} ({points_interval(difference)})" if difference.n else UNKNOWN


def rounded_accuracy(share: Estimate) -> str:
    """`57.5% (49 … 66)`: where several stand side by side."""
    return f"{percent(share)} ({share.low * 100:.0f} … {share.high * 100:.0f})" if share.n else UNKNOWN


def rounded_slope(difference: Estimate) -> str:
    """`+1.2 (-3 … +4)`."""
    within = f"{difference.low * 100:+.0f} … {difference.high * 100:+.0f}"
    return f"{points(difference)} ({within})" if difference.n else UNKNOWN


def pair_label(first: str, second: str) -> str:
    """`budget_forcing waits=0 → waits=1`: of the second only what differs, if they are akin."""
    words = first.split()
    is_akin = words[0] == second.split()[0]
    differing = [word for word in second.split() if word not in words] if is_akin else []
    return f"{first} → {' '.join(differing) or second}"


def power_words(power: Power) -> str:
    """What an experiment can show before it runs, and what is assumed for it."""
    asked = f"{power.problems:,} problems" + (f" × {power.repeats:,} repeats" if power.repeats > 1 else "")
    low, high = (f"{100 * share:g}" for share in DISCORDANT)
    chance = "; half of that by chance, which repeats average out" if power.repeats > 1 else ""
    among = (
        f", and {_range_words(power.among)} to stay clear among {power.comparisons} arms against one (Holm)"
        if power.comparisons > 1
        else ""
    )
    return (
        f"{asked} can show a difference of {_range_words(power.alone)} between two arms{among}: four times in five, at "
        f"p < .05, paired by problem, if {low} to {high} % of their answers differ, or as many as the difference takes"
        f"{chance}."
    )


def _range_words(differences: tuple[float, float]) -> str:
    """In points, where few and where many answers differ."""
    few, many = ("more than 100" if math.isnan(each) else f"{100 * each:.1f}" for each in differences)
    return f"{few} points" if few == many else f"{few} to {many} points"


def duration(seconds: float) -> str:
    """`45 s`, `2 min 5 s`, `3 h 20 min`: never more than two units."""
    whole = max(0, round(seconds))
    for size, unit, smaller_size, smaller in UNITS:
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def ago(seconds: float) -> str:
    """`just now`, `12 min ago`, `3 h ago`, `5 d ago`: one unit is enough of what is over."""
    size, unit = next(((size, unit) for size, unit, *_ in UNITS if seconds >= size), (0, ""))
    return f"{int(seconds // size)} {unit} ago" if size else "just now"


def moment(when: dt.datetime | None) -> str:
    """To the minute, in UTC; a dash for what has not happened."""
    return UNKNOWN if when is None else f"{when.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
