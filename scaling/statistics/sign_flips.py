"""Fisher's randomisation test of a mean paired difference: could as large a mean have come from signs thrown by coins?

Under the hypothesis that two arms are alike, each problem's difference would as soon have had the other sign (Fisher
1935, The Design of Experiments §21). With one answer under each arm, differences are −1, 0 and 1, and the test is
McNemar's exact one. With repeats they are means, and a test that knows directions only would take many small losses for
a loss, whatever the gains were worth.
"""

import math

import numpy as np

from scaling.arrays import Floats

NUM_THROWS = 10_000
"""Of all coins, where there are too many different sizes of differences to count every outcome."""
_MOST_UNITS = 2_000_000
_CLOSE = 1e-9


def sign_flip_test(differences_P: Floats, unit: float) -> tuple[float, bool]:
    """The two-sided p-value, and whether it is exact; 1 if nothing differs.

    Exact where all differences are whole multiples of `unit` (1 / the product of the arms' repeats) and those are not
    too many: the sums of all outcomes are counted by a Fourier transform. Otherwise a Monte-Carlo with NUM_THROWS.
    """
    sizes_P = np.abs(differences_P[differences_P != 0])
    if not sizes_P.size:
        return 1.0, True
    units_P = np.rint(sizes_P / unit)
    if np.allclose(units_P * unit, sizes_P, rtol=0, atol=_CLOSE) and units_P.sum() <= _MOST_UNITS:
        return _exact(units_P.astype(np.int64), round(abs(float(differences_P.sum())) / unit)), True
    return _thrown(sizes_P, abs(float(differences_P.sum()))), False


def _exact(units_P: np.ndarray, observed: int) -> float:
    """Each problem adds or takes away its units: the sum's characteristic function is a product of cosines."""
    num_sums = 1 << int(2 * units_P.sum()).bit_length()
    angles = 2 * np.pi * np.arange(num_sums // 2 + 1) / num_sums
    characteristic = np.ones(angles.size)
    for size, count in zip(*np.unique(units_P, return_counts=True), strict=True):
        characteristic *= np.cos(size * angles) ** int(count)
    chances = np.fft.irfft(characteristic, num_sums)  # of the sums 0, 1 …, and from the end −1, −2 …
    return float(np.clip(chances[observed : num_sums - observed + (observed > 0)].sum(), 0.0, 1.0))


def _thrown(sizes_P: Floats, observed: float) -> float:
    generator, at_once, as_large = np.random.default_rng(0), max(1, 4_000_000 // sizes_P.size), 0
    for start in range(0, NUM_THROWS, at_once):
        num_throws = min(at_once, NUM_THROWS - start)
        signs_BP = generator.integers(2, size=(num_throws, sizes_P.size), dtype=np.int8) * np.int8(2) - np.int8(1)
        as_large += int((np.abs(signs_BP @ sizes_P) >= observed - _CLOSE * math.sqrt(sizes_P.size)).sum())
    return (1 + as_large) / (1 + NUM_THROWS)
