"""How often one of two arms is preferred, clustered by problem; and how far two people agree."""

import math

import numpy as np
import pytest

from scaling.statistics.preferences import agreement, left_share, preference, win_rate


def test_a_tie_is_half_a_win_and_half_a_loss() -> None:
    """Two wins, a tie and a loss: (1 + 1 + ½ + 0) / 4."""
    assert win_rate(preference(np.array([1, 1, 0.5, 0]), np.arange(4))).value == pytest.approx(0.625)


def test_the_test_is_the_sign_test_without_ties() -> None:
    """Five wins, no loss, three ties: p = 2/2⁵."""
    found = preference(np.array([1.0] * 5 + [0.5] * 3), np.arange(8))
    assert (found.second_better, found.first_better, found.p_value) == (5, 0, pytest.approx(0.0625))
    assert found.test == "exact McNemar"


def test_judgements_of_one_problem_count_as_one_problem() -> None:
    """Nine judgements of a problem that the second wins, and one of one that it loses: one of two, not nine of ten."""
    found = preference(np.array([1.0] * 9 + [0.0]), np.array([7] * 9 + [3]))
    assert (win_rate(found).value, win_rate(found).n) == (0.5, 2)
    assert found.p_value == 1.0


def test_the_interval_is_that_of_the_paired_difference_brought_to_shares() -> None:
    found = preference(np.array([1.0, 1, 1, 0, 0.5]), np.arange(5))
    rate = win_rate(found)
    assert rate.low == pytest.approx((1 + found.difference.low) / 2)
    assert rate.high == pytest.approx((1 + found.difference.high) / 2)
    assert 0 <= rate.low < rate.value < rate.high <= 1


def test_its_interval_covers_what_it_says() -> None:
    """2,000 experiments of 30 problems; the second wins 50 %, loses 20 %, ties 30 %: its rate is 0.65."""
    generator = np.random.default_rng(3)
    draws = generator.choice([1.0, 0.0, 0.5], p=[0.5, 0.2, 0.3], size=(2_000, 30))
    rates = [win_rate(preference(each, np.arange(30))) for each in draws]
    covered = np.mean([rate.low <= 0.65 <= rate.high for rate in rates])
    assert 0.935 < covered < 0.975


def test_it_covers_what_it_says_where_each_problem_was_judged_three_times() -> None:
    """Problems differ: of half of them the second wins nine in ten, of the others three in ten. Its rate is 0.6."""
    generator = np.random.default_rng(4)
    covered = []
    for _ in range(1_000):
        chance_P = generator.choice([0.9, 0.3], size=30)
        value_PR = (generator.random((30, 3)) < chance_P[:, None]).astype(float)
        rate = win_rate(preference(value_PR.ravel(), np.repeat(np.arange(30), 3)))
        covered.append(rate.low <= 0.6 <= rate.high)
    assert 0.935 < np.mean(covered) < 0.98


def test_nobody_judged_is_not_known() -> None:
    nothing = preference(np.array([]), np.array([], dtype=np.int64))
    assert math.isnan(win_rate(nothing).value) and nothing.p_value is None
    assert left_share(np.array([]), np.array([], dtype=np.int64)).n == 0


def test_what_is_no_judgement_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.5 \(a tie\)"):
        preference(np.array([0.7]), np.array([0]))


def test_the_share_of_left_is_taken_over_problems() -> None:
    """Problem 1: left, left, right; problem 2: right. (2/3 + 0) / 2."""
    found = left_share(np.array([1.0, 1, 0, 0]), np.array([1, 1, 1, 2]))
    assert (found.value, found.n) == (pytest.approx(1 / 3), 2)


def test_agreement_is_counted_over_pairs_that_two_people_judged() -> None:
    """Two of three pairs alike. Values: a a, a b, b b; n = 6, three of each. Observed 2/6 = 1/3; by chance
    (36 − 18) / (6 · 5) = 3/5; α = 1 − (1/3) / (3/5) = 4/9."""
    found = agreement([["a", "a"], ["a", "b"], ["b", "b"], ["a"]])
    assert (found.pairs, found.alike) == (3, pytest.approx(2 / 3))
    assert found.alpha == pytest.approx(4 / 9)


def test_alpha_of_three_people_and_gaps_is_that_of_the_definition() -> None:
    """Pairs a a b and b b: coincidences within a pair of m people count 1/(m − 1). Disagreeing: (9 − 5)/2 = 2 of the
    first, 0 of the second. Totals: two a, three b, n = 5; by chance (25 − 13)/4 = 3. α = 1 − 2/3."""
    assert agreement([["a", "a", "b"], ["b", "b"]]).alpha == pytest.approx(1 / 3)


def test_where_nobody_judged_twice_or_all_said_the_same_there_is_no_alpha() -> None:
    assert math.isnan(agreement([["a"]]).alike)
    same = agreement([["a", "a"], ["a", "a"]])
    assert (same.alike, math.isnan(same.alpha)) == (1.0, True)
