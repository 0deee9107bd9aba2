"""Two arms side by side, against arithmetic done by hand."""

import math

import numpy as np
import pytest

from scaling.statistics.comparisons import (
    Agreement,
    Cell,
    agreement,
    exact_sign_test,
    holm,
    paired_difference,
    together,
)
from scaling.statistics.estimates import accuracy

NAN = math.nan


def right(num_correct: int, num_problems: int) -> np.ndarray:
    """Problems × 1, the first ones right."""
    return np.array([[1.0]] * num_correct + [[0.0]] * (num_problems - num_correct))


def test_two_problems_of_thirty_are_no_improvement() -> None:
    """50 % against 56.7 % at n = 30: b = 0, c = 2, p = 2 · (1/2)² = .5."""
    result = paired_difference(right(15, 30), right(17, 30))
    assert result.difference.value == pytest.approx(2 / 30)
    assert (result.first_better, result.second_better, result.common_problems) == (0, 2, 30)
    assert (result.p_value, result.test) == (0.5, "exact McNemar")
    assert not result.excludes_zero
    assert not result.is_clear


def test_a_claim_that_the_problems_cannot_support_gets_a_warning_in_words() -> None:
    """n for 80 %: (1.96·√(2/30) + .8416·√(2/30 − (2/30)²))²/(2/30)² = (.5061 + .2099)²/.004444 = 115.4, so 116."""
    assert paired_difference(right(15, 30), right(17, 30)).warning == (
        "56.7% against 50.0% at n = 30 is 2 problems, p = 0.500: not evidence of a difference. "
        "A true difference of this size needs about 116 problems to be seen four times in five."
    )
    both_ways = paired_difference(right(15, 30), right(15, 30)[::-1])
    assert both_ways.difference.value == 0
    assert both_ways.warning is None  # nobody claims a difference
    assert paired_difference(right(20, 100), right(32, 100)).warning is None  # 12 : 0, p = .0005


def test_flips_both_ways_are_said() -> None:
    """Problems 1 to 5 lost, 6 to 14 gained: 9 against 5, p = 2·P(≤ 5 of 14) = 2·3473/16384 = .424."""
    first, second = right(5, 30), np.roll(right(9, 30), 5, axis=0)
    result = paired_difference(first, second)
    assert result.p_value == pytest.approx(2 * 3473 / 16384)
    assert result.warning is not None
    assert "30.0% against 16.7% at n = 30 is 9 problems against 5, p = 0.424" in result.warning


def test_pairing_sees_what_two_separate_intervals_do_not() -> None:
    """20 against 28 of 100 on the same problems: c = 8, b = 0, p = 2/256 = .0078; the two intervals overlap."""
    first, second = right(20, 100), right(28, 100)
    result = paired_difference(first, second)
    assert accuracy(first).estimate.high > accuracy(second).estimate.low
    assert result.p_value == pytest.approx(2 / 256)
    assert result.is_clear


def test_a_difference_is_over_the_problems_that_both_have() -> None:
    first, second = np.array([[1.0], [0.0], [1.0], [NAN]]), np.array([[1.0], [1.0], [NAN], [0.0]])
    result = paired_difference(first, second)
    assert (result.common_problems, result.difference.value) == (2, 0.5)
    assert (result.first, result.second) == (0.5, 1.0)  # on the common ones


def test_with_repeats_the_test_is_of_the_means_of_each_problem() -> None:
    """Means .5→1 and 0→.5 are better, 1→1 is level: of four pairs of signs two give as much, p = .5."""
    result = paired_difference(
        np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    )
    assert (result.test, result.p_value) == ("exact sign flips of repeat means", pytest.approx(0.5))
    assert result.difference.value == pytest.approx(1 / 3)


def test_where_repeats_failed_every_outcome_is_still_counted() -> None:
    """Of three repeats two problems lost one: +½, +½ and +⅓, in sixths 3, 3, 2. 2 of 8 outcomes are as large: p = .25.

    Where one repeat of two is left everywhere, it is McNemar's: 3 : 0, p = 2/8.
    """
    first = np.array([[0.0, 1.0, NAN], [0.0, 1.0, NAN], [0.0, 0.0, 1.0]])
    result = paired_difference(first, np.array([[1.0, 1.0, NAN], [1.0, NAN, 1.0], [1.0, 0.0, 1.0]]))
    assert (result.test, result.p_value) == ("exact sign flips of repeat means", pytest.approx(0.25))
    single = paired_difference(np.array([[0.0, NAN]] * 3), np.array([[NAN, 1.0]] * 3))
    assert (single.test, single.p_value) == ("exact McNemar", 0.25)


def test_nothing_in_common_has_no_difference() -> None:
    result = paired_difference(np.array([[1.0], [NAN]]), np.array([[NAN], [1.0]]))
    assert (result.common_problems, result.p_value, result.warning) == (0, None, None)
    assert math.isnan(result.difference.value)
    assert not result.excludes_zero


def test_rows_that_cannot_be_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="3 and 2 problems"):
        paired_difference(right(1, 3), right(1, 2))
    with pytest.raises(ValueError, match=r"answers are 0 to 1, got 0 to 50; divide what is in per cent by 100"):
        paired_difference(np.array([[50.0], [0.0]]), np.array([[56.7], [0.0]]))


