"""What stands beside costs on an axis, in words: why some are not known, which are bounds, and what is not counted."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from db.models import JsonObject
from db.queries import ArmSamples
from results.measured.costs import cost_J, facts_of, spent_J, strategy_of
from results.measured.measurements import Measurements
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.compute.costs import Used, bounded
from scaling.compute.model_facts import ModelFacts


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A model, what the jobs of an arm asked of it, and what is known of it."""

    name: str
    used: Used
    facts: ModelFacts
    is_verifier: bool = False


PARAMETERS, ATTENTION, GPUS, PRICE = (
    "parameters",
    "architecture (or config: of a config.json)",
    "gpus",
    "price_per_million (or price_per_gpu_hour)",
)

HAS: Mapping[str, Callable[[ModelFacts], bool]] = {
    PARAMETERS: lambda facts: facts.parameters is not None,
    ATTENTION: lambda facts: facts.architecture is not None,
    GPUS: lambda facts: facts.gpus is not None,
    PRICE: lambda facts: facts.price_per_million is not None or facts.price_per_gpu_hour is not None,
}

NEEDS: Mapping[Axis, tuple[str, ...]] = {
    Axis.FLOPS: (PARAMETERS,),
    Axis.FLOPS_WITH_ATTENTION: (PARAMETERS, ATTENTION),
    Axis.EFLOPS: (PARAMETERS, ATTENTION),
    Axis.GPU_SECONDS: (GPUS,),
    Axis.PRICE: (PRICE,),
}


def axis_notes(
    measurements: Measurements, axis: Axis, *, of_fewer: bool, arms: Collection[int] = ()
) -> tuple[str, ...]:
    """One line each. `of_fewer`: costs of k of n candidates are shown too. `arms` are their ids; empty: all."""
    samples = [each for each in measurements.samples if not arms or each.arm.id in arms]
    notes = cost_notes(samples, axis, measurements.models)
    return (*notes, *notes_of_fewer(samples, axis)) if of_fewer else notes


def remedy(measurements: Measurements, axis: Axis, arms: Collection[int]) -> str:
    """What to do where costs of these arms are not known: the reason, if it is not that results are still to come."""
    samples = [each for each in measurements.samples if each.arm.id in arms]
    asked = [each for of_arm in samples for each in _models_asked(of_arm, measurements.models)]
    why = [*_missing(asked, axis), *_uncounted(samples, axis, measurements.models)]
    return " ".join(["take another axis.", *why]) if why else "wait for more results, or take another axis"


def cost_notes(samples: Sequence[ArmSamples], axis: Axis, models: JsonObject | None) -> tuple[str, ...]:
    """No line twice."""
    asked = [each for of_arm in samples for each in _models_asked(of_arm, models)]
    lines = [*_missing(asked, axis), *_uncounted(samples, axis, models), *_bounds(asked, axis), *_unseen(asked, axis)]
    return tuple(dict.fromkeys([*lines, *_intensities(asked, axis)]))


def notes_of_fewer(samples: Sequence[ArmSamples], axis: Axis) -> tuple[str, ...]:
    """What k of n candidates are taken to cost."""
    lines = [] if axis is Axis.CANDIDATES else [f"k of n candidates cost, in {axis.label}: {axis.of_k}."]
    old = sum(int((np.isnan(each.spared_tokens_J) & (each.num_candidates_J > 1)).sum()) for each in samples)
    if old and "prompt" in axis.of_k:
        lines.append(f"Of {old:,} jobs it was not counted what their chains were spared: fewer of these have no cost.")
    whole = [each.arm.label for each in samples if strategy_of(each.arm).side_by_side is None]
    if whole and axis not in (Axis.CANDIDATES, Axis.SECONDS):
        lines.append(
            f"Candidates of a search or of revisions depend on each other: fewer of them have no cost of their own, in "
            f"{', '.join(whole)}."
        )
    return tuple(lines)


