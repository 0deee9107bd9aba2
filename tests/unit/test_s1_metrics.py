"""Control, Scaling and Performance, against the published numbers [s1]."""

import math

import numpy as np
import pytest

from scaling.statistics.s1_metrics import control, scaling_slope, sweep_metrics

# Thinking tokens, and AIME accuracy in per cent: exact thirtieths, for 26.7 is 8/30.
TOKEN_CONDITIONAL = ([7939, 7158, 8263, 7108, 7500], np.array([800, 900, 1000, 1000, 1200]) / 30)
STEP_CONDITIONAL = ([7252, 6277, 5396, 5552, 7551], np.array([1000, 700, 1000, 1100, 1000]) / 30)


def test_the_published_slopes_come_out_per_doubling() -> None:
    """[s1] Table: −24 and 3."""
    assert scaling_slope(*TOKEN_CONDITIONAL, per="doubling") == pytest.approx(-23.8, abs=0.05)
    assert scaling_slope(*TOKEN_CONDITIONAL, per="1k_tokens") == pytest.approx(-4.8, abs=0.05)
    assert scaling_slope(*STEP_CONDITIONAL, per="doubling") == pytest.approx(2.9, abs=0.05)


def test_a_slope_needs_two_points_apart_and_tokens() -> None:
    """With (100, 50) and twice (200, 60): two pairs of slope 10, and one without a slope."""
    assert math.isnan(scaling_slope([100], [50], "doubling"))
    assert math.isnan(scaling_slope([100, 100], [50, 60], "doubling"))
    assert math.isnan(scaling_slope([], [], "1k_tokens"))
    assert scaling_slope([100, 200, 200], [50, 60, 60], "doubling") == pytest.approx(10)
    assert scaling_slope([200, 100], [60, 50], "1k_tokens") == pytest.approx(100)
    assert scaling_slope([0, 1000], [10, 20], "1k_tokens") == pytest.approx(10)
    with pytest.raises(ValueError, match="0 thinking tokens"):
        scaling_slope([0, 2], [1, 2], "doubling")
    with pytest.raises(ValueError, match="'tripling', expected one of 'doubling', '1k_tokens'"):
        scaling_slope([1, 2], [1, 2], "tripling")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"tokens \(2,\), accuracy \(3,\)"):
        scaling_slope([1, 2], [1, 2, 3], "doubling")


def test_control_is_the_share_of_settings_within_their_own_limits() -> None:
    """[s1]: token-conditional 2 of 5 → 40 %, step-conditional 3 of 5 → 60 %, class-conditional 1 of 2 → 50 %."""
    low, high = np.zeros(5), np.array([1024, 2048, 4096, 8192, 16384])
    assert control([7939, 7158, 8263, 7108, 7500], low, high) == pytest.approx(0.4)
    assert control([90, 90, 90, 110, 110], low, np.full(5, 100)) == pytest.approx(0.6)
    assert control([90, 110], [0, 0], [100, 100]) == 0.5
    assert control([100, 0], [0, 0], [100, 100]) == 1.0  # the limits belong to the interval
    assert control([90, 500], [0, math.nan], [100, math.nan]) == 1.0  # the second has no limits
    assert math.isnan(control([], [], []))
    with pytest.raises(ValueError, match="limits go from low to high"):
        control([90], [100], [0])


def test_a_sweep_in_three_numbers_with_intervals() -> None:
    """100 problems; doubling the tokens from 100 to 200 gains 20 of them: .2 per doubling, 2 per 1,000 tokens.

    The slope is the paired difference: its standard error is √(.2 − .04)/10 = .04.
    """
    correct_PS = np.zeros((100, 2))
    correct_PS[:30, 0] = correct_PS[:50, 1] = 1
    metrics = sweep_metrics(np.tile([100.0, 200.0], (100, 1)), correct_PS, low=[0, 0], high=[150, 150])
    assert metrics.control == 0.5
    slope = metrics.scaling_per_doubling
    assert (slope.value, slope.n) == (pytest.approx(0.2), 100)
    assert (slope.low, slope.high) == (pytest.approx(0.12, abs=0.015), pytest.approx(0.28, abs=0.015))
    assert metrics.scaling_per_1k_tokens.value == pytest.approx(2.0)
    assert (metrics.performance.value, metrics.best) == (0.5, 1)


def test_a_sweep_in_which_nothing_differs_has_no_certain_slope() -> None:
    """30 problems, all right at 100 and at 400 tokens: of others .1135 may differ (Wilson's 0/30), in 2 doublings."""
    flat = sweep_metrics(np.tile([100.0, 400.0], (30, 1)), np.ones((30, 2)), low=[0, 0], high=[150, 150])
    slope = flat.scaling_per_doubling
    assert (slope.value, slope.low, slope.high) == (
        0.0,
        pytest.approx(-0.05676, abs=1e-5),
        pytest.approx(0.05676, abs=1e-5),
    )


def test_a_sweep_from_no_thinking_has_no_slope_per_doubling() -> None:
    correct_PS = np.array([[0.0, 1.0], [1.0, 1.0]])
    metrics = sweep_metrics(np.tile([0.0, 1000.0], (2, 1)), correct_PS, low=[math.nan] * 2, high=[math.nan] * 2)
    assert math.isnan(metrics.scaling_per_doubling.value)
    assert metrics.scaling_per_1k_tokens.value == pytest.approx(0.5)
    assert math.isnan(metrics.control)
    with pytest.raises(ValueError, match="1 rows with NaN"):
        sweep_metrics(np.ones((2, 2)), np.array([[1.0, math.nan], [1.0, 1.0]]), low=[0, 0], high=[1, 1])
