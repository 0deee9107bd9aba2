"""The randomisation test, against all outcomes counted by hand or by force, and against McNemar's."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.statistics.comparisons import exact_sign_test
from scaling.statistics.sign_flips import sign_flip_test


def by_force(differences: np.ndarray) -> float:
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((-1, 1), repeat=len(differences))
    ]
    return float(np.mean(np.array(sums) >= abs(differences.sum()) - 1e-9))


def test_two_halves_and_a_whole() -> None:
    """½, ½ and −1 sum to 0: every outcome is as large. ½, ½ and 1 sum to 2: 2 of the 8 outcomes are, 2 and −2."""
    assert sign_flip_test(np.array([0.5, 0.5, -1.0]), unit=0.5) == (1.0, True)
    p_value, is_exact = sign_flip_test(np.array([0.5, 0.5, 1.0, 0.0]), unit=0.5)
    assert (p_value, is_exact) == (pytest.approx(0.25), True)
    assert sign_flip_test(np.zeros(5), unit=1.0) == (1.0, True)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
def test_every_outcome_is_counted(quarters: list[int]) -> None:
    differences = np.array(quarters) / 4
    assert sign_flip_test(differences, unit=0.25)[0] == pytest.approx(by_force(differences), abs=1e-9)


@given(st.integers(0, 200), st.integers(0, 200))
def test_with_one_answer_each_it_is_mcnemars(losses: int, wins: int) -> None:
    differences = np.array([-1.0] * losses + [1.0] * wins + [0.0] * 3)
    assert sign_flip_test(differences, unit=1.0)[0] == pytest.approx(exact_sign_test(losses, wins), abs=1e-9)


def test_sizes_without_a_common_unit_are_thrown_for() -> None:
    """Six different sizes: by force 2^6 outcomes; the standard error of 10,000 throws is at most .005."""
    differences = np.array([0.31, 0.17, -0.05, 0.23, 0.11, -0.02]) * np.pi
    p_value, is_exact = sign_flip_test(differences, unit=0.25)
    assert not is_exact
    assert p_value == pytest.approx(by_force(differences), abs=0.02)


def test_many_small_losses_are_not_a_loss_where_few_gains_are_worth_more() -> None:
    """60 problems lose a sixteenth each, 20 gain ten: + 140 sixteenths. A test of directions said: lost, p < 10⁻⁵.

    By the normal's tail: 140 / √(60 + 20 · 100) = 3.08, so about .002.
    """
    differences = np.array([-1 / 16] * 60 + [10 / 16] * 20)
    assert exact_sign_test(60, 20) < 1e-5 and differences.mean() > 0
    p_value, is_exact = sign_flip_test(differences, unit=1 / 16)
    assert is_exact and p_value == pytest.approx(0.00166, abs=1e-5)


def test_ten_thousand_problems_with_sixteen_repeats_are_counted_in_no_time() -> None:
    generator = np.random.default_rng(0)
    differences = generator.integers(-16, 17, size=10_000) / 16
    p_value, is_exact = sign_flip_test(differences, unit=1 / 16)
    z = differences.sum() / np.sqrt((differences**2).sum())
    assert is_exact and 0.05 < p_value < 1 and abs(z) < 2
