"""How long an experiment goes on, as a range that narrows with every job that ends; in numbers and in words. Pure."""

import math

from db.queries import JobCounts, Pace, Progress
from db.status import ExperimentStatus
from results.wording import UNKNOWN
from scaling.statistics.remaining import Durations, TimeLeft, time_left

UNITS = ((120.0, 1.0, "s"), (180 * 60.0, 60.0, "min"), (72 * 3600.0, 3600.0, "h"), (math.inf, 86400.0, "d"))
"""Up to how many seconds each unit is used, how many it has, and its name."""


def left(progress: Progress) -> TimeLeft | None:
    return left_of(progress.status, progress.jobs, progress.pace)


def left_of(status: ExperimentStatus, jobs: JobCounts, pace: Pace | None) -> TimeLeft | None:
    """None: it is not running, or nothing has ended lately to go by."""
    if not jobs.open and status.is_closed:
        return TimeLeft(0.0, 0.0, 0.0)
    if status is not ExperimentStatus.RUNNING or pace is None:
        return None
    took = Durations(pace.usual_s, pace.slowest_s)
    return time_left(jobs.open - jobs.running, pace.ends, pace.seconds, took, pace.youngest_s)


def left_words(left: TimeLeft | None) -> str:
    """`12–16 min`, `50 s–3 min`, `about 3 h`, `at least 40 s`; a dash where nobody knows."""
    if left is None or left.high == 0:
        return UNKNOWN
    if left.high is None:
        seconds, unit = _unit(left.low)
        return f"at least {math.floor(left.low / seconds)} {unit}" if left.low >= seconds else UNKNOWN
    seconds, unit = _unit(left.high)
    low, high = math.floor(left.low / seconds), math.ceil(left.high / seconds)
    if not low and left.low >= 1:
        smaller, its_unit = _unit(left.low)
        return f"{math.floor(left.low / smaller)} {its_unit}–{high} {unit}"
    return f"about {high} {unit}" if low == high else f"{low}–{high} {unit}"


def _unit(seconds: float) -> tuple[float, str]:
    return next((size, unit) for most, size, unit in UNITS if seconds < most)
