"""Two curves at one budget."""

import numpy as np
import pytest

from scaling.statistics.equal_compute import CostedCurve, at_equal_compute, common_range, resampled
from scaling.statistics.estimates import Estimate
from scaling.statistics.intervals import share_interval
from tests.populations import wilson


def curve(costs: list[float], num_right: list[int], num_problems: int = 100) -> CostedCurve:
    """Every problem costs the same; under each setting the first ones are right."""
    rows = np.arange(num_problems)[:, None]
    return CostedCurve(np.tile(costs, (num_problems, 1)), (rows < num_right).astype(float))


def test_accuracy_is_interpolated_at_the_budget() -> None:
    """At 150: halfway from 20 % to 40 %, and a third of the way from 40 % to 70 %: 30 % against 50 %.

    Problems 21 to 40 have a difference of .5 each, 41 to 70 of 1/3: a mean of .2, a variance of (20·.25 + 30/9)/100
    less .04, which is .0433, and a standard error of .0208; the interval is two of them wide to each side.
    """
    result = at_equal_compute(curve([100, 200], [20, 40]), curve([100, 250], [40, 70]), 150)
    assert (result.first.value, result.second.value) == (pytest.approx(0.3), pytest.approx(0.5))
    assert result.difference.value == pytest.approx(0.2)
    assert (result.difference.low, result.difference.high) == pytest.approx((0.159, 0.241), abs=0.004)
    assert result.first.low < 0.3 < result.first.high
    assert result.difference.n == 100


def test_where_nothing_is_wrong_or_differs_the_interval_has_a_width_all_the_same() -> None:
    """The bootstrap of 30 right answers ends where it starts, which is not what they say of other problems."""
    right = curve([100, 200], [30, 30], num_problems=30)
    result = at_equal_compute(right, right, 150)
    assert (result.first.low, result.first.high) == share_interval(np.ones(30))
    assert (result.difference.low, result.difference.high) == (
        pytest.approx(-0.1135, abs=1e-4),
        pytest.approx(0.1135, abs=1e-4),
    )


def test_where_costs_vary_so_does_the_place_of_the_points() -> None:
    """Right only at ten times the cost: the slope is steep, and the budget lies where resamples disagree."""
    generator = np.random.default_rng(0)
    cost_PS = generator.exponential([100.0, 1000.0], size=(200, 2))
    correct_PS = np.tile([0.0, 1.0], (200, 1))
    never_right = CostedCurve(np.full((200, 1), 500.0), np.zeros((200, 1)))
    varied = at_equal_compute(CostedCurve(cost_PS, correct_PS), never_right, 500)
    assert varied.first.high - varied.first.low > 0.05
    assert varied.second == Estimate(0.0, 0.0, pytest.approx(wilson(0, 200)[1], abs=0.005), 200)  # not 0 to 0


def test_a_curve_is_as_good_as_its_points_in_any_order_and_a_point_is_a_curve_at_its_own_cost() -> None:
    ordered, mixed = curve([100, 200, 400], [20, 40, 60]), curve([400, 100, 200], [60, 20, 40])
    assert at_equal_compute(ordered, mixed, 300).difference.value == pytest.approx(0)
    assert at_equal_compute(ordered, curve([200], [50]), 200).difference.value == pytest.approx(0.1)


def test_one_drawing_of_resamples_serves_every_budget() -> None:
    """From 30 % to 50 % between 100 and 200 against a level 40 %: second minus first is +10, 0 and −10 points."""
    drawn = resampled(curve([100, 200], [30, 50]), curve([100, 200], [40, 40]))
    assert [drawn.at(budget).difference.value for budget in (100, 150, 200)] == pytest.approx([0.1, 0.0, -0.1])
    assert [each.budget for each in drawn.along(num_budgets=3)] == pytest.approx([100, 141.421356, 200])  # times √2
    again = at_equal_compute(curve([100, 200], [30, 50]), curve([100, 200], [40, 40]), 150)
    assert drawn.at(150) == again


def test_nothing_is_extrapolated() -> None:
    short, long = curve([100, 200], [20, 40]), curve([150, 400], [40, 70])
    assert common_range(short, long) == (150, 200)
    assert common_range(short, curve([300, 400], [1, 2])) is None
    with pytest.raises(ValueError, match="budget 300 is outside of a curve that goes from 100 to 200"):
        at_equal_compute(short, long, 300)
    with pytest.raises(ValueError, match="100 and 50 problems"):
        at_equal_compute(short, curve([150, 400], [4, 7], num_problems=50), 160)


def test_a_curve_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="that every setting answered"):
        CostedCurve(np.ones((2, 2)), np.array([[1.0, np.nan], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="problems × settings"):
        CostedCurve(np.ones((2, 2)), np.ones((2, 3)))
