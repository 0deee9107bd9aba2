"""What a spec whose every value is right may still have wrong as a whole."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from scaling.abilities import Ability
from scaling.context import ContextShares
from scaling.errors import suggestion
from scaling.spec.arms import ArmSpec
from scaling.spec.errors import Fault, Place
from scaling.spec.families import family_faults
from scaling.spec.greedy import equal_draws
from scaling.spec.verdict import verdict_faults
from scaling.spec.written import WrittenSpec
from scaling.strategy import counted

MAX_ARMS = 10_000
MAX_JOBS = 1_000_000


class ModelLimits(Protocol):
    """What a spec needs to know of a model before it can run on it."""

    @property
    def context_length(self) -> int: ...

    @property
    def engine(self) -> str:
        """The kind of its server."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What that can do."""
        ...


class VerifierAbilities(Protocol):
    """What a spec needs to know of a verifier before an arm can ask it."""

    @property
    def scores_steps(self) -> bool: ...


def faults(spec: WrittenSpec) -> list[Fault]:
    """Sizes are checked before anything is expanded."""
    found = [*_repeated_models(spec), *_arms_without_model(spec)] or [*_too_many(spec)]
    return found or [*_equal_arms(spec), *dict.fromkeys(_equal_draws(spec)), *_unread(spec)]


def misfits(
    spec: WrittenSpec, models: Mapping[str, ModelLimits], verifiers: Mapping[str, VerifierAbilities]
) -> list[Fault]:
    """What does not go with the models and verifiers that are known; of others nobody can say it yet."""
    found: list[Fault] = []
    for index, arm in spec.written_and_expanded:
        found += [*_misfits(index, arm, models), *_unable_engine(index, arm, models)]
        found += _unfit_verifier(index, arm, verifiers)
    return list(dict.fromkeys(found))


def unknown(spec: WrittenSpec, models: Collection[str], verifiers: Collection[str]) -> list[Fault]:
    """Names that no worker has announced yet: of what comes later, or misspelt."""
    found: list[Fault] = []
    for index, arm in spec.written_and_expanded:
        if arm.model not in models:
            is_own = bool(spec.arms[index].models)
            place: Place = ("arms", index, "model") if is_own else ("models", spec.models.index(arm.model))
            found.append((place, f"no worker serves {arm.model}{suggestion(arm.model, sorted(models), 'Served')}"))
        name = arm.strategy.verifier_name
        if name is not None and name not in verifiers:
            message = f"no worker serves the verifier {name}{suggestion(name, sorted(verifiers), 'Served')}"
            found.append((("arms", index, "verifier"), message))
    return list(dict.fromkeys(found))


def _repeated_models(spec: WrittenSpec) -> Iterator[Fault]:
    for place, models in [
        (("models",), spec.models),
        *((("arms", i, "model"), a.models) for i, a in enumerate(spec.arms)),
    ]:
        for model, count in Counter(models).items():
            if count > 1:
                yield place, f"{model} stands {count} times; keep one"


def _arms_without_model(spec: WrittenSpec) -> Iterator[Fault]:
    if not spec.models and not all(arm.models for arm in spec.arms):
        yield ("models",), "missing; name the models that the arms run on, or give each arm its own model"


def _too_many(spec: WrittenSpec) -> Iterator[Fault]:
    num_arms = sum(arm.num_settings * len(arm.models or spec.models) for arm in spec.arms)
    num_jobs = num_arms * spec.repeats * (spec.data_set.limit or 1)
    if num_arms > MAX_ARMS:
        yield ("arms",), f"expand to {num_arms:,} arms, at most {MAX_ARMS:,} are allowed; sweep fewer values"
    elif num_jobs > MAX_JOBS:
        factors = {"arm": num_arms, "problem": spec.data_set.limit or 1, "repeat": spec.repeats}
        what = " × ".join(counted(number, noun) for noun, number in factors.items())
        yield (), f"{what} are {num_jobs:,} jobs, at most {MAX_JOBS:,} are allowed; lower one of them"


def _equal_arms(spec: WrittenSpec) -> Iterator[Fault]:
    first: dict[tuple[object, ...], int] = {}
    for index, arm in spec.written_and_expanded:
        earlier = first.setdefault((arm.model, arm.strategy, arm.sampling, arm.prompt, arm.seed), index)
        if earlier != index:
            yield ("arms", index), f"expands to {arm.label}, as arms[{earlier}] does; drop one of them"


def _equal_draws(spec: WrittenSpec) -> Iterator[Fault]:
    for index, arm in spec.written_and_expanded:
        yield from equal_draws(index, arm, spec.arms[index], spec.repeats)


def _unread(spec: WrittenSpec) -> Iterator[Fault]:
    """What says how results will be read, and names what is not there."""
    if spec.families:
        yield from family_faults(spec.families, spec.expand())
    if spec.verdict is not None:
        yield from verdict_faults(spec.verdict, spec.families, spec.expand())


def _misfits(index: int, arm: ArmSpec, models: Mapping[str, ModelLimits]) -> Iterator[Fault]:
    model = models.get(arm.model)
    if model is None:
        return
    thinking, answer = arm.strategy.thinking_limit, arm.sampling.max_answer_tokens
    if ContextShares(model.context_length, answer).required(thinking) >= model.context_length:
        what = f"{thinking} thinking tokens and {answer or 1}" if thinking else f"{answer or 1} tokens"
        yield (
            ("arms", index),
            f"{what} for the answer do not fit with a prompt into the {model.context_length} tokens of {arm.model}'s "
            "context; lower max_thinking_tokens or sampling.max_answer_tokens",
        )


def _unable_engine(index: int, arm: ArmSpec, models: Mapping[str, ModelLimits]) -> Iterator[Fault]:
    """What the arm asks of its model's engine that this cannot do: of its strategy, then of its sampling."""
    model = models.get(arm.model)
    if model is None:
        return
    served = f"{arm.model} is served by the engine {model.engine}, which"
    if lacking := arm.strategy.needs - model.abilities:
        able = ", ".join(name for name in sorted(models) if arm.strategy.needs <= models[name].abilities) or "none"
        why = " and ".join(ability.words for ability in sorted(lacking))
        yield (
            ("arms", index, "strategy"),
            f"{served} {why}: {arm.strategy.strategy} as it stands here needs that; name a model whose engine can, or "
            f"give another strategy. Served: {able}",
        )
    for name, ability in arm.sampling.needs.items():
        if ability not in model.abilities:
            place: Place = ("arms", index, "sampling") if name in arm.own_sampling else ("sampling",)
            yield (*place, name), f"{served} {ability.words}; {WITHOUT[name]}"


WITHOUT = {
    "top_k": "leave top_k out",
    "cache": "set cache to shared: what a job costs may then depend on what was asked before it",
}
"""What to write where an engine cannot do what a field of the sampling asks for."""


def _unfit_verifier(index: int, arm: ArmSpec, verifiers: Mapping[str, VerifierAbilities]) -> Iterator[Fault]:
    name = arm.strategy.verifier_name
    if name is not None and name in verifiers and arm.strategy.needs_step_scores and not verifiers[name].scores_steps:
        able = ", ".join(sorted(other for other, each in verifiers.items() if each.scores_steps)) or "none"
        yield (
            ("arms", index, "verifier"),
            f"{name} scores whole solutions only, and {arm.strategy.strategy} needs a score for each step; name a "
            f"process reward model. Served: {able}",
        )
