"""A sweep in s1's three numbers, over the problems that every setting has a result for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.queries import ArmSamples
from results.columns import Column, Columns, Table, nested
from results.measured.costs import requested_thinking
from results.measured.measurements import Measurements, correct_PR, shape_over, spread
from results.questions import Question
from results.wording import UNKNOWN, accuracy, slope
from scaling.statistics.estimates import problem_means
from scaling.statistics.s1_metrics import SweepMetrics, sweep_metrics
from scaling.statistics.sweeps import sweeps


@dataclass(frozen=True, slots=True)
class MeasuredSweep:
    """`labels` are its settings, in order."""

    name: str
    labels: tuple[str, ...]
    metrics: SweepMetrics

    @property
    def best(self) -> str:
        return self.labels[self.metrics.best]


def measured_sweeps(measurements: Measurements) -> tuple[MeasuredSweep, ...]:
    """s1's metrics of every sweep of two or more arms that have problems in common; the lines that a plot has."""
    measured, samples = [], measurements.samples
    for sweep in sweeps([each.arm for each in samples]):
        chosen = [samples[number] for number in sweep.arms]
        metrics = _metrics_of_sweep(chosen) if len(chosen) > 1 else None
        if metrics is not None:
            measured.append(MeasuredSweep(sweep.name, tuple(each.arm.label for each in chosen), metrics))
    return tuple(measured)


def _metrics_of_sweep(settings: Sequence[ArmSamples]) -> SweepMetrics | None:
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


COLUMNS: Columns[MeasuredSweep] = (
    Column("sweep", lambda it: it.name, "sweep"),
    Column("arms", lambda it: it.labels, "settings", "how many arms", lambda labels: str(len(labels))),
    Column("n", lambda it: it.metrics.performance.n, "n", "problems that every setting answered"),
    Column(
        "control", lambda it: it.metrics.control, "control", "settings whose mean is within their budget",
        lambda control: UNKNOWN if np.isnan(control) else f"{control:.0%}",
    ),
    Column(
        "scaling_per_doubling", lambda it: nested(it.metrics.scaling_per_doubling), "points per doubling",
        "of thinking tokens", slope, lambda it: it.metrics.scaling_per_doubling,
    ),
    Column(
        "scaling_per_1k_tokens", lambda it: nested(it.metrics.scaling_per_1k_tokens), "points per 1k tokens",
        "of thinking", slope, lambda it: it.metrics.scaling_per_1k_tokens,
    ),
    Column(
        "performance", lambda it: nested(it.metrics.performance), "performance", "of the best setting", accuracy,
        lambda it: it.metrics.performance,
    ),
    Column("best", lambda it: it.best, "best setting", has_arms=True),
)  # fmt: skip
BRIEF = ("sweep", "n", "control", "scaling_per_doubling", "scaling_per_1k_tokens", "performance", "best")
"""Below a table of the arms, which has the settings."""
NOTE = (
    "points per doubling and per 1,000 thinking tokens, over problems that every setting answered; "
    "control: settings whose mean is within their budget [s1]"
)
NOTHING = "No two arms that differ in one number only have a problem in common."


def _table(measured: Sequence[MeasuredSweep]) -> Table[MeasuredSweep]:
    return Table(COLUMNS, measured, (NOTE if measured else NOTHING,))


SWEEPS = Question("sweeps", "Control, Scaling and Performance of each sweep [s1]", measured_sweeps, _table)
