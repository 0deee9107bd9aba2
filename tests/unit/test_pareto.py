"""Which points no other point beats."""

import math

import pytest

from scaling.statistics.pareto import pareto_front


def test_a_point_that_costs_more_must_be_better_to_be_on_the_front() -> None:
    # 30 tokens bring .5; 40 bring no more, 50 bring less; 60 bring .6.
    assert pareto_front([60, 30, 40, 50], [0.6, 0.5, 0.5, 0.4]) == (1, 0)


def test_of_points_of_one_cost_only_the_best_is_on_it_and_of_equals_the_first() -> None:
    assert pareto_front([10, 10, 10], [0.2, 0.7, 0.7]) == (1,)


def test_what_is_not_known_is_on_no_front() -> None:
    assert pareto_front([math.nan, 20, 5], [0.9, 0.5, math.nan]) == (1,)
    assert pareto_front([], []) == ()


def test_a_cost_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="got 1 and 2"):
        pareto_front([1.0], [0.5, 0.6])
