"""Curves and their error bars, against arithmetic done by hand."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.curves import (
    JobBallot,
    control,
    maj_at_k,
    maj_curve,
    pass_at_k,
    pass_curve,
    performance,
    powers_of_two,
    slope_per_doubling,
    slope_per_thousand_tokens,
)
from scaling.estimates import accuracy, exact_sign_test, mean, paired_difference, problem_means, wilson

NAN = math.nan


def right(num_correct: int, num_problems: int) -> np.ndarray:
    """Problems × 1, the first ones right."""
    return np.array([[1.0]] * num_correct + [[0.0]] * (num_problems - num_correct))


def test_accuracy_is_the_mean_over_problems_with_an_interval_around_it() -> None:
    """15 of 30: the standard error is √(.25/30) = .091, so about .32 to .68; resampled means move by 1/30."""
    estimate = accuracy(right(15, 30)).estimate
    assert (estimate.value, estimate.n) == (0.5, 30)
    assert estimate.low == pytest.approx(0.32, abs=0.034)
    assert estimate.high == pytest.approx(0.68, abs=0.034)


def test_the_same_seed_draws_the_same_interval() -> None:
    assert accuracy(right(7, 20), seed=3) == accuracy(right(7, 20), seed=3)


def test_repeats_of_a_problem_are_not_independent_problems() -> None:
    """100 repeats that always agree hold no more than one each: the interval must not shrink."""
    once, often = right(15, 30), np.repeat(right(15, 30), 100, axis=1)
    assert accuracy(often).bootstrap == accuracy(once).bootstrap


def test_repeats_are_averaged_within_their_problem_first() -> None:
    """Problem 1: 1 of 1 (the other repeat failed), problem 2: 0 of 2. Mean of 1 and 0, not 1 of 3."""
    values = np.array([[1.0, NAN], [0.0, 0.0]])
    assert problem_means(values).tolist() == [1.0, 0.0]
    assert mean(values).value == 0.5


def test_failed_jobs_leave_the_denominator_and_both_bounds_are_shown() -> None:
    """Of 10, 6 right, 2 wrong, 2 failed: 6/8 = .75; .6 if the failed are wrong, .8 if they are right."""
    result = accuracy(np.array([[1.0]] * 6 + [[0.0]] * 2 + [[NAN]] * 2))
    assert (result.estimate.value, result.estimate.n, result.missing) == (0.75, 8, 2)
    assert (result.if_missing_wrong, result.if_missing_right) == (0.6, 0.8)


def test_without_a_result_there_is_no_number() -> None:
    for nothing in (np.empty((0, 1)), np.array([[NAN], [NAN]])):
        result = accuracy(nothing)
        assert math.isnan(result.estimate.value)
        assert math.isnan(result.estimate.low)
        assert result.estimate.n == 0
        assert not result.estimate.is_degenerate


def test_where_resampling_sees_no_variation_wilson_speaks() -> None:
    """30 of 30: Wilson's lower bound is n/(n + z²) = 30/33.84 = .8865. One of one: 1/4.84 = .2065."""
    result = accuracy(right(30, 30))
    assert result.bootstrap.is_degenerate
    assert result.estimate == result.wilson
    assert (result.estimate.low, result.estimate.high) == (pytest.approx(0.8865, abs=1e-4), 1.0)
    assert accuracy(right(1, 1)).estimate.low == pytest.approx(0.2065, abs=1e-4)
    assert accuracy(right(0, 30)).estimate.high == pytest.approx(1 - 0.8865, abs=1e-4)


def test_wilson_of_half() -> None:
    """15/30: centre .5; half-width z√(.25/30 + z²/3600)/(1 + z²/30) = 1.96·.09694/1.12805 = .1685."""
    estimate = wilson(15, 30)
    assert (estimate.low, estimate.high) == (pytest.approx(0.3315, abs=1e-4), pytest.approx(0.6685, abs=1e-4))


def test_two_problems_of_thirty_are_no_improvement() -> None:
    """50 % against 56.7 % at n = 30: b = 0, c = 2, p = 2 · (1/2)² = .5."""
    result = paired_difference(right(15, 30), right(17, 30))
    assert result.difference.value == pytest.approx(2 / 30)
    assert (result.first_better, result.second_better, result.common_problems) == (0, 2, 30)
    assert (result.p_value, result.test) == (0.5, "exact McNemar")
    assert not result.excludes_zero


