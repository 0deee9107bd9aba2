"""Two arms compared as plots, rows and files, without drawing them."""

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.curve import side_curve
from dashboard.charts.differences import forest_figure
from dashboard.charts.equal_compute import equal_compute_figure
from dashboard.charts.palette import GREEN, Looks
from db.queries import Arm
from results import ComparedArm, Comparison, Family, Pairs, Point, Side, SideBySide, Sides
from results.comparisons import sides_table, table
from results.equal_compute import interpolated_table
from results.problems import PROBLEMS as QUESTION
from results.problems import Order, flips_table
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import Agreement, Cell, paired_difference
from scaling.statistics.equal_compute import CostedCurve, resampled
from scaling.statistics.estimates import Accuracy, Estimate

PLAIN = Arm(1, 0, "=plain", "tiny", "chain_of_thought", {}, {})
VOTE = Arm(2, 1, "<b>vote</b>", "tiny", "majority_vote", {"samples": 4}, {})
KEYS = ("p0", "p1", "p2", "p3")


def side(arm: Arm, in_common: float, unparsed: int) -> ComparedArm:
    return ComparedArm(arm, in_common, Accuracy(Estimate(0.5, 0.4, 0.6, 100), 0, 0.5, 0.5), 0, 1, unparsed)


FIRST_P1, SECOND_P1 = np.array([[1.0], [0.0], [0.0], [0.0]]), np.array([[0.0], [1.0], [0.0], [1.0]])
POSITIONS = np.arange(4)
PAIRS = Pairs(
    POSITIONS, np.zeros(4, dtype=np.int64), 10 + POSITIONS, 20 + POSITIONS, FIRST_P1[:, 0] > 0, SECOND_P1[:, 0] > 0
)
"""p0 lost, p1 and p3 gained, p2 wrong both times. Jobs 10 … 13 under the first, 20 … 23 under the second."""
PROBLEMS = SideBySide(KEYS, PAIRS, POSITIONS, FIRST_P1[:, 0], SECOND_P1[:, 0], np.array([0.25, 0.75, math.nan, 1.0]))


def comparison(first: Arm = PLAIN, second: Arm = VOTE) -> Comparison:
    sides = side(first, 0.25, unparsed=0), side(second, 0.5, unparsed=2)
    return Comparison(first, second, paired_difference(FIRST_P1, SECOND_P1), Agreement(0, 1, 2, 1), sides)


def test_problems_stand_from_easy_to_hard_and_what_is_not_known_last() -> None:
    assert [each.position for each in PROBLEMS.problems(Order.EASE)] == [3, 1, 0, 2]
    assert [each.position for each in PROBLEMS.problems(Order.POSITION)] == [0, 1, 2, 3]
    alone = replace(PROBLEMS, others_P=np.full(4, math.nan))  # there is no third arm
    assert alone.orders == (Order.POSITION,)


def test_a_problem_that_flipped_both_ways_did_not_change_and_has_two_flips() -> None:
    """Right under the first in repeat 0 only, under the second in repeat 1 only: no change, two flips."""
    zeros, repeats = np.zeros(2, dtype=np.int64), np.arange(2)
    pairs = Pairs(zeros, repeats, 10 + repeats, 20 + repeats, np.array([True, False]), np.array([False, True]))
    half = SideBySide(KEYS, pairs, np.array([0]), np.array([0.5]), np.array([0.5]), np.array([math.nan]))
    (problem,) = half.problems()
    assert (problem.key, problem.change, problem.lost, problem.gained) == ("p0", 0.0, 1, 1)
    assert [pairs.cell_of(each) for each in pairs.of_problem(0)] == [Cell.LOST, Cell.GAINED]


def test_the_list_of_a_cell_has_the_jobs_of_both_arms_in_the_order_asked_for() -> None:
    gained = flips_table(PROBLEMS, Cell.GAINED, Order.EASE)
    assert [column.name for column in gained.shown] == ["problem", "other_arms", "first_job", "second_job"]
    assert gained.cells == [["p3", "100.0%", "13", "23"], ["p1", "75.0%", "11", "21"]]
    neither = flips_table(PROBLEMS, Cell.BOTH_WRONG, Order.EASE)
    assert neither.cells == [["p2", "–", "12", "22"]]


def test_clear_and_not_clear_differ_in_form_and_a_click_opens_the_pair() -> None:
    """Ten gained of twenty, none lost; as many each way; and no problem in common."""
    plain, half = np.zeros((20, 1)), np.array([[1.0]] * 10 + [[0.0]] * 10)
    results = (
        paired_difference(plain, half),
        paired_difference(half, 1 - half),
        paired_difference(plain * math.nan, half),
    )
    arms = [replace(VOTE, label=label) for label in ("a", "<i>b</i>", "c")]
    compared = [replace(comparison(PLAIN, arm), result=each) for arm, each in zip(arms, results, strict=True)]
    figure = forest_figure(compared, [arm.label for arm in arms], {2: GREEN}, ["./a", "./b", "./c"])
    first, second, *legend = figure.data
    assert (first.marker.symbol, second.marker.symbol, first.marker.color) == ("diamond", "circle-open", GREEN)
    assert (list(first.x), list(first.error_x.array)) == (
        [50.0],
        [pytest.approx(100 * results[0].difference.high - 50)],
    )
    assert list(first.customdata) == ["./a"]
    assert list(figure.layout.yaxis.ticktext) == ["a", "&lt;i&gt;b&lt;/i&gt;", "c"]  # all have a row
    assert [each.name for each in legend] == ["clear after the adjustment", "not clear"]