def test_pairs_of_answers_stand_in_four_cells_and_shares_are_of_all_of_them() -> None:
    """Of five problems one has no result under the second arm: four pairs, two of them flips, both gained."""
    first = np.array([[1.0], [0.0], [0.0], [0.0], [1.0]])
    second = np.array([[1.0], [1.0], [1.0], [0.0], [NAN]])
    found = agreement(first, second)
    assert found == Agreement(both_right=1, lost=0, gained=2, both_wrong=1)
    assert (found.total, found.count(Cell.GAINED), found.share(Cell.GAINED)) == (4, 2, 0.5)


def test_each_repeat_is_a_pair_of_its_own() -> None:
    """Problem 0 keeps its repeat 0 and gains repeat 1; problem 1 loses both; problem 2 has no pair: each lacks one."""
    first = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, NAN]])
    second = np.array([[1.0, 1.0], [0.0, 0.0], [NAN, 1.0]])
    assert agreement(first, second) == Agreement(both_right=1, lost=2, gained=1, both_wrong=0)
    assert agreement(first, second[:, :1]) == Agreement(1, 1, 0, 0)  # what only one side repeated has no partner


def test_without_a_pair_there_are_no_shares() -> None:
    nothing = agreement(np.array([[1.0], [NAN]]), np.array([[NAN], [1.0]]))
    assert nothing.total == 0
    assert math.isnan(nothing.share(Cell.BOTH_RIGHT))


def test_the_cells_say_which_side_is_right() -> None:
    assert [(cell.first_is_right, cell.second_is_right) for cell in Cell] == [
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    ]


def test_the_sign_test_is_exact() -> None:
    """(1, 8): 2 · (1 + 9)/512 = .0390625, as statsmodels' mcnemar(exact=True). Level or never thrown: 1."""
    assert exact_sign_test(1, 8) == 0.0390625
    assert exact_sign_test(8, 1) == 0.0390625
    assert exact_sign_test(13, 29) == pytest.approx(0.019520472782460274, abs=1e-15)  # scipy.stats.binomtest(13, 42)
    assert exact_sign_test(5, 5) == 1.0
    assert exact_sign_test(0, 0) == 1.0
    assert 0 < exact_sign_test(900, 1100) < 1e-4  # a thousand throws do not overflow


def test_many_comparisons_are_adjusted_step_by_step() -> None:
    """.005·4 = .02; .01·3 = .03; .03·2 = .06; .04·1 would be less than .06, so .06. As statsmodels' multipletests."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([0.04, None]) == (0.04, None)  # arms without a common problem were not tested
    assert holm([0.04, NAN]) == (0.04, None)
    assert holm([]) == ()


def test_tests_that_were_picked_by_their_results_are_adjusted_for_all_they_were_picked_from() -> None:
    """Of 6: .005 · 6 = .03, .01 · 5 = .05, .03 · 4 = .12; whatever the other three are, Holm over all gives no more."""
    assert holm([0.01, 0.03, 0.005], among=6) == pytest.approx((0.05, 0.12, 0.03))
    assert holm([0.01, 0.03, 0.005, 0.001, 0.02, 0.9])[:3] == pytest.approx((0.04, 0.06, 0.025))
    assert holm([0.04], among=1) == holm([0.04]) == (0.04,)
    alone = paired_difference(right(20, 100), right(28, 100))
    (picked,) = together([alone], among=10)  # p = 2/256
    assert (picked.adjusted_p_value, picked.together, picked.is_clear) == (pytest.approx(20 / 256), 10, False)


def test_a_lucky_one_of_many_comparisons_is_not_clear() -> None:
    """6 : 0 is p = 2/64 = .03125, clear if it is all that was asked. With three others Holm makes it 4 · .03125 = .125.

    The table of `run` and of the demo called such a step of a sweep clear.
    """
    lucky, level = paired_difference(right(9, 20), right(15, 20)), paired_difference(right(9, 20), right(9, 20))
    assert (lucky.p_value, lucky.is_clear, lucky.warning) == (0.03125, True, None)
    among, *_ = together([lucky, level, level, level])
    assert (among.adjusted_p_value, among.together, among.is_clear) == (0.125, 4, False)
    assert among.warning is not None
    assert "is 6 problems, p = 0.031 (0.125 among 4): not evidence of a difference" in among.warning
    assert among.problems_needed is not None and lucky.problems_needed is not None
    assert among.problems_needed > lucky.problems_needed  # at .05/4 it takes more of them


def test_what_is_clear_among_many_stays_so_and_what_was_not_tested_is_none_of_them() -> None:
    """10 : 0 is p = 2/1024; of the two tests it is the smaller, 2 · 2/1024. Nothing in common was no test."""
    sure, level = paired_difference(right(5, 20), right(15, 20)), paired_difference(right(5, 20), right(5, 20))
    nothing = paired_difference(np.array([[NAN]]), np.array([[1.0]]))
    among, untested, _ = together([sure, nothing, level])
    assert (among.adjusted_p_value, among.together, among.is_clear) == (4 / 1024, 2, True)
    assert (untested.adjusted_p_value, untested.is_clear) == (None, False)


def test_a_comparison_of_its_own_is_not_adjusted() -> None:
    (alone,) = together([paired_difference(right(9, 20), right(15, 20))])
    assert (alone.adjusted_p_value, alone.together, alone.is_clear) == (0.03125, 1, True)
    assert together([]) == ()


def test_the_same_difference_on_every_problem_is_no_square_root_of_less_than_nothing() -> None:
    """.01 squared and meaned is a rounding less than its own square: the page broke on 100 problems that all gained."""
    result = paired_difference(np.full((100, 1), 0.99), np.ones((100, 1)))
    assert result.problems_needed == 4  # (1.96 · .01 / .01)², rounded up
