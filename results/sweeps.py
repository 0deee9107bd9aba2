"""A sweep in s1's three numbers, over the problems that every setting has a result for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.queries import ArmSamples
from results.costs import requested_thinking
from results.lines import sweeps_of
from results.measurements import correct_PR, shape_over, spread
from scaling.statistics.estimates import problem_means
from scaling.statistics.s1_metrics import SweepMetrics, sweep_metrics


@dataclass(frozen=True, slots=True)
class MeasuredSweep:
    """`labels` are its settings, in order."""

    name: str
    labels: tuple[str, ...]
    metrics: SweepMetrics

    @property
    def best(self) -> str:
        return self.labels[self.metrics.best]


def measured_sweeps(samples: Sequence[ArmSamples]) -> tuple[MeasuredSweep, ...]:
    """s1's metrics of every sweep of two or more arms that have problems in common; the lines that a plot has."""
    measured = []
    for sweep in sweeps_of([each.arm for each in samples]):
        chosen = [samples[number] for number in sweep.arms]
        metrics = metrics_of_sweep(chosen) if len(chosen) > 1 else None
        if metrics is not None:
            measured.append(MeasuredSweep(sweep.name, tuple(each.arm.label for each in chosen), metrics))
    return tuple(measured)


def metrics_of_sweep(settings: Sequence[ArmSamples]) -> SweepMetrics | None:
    """`settings` are the sweep's arms, in its order; None if there is no problem that all of them have a result for.

    A setting's limits are 0 and the thinking tokens that it was given; an arm without a limit has no Control.
    """
    shape = shape_over(settings)
    correct_PS = np.column_stack([problem_means(correct_PR(each, shape)) for each in settings])
    tokens_PS = np.column_stack([problem_means(spread(each, each.thinking_tokens_J, shape)) for each in settings])
    is_common_P = ~np.isnan(correct_PS + tokens_PS).any(axis=1)
    if not is_common_P.any():
        return None
    requested = [requested_thinking(each.arm) for each in settings]
    high_S = np.array([np.nan if limit is None else limit for limit in requested], dtype=np.float64)
    return sweep_metrics(tokens_PS[is_common_P], correct_PS[is_common_P], np.where(np.isnan(high_S), np.nan, 0), high_S)
