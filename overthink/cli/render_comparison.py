"""Comparisons as tables."""

from collections.abc import Sequence

from rich.table import Table

from overthink.cli.render import clear_or_not, count, plain
from overthink.cli.terminal import table
from results import ArmResult, Comparison, Flip
from results.wording import interval, pair_label, percent, points, points_interval
from scaling.statistics.comparisons import p_shown


def sides_table(arms: Sequence[ArmResult]) -> Table:
    """Each arm with how many problems its accuracy is over, and all that could cloud it."""
    numbers = ("accuracy", "95 % interval", "n", "failed", "truncated", "unparsed")
    made = table("arm", *numbers, numbers=numbers)
    for arm in arms:
        made.add_row(
            plain(arm.label),
            percent(arm.estimate),
            interval(arm.estimate),
            f"{arm.accuracy.estimate.n:,}",
            count(arm.jobs.failed, "red"),
            count(arm.truncated, "yellow"),
            count(arm.unparsed, "yellow"),
        )
    return made


def adjusted_table(compared: Sequence[Comparison]) -> Table:
    """One row per arm, all against the same one. Only what is clear after the adjustment is called so."""
    numbers = ("points", "95 % interval", "n", "lost", "gained", "p", "adjusted")
    made = table("compared", *numbers, "", numbers=numbers)
    for each in compared:
        result, difference = each.result, each.result.difference
        made.add_row(
            plain(pair_label(each.first.label, each.second.label)),
            points(difference),
            points_interval(difference),
            f"{result.common_problems:,}",
            f"{result.first_better:,}",
            f"{result.second_better:,}",
            p_shown(result.p_value),
            p_shown(result.adjusted_p_value),
            clear_or_not(result),
        )
    return made


def flips_table(title: str, flips: Sequence[Flip], total: int, keys: Sequence[str]) -> Table:
    """The problems, and the job of each arm. Repeats are told apart where there are any."""
    has_repeats = any(flip.repeat for flip in flips)
    numbers = ("repeat", "first", "second") if has_repeats else ("first", "second")
    made = table("problem", *numbers, numbers=numbers)
    made.title = f"{title}: {total:,}" + (f", the first {len(flips)}" if len(flips) < total else "")
    made.title_justify = "left"
    for flip in flips:
        repeat = [str(flip.repeat)] if has_repeats else []
        made.add_row(plain(keys[flip.problem]), *repeat, str(flip.first_job), str(flip.second_job))
    return made
