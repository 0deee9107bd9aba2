"""The bootstrap's interval of a mean, drawn and not."""

import math

import numpy as np
import pytest

from scaling.arrays import Floats
from scaling.statistics.bootstrap import (
    MANY_PROBLEMS,
    cornish_fisher,
    expanded_percentiles,
    mean_interval,
    resampled_means,
)
from scaling.statistics.intervals import NORMAL_975, Interval


def drawn(values_P: Floats, seed: int = 0) -> Interval:
    return expanded_percentiles(resampled_means(values_P[:, None], seed)[:, 0], values_P.size)


def tokens(num_problems: int) -> Floats:
    """As chains of thought are: a few twice as long as the mean, none much longer."""
    return np.random.default_rng(3).gamma(4.0, 60.0, num_problems)


def test_percentiles_of_a_skewed_distribution_are_those_of_the_tables() -> None:
    """χ² with 200 degrees: mean 200, standard deviation 20, skewness √(8/200) = .2, excess kurtosis 12/200 = .06. Its
    tabled percentiles: 162.728 (2.5 %) and 241.058 (97.5 %)."""
    low, high = (200 + 20 * cornish_fisher(z, 0.2, 0.06) for z in (-NORMAL_975, NORMAL_975))
    assert (low, high) == (pytest.approx(162.728, abs=0.01), pytest.approx(241.058, abs=0.01))


@pytest.mark.parametrize("values_P", [tokens(MANY_PROBLEMS), tokens(4000) ** 1.5, np.arange(5000.0) % 2 + 3])
def test_over_many_problems_what_is_not_drawn_agrees_with_what_would_be(values_P: Floats) -> None:
    """An end of 10,000 draws is off by about .03 standard errors: .1 is more than three times that."""
    error = float(values_P.std()) / math.sqrt(values_P.size)
    assert mean_interval(values_P, seed=0) == pytest.approx(drawn(values_P, seed=0), abs=0.1 * error)
    assert mean_interval(values_P, seed=0) == mean_interval(values_P, seed=1)


def test_over_fewer_problems_it_is_the_draws() -> None:
    few_P = tokens(MANY_PROBLEMS - 1)
    assert mean_interval(few_P, seed=5) == drawn(few_P, seed=5)


def test_a_mean_that_one_problem_dominates_is_drawn_however_many_there_are() -> None:
    """10 tokens each, but for one of a million. A third of the resamples lack it, and are 10; none is below."""
    values_P = np.full(2000, 10.0)
    values_P[7] = 1e6
    low, high = mean_interval(values_P, seed=0)
    assert (low, high) == drawn(values_P)
    assert low == 10.0


def test_what_does_not_vary_has_no_width() -> None:
    assert mean_interval(np.full(MANY_PROBLEMS, 16.0), seed=0) == (16.0, 16.0)
