"""A difference between two arms in a line: how large, how sure, and what so many problems can show."""

from results.comparisons import Comparison
from results.wording import points_interval
from scaling.statistics.comparisons import PairedDifference, p_shown

NOTHING_IN_COMMON = "No problem has a result under both arms yet."


def difference_words(compared: Comparison, first: str, second: str) -> str:
    """By the names that the reader knows the arms by."""
    result = compared.result
    if not result.common_problems:
        return NOTHING_IN_COMMON
    problems = f"{result.common_problems:,} problem{'' if result.common_problems == 1 else 's'}"
    return (
        f"{second} {_more(result)} {first}: {result.second:.1%} against {result.first:.1%} of {problems} "
        f"(95 % interval of the difference {points_interval(result.difference)}, {_p(result)}). {_claim(result)}"
    )


def _more(result: PairedDifference) -> str:
    value = 100 * result.difference.value
    if not value:
        return "is right as often as"
    return f"is right {abs(value):.1f} points {'more' if value > 0 else 'less'} often than"


def _p(result: PairedDifference) -> str:
    alone = _equals(result.p_value)
    return alone if result.together == 1 else f"{alone}, and {_equals(result.adjusted_p_value)} among {result.together}"


def _equals(p_value: float | None) -> str:
    """`p = 0.031`, `p < 0.001`."""
    shown = p_shown(p_value)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def _claim(result: PairedDifference) -> str:
    if result.is_clear:
        return "The difference is clear" + (f", among all {result.together} here." if result.together > 1 else ".")
    if not result.difference.value:
        differing = result.first_better + result.second_better
        return f"They differ on {differing:,} problems, as often each way." if differing else "They differ on none."
    needed = "" if result.problems_needed is None else f": a true difference of this size needs {result.needed_words}"
    return f"They differ by {result.flips_words}, which is no evidence of a difference{needed}."
