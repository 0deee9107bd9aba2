"""How large a difference an experiment can show, and how many problems a difference needs: pure arithmetic.

Both are about a paired comparison of two arms, at a chance of four in five (*power*) that a difference which is really
there has p < .05, two-sided. Connor (1987, Biometrics 43:207) for McNemar's test: with a difference d and a share f of
answers that flip, n problems find it if d · √n = z₁₋α⸝₂ · √f + z.₈ · √(f − d²).
"""

import math
from statistics import NormalDist

POWER = 0.8


def problems_needed(difference: float, flipped: float, alpha: float = 0.05) -> int | None:
    """Problems with which such a difference would be found four times in five; None if there is none.

    `flipped` is the mean square of the differences: of single answers, the share that flipped. A rough guide where
    both are estimates themselves.
    """
    if math.isnan(difference) or difference == 0:
        return None
    return math.ceil((_spread(difference, flipped, alpha) / difference) ** 2)


def _spread(difference: float, flipped: float, alpha: float) -> float:
    normal = NormalDist()
    z_alpha, z_power = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(POWER)
    return z_alpha * math.sqrt(flipped) + z_power * math.sqrt(max(0.0, flipped - difference**2))
