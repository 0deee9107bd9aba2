"""Each arm's jobs by what they spent, right and not right apart, in bins that the arms share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from db.queries import Arm, ArmSamples, JobCounts
from db.queries.samples import VERDICTS
from results.costs import cost_J, requested_thinking
from results.measurements import Measurements
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.statistics.histogram import Counted, HistogramBins, bins_over, counted
from scaling.statistics.percentiles import Percentiles, percentiles
from scaling.types import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Of an arm's jobs that have a result; `jobs` counts the others too. `others` are those that were not correct.

    `requested` is the budget of thinking tokens that a job was given; None: none, or the axis counts something else.
    """

    arm: Arm
    jobs: JobCounts
    requested: int | None
    bins: HistogramBins
    by_verdict: Mapping[Verdict, Counted]
    """Every verdict, also those that no job has."""
    all: Percentiles
    correct: Percentiles
    others: Percentiles

    @property
    def unknown(self) -> int:
        """Jobs whose cost on the axis is not known."""
        return sum(each.unknown for each in self.by_verdict.values())


def histograms(
    measurements: Measurements, axis: Axis, *, is_log: bool, labels: Collection[str] = ()
) -> tuple[Histogram, ...]:
    """Of these arms, or of all; those without a result are left out. In arm order."""
    samples = [each for each in measurements.samples if each.job_id_J.size and (not labels or each.arm.label in labels)]
    costs = [cost_J(each, axis, measurements.models) for each in samples]
    if not costs:
        return ()
    bins = bins_over(np.concatenate(costs), is_log=is_log, are_whole=axis.is_whole)
    return tuple(histogram(each, cost, axis, bins) for each, cost in zip(samples, costs, strict=True))


def histogram(samples: ArmSamples, values_J: Floats, axis: Axis, bins: HistogramBins) -> Histogram:
    return Histogram(
        arm=samples.arm,
        jobs=samples.jobs,
        requested=requested_thinking(samples.arm) if axis is Axis.THINKING else None,
        bins=bins,
        by_verdict={
            verdict: counted(values_J[samples.verdict_number_J == number], bins)
            for number, verdict in enumerate(VERDICTS)
        },
        all=percentiles(values_J),
        correct=percentiles(values_J[samples.correct_J]),
        others=percentiles(values_J[~samples.correct_J]),
    )
