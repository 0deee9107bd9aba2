"""Closed-form intervals, against arithmetic done by hand and the values of scipy 1.17 and statsmodels 0.15."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.statistics.bootstrap import expanded_percentiles, resampled_means
from scaling.statistics.intervals import difference_interval, effective_problems, share_interval, student_975
from tests.populations import wilson


def shares(num_right: int, num_problems: int) -> np.ndarray:
    return np.array([1.0] * num_right + [0.0] * (num_problems - num_right))


def test_wilson_of_half() -> None:
    """15/30: centre .5; half-width z√(.25/30 + z²/3600)/(1 + z²/30) = 1.96·.09694/1.12805 = .1685."""
    assert wilson(15, 30) == (pytest.approx(0.3315, abs=1e-4), pytest.approx(0.6685, abs=1e-4))
    statsmodels = (0.0874541374603592, 0.3194999033178772)  # proportion_confint(7, 40, method="wilson")
    assert wilson(7, 40) == pytest.approx(statsmodels, abs=1e-12)


def test_one_answer_per_problem_has_the_interval_of_agresti_and_coull() -> None:
    """28/30: ñ = 30 + 3.8415, centre (28 + 1.9207)/33.8415 = .88414, half 1.95996·√(.88414·.11586/33.8415) = .10783."""
    assert share_interval(shares(28, 30)) == (pytest.approx(0.776313, abs=1e-6), pytest.approx(0.991976, abs=1e-6))
    statsmodels = (0.3315412564053376, 0.6684587435946624)  # proportion_confint(15, 30, method="agresti_coull")
    assert share_interval(shares(15, 30)) == pytest.approx(statsmodels, abs=1e-12)


def test_all_right_is_not_certainty() -> None:
    """30 of 30: centre (30 + 1.9207)/33.8415 = .94324, half 1.95996·√(.94324·.05676/33.8415) = .07796."""
    assert share_interval(shares(30, 30)) == (pytest.approx(0.86529, abs=1e-4), 1.0)
    assert share_interval(shares(0, 30)) == (0.0, pytest.approx(1 - 0.86529, abs=1e-4))
    low, high = share_interval(shares(1, 1))
    assert low < 0.25
    assert high == 1.0


def test_a_coin_per_problem_counts_as_one_problem_and_steadier_shares_for_more() -> None:
    """Half of 200 problems at .4, half at .6: s² = .01·200/199, so 200·.25/.01005 = 4975 coins; times (z/t)² = .988."""
    assert effective_problems(shares(15, 30)) == 30
    assert effective_problems(shares(30, 30)) == 30
    steady = effective_problems(np.array([0.4, 0.6] * 100))
    assert steady == pytest.approx(4975 * (1.95996 / 1.97196) ** 2, rel=1e-3)


def test_a_handful_of_failures_does_not_tell_their_variance() -> None:
    """Of 30, one fails half of the time: r = .5, so at most 30·1.5 = 45, though s² = .00833 would make it 54.

    Ten that fail half of the time are as good as 30·(5/6)(1/6)/(.0575)·(1.96/2.0452)² = 66.6.
    """
    shares_P = np.array([1.0] * 29 + [0.5])
    assert effective_problems(shares_P) == pytest.approx(45)
    assert effective_problems(1 - shares_P) == pytest.approx(45)
    assert effective_problems(np.array([1.0] * 20 + [0.5] * 10)) == pytest.approx(66.6, abs=0.1)


def test_students_quantile_is_scipys() -> None:
    """scipy.stats.t.ppf(.975, degrees)."""
    scipys = {1: 12.7062, 4: 2.77645, 5: 2.57058, 10: 2.22814, 29: 2.04523, 199: 1.97196}
    for degrees, quantile in scipys.items():
        assert student_975(degrees) == pytest.approx(quantile, abs=3e-4)


def flips_of(gained: int, lost: int, num_problems: int) -> np.ndarray:
    return np.array([1.0] * gained + [-1.0] * lost + [0.0] * (num_problems - gained - lost))


def standard_errors_away(difference: float, gained: int, lost: int, n: int) -> float:
    """From the observed difference, with the likeliest chance to lose looked for by force: no formula of Tango's."""
    lose_S = np.linspace(max(0.0, -difference), (1 - difference) / 2, 200_001)[1:-1]
    likelihood_S = (
        gained * np.log(lose_S + difference)
        + lost * np.log(lose_S)
        + (n - gained - lost) * np.log1p(-2 * lose_S - difference)
    )
    lose = float(lose_S[likelihood_S.argmax()])
    return ((gained - lost) / n - difference) / math.sqrt((2 * lose + difference - difference**2) / n)


@pytest.mark.parametrize(("gained", "lost", "n"), [(2, 1, 30), (9, 3, 44), (14, 5, 200), (40, 30, 100)])
def test_a_difference_ends_where_the_observed_one_is_1_96_standard_errors_away(gained: int, lost: int, n: int) -> None:
    low, high = difference_interval(flips_of(gained, lost, n))
    assert standard_errors_away(low, gained, lost, n) == pytest.approx(1.95996, abs=2e-3)
    assert standard_errors_away(high, gained, lost, n) == pytest.approx(-1.95996, abs=2e-3)


