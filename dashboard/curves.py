"""Arm results as curves to draw: sweeps as lines, votes read off the candidates as dotted ones. Pure."""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

from dashboard.charts import Curve, Point
from dashboard.sweeps import Setting, Sweep, sweeps
from db.results import ArmResult, CandidateCurves
from scaling.curves import AtK


class Tokens(StrEnum):
    """What the x axis counts, as a mean over the problems that have a result."""

    THINKING = "thinking tokens"  # generated while thinking, and forced Waits
    GENERATED = "generated tokens"  # thinking and answer, without forced ones


def arm_curves(arms: Sequence[ArmResult], tokens: Tokens) -> tuple[Curve, ...]:
    """One curve for each sweep. Arms without a result yet are left out, and curves without any arm."""
    ready = [arm for arm in arms if arm.estimate is not None]
    settings = [Setting(arm.arm.model, arm.arm.strategy, arm.params) for arm in ready]
    return tuple(sweep_curve(sweep, ready, tokens) for sweep in sweeps(settings))


def sweep_curve(sweep: Sweep, arms: Sequence[ArmResult], tokens: Tokens) -> Curve:
    points = [arm_point(arms[position], sweep.parameter, tokens) for position in sweep.arms]
    return Curve(sweep.name, sweep.strategy, tuple(points))


def arm_point(arm: ArmResult, parameter: str | None, tokens: Tokens) -> Point:
    estimate = arm.accuracy.estimate
    return Point(
        label=arm.label,
        mark="" if parameter is None else str(arm.params[parameter]),
        tokens=tokens_per_job(arm, tokens),
        accuracy=estimate.value,
        low=estimate.low,
        high=estimate.high,
        problems=estimate.n,
        failed=arm.jobs.failed,
        truncated=arm.truncated,
        unparsed=arm.unparsed,
    )


def tokens_per_job(arm: ArmResult, tokens: Tokens) -> float:
    """NaN without a result."""
    if tokens is Tokens.THINKING:
        return arm.thinking_tokens.value
    return arm.tokens.generated_tokens / arm.jobs.succeeded if arm.jobs.succeeded else math.nan


def vote_curves(curves: Iterable[CandidateCurves]) -> tuple[Curve, ...]:
    """maj@k and pass@k of every arm with several candidates, against the thinking tokens of k of them."""
    drawn = []
    for each in curves:
        for name, at_k in (("maj@k", each.maj_at_k), ("pass@k", each.pass_at_k)):
            points = tuple(vote_point(f"{name} of {each.arm.label}", at, each.thinking_tokens) for at in at_k)
            drawn.append(Curve(f"{name} · {each.arm.label}", each.arm.strategy, points, is_derived=True))
    return tuple(drawn)


def vote_point(label: str, at: AtK, tokens: float) -> Point:
    share = at.estimate
    return Point(f"{label}, k = {at.k}", str(at.k), at.k * tokens, share.value, share.low, share.high, share.n)