def _models_asked(samples: ArmSamples, models: JsonObject | None) -> Iterator[Asked]:
    """Those that some job of the arm asked."""
    arm, spent, facts = samples.arm, spent_J(samples), facts_of(samples.arm, models)
    yield Asked(arm.model, spent.generator, facts.generator)
    if arm.verifier is not None and facts.verifier is not None and spent.verifier.is_asked.any():
        yield Asked(arm.verifier, spent.verifier, facts.verifier, is_verifier=True)


def _missing(asked: Sequence[Asked], axis: Axis) -> Iterator[str]:
    for need in NEEDS.get(axis, ()):
        without = sorted({each.name for each in asked if not HAS[need](each.facts)})
        if without:
            yield f"Not known where these are asked, whose registry entry has no {need}: {', '.join(without)}."


def _uncounted(samples: Sequence[ArmSamples], axis: Axis, models: JsonObject | None) -> Iterator[str]:
    """Jobs whose cost is unknown though all facts are there."""
    unreported = earlier = 0
    for each in samples:
        if not any(_missing(list(_models_asked(each, models)), axis)):
            is_unknown_J, is_unreported_J = np.isnan(cost_J(each, axis, models)), np.isnan(each.generated_tokens_J)
            unreported += int((is_unknown_J & is_unreported_J).sum())
            earlier += int((is_unknown_J & ~is_unreported_J).sum())
    if unreported:
        yield f"Not known for {unreported:,} of the jobs: their engine does not report its tokens."
    if earlier:
        yield f"Not known for {earlier:,} jobs that ended before {axis.label} were counted."


def _bounds(asked: Sequence[Asked], axis: Axis) -> Iterator[str]:
    untold = sorted({each.name for each in asked if _is_cached_untold(each, axis)})
    if untold:
        yield (
            "At most (≤): a server does not tell what it had cached, so whole prompts are counted; start vLLM with "
            f"--enable-prompt-tokens-details: {', '.join(untold)}."
        )
    if axis is Axis.GPU_SECONDS or (axis is Axis.PRICE and any(_is_by_hour(each.facts) for each in asked)):
        yield "At most (≤): requests overlap in a batch, which shares the GPUs. Compare arms that ran under one load."


def _is_cached_untold(asked: Asked, axis: Axis) -> bool:
    is_bound = bounded(axis, asked.used, asked.facts) & (axis is not Axis.GPU_SECONDS)
    return bool((asked.used.is_cached_unknown & is_bound).any())


def _is_by_hour(facts: ModelFacts) -> bool:
    return facts.price_per_million is None and facts.price_per_gpu_hour is not None


def _unseen(asked: Sequence[Asked], axis: Axis) -> Iterator[str]:
    """What a verifier reads is most of what it costs, and axes of generated tokens do not count it."""
    if axis not in (Axis.GENERATED, Axis.GENERATED_BY_ALL, Axis.THINKING, Axis.LONGEST_PATH):
        return
    for name in sorted({each.name for each in asked if each.is_verifier}):
        its = [each.used for each in asked if each.is_verifier and each.name == name]
        processed, generated = _sum_of(each.processed for each in its), _sum_of(each.generated_tokens for each in its)
        if processed > generated:
            yield (
                f"Not counted here is what a verifier reads: {name} processed {processed:,.0f} tokens to generate "
                f"{generated:,.0f}; see {Axis.PROCESSED} or {Axis.FLOPS}."
            )


def _sum_of(counts: Iterable[Floats]) -> float:
    return sum((float(np.nansum(each)) for each in counts), 0.0)


def _intensities(asked: Sequence[Asked], axis: Axis) -> Iterator[str]:
    if axis is Axis.EFLOPS:
        told = sorted({each.facts.intensity for each in asked})
        yield f"Intensity: {', '.join(f'{each:g}' for each in told)} FLOPs per byte [Kinetics]."
