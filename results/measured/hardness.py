"""How hard one problem is in an experiment: how often arms were right on it, and its bin among all of its problems."""

from dataclasses import dataclass

from db.queries.samples import VERDICTS, ArmSamples
from results.easiness import base_arm
from results.errors import NoResultsError
from results.measured.measurements import Measurements
from scaling.types import Verdict

CORRECT = VERDICTS.index(Verdict.CORRECT)


@dataclass(frozen=True, slots=True)
class Bin:
    """`number` is from 1, the easiest; `base` is the label of the arm whose samples tell."""

    number: int
    of: int
    base: str


@dataclass(frozen=True, slots=True)
class Hardness:
    """`right` is the mean over `arms` arms with a result of their share of right repeats; None: no arm has one."""

    right: float | None
    arms: int
    bin: Bin | None
    """None: there are fewer problems with a result than bins, or none of this one."""


def hardness(measurements: Measurements, problem: int) -> Hardness:
    """`problem` is its position."""
    shares = [share for samples in measurements.samples if (share := share_right(samples, problem)) is not None]
    right = sum(shares) / len(shares) if shares else None
    return Hardness(right, len(shares), _bin(measurements, problem))


def share_right(samples: ArmSamples, problem: int) -> float | None:
    """Of the arm's repeats of this problem; None: none has a result."""
    verdicts = samples.verdict_number_J[samples.problem_J == problem]
    return float((verdicts == CORRECT).mean()) if verdicts.size else None


def _bin(measurements: Measurements, problem: int) -> Bin | None:
    try:
        base = base_arm(measurements)
    except NoResultsError:
        return None
    number = int(base.bins.bin_P[problem])
    return None if number < 0 else Bin(number + 1, base.bins.num_bins, base.arm.label)