def test_pairing_sees_what_two_separate_intervals_do_not() -> None:
    """20 against 28 of 100 on the same problems: c = 8, b = 0, p = 2/256 = .0078; the two intervals overlap."""
    first, second = right(20, 100), right(28, 100)
    result = paired_difference(first, second)
    assert accuracy(first).estimate.high > accuracy(second).estimate.low
    assert result.p_value == pytest.approx(2 / 256)
    assert result.excludes_zero


def test_a_difference_is_over_the_problems_that_both_have() -> None:
    first, second = np.array([[1.0], [0.0], [1.0], [NAN]]), np.array([[1.0], [1.0], [NAN], [0.0]])
    result = paired_difference(first, second)
    assert (result.common_problems, result.difference.value) == (2, 0.5)


def test_with_repeats_the_test_is_on_the_sign_of_each_problem() -> None:
    """Means .5→1 and 0→.5 are better, 1→1 is level: c = 2, p = .5."""
    result = paired_difference(
        np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    )
    assert (result.test, result.p_value) == ("exact sign test on repeat means", 0.5)
    assert result.difference.value == pytest.approx(1 / 3)


def test_nothing_in_common_has_no_difference() -> None:
    result = paired_difference(np.array([[1.0], [NAN]]), np.array([[NAN], [1.0]]))
    assert (result.common_problems, result.p_value) == (0, None)
    assert math.isnan(result.difference.value)
    assert not result.excludes_zero


def test_rows_that_cannot_be_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="3 and 2 problems"):
        paired_difference(right(1, 3), right(1, 2))
    with pytest.raises(ValueError, match="problems × repeats"):
        accuracy(np.array([1.0, 0.0]))


def test_the_sign_test_is_exact() -> None:
    """(1, 8): 2 · (1 + 9)/512 = .0390625. Level or never thrown: 1. A thousand throws do not overflow."""
    assert exact_sign_test(1, 8) == 0.0390625
    assert exact_sign_test(8, 1) == 0.0390625
    assert exact_sign_test(5, 5) == 1.0
    assert exact_sign_test(0, 0) == 1.0
    assert 0 < exact_sign_test(900, 1100) < 1e-4


def test_pass_at_k_is_unbiased() -> None:
    """n=10, c=3, k=5: 1 − C(7,5)/C(10,5) = 1 − 21/252 = .9167."""
    assert pass_at_k(10, 3, 5) == pytest.approx(0.9167, abs=5e-5)
    assert pass_at_k(10, 3, 1) == pytest.approx(0.3)
    assert pass_at_k(10, 0, 10) == 0.0
    assert pass_at_k(10, 6, 5) == 1.0  # only 4 wrong ones: five cannot all be wrong
    assert 0 < pass_at_k(10_000, 1, 5_000) < 1


def by_enumeration(keys: Sequence[str | None], correct: Sequence[bool], k: int) -> float:
    """The definition: every subset voted on, ties shared out."""
    share = {key: np.mean([c for x, c in zip(keys, correct, strict=True) if x == key]) for key in keys}
    votes = []
    for subset in combinations(keys, k):
        counts = Counter(key for key in subset if key is not None)
        tied = [key for key, count in counts.items() if count == max(counts.values())]
        votes.append(sum(share[key] for key in tied) / len(tied) if tied else 0.0)
    return float(np.mean(votes))


@given(
    st.lists(st.tuples(st.sampled_from(["3", "5", "7", "9", None]), st.booleans()), min_size=1, max_size=9), st.data()
)
def test_maj_at_k_equals_its_definition(candidates: list[tuple[str | None, bool]], data: st.DataObject) -> None:
    keys, correct = zip(*candidates, strict=True)
    k = data.draw(st.integers(1, len(keys)))
    assert maj_at_k(keys, correct, k) == pytest.approx(by_enumeration(keys, correct, k), abs=1e-12)


def test_a_tie_counts_as_the_expected_value_of_its_draw() -> None:
    """One vote for 3 (right), one for 5: half. With a silent third and k = 2: ½·⅓ + 1·⅓ + 0·⅓ = ½."""
    assert maj_at_k(["3", "5"], [True, False], 2) == pytest.approx(0.5)
    assert maj_at_k(["3", "5", None], [True, False, False], 2) == pytest.approx(0.5)


