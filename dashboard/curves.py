"""Arm results as curves to draw: sweeps as lines, votes read off the candidates as dotted ones. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from enum import StrEnum

from dashboard.charts import Curve, Dash, Point
from db.results import ArmResult, CandidateCurves
from scaling.curves import AtK
from scaling.lines import Setting, Sweep, sweeps


class Tokens(StrEnum):
    """What the x axis counts, as a mean over the problems that have a result."""

    THINKING = "thinking tokens"  # generated while thinking, and forced Waits
    GENERATED = "generated tokens"  # thinking and answer, without forced ones
    VERIFIED = "generated + verifier tokens"  # those, and what the verifier read and generated


def arm_curves(arms: Sequence[ArmResult], tokens: Tokens) -> tuple[Curve, ...]:
    """One curve for each sweep. Arms without a result yet are left out, and curves without any arm."""
    ready = [arm for arm in arms if arm.estimate is not None]
    settings = [Setting(arm.arm.model, arm.arm.strategy, arm.params) for arm in ready]
    tints, lines = Tints(), sweeps(settings)
    last_line_of = {arm: line for line in lines for arm in line.arms}
    return tuple(
        sweep_curve(
            line, ready, tokens, tints.next(line.strategy), {arm for arm in line.arms if last_line_of[arm] is line}
        )
        for line in lines
    )


class Tints:
    """Numbers the curves of each family."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def next(self, family: str) -> int:
        self._seen[family] += 1
        return self._seen[family] - 1


def sweep_curve(sweep: Sweep, arms: Sequence[ArmResult], tokens: Tokens, tint: int, marked: Set[int]) -> Curve:
    """An arm on its own goes by its label. An arm on two lines is marked on one of them."""
    points = tuple(
        arm_point(arms[position], sweep.parameter if position in marked else None, tokens) for position in sweep.arms
    )
    name = sweep.name if sweep.parameter else points[0].label
    return Curve(name, sweep.strategy, points, tint)


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
    verifier_tokens = arm.tokens.verifier_tokens if tokens is Tokens.VERIFIED else 0
    return (arm.tokens.generated_tokens + verifier_tokens) / arm.jobs.succeeded if arm.jobs.succeeded else math.nan


def vote_curves(curves: Iterable[CandidateCurves]) -> tuple[Curve, ...]:
    """maj@k and pass@k of every arm with several candidates, against the thinking tokens of k of them."""
    tints = Tints()
    drawn = []
    for each in curves:
        tint = tints.next(each.arm.strategy)
        for name, at_k, dash in (("maj@k", each.maj_at_k, Dash.VOTE), ("pass@k", each.pass_at_k, Dash.ANY_RIGHT)):
            title = f"{name} · {each.arm.label}"
            points = tuple(vote_point(title, at, each.thinking_tokens, dash) for at in at_k)
            drawn.append(Curve(title, each.arm.strategy, points, tint, dash))
    return tuple(drawn)


def vote_point(title: str, at: AtK, tokens: float, dash: Dash) -> Point:
    """The k stands beside the votes only: both curves have the same."""
    share, mark = at.estimate, str(at.k) if dash is Dash.VOTE else ""
    return Point(f"{title}, k = {at.k}", mark, at.k * tokens, share.value, share.low, share.high, share.n)
