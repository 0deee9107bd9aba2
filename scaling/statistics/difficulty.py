"""Problems by how hard they are, and what that changes [Snell §3.2, §6, §7].

A bin holds problems that are about as hard for the *base arm*: by its pass@1 over many samples (oracle: it looks at the
answers) or by the verifier's mean final score of them (predicted: it does not). Bins made of samples that are also
measured flatter whatever is best on them, so the base arm should be an arm of its own. Axes in suffixes: P problems, R
repeats.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scaling.arrays import Floats
from scaling.statistics.estimates import Estimate, share

NUM_BINS = 5


@dataclass(frozen=True, slots=True, eq=False)
class DifficultyBins:
    """Each problem's bin: 0 is the easiest, −1 is none (the base arm has no result for it)."""

    bin_P: NDArray[np.intp]
    num_bins: int

    @property
    def members(self) -> tuple[NDArray[np.intp], ...]:
        """The problems of each bin, easiest bin first."""
        return tuple(np.flatnonzero(self.bin_P == each) for each in range(self.num_bins))


def bins_of_equal_size(easiness_P: Floats, num_bins: int = NUM_BINS, seed: int = 0) -> DifficultyBins:
    """Quintiles, unless asked otherwise, of what is higher for easier problems; NaN is put in no bin.

    `easiness_P` are the base arm's `estimates.problem_means`: of its verdicts, or of its final scores. Equal problems
    (a pass@1 of 0 is common) are drawn into neighbouring bins, so that all bins have the same size but for one.
    """
    known = np.flatnonzero(~np.isnan(easiness_P))
    if not 1 <= num_bins <= known.size:
        raise ValueError(f"{num_bins} bins need as many problems with a result of the base arm, got {known.size}")
    lots = np.random.default_rng(seed).random(known.size)
    order = known[np.lexsort((lots, -easiness_P[known]))]
    bin_P = np.full(easiness_P.size, -1, dtype=np.intp)
    bin_P[order] = np.arange(known.size) * num_bins // known.size
    return DifficultyBins(bin_P, num_bins)


def accuracy_by_bin(correct_PR: Floats, bins: DifficultyBins) -> tuple[Estimate, ...]:
    """One arm's accuracy in each bin, easiest first. The intervals take the bins as given."""
    if len(correct_PR) != len(bins.bin_P):
        raise ValueError(f"a row per problem expected, got {len(correct_PR)} rows for {len(bins.bin_P)} problems")
    return tuple(share(correct_PR[members]) for members in bins.members)


def pretraining_multiplier(model_ratio: float, inference_ratio: float) -> float:
    """How many times the inference compute of a model costs as much as pretraining a larger one [Snell §7].

    `model_ratio` M: parameters of the larger over those of the smaller. `inference_ratio`: tokens of inference over
    tokens of pretraining, D_inf / D_pre. With 6·N·D FLOPs of pretraining and 2·N·D of inference, a model M times larger
    costs M times both; the smaller one spends the same when its inference is M + 3·(D_pre/D_inf)·(M − 1) times as much.
    """
    if not (model_ratio >= 1 and inference_ratio > 0):
        raise ValueError(f"expected a model ratio ≥ 1 and an inference ratio > 0, got {model_ratio}, {inference_ratio}")
    return model_ratio + 3 / inference_ratio * (model_ratio - 1)
