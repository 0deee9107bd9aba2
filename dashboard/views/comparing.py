"""Comparisons as what is drawn, tabled and taken away. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from dashboard.charts.differences import Difference
from dashboard.charts.flips import FlippedProblem
from dashboard.views.curves import Colours
from results import ArmResult, Comparison, Pairs, SideBySide
from results.columns import csv_text
from results.wording import interval, percent, points, points_interval
from scaling.arrays import Floats
from scaling.statistics.comparisons import Cell, p_shown
from scaling.statistics.equal_compute import EqualCompute

Row = dict[str, object]


class Order(StrEnum):
    """How problems are put in a row."""

    EASE = "easiest for the other arms first"
    POSITION = "as in the data set"


def orders(problems: SideBySide) -> tuple[Order, ...]:
    """Without a result of another arm there is no telling what is easy."""
    return tuple(Order) if not np.isnan(problems.others_P).all() else (Order.POSITION,)


def places(problems: SideBySide, order: Order) -> dict[int, int]:
    """Of each problem, by its position: its place in the row, from 1. What is not known to be easy comes last."""
    by = np.argsort(-problems.others_P, kind="stable") if order is Order.EASE else np.arange(problems.position_P.size)
    return {position: place for place, position in enumerate(problems.position_P[by].tolist(), start=1)}


def flipped(
    comparison: Comparison, problems: SideBySide, place: Mapping[int, int], keys: Sequence[str]
) -> tuple[FlippedProblem, ...]:
    """Every problem of which at least one repeat flipped."""
    lost, gained = (times(comparison.pairs.inside(cell)) for cell in (Cell.LOST, Cell.GAINED))
    rows = zip(problems.position_P.tolist(), problems.change_P.tolist(), problems.others_P.tolist(), strict=True)
    return tuple(
        FlippedProblem(
            key=keys[position],
            place=place[position],
            change=change,
            lost=lost.get(position, 0),
            gained=gained.get(position, 0),
            others=known(others),
        )
        for position, change, others in rows
        if position in lost or position in gained
    )


def times(pairs: Pairs) -> dict[int, int]:
    """How many of these pairs each problem has."""
    positions, counts = np.unique(pairs.problem_Q, return_counts=True)
    return dict(zip(positions.tolist(), counts.tolist(), strict=True))


def pair_rows(pairs: Pairs, problems: SideBySide, place: Mapping[int, int], keys: Sequence[str]) -> list[Row]:
    """One row per pair of jobs, in the order of the strip. The job ids are the traces'."""
    others: Mapping[int, float] = dict(zip(problems.position_P.tolist(), problems.others_P.tolist(), strict=True))
    rows: list[Row] = [
        {
            "problem": keys[flip.problem],
            "repeat": flip.repeat,
            "others": known(100 * others[flip.problem]),
            "first": flip.first_job,
            "second": flip.second_job,
            "place": place[flip.problem],
        }
        for flip in pairs.flips
    ]
    return sorted(rows, key=lambda row: (row["place"], row["repeat"]))


def differences(compared: Sequence[Comparison], colours: Colours) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            arm=each.second.label,
            colour=colours[each.second.id],
            estimate=each.result.difference,
            p_value=each.result.p_value,
            adjusted_p_value=each.result.adjusted_p_value,
            is_clear=each.result.is_clear,
        )
        for each in compared
    )


def against_rows(compared: Sequence[Comparison]) -> list[Row]:
    """For the page; the columns of `overthink compare --against`."""
    return [
        {
            "arm": each.second.label,
            "points": points(each.result.difference),
            "interval": points_interval(each.result.difference),
            "n": each.result.common_problems,
            "lost": each.result.first_better,
            "gained": each.result.second_better,
            "p": p_shown(each.result.p_value),
            "adjusted": p_shown(each.result.adjusted_p_value),
            "clear": "clear" if each.result.is_clear else "unclear",
        }
        for each in compared
    ]


def side_rows(comparison: Comparison, arms: Mapping[int, ArmResult]) -> list[Row]:
    """Each arm on the problems in common and on all of its own, with what could cloud it. `arms` by id."""
    result = comparison.result
    sides = ((comparison.first, result.first), (comparison.second, result.second))
    return [
        {
            "arm": arm.label,
            "in common": f"{share:.1%}" if result.common_problems else "–",
            "all its own": percent(arms[arm.id].estimate),
            "interval": interval(arms[arm.id].estimate),
            "n": arms[arm.id].accuracy.estimate.n,
            "failed": arms[arm.id].jobs.failed,
            "truncated": arms[arm.id].truncated,
            "unparsed": arms[arm.id].unparsed,
        }
        for arm, share in sides
    ]


def comparisons_csv(compared: Sequence[Comparison], arms: Mapping[int, ArmResult]) -> str:
    """One line per pair, with every number. `arms` by id."""
    return csv_text([comparison_row(each, arms) for each in compared])


def comparison_row(comparison: Comparison, arms: Mapping[int, ArmResult]) -> Row:
    result, agreement = comparison.result, comparison.agreement
    first, second = arms[comparison.first.id], arms[comparison.second.id]
    return {
        "first": first.label,
        "second": second.label,
        "first_accuracy": result.first,
        "second_accuracy": result.second,
        "difference": result.difference.value,
        "ci_low": result.difference.low,
        "ci_high": result.difference.high,
        "problems": result.common_problems,
        "first_better": result.first_better,
        "second_better": result.second_better,
        "test": result.test,
        "p_value": result.p_value,
        "adjusted_p_value": result.adjusted_p_value,
        "clear": result.is_clear,
        **{f"pairs_{cell.name.lower()}": agreement.count(cell) for cell in Cell},
        **clouded("first", first),
        **clouded("second", second),
    }


def clouded(name: str, arm: ArmResult) -> Row:
    counts = {"failed": arm.jobs.failed, "truncated": arm.truncated, "unparsed": arm.unparsed}
    return {f"{name}_{what}": count for what, count in counts.items()}


def problems_csv(problems: SideBySide, keys: Sequence[str]) -> str:
    """Every problem in common, flipped or not."""
    columns: tuple[Floats, ...] = (problems.first_P, problems.second_P, problems.others_P)
    rows = zip(problems.position_P.tolist(), *(column.tolist() for column in columns), strict=True)
    return csv_text(
        [
            {"problem": keys[position], "first": first, "second": second, "other_arms": known(others)}
            for position, first, second, others in rows
        ]
    )


def along_csv(along: Sequence[EqualCompute], cost_name: str) -> str:
    """Both accuracies and their difference at each budget, with intervals."""
    return csv_text([{cost_name: each.budget, **estimates_of(each), "problems": each.difference.n} for each in along])


def estimates_of(each: EqualCompute) -> Row:
    row: Row = {}
    for name, estimate in (("first", each.first), ("second", each.second), ("difference", each.difference)):
        row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return row


def known(value: float) -> float | None:
    return None if np.isnan(value) else value
