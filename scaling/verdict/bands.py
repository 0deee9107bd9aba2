"""Simultaneous 95 % bands: intervals of many mean differences at once, over the same problems.

All of them together cover all of the means 95 times in 100, so the one that stands out among many may be believed as
far as its band goes. How far apart the ends are follows from the largest deviation of any of the means, in its standard
errors, over draws of what they stray together (the sup-t band: Montiel Olea & Plagborg-Møller 2019, J. Applied
Econometrics 34:1; resamples of problems where these are few). So what goes together, budgets next to one another and
axes that measure nearly the same, costs little; Bonferroni would charge for each. The ends themselves are
`difference_interval`'s, in closed form: a bootstrap has no width where few problems differ.

What was chosen two-fold varies more than its problems do, up to `compute_optimal.CHOSEN` times. Suffixes: P problems, D
differences, B resamples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scaling.arrays import Floats
from scaling.statistics.bootstrap import MANY_PROBLEMS, NUM_RESAMPLES, resampled_means
from scaling.statistics.compute_optimal import CHOSEN
from scaling.statistics.estimates import Estimate
from scaling.statistics.intervals import NORMAL_975, difference_interval, student_975


@dataclass(frozen=True, slots=True, eq=False)
class Deviations:
    """How far the means of differences stray together: bands of any level can be asked for.

    `differences_PD` in -1..1, NaN where a problem has no result on one side. `widened_D` is 1, or CHOSEN where either
    side was chosen among several. `largest_B` is of each resample the largest deviation, in standard errors.
    """

    differences_PD: Floats
    widened_D: Floats
    largest_B: Floats

    @classmethod
    def drawn(cls, differences_PD: Floats, is_chosen_D: NDArray[np.bool_], seed: int = 0) -> "Deviations":
        is_known_PD = ~np.isnan(differences_PD)
        known_D = is_known_PD.sum(axis=0)
        if differences_PD.ndim != 2 or not known_D.all():
            raise ValueError(f"problems × differences expected, each with a problem, got {differences_PD.shape}")
        centred_PD = np.where(is_known_PD, differences_PD - np.nanmean(differences_PD, axis=0), 0.0)
        error_D = np.sqrt((centred_PD**2).sum(axis=0)) / known_D
        draw = _normal if len(differences_PD) >= MANY_PROBLEMS else _resampled
        strayed_BD = np.abs(draw(centred_PD, is_known_PD, seed))
        in_errors_BD = np.divide(strayed_BD, error_D, out=np.zeros_like(strayed_BD), where=error_D > 0)
        return cls(differences_PD, np.where(is_chosen_D, CHOSEN, 1.0), in_errors_BD.max(axis=1))

    def errors_away(self, alpha: float) -> float:
        """The ends of bands that miss any mean with a chance of `alpha`, in standard errors; never nearer than those of
        one interval alone."""
        few = student_975(max(1, len(self.differences_PD) - 1)) / NORMAL_975
        return max(NORMAL_975, few * float(np.quantile(self.largest_B, 1 - alpha)))

    def bands(self, alpha: float = 0.05) -> tuple[Estimate, ...]:
        """Of each difference, in their order."""
        z_D = (self.errors_away(alpha) * self.widened_D).tolist()
        columns = zip(self.differences_PD.T, z_D, strict=True)
        return tuple(_band(values_P[~np.isnan(values_P)], z) for values_P, z in columns)


def _normal(centred_PD: Floats, is_known_PD: NDArray[np.bool_], seed: int) -> Floats:
    """What means of many problems stray is normal: the draws of the paper itself, which cost nothing by the problem."""
    together_PD = centred_PD / is_known_PD.sum(axis=0)
    variances, directions = np.linalg.eigh(together_PD.T @ together_PD)
    draws_BD = np.random.default_rng(seed).standard_normal((NUM_RESAMPLES, len(variances)))
    strayed_BD: Floats = draws_BD * np.sqrt(np.maximum(variances, 0)) @ directions.T
    return strayed_BD


def _resampled(values_PD: Floats, is_known_PD: NDArray[np.bool_], seed: int) -> Floats:
    """means_BD: a resample's mean is over the problems in it that have a value."""
    sums_BD, known_BD = np.hsplit(resampled_means(np.hstack([values_PD, is_known_PD]), seed), 2)
    means_BD: Floats = sums_BD / np.maximum(known_BD, 1 / len(values_PD))
    return means_BD


def _band(differences_P: Floats, z: float) -> Estimate:
    return Estimate(float(differences_P.mean()), *difference_interval(differences_P, z), differences_P.size)
