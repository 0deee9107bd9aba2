"""What an experiment found: the named queries put together with the statistics, once for all who show it.

Suffixes: P problems, R repeats, J an arm's succeeded jobs, C a job's candidates. A job that has no result (failed,
cancelled or still to come) is NaN: it leaves accuracy and means, and is counted.
"""

from db.results.arms import ArmResult, CandidateCurves, arm_results, ballot, candidate_curves
from db.results.comparing import Comparison, Flip, against, compare, paired
from db.results.errors import UnknownArmError
from db.results.finding import find_arm, labelled

__all__ = [
    "ArmResult",
    "CandidateCurves",
    "Comparison",
    "Flip",
    "UnknownArmError",
    "against",
    "arm_results",
    "ballot",
    "candidate_curves",
    "compare",
    "find_arm",
    "labelled",
    "paired",
]