def test_gains_without_a_loss() -> None:
    """2 of 30: at the upper end nothing is lost, so it is Wilson's of 2/30, .21323; the lower end is below 0."""
    assert difference_interval(flips_of(2, 0, 30)) == (
        pytest.approx(-0.05441, abs=1e-5),
        pytest.approx(wilson(2, 30)[1]),
    )
    assert difference_interval(flips_of(0, 2, 30)) == (
        pytest.approx(-wilson(2, 30)[1]),
        pytest.approx(0.05441, abs=1e-5),
    )


def test_flips_of_problems_with_repeats_count_by_their_size() -> None:
    """Half-flips, ±.5: everything is half as large as with whole flips, and so is the interval."""
    whole = np.array([1.0] * 6 + [-1.0] * 2 + [0.0] * 22)
    low, high = difference_interval(whole)
    assert difference_interval(whole / 2) == (pytest.approx(low / 2), pytest.approx(high / 2))


def test_no_flip_is_not_certainty_either() -> None:
    """Of 30: Wilson's interval of 0/30 ends at z²/(30 + z²) = 3.8415/33.8415 = .1135."""
    assert difference_interval(np.zeros(30)) == (pytest.approx(-0.1135, abs=1e-4), pytest.approx(0.1135, abs=1e-4))


def test_differences_of_many_sizes_have_agresti_and_mins_interval_too() -> None:
    """40 problems gain ⅜ or ⅝: the mean is .5, and Tango's in units of their size .53125 is cut off there.

    Agresti and Min's: centre 20/42 = .47619, variance (40·.265625 + .53125²)/42 − .47619² = .032955, so
    half 2.02269·√(.032955/42) = .05666.
    """
    low, high = difference_interval(np.array([0.375, 0.625] * 20))
    assert high == pytest.approx(0.47619 + 0.05666, abs=1e-4)
    assert low < 0.47619 - 0.0566


def test_differences_too_small_to_be_squared_are_differences_all_the_same() -> None:
    low, high = difference_interval(np.array([1e-200, -1e-200, 0.0]))
    assert low <= 0 <= high


SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=40).map(np.array)


@given(SHARES)
def test_an_interval_of_shares_holds_their_mean_and_is_the_same_from_the_other_end(
    shares_P: np.ndarray,
) -> None:
    low, high = share_interval(shares_P)
    assert 0 <= low <= shares_P.mean() <= high <= 1
    assert high - low > 0
    assert share_interval(1 - shares_P) == (pytest.approx(1 - high, abs=1e-6), pytest.approx(1 - low, abs=1e-6))


@given(SHARES, st.integers(0, 10_000))
def test_an_interval_of_differences_holds_their_mean_and_is_the_same_from_the_other_arm(
    shares_P: np.ndarray, seed: int
) -> None:
    differences_P = shares_P - np.random.default_rng(seed).permutation(shares_P[::-1])
    low, high = difference_interval(differences_P)
    assert -1 <= low <= differences_P.mean() <= high <= 1
    assert difference_interval(-differences_P) == (pytest.approx(-high, abs=1e-9), pytest.approx(-low, abs=1e-9))


def test_resamples_are_seeded_and_columns_share_them() -> None:
    """The second column is twice the first, so it is in every resample."""
    values_PS = np.random.default_rng(0).random((50, 1)) * [1.0, 2.0]
    means_BS = resampled_means(values_PS, seed=3)
    assert means_BS.shape == (10_000, 2)
    np.testing.assert_allclose(means_BS[:, 1], 2 * means_BS[:, 0])
    np.testing.assert_array_equal(means_BS, resampled_means(values_PS, seed=3))
    assert not np.array_equal(means_BS, resampled_means(values_PS, seed=4))


def test_resampled_means_vary_as_means_do() -> None:
    """Standard deviation of a mean over 400: √(variance/400). In pieces, for 10,000 × 400 draws are many."""
    values_P = np.random.default_rng(1).exponential(size=400)
    means_B = resampled_means(values_P[:, None], seed=0)[:, 0]
    assert means_B.mean() == pytest.approx(values_P.mean(), abs=0.002)
    assert means_B.std() == pytest.approx(values_P.std() / 20, rel=0.03)
    scipys = (0.8809, 1.0799)  # scipy.stats.bootstrap(..., method="percentile"), its mean over four seeds
    assert expanded_percentiles(means_B, 400) == pytest.approx(scipys, abs=0.006)


def test_percentiles_are_moved_outwards_where_problems_are_few() -> None:
    """n = 30: √(30/29)·2.04523 = 2.08019 standard deviations, not 1.96; of one problem, all there is."""
    normal_B = np.random.default_rng(0).standard_normal(1_000_000)
    assert expanded_percentiles(normal_B, 30) == pytest.approx((-2.0802, 2.0802), abs=0.01)
    assert expanded_percentiles(normal_B, 100_000) == pytest.approx((-1.96, 1.96), abs=0.01)
    assert expanded_percentiles(np.array([3.0, 3.0]), 1) == (3.0, 3.0)
