"""What jobs spent, on any axis, with the facts of their models as they were known when it was expanded."""

from collections.abc import Sequence

import numpy as np

from db.models import JsonObject
from db.queries import Arm, ArmSamples, RollupColumns
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.compute.costs import Facts, Spent, Used, known
from scaling.compute.model_facts import ModelFacts
from scaling.strategies import remembered
from scaling.strategy import Strategy


def cost_J(samples: ArmSamples, axis: Axis, models: JsonObject | None) -> Floats:
    """Of each succeeded job, in the axis' unit; NaN where it is not known."""
    return spent_J(samples).on(axis, facts_of(samples.arm, models))


def cost_of_k_J(
    samples: ArmSamples, k: int, axis: Axis, models: JsonObject | None, rollups: RollupColumns | None = None
) -> Floats:
    """Of k of each job's n candidates (`Spent.of_k`). Paths are known by the rollups alone; without: of all n."""
    strategy, unknown_J = strategy_of(samples.arm), np.full(samples.job_id_J.size, np.nan)

    def longest_J(number: int) -> Floats:
        is_kept = rollups is not None and number in rollups.ks
        return rollups.longest_JK[:, rollups.ks.index(number)] if rollups is not None and is_kept else unknown_J

    of_k = spent_J(samples).of_k(k, strategy.side_by_side, longest_J)
    return of_k.on(axis, facts_of(samples.arm, models))


def is_bound(samples: ArmSamples, axis: Axis, models: JsonObject | None) -> bool:
    """Whether some of the jobs cost at most what is told, and may have cost less."""
    return bool(spent_J(samples).is_bound(axis, facts_of(samples.arm, models)).any())


def spent_J(samples: ArmSamples) -> Spent:
    strategy = strategy_of(samples.arm)
    return Spent(
        generator=Used(
            prompt_tokens=samples.prompt_tokens_J,
            cached_tokens=samples.cached_tokens_J,
            generated_tokens=samples.generated_tokens_J,
            attended=samples.attended_J,
            kv_read=samples.kv_read_J,
            seconds=samples.seconds_J,
            spared_tokens=samples.spared_tokens_J,
            spared_attended=samples.spared_attended_J,
        ),
        verifier=Used(
            prompt_tokens=samples.verifier_tokens_J - samples.verifier_generated_tokens_J,
            cached_tokens=samples.verifier_cached_tokens_J,
            generated_tokens=samples.verifier_generated_tokens_J,
            attended=samples.verifier_attended_J,
            kv_read=samples.verifier_kv_read_J,
            seconds=samples.verifier_seconds_J,
            spared_tokens=samples.verifier_spared_tokens_J,
            spared_attended=samples.verifier_spared_attended_J,
        ),
        thinking_tokens=samples.thinking_tokens_J,
        wall_s=samples.wall_s_J,
        candidates=samples.num_candidates_J.astype(float),
        generations=samples.chains_J * known(strategy.generations_per_chain),
        longest_path=samples.longest_path_J,
    )


def facts_of(arm: Arm, models: JsonObject | None) -> Facts:
    """`models` is the experiment's snapshot, model or verifier by name."""
    snapshots = models or {}
    verifier = None if arm.verifier is None else ModelFacts.of(snapshots.get(arm.verifier))
    return Facts(ModelFacts.of(snapshots.get(arm.model)), verifier)


def default_axis(arms: Sequence[Arm], models: JsonObject | None) -> Axis:
    """What accuracy is drawn against unless asked otherwise.

    Tokens of several generators are not worth the same: FLOPs, where the parameters of all are known. What a verifier
    reads costs, too, and no axis that hides it comes first.
    """
    facts = [facts_of(arm, models) for arm in arms]
    asked = [each.generator for each in facts] + [each.verifier for each in facts if each.verifier is not None]
    are_known = all(each.parameters is not None for each in asked)
    if len({arm.model for arm in arms}) > 1 and are_known:
        return Axis.FLOPS
    return Axis.PROCESSED if any(arm.verifier for arm in arms) else Axis.GENERATED_BY_ALL


def requested_thinking(arm: Arm) -> int | None:
    return strategy_of(arm).asked_thinking


def strategy_of(arm: Arm) -> Strategy:
    """It says of itself what is to be known of it; of one that this version does not have, nothing is."""
    return remembered(arm.strategy_spec)
