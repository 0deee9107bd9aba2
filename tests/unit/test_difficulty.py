"""Bins of difficulty, what arms do in them, and the exchange of pretraining for inference."""

import math

import numpy as np
import pytest

from scaling.statistics.difficulty import accuracy_by_bin, bins_of_equal_size, pretraining_multiplier


def test_quintiles_go_from_easy_to_hard() -> None:
    easiness = np.array([0.1, 0.9, 0.3, 0.7, 0.5, 0.2, 1.0, 0.4, 0.8, 0.6])
    assert bins_of_equal_size(easiness).bin_P.tolist() == [4, 0, 3, 1, 2, 4, 0, 3, 1, 2]


def test_equal_problems_are_drawn_into_bins_of_equal_size() -> None:
    """60 of 100 problems have a pass@1 of 0: they are shared by the three hardest bins, by lot."""
    easiness = np.array([0.0] * 60 + [0.5] * 40)
    bins = bins_of_equal_size(easiness, seed=1)
    assert [members.size for members in bins.members] == [20] * 5
    assert set(bins.bin_P[60:]) == {0, 1}
    assert not np.array_equal(bins.bin_P, bins_of_equal_size(easiness, seed=2).bin_P)
    np.testing.assert_array_equal(bins.bin_P, bins_of_equal_size(easiness, seed=1).bin_P)


def test_a_problem_without_a_base_result_is_in_no_bin() -> None:
    bins = bins_of_equal_size(np.array([0.9, math.nan, 0.1]), num_bins=2)
    assert bins.bin_P.tolist() == [0, -1, 1]
    with pytest.raises(ValueError, match="5 bins need as many problems with a result of the base arm, got 2"):
        bins_of_equal_size(np.array([0.9, math.nan, 0.1]))


def test_accuracy_in_each_bin() -> None:
    """Easy: 1 of 1 (a job failed) and 2 of 2, so 1. Hard: 1 of 2 and 0 of 2, so ¼."""
    bins = bins_of_equal_size(np.array([0.9, 0.8, 0.2, 0.1]), num_bins=2)
    correct_PR = np.array([[1.0, 1.0], [1.0, math.nan], [1.0, 0.0], [0.0, 0.0]])
    easy, hard = accuracy_by_bin(correct_PR, bins)
    assert (easy.value, easy.n, hard.value, hard.n) == (1.0, 2, 0.25, 2)
    with pytest.raises(ValueError, match="got 3 rows for 4 problems"):
        accuracy_by_bin(correct_PR[:3], bins)


def test_the_published_exchange_of_pretraining_for_inference() -> None:
    """[Snell §7], M = 14: 14 + 3/.16·13 = 257.75; 14 + 3/22·13 = 15.77. The same model needs no more."""
    assert pretraining_multiplier(14, 0.16) == pytest.approx(257.75)
    assert pretraining_multiplier(14, 22) == pytest.approx(15.77, abs=0.005)
    assert pretraining_multiplier(1, 0.5) == 1
    for ratio in (0.0, math.nan):
        with pytest.raises(ValueError, match=f"got 14, {ratio}"):
            pretraining_multiplier(14, ratio)
