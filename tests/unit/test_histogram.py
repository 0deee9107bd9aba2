"""HistogramBins that several sets of values share, and what is counted in them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.statistics.histogram import HistogramBins, bins_over, counted
from scaling.statistics.percentiles import percentiles


def test_linear_bins_have_round_edges_and_hold_their_upper_one() -> None:
    """3 to 41 in at most 8 bins: 38 / 8 = 4.75, so steps of 5. What took 10 of 10 is in the bin that ends at 10."""
    values = np.array([3.0, 5.0, 10.0, 14.0, 41.0])
    bins = bins_over(values, is_log=False, are_whole=True, most=8)
    assert bins.edges.tolist() == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]
    assert counted(values, bins).counts.tolist() == [2, 1, 1, 0, 0, 0, 0, 0, 1]


def test_the_first_linear_bin_holds_zero() -> None:
    values = np.array([0.0, 1.0, 2.0])
    bins = bins_over(values, is_log=False, are_whole=True)
    assert (bins.edges.tolist(), counted(values, bins).counts.tolist()) == ([0, 1, 2], [2, 1])


def test_bins_of_counts_are_never_smaller_than_one() -> None:
    assert bins_over(np.array([7.0, 9.0]), is_log=False, are_whole=True).edges.tolist() == [6, 7, 8, 9]
    assert bins_over(np.array([16.0, 16.0]), is_log=False, are_whole=True).edges.tolist() == [15, 16]


def test_logarithmic_bins_go_from_power_of_two_to_power_of_two_in_equal_steps() -> None:
    """9 to 32 are 1.83 octaves: of at most 8 bins, four each. 2^¼ · 8 = 9.51, √2 · 8 = 11.3, 13.5, 16, 19.03 …"""
    bins = bins_over(np.array([9.0, 32.0]), is_log=True, are_whole=False, most=8)
    assert bins.edges[:5] == pytest.approx([8, 9.5137, 11.3137, 13.4543, 16], abs=1e-4)
    assert bins.edges[-1] == 32
    assert bins.widths == pytest.approx(0.25)
    whole = bins_over(np.array([9.0, 32.0]), is_log=True, are_whole=True, most=8)
    assert whole.edges.tolist() == [8, 9, 11, 13, 16, 19, 22, 26, 32]


def test_one_token_has_a_logarithmic_bin() -> None:
    values = np.array([1.0, 2.0])
    bins = bins_over(values, is_log=True, are_whole=True)
    assert (bins.edges.tolist(), counted(values, bins).counts.tolist()) == ([0.5, 1, 2], [1, 1])


def test_zero_has_no_logarithmic_bin_and_the_unknown_has_none_at_all() -> None:
    values = np.array([0.0, 0.0, 4.0, math.nan])
    log = counted(values, bins_over(values, is_log=True, are_whole=True))
    assert (log.counts.sum(), log.zeros, log.unknown, log.total) == (1, 2, 1, 4)
    linear = counted(values, bins_over(values, is_log=False, are_whole=True))
    assert (linear.counts.sum(), linear.zeros, linear.unknown) == (3, 0, 1)


def test_without_a_value_there_is_one_empty_bin() -> None:
    bins = bins_over(np.array([0.0, math.nan]), is_log=True, are_whole=True)
    assert counted(np.array([0.0, math.nan]), bins).counts.tolist() == [0]


def test_values_beyond_the_bins_are_refused_not_lost() -> None:
    with pytest.raises(ValueError, match="1 values lie outside of 1 to 2"):
        counted(np.array([1.0, 3.0]), HistogramBins(np.array([1.0, 2.0]), is_log=False))


@given(
    st.lists(st.floats(min_value=0, max_value=1e15, allow_subnormal=False), min_size=1, max_size=30),
    st.booleans(),
    st.booleans(),
)
def test_every_value_is_in_a_bin_or_counted_apart(values: list[float], is_log: bool, are_whole: bool) -> None:
    taken = np.array(values).round() if are_whole else np.array(values)
    found = counted(taken, bins_over(taken, is_log=is_log, are_whole=are_whole))
    assert found.total == len(values)
    assert found.zeros == (int((taken == 0).sum()) if is_log else 0)


def test_percentiles_are_of_what_is_known() -> None:
    """Of 0, 1 … 10: the 10th lies at 1, the 90th at 9."""
    found = percentiles(np.array([*range(11), math.nan]))
    assert (found.tenth, found.median, found.ninetieth, found.n) == (1.0, 5.0, 9.0, 11)
    assert math.isnan(percentiles(np.array([math.nan])).median)