def test_a_vote_of_one_is_one_candidate_and_a_vote_of_all_is_the_vote() -> None:
    keys = ["3"] * 3 + ["5"] * 2 + [None]
    correct = [True] * 3 + [False] * 3
    assert maj_at_k(keys, correct, 1) == pytest.approx(3 / 6)
    assert maj_at_k(keys, correct, 6) == pytest.approx(1.0)
    assert maj_at_k([None, None], [False, False], 2) == 0.0


def test_a_vote_among_hundreds_is_still_exact() -> None:
    """Two answers, 150 against 106 of 256: of 101 the winner has at least 51 (hypergeometric tail)."""
    keys = ["3"] * 150 + ["5"] * 106
    chance = maj_at_k(keys, [key == "3" for key in keys], 101)
    majority = sum(math.comb(150, j) * math.comb(106, 101 - j) for j in range(51, 102))
    assert chance == pytest.approx(majority / math.comb(256, 101), rel=1e-9)


def test_k_beyond_the_candidates_is_refused() -> None:
    with pytest.raises(ValueError, match="k is 3, expected 1 to 2"):
        maj_at_k(["3", "5"], [True, False], 3)
    with pytest.raises(ValueError, match="k is 0"):
        pass_at_k(2, 1, 0)


def test_candidate_curves_average_within_a_problem_first() -> None:
    """Problem a twice (pass@1 of ½ and 1: ¾), problem b once (0): mean .375 over two problems."""
    ballots = [
        JobBallot("a", ("3", "5"), (True, False)),
        JobBallot("a", ("3", "3"), (True, True)),
        JobBallot("b", ("5", None), (False, False)),
    ]
    one, two = pass_curve(ballots, (1, 2))
    assert (one.k, one.estimate.value, one.estimate.n) == (1, pytest.approx(0.375), 2)
    assert two.estimate.value == pytest.approx(0.5)
    assert maj_curve(ballots, (2,))[0].estimate.value == pytest.approx((0.5 + 1) / 2 / 2)


def test_the_k_to_draw_are_powers_of_two_and_the_whole() -> None:
    assert powers_of_two(16) == (1, 2, 4, 8, 16)
    assert powers_of_two(12) == (1, 2, 4, 8, 12)
    assert powers_of_two(1) == (1,)
    assert powers_of_two(0) == ()


def test_the_published_slopes_come_out_per_doubling() -> None:
    """[s1] Table: −24 and 3 as published, in exact thirtieths: 26.7 is 8/30."""
    token_conditional = [(7939, 800 / 30), (7158, 900 / 30), (8263, 1000 / 30), (7108, 1000 / 30), (7500, 1200 / 30)]
    step_conditional = [(7252, 1000 / 30), (6277, 700 / 30), (5396, 1000 / 30), (5552, 1100 / 30), (7551, 1000 / 30)]
    assert slope_per_doubling(token_conditional) == pytest.approx(-23.8, abs=0.05)
    assert slope_per_thousand_tokens(token_conditional) == pytest.approx(-4.8, abs=0.05)
    assert slope_per_doubling(step_conditional) == pytest.approx(2.9, abs=0.05)
    assert performance(token_conditional) == 40


def test_a_slope_needs_two_points_apart_and_tokens() -> None:
    assert math.isnan(slope_per_doubling([(100, 50)]))
    assert math.isnan(slope_per_doubling([(100, 50), (100, 60)]))
    assert slope_per_doubling([(100, 50), (200, 60), (200, 60)]) == pytest.approx(10)
    with pytest.raises(ValueError, match="0 thinking tokens"):
        slope_per_doubling([(0, 1), (2, 2)])


def test_control_is_the_share_of_settings_within_their_own_limits() -> None:
    """2 of 5 → 40 %, 3 of 5 → 60 %, 1 of 2 → 50 %."""
    within, beyond = (90.0, 0.0, 100.0), (110.0, 0.0, 100.0)
    assert control([within] * 2 + [beyond] * 3) == pytest.approx(0.4)
    assert control([within] * 3 + [beyond] * 2) == pytest.approx(0.6)
    assert control([within, beyond]) == 0.5
    assert math.isnan(control([]))
