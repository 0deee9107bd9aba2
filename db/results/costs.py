"""What jobs spent, on any axis, with the parameters of their models as they were known when it was expanded."""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import TypeAdapter

from db.models import JsonObject
from db.queries import Arm, ArmSamples
from scaling.compute import Axis, Parameters, Spent
from scaling.intervals import Floats
from scaling.strategies import AnyStrategy
from scaling.strategy import Strategy

_STRATEGY: TypeAdapter[Strategy] = TypeAdapter(AnyStrategy)


def cost_J(samples: ArmSamples, axis: Axis, models: JsonObject | None) -> Floats:
    """Of each succeeded job, in the axis' unit; NaN where it is not known."""
    return spent_J(samples).on(axis, parameters_of(samples.arm, models))


def cost_of_k_J(samples: ArmSamples, k: int, axis: Axis, models: JsonObject | None) -> Floats:
    """Of k of each job's n candidates: k/n of the job, as it is where chains are independent.

    Wall time does not divide so, since candidates are made at the same time: it is known for all n only.
    """
    num_candidates_J = samples.num_candidates_J.astype(float)
    costs_J: Floats = cost_J(samples, axis, models) * k / num_candidates_J
    return np.where(num_candidates_J == k, costs_J, np.nan) if axis is Axis.SECONDS else costs_J


def spent_J(samples: ArmSamples) -> Spent:
    return Spent(
        thinking_tokens=samples.thinking_tokens_J.astype(float),
        prompt_tokens=samples.prompt_tokens_J.astype(float),
        cached_tokens=samples.cached_tokens_J,
        generated_tokens=samples.generated_tokens_J.astype(float),
        verifier_tokens=samples.verifier_tokens_J.astype(float),
        verifier_cached_tokens=samples.verifier_cached_tokens_J,
        wall_s=samples.wall_s_J,
        samples=samples.num_candidates_J.astype(float),
    )


def parameters_of(arm: Arm, models: JsonObject | None) -> Parameters:
    """`models` is the experiment's snapshot, model or verifier by name."""
    snapshots = models or {}
    verifier = None if arm.verifier is None else _parameters(snapshots.get(arm.verifier))
    return Parameters(_parameters(snapshots.get(arm.model)), verifier)


def without_parameters(arms: Sequence[Arm], models: JsonObject | None) -> tuple[str, ...]:
    """The models and verifiers of these arms whose parameters are unknown, so that their FLOPs are."""
    names = {name for arm in arms for name in (arm.model, arm.verifier) if name is not None}
    return tuple(sorted(name for name in names if _parameters((models or {}).get(name)) is None))


def requested_thinking(arm: Arm) -> int | None:
    """The thinking tokens that the arm's job was told to take, or may take at most, over all its chains.

    None: it was told no number and has no limit. Where a length that was asked for is enforced as well, it is the one
    that was asked for.
    """
    strategy = strategy_of(arm)
    told = arm.params.get("tokens")
    limit = told if told is not None else strategy.thinking_limit
    return limit * strategy.num_chains if isinstance(limit, int) else None


def num_chains(arm: Arm) -> int:
    """How many chains a job of it makes, at most; of a search, how many it ends with."""
    return strategy_of(arm).num_chains


def strategy_of(arm: Arm) -> Strategy:
    return _STRATEGY.validate_python(arm.strategy_spec)


def _parameters(snapshot: object) -> int | None:
    known = snapshot.get("parameters") if isinstance(snapshot, Mapping) else None
    return known if isinstance(known, int) else None
