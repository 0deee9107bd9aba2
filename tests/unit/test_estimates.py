"""Means over problems, and what is said of jobs without a result."""

import math

import numpy as np
import pytest

from scaling.statistics.estimates import accuracy, mean, problem_means, share

NAN = math.nan


def right(num_correct: int, num_problems: int) -> np.ndarray:
    """Problems × 1, the first ones right."""
    return np.array([[1.0]] * num_correct + [[0.0]] * (num_problems - num_correct))


def test_repeats_of_a_problem_are_not_independent_problems() -> None:
    """100 repeats that always agree hold no more than one each: the interval must not shrink."""
    once, often = right(15, 30), np.repeat(right(15, 30), 100, axis=1)
    assert accuracy(often).estimate == accuracy(once).estimate


def test_repeats_that_disagree_make_a_problem_more_exact() -> None:
    """30 problems of .5 each, 16 coins a problem: the mean of coins that vary by themselves only, 480 in all."""
    coins = np.random.default_rng(0).integers(2, size=(30, 16)).astype(float)
    estimate = accuracy(coins).estimate
    assert 0.06 < estimate.high - estimate.low < 0.13  # 480 independent coins: 2·1.96·√(.25/480) = .089


def test_repeats_are_averaged_within_their_problem_first() -> None:
    """Problem 1: 1 of 1 (the other repeat failed), problem 2: 0 of 2. Mean of 1 and 0, not 1 of 3."""
    values = np.array([[1.0, NAN], [0.0, 0.0]])
    assert problem_means(values).tolist() == [1.0, 0.0]
    assert share(values).value == 0.5
    assert mean(values).value == 0.5


def test_failed_jobs_leave_the_denominator_and_both_bounds_are_shown() -> None:
    """Of 10, 6 right, 2 wrong, 2 failed: 6/8 = .75; .6 if the failed are wrong, .8 if they are right."""
    result = accuracy(np.array([[1.0]] * 6 + [[0.0]] * 2 + [[NAN]] * 2))
    assert (result.estimate.value, result.estimate.n, result.missing) == (0.75, 8, 2)
    assert (result.if_missing_wrong, result.if_missing_right) == (0.6, 0.8)


def test_without_a_result_there_is_no_number() -> None:
    for nothing in (np.empty((0, 1)), np.array([[NAN], [NAN]])):
        for estimate in (accuracy(nothing).estimate, mean(nothing)):
            assert math.isnan(estimate.value)
            assert math.isnan(estimate.low)
            assert estimate.n == 0


def test_what_is_no_share_is_refused_and_has_a_bootstrapped_mean() -> None:
    """Tokens 100 and 300, 50 times each: mean 200, standard error 100/√100 = 10, so about 180 to 220."""
    tokens = np.array([[100.0], [300.0]] * 50)
    with pytest.raises(ValueError, match="got 100 to 300"):
        share(tokens)
    estimate = mean(tokens, seed=1)
    assert (estimate.value, estimate.n) == (200, 100)
    assert (estimate.low, estimate.high) == (pytest.approx(180, abs=2), pytest.approx(220, abs=2))
    assert estimate == mean(tokens, seed=1)


def test_an_array_without_repeats_is_refused() -> None:
    with pytest.raises(ValueError, match="problems × repeats"):
        accuracy(np.array([1.0, 0.0]))