def test_a_difference_is_clear_only_if_it_still_is_after_the_adjustment() -> None:
    """Ten gained of twenty, none lost: p = 2/2¹⁰ = .002, clear; but not if Holm makes .06 of it."""
    result = paired_difference(np.zeros((20, 1)), np.array([[1.0]] * 10 + [[0.0]] * 10))
    alone = replace(comparison(), result=result)
    among_many = replace(alone, result=replace(result, adjusted_p_value=0.06, together=30))
    assert alone.result.is_clear and not among_many.result.is_clear
    drawn, *_ = forest_figure([among_many], ["vote"], {2: GREEN}, ["./vote"]).data
    assert drawn.marker.symbol == "circle-open"
    shown = table([among_many])
    (row,) = (dict(zip([column.name for column in shown.shown], cells, strict=True)) for cells in shown.cells)
    assert (row["difference"], row["first_better"], row["second_better"], row["p_value"], row["clear"]) == (
        "+50.0", "0", "10", "0.002", "unclear",
    )  # fmt: skip


def test_the_csv_of_a_comparison_has_every_number_and_starts_no_formula() -> None:
    (row,) = csv.DictReader(io.StringIO(table([comparison()]).csv))
    assert row["first"] == "'=plain"
    assert (row["difference"], row["problems"], row["test"]) == ("0.25", "4", "exact McNemar")
    assert row["second_unparsed"] == "2"


def test_both_accuracies_of_an_arm_stand_side_by_side_where_two_are_compared() -> None:
    sides = sides_table([comparison()])
    assert [column.title for column in sides.shown] == [
        "arm", "accuracy", "on all its own", "95 % interval", "n", "failed", "truncated", "unparsed",
    ]  # fmt: skip
    assert sides.cells[1] == ["<b>vote</b>", "50.0%", "50.0%", "40.0 … 60.0", "100", "0", "1", "2"]


def test_the_csv_of_flips_has_every_problem_flipped_or_not() -> None:
    rows = list(csv.DictReader(io.StringIO(QUESTION.table(PROBLEMS).csv)))
    assert [row["problem"] for row in rows] == list(KEYS)
    assert (rows[2]["first"], rows[2]["second"], rows[2]["other_arms"]) == ("0.0", "0.0", "")


def point(arm: Arm, k: int | None, cost: float, rights: list[float]) -> Point:
    return Point(arm, k, np.array(rights, dtype=float), np.full(len(rights), float(cost)))


def test_a_line_of_arms_is_solid_with_the_swept_number_and_votes_of_fewer_are_dotted_with_k() -> None:
    short, long = (Arm(n, n, f"cut {n}", "tiny", "budget_forcing", {"max_thinking_tokens": n}, {}) for n in (8, 16))
    arms = Side(Family("cuts", (8, 16)), (point(short, None, 8, [0, 0]), point(long, None, 16, [0, 1])))
    votes = Side(Family("votes", (2,)), tuple(point(VOTE, k, 10 * k, [1, 1]) for k in (1, 2)))
    cut, vote = side_curve(arms), side_curve(votes)
    assert [(mark, it.cost, it.value.value) for mark, it in zip(cut.marks, cut.points, strict=True)] == [
        ("8", 8, 0),
        ("16", 16, 0.5),
    ]
    assert [(mark, it.label, it.arm) for mark, it in zip(vote.marks, vote.points, strict=True)] == [
        ("1", "<b>vote</b>, k = 1", VOTE),
        ("2", "<b>vote</b>, k = 2", VOTE),
    ]
    assert (cut.dash.value, vote.dash.value) == ("solid", "dot")


def test_the_difference_at_the_budget_stands_on_a_line_through_both_panels() -> None:
    """A level 0 against a level 1 from 10 to 20 tokens: +100 points everywhere."""
    costs, none, all_right = np.array([[10.0, 20.0]] * 3), np.zeros((3, 2)), np.ones((3, 2))
    drawn = resampled(CostedCurve(costs, none), CostedCurve(costs, all_right))
    votes = Side(Family("votes", (2,)), tuple(point(VOTE, k, 10 * k, [1, 1, 1]) for k in (1, 2)))
    sides = Sides(Axis.GENERATED, votes, votes)
    figure = equal_compute_figure(sides, drawn.along(3), drawn.at(15), Looks({2: GREEN}))
    _, _, low, high, line, chosen = figure.data
    assert list(line.y) == [100.0] * 3 and line.x[0] == 10.0
    assert list(high.y) == [100.0] * 3
    assert list(low.y) == [pytest.approx(-12.3, abs=0.1)] * 3  # three problems know no better
    assert (list(chosen.x), list(chosen.y)) == ([15.0], [100.0])
    assert sum(shape.x0 == shape.x1 == 15.0 for shape in figure.layout.shapes) == 2
    rows = list(csv.DictReader(io.StringIO(interpolated_table(sides, drawn.along(3)).csv)))
    assert (rows[0]["budget"], rows[0]["first"], rows[0]["difference_high"]) == ("10.0", "0.0", "1.0")
    assert (rows[0]["n"], rows[0]["axis"], rows[0]["first_curve"]) == ("3", "generated", "votes")


def test_curves_without_a_budget_in_common_are_drawn_all_the_same() -> None:
    few, many = (Side(Family("vote", (2,)), (point(VOTE, None, cost, [1, 0]),)) for cost in (10, 20))
    sides = Sides(Axis.GENERATED, few, many)
    assert sides.along == ()
    one, other = equal_compute_figure(sides, sides.along, None, Looks({2: GREEN})).data
    assert (list(one.x), list(other.x)) == ([10], [20])
