"""When work will have ended: worked by hand, held against Fisher's tables and against what processes really do."""

import numpy as np
import pytest

from scaling.statistics.remaining import Durations, dispersion, fisher_interval, time_left, time_until

QUICK = Durations(0.0, 0.0)
EVEN = [4, 4, 4, 4]


@pytest.mark.parametrize(
    ("ahead", "seen", "low", "high"),
    [
        (10, 10, 1 / 2.4645, 2.4645),  # Fisher's table: F(.975; 20, 20)
        (30, 30, 1 / 1.6668, 1.6668),  # F(.975; 60, 60)
        (60, 10, 1 / 1.94, 2.1562),  # F(.975; 120, 20); the lower one is 1 / F(.975; 20, 120) = 1 / 1.8249
    ],
)
def test_the_percentiles_are_those_of_fishers_table(ahead: float, seen: float, low: float, high: float) -> None:
    found_low, found_high = fisher_interval(ahead, seen)
    assert found_high == pytest.approx(high, rel=0.01)
    assert found_low == pytest.approx(low, rel=0.07)


def test_as_much_again_takes_as_long_again_and_half_to_twice_that() -> None:
    """16 ended in 80 s and 16 are ahead: a = b = 1/144; A = C = (143/144)² − 3.8415/144 = 0.95948 and B = 0.98616.
    The cube root is (0.98616 + √(0.98616² − 0.95948²)) / 0.95948 = 1.26525, so F is 2.0255 and its inverse 0.4937."""
    found = time_until(16, EVEN, 80.0)
    assert found.likely == 80.0
    assert (found.low, found.high) == (pytest.approx(39.5, abs=0.05), pytest.approx(162.0, abs=0.1))


def test_it_narrows_with_every_end() -> None:
    widths = []
    for seen in (1, 4, 16, 64):
        found = time_until(100, [seen] * 4, 60.0)
        assert found.high is not None
        widths.append((found.high - found.low) / found.likely)
    assert widths == sorted(widths, reverse=True)


def test_bursts_are_less_to_go_by_than_a_steady_pace() -> None:
    """The mean is 4 and the variance (16 + 16 + 16 + 144) / 3 = 64: 16 times a Poisson's. As if one had been seen."""
    assert dispersion([0, 0, 0, 16]) == 16.0
    assert dispersion(EVEN) == 1.0
    bursts, steady = time_until(16, [0, 0, 0, 16], 80.0), time_until(16, EVEN, 80.0)
    assert bursts.likely == steady.likely == 80.0
    assert bursts.low < steady.low
    assert bursts.high is None  # 1 end, as it were: it may take for ever


def test_what_was_begun_last_takes_as_long_as_a_job_does() -> None:
    """Nothing waits; the last was begun 4 s ago, and jobs take 10 s, 20 s at most."""
    found = time_left(0, EVEN, 80.0, Durations(10.0, 20.0), youngest_s=4.0)
    assert found is not None
    assert (found.low, found.likely, found.high) == (6.0, 11.0, 16.0)


def test_what_waits_is_begun_first_and_then_takes_as_long_as_a_job_does() -> None:
    alone, found = time_until(16, EVEN, 80.0), time_left(16, EVEN, 80.0, Durations(10.0, 20.0), youngest_s=4.0)
    assert found is not None and found.high is not None and alone.high is not None
    assert (found.low, found.likely, found.high) == (alone.low + 10.0, 95.0, alone.high + 20.0)


def test_of_what_takes_longer_than_anything_before_nobody_knows_the_end() -> None:
    assert time_left(0, EVEN, 80.0, Durations(10.0, 20.0), youngest_s=21.0) is None


def test_without_an_end_there_is_nothing_to_go_by() -> None:
    assert time_left(5, [0, 0, 0, 0], 80.0, QUICK, youngest_s=3.0) is None


def test_nineteen_of_twenty_such_intervals_hold_what_then_happens() -> None:
    """Jobs that end one by one, at random: 40 ends are seen, in four spans, and then 60 are waited for."""
    generator, held = np.random.default_rng(5), 0
    for _ in range(400):
        ends = generator.exponential(1.0, size=40).cumsum()
        span = ends[-1] / 4
        counts = [int(((ends > i * span) & (ends <= (i + 1) * span + 1e-9)).sum()) for i in range(4)]
        found = time_until(60, counts, float(ends[-1]))
        took = generator.exponential(1.0, size=60).sum()
        held += found.low <= took and (found.high is None or took <= found.high)
    assert held / 400 == pytest.approx(0.95, abs=0.04)
