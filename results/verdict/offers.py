"""What a family offers on an axis: all its arms, and what fewer samples of its votes and best-of-N would have given."""

from collections.abc import Sequence

import numpy as np

from db.queries import ArmSamples
from db.queries.samples import VERDICTS
from results.choosing import trials_of
from results.measured.curves import choosable, curves
from results.measured.families import Family
from results.measured.measurements import Measurements, spread
from results.measured.point import Point
from scaling.arrays import Booleans, Floats
from scaling.compute.axes import Axis
from scaling.types import Verdict
from scaling.verdict.contest import Offer


def offer(measurements: Measurements, family: Family, axis: Axis) -> Offer | None:
    """None where no setting has both a result and a known cost."""
    samples = {each.arm.id: each for each in measurements.samples if each.arm.id in family.arms}
    offered = choosable(curves(measurements, tuple(samples.values()), axis))
    points = [each for each in offered if each.is_known_P.any()]
    if not points:
        return None
    bounds = [_bounds(measurements, samples[each.arm.id], each) for each in points]
    least_PS, most_PS = (np.column_stack(each) for each in zip(*bounds, strict=True))
    return Offer(trials_of(points), least_PS, most_PS)


def _bounds(measurements: Measurements, samples: ArmSamples, point: Point) -> tuple[Floats, Floats]:
    """least_P and most_P: its value had the failed jobs, and those whose answer could not be read, all been wrong, or
    correct. Of k candidates the unread ones are not counted one by one: the job's own answer stands for them."""
    failed_PR = np.zeros(measurements.shape)
    for at in samples.failed:
        failed_PR[at] = 1
    unparsed_J = samples.verdict_number_J == VERDICTS.index(Verdict.UNPARSED)
    unparsed_P = np.nansum(spread(samples, unparsed_J, measurements.shape), axis=1)
    done_P = (~np.isnan(spread(samples, unparsed_J, measurements.shape))).sum(axis=1)
    failed_P = failed_PR.sum(axis=1)
    asked_P = np.where(done_P + failed_P > 0, done_P + failed_P, np.nan)
    least_P = np.nan_to_num(point.value_P) * done_P / asked_P
    most_P = np.minimum(1.0, least_P + (failed_P + unparsed_P) / asked_P)
    return least_P, most_P


def asked_P(offers: Sequence[Offer]) -> Booleans:
    """The problems that every family has been asked, with or without a result."""
    return np.asarray(np.all([~np.isnan(each.least_PS).all(axis=1) for each in offers], axis=0))
