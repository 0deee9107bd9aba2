"""Points and arms whose numbers are told, not measured, for what only lays them out."""

import math
from typing import Any

import numpy as np

from db.queries import Arm, JobCounts
from results import ArmResult, Point
from scaling.compute.spending import NOTHING_UNKNOWN
from scaling.statistics.estimates import Accuracy, Estimate
from scaling.types import Counts

NOTHING = Estimate.unknown()


def told_arm(position: int, label: str, params: dict[str, Any] | None = None) -> Arm:
    """Of the strategy that its label begins with."""
    return Arm(position, position, label, "tiny", label.split()[0], params or {}, {})


def told_point(arm: Arm, value: Estimate, cost: float = math.nan, k: int | None = None, **more: Any) -> Point:
    """Every problem has the same value and costs the same, but the interval is the one that is told."""
    made = Point(arm, k, np.full(value.n, value.value), np.full(value.n, cost), **more)
    vars(made)["value"] = value
    return made


def told_result(arm: Arm, accuracy: Estimate, thinking: Estimate, jobs: JobCounts, **more: Any) -> ArmResult:
    zero = Counts.of(())
    counts: dict[str, Any] = {
        "correct": 0, "wrong": 0, "unparsed": 0, "truncated": 0, "right_if_read": None, "unread": {}, "candidates": 0,
        "waits": None, "cuts": None, "unscored": None, "ties": 0, "tokens": zero, "unrewarded_attempts": 0,
        "unrewarded": zero, "unknown": NOTHING_UNKNOWN,
    }  # fmt: skip
    bounds = Accuracy(accuracy, 0, accuracy.value if accuracy.n else 0, accuracy.value if accuracy.n else 0)
    return ArmResult(
        arm=arm, num_problems=100, jobs=jobs, accuracy=bounds, thinking_tokens=thinking, **{**counts, **more}
    )
