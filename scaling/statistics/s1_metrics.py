"""A sweep in three numbers: Control, Scaling and Performance of s1 (arXiv 2501.19393 §3.2), with their intervals.

The intervals resample problems (`bootstrap`): in each resample every setting's tokens and accuracy are averaged anew
over the same problems, and the number computed anew. Where only a handful of problems differ between settings, a
slope's is joined to the interval in closed form (`intervals`) of the problems' own slopes, in units of the steepest one
possible. Axes: S settings of the sweep, P problems, B resamples.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from scaling.arrays import Floats
from scaling.statistics.bootstrap import expanded_percentiles, resampled_means
from scaling.statistics.estimates import Estimate, share
from scaling.statistics.intervals import difference_interval, has_few_flips, joined

Per = Literal["doubling", "1k_tokens"]


@dataclass(frozen=True, slots=True)
class SweepMetrics:
    """`control` is NaN for settings without limits. `performance` is the best setting's accuracy, at number `best`.

    Being the best of several it flatters; its interval is that setting's own. `scaling_per_doubling` and
    `scaling_per_1k_tokens` are in shares of accuracy, as accuracy is; NaN where no two settings differ in tokens.
    """

    control: float
    scaling_per_doubling: Estimate
    scaling_per_1k_tokens: Estimate
    performance: Estimate
    best: int


def control(tokens: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of settings whose thinking tokens lie within their own limits [s1 Eq. 1]. NaN without a setting.

    One entry per setting; a limit of NaN means that the setting has none, and leaves it out.
    """
    tokens_S, low_S, high_S = _same_length(tokens=tokens, low=low, high=high)
    if (low_S > high_S).any():
        raise ValueError(f"limits go from low to high, got {low_S.tolist()} and {high_S.tolist()}; were they swapped?")
    has_limits_S = ~(np.isnan(tokens_S) | np.isnan(low_S) | np.isnan(high_S))
    within_S = (low_S <= tokens_S) & (tokens_S <= high_S)
    return float(within_S[has_limits_S].mean()) if has_limits_S.any() else math.nan


def scaling_slope(tokens: ArrayLike, accuracy: ArrayLike, per: Per) -> float:
    """Mean slope over all pairs of settings [s1 Eq. 2], in units of accuracy per doubling or per 1,000 tokens.

    s1 prints x in tokens, but its published values come out per doubling only. Pairs with the same tokens have no
    slope; NaN without any other, and where tokens or accuracy of a setting are NaN. Settings without thinking tokens
    have no place on the scale of doublings: refused.
    """
    tokens_S, accuracy_S = _same_length(tokens=tokens, accuracy=accuracy)
    return float(_mean_slopes(_positions(tokens_S, per), accuracy_S))


def sweep_metrics(
    tokens_PS: Floats, correct_PS: Floats, low: ArrayLike, high: ArrayLike, seed: int = 0
) -> SweepMetrics:
    """Of a sweep whose settings all answered these problems: no NaN. Limits are one per setting, NaN where it has none.

    Values are means over a problem's repeats.
    """
    if tokens_PS.shape != correct_PS.shape or np.isnan(tokens_PS + correct_PS).any() or not tokens_PS.size:
        given = f"{tokens_PS.shape} and {correct_PS.shape}, {int(np.isnan(correct_PS).any(axis=1).sum())} rows with NaN"
        raise ValueError(f"tokens and answers of the same problems under every setting expected, got {given}")
    best = int(correct_PS.mean(axis=0).argmax())
    means_BS = resampled_means(np.hstack([tokens_PS, correct_PS]), seed)
    return SweepMetrics(
        control=control(tokens_PS.mean(axis=0), low, high),
        scaling_per_doubling=_slope_estimate(tokens_PS, correct_PS, "doubling", means_BS),
        scaling_per_1k_tokens=_slope_estimate(tokens_PS, correct_PS, "1k_tokens", means_BS),
        performance=share(correct_PS[:, [best]]),
        best=best,
    )


def _slope_estimate(tokens_PS: Floats, correct_PS: Floats, per: Per, means_BS: Floats) -> Estimate:
    """`means_BS` are those of tokens and answers in the resamples."""
    num_problems, num_settings = tokens_PS.shape
    if per == "doubling" and (tokens_PS.mean(axis=0) <= 0).any():
        return Estimate.unknown()
    value = scaling_slope(tokens_PS.mean(axis=0), correct_PS.mean(axis=0), per)
    if math.isnan(value):
        return Estimate.unknown()
    tokens_BS = np.maximum(means_BS[:, :num_settings], np.finfo(np.float64).tiny)
    slopes_B = _mean_slopes(_positions(tokens_BS, per), means_BS[:, num_settings:])
    interval = expanded_percentiles(slopes_B[~np.isnan(slopes_B)], num_problems)
    position_S = _positions(tokens_PS.mean(axis=0), per)
    steepest = float(_slopes_of(position_S, np.eye(num_settings)).clip(0).sum())
    slope_P = _slopes_of(position_S, correct_PS)
    if has_few_flips(slope_P / steepest):
        low, high = difference_interval(slope_P / steepest)
        interval = joined(interval, (steepest * low, steepest * high))
    return Estimate(value, *interval, num_problems)


def _slopes_of(position_S: Floats, correct_PS: Floats) -> Floats:
    """Each row's own slope. A row with a 1 in one setting only has what that setting adds to any slope."""
    return _mean_slopes(np.broadcast_to(position_S, correct_PS.shape), correct_PS)


def _positions(tokens: Floats, per: Per) -> Floats:
    if per not in get_args(Per):
        raise ValueError(f"per is {per!r}, expected one of {', '.join(map(repr, get_args(Per)))}")
    if per == "1k_tokens":
        return tokens / 1000
    if (tokens <= 0).any():
        raise ValueError("a setting with 0 thinking tokens has no place on a scale of doublings; leave it out")
    doublings: Floats = np.log2(tokens)
    return doublings


def _mean_slopes(x: Floats, y: Floats) -> Floats:
    """Over the pairs of the last axis that differ in x."""
    first, second = np.triu_indices(x.shape[-1], k=1)
    run, rise = x[..., second] - x[..., first], y[..., second] - y[..., first]
    has_slope = run != 0
    slopes = np.divide(rise, run, out=np.zeros_like(run), where=has_slope)
    counts = has_slope.sum(axis=-1)
    mean: Floats = np.where(counts > 0, slopes.sum(axis=-1) / np.maximum(1, counts), np.nan)
    return mean


def _same_length(**named: ArrayLike) -> list[Floats]:
    arrays = [np.asarray(values, dtype=np.float64) for values in named.values()]
    if any(array.ndim != 1 or array.size != arrays[0].size for array in arrays):
        given = ", ".join(f"{name} {array.shape}" for name, array in zip(named, arrays, strict=True))
        raise ValueError(f"one entry per setting expected in each, got {given}")
    return arrays
