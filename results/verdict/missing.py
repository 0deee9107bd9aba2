"""What would have to be run for a full answer: the arms that a claim has not, as a spec of their own.

A spec never changes, so they are an experiment beside the first one, on the same problems; `--with` puts them together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pydantic import JsonValue

from db.queries import Arm, ExperimentDetail
from results.measured.costs import strategy_of
from results.verdict.claims import Claim, ClaimKind, thinks
from scaling.strategy import Strategy, StrategyFamily

Written = dict[str, JsonValue]
"""An arm, as it is written in a spec."""

WAITS = [0, 1, 2, 4]
MANY = 16
MOST_THINKING = 4096
"""Of an arm that is forced, where no other arm gives a limit."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Arms without which the claim's answer is not full, and why. `arms` is empty where no spec could add them."""

    claim: str
    why: str
    arms: tuple[Written, ...]


def missing(claims: Sequence[Claim], experiment: ExperimentDetail) -> tuple[Missing, ...]:
    """In the order of the claims."""
    return tuple(chain.from_iterable(FINDERS[each.kind](each, experiment) for each in claims if each.kind in FINDERS))


def _of_training(claim: Claim, experiment: ExperimentDetail) -> Iterator[Missing]:
    if claim.of:
        for model, family in zip(claim.of, (claim.first, claim.second), strict=True):
            if not family.arms:
                arm: Written = {"strategy": "chain_of_thought", "model": model}
                yield Missing(claim.name, f"no chain of thought on {model}", (arm,))
        return
    thinking = [each for each in _models(experiment) if thinks((experiment.models or {}).get(each))]
    of = f" of {' and '.join(thinking)}" if thinking else ""
    yield Missing(
        claim.name,
        f"no model is known as the instruct base{of}: name it as `base:` in the registry, and run chains of thought on "
        "both",
        (),
    )


def _of_forcing(claim: Claim, experiment: ExperimentDetail) -> Iterator[Missing]:
    for model in claim.of:
        strategies = [strategy_of(arm) for arm in experiment.arms if arm.model == model]
        if not claim.second.arms:
            yield Missing(claim.name, f"no budget forcing on {model}", (_forcing(experiment, model),))
        if not any(_is_wide_vote(each) for each in strategies):
            yield Missing(claim.name, f"no vote of {MANY} or more on {model}", (_vote(model),))


def _of_families(claim: Claim, experiment: ExperimentDetail) -> Iterator[Missing]:
    strategies = [strategy_of(arm) for arm in experiment.arms]
    verifier = next((each.verifier_name for each in strategies if each.verifier_name), None)
    models = claim.of[:1]
    if not any(_is_wide_vote(each) for each in strategies):
        yield Missing(claim.name, f"no vote of {MANY} or more", tuple(map(_vote, models)))
    if not any(each.family is StrategyFamily.PARALLEL and each.verifier_name for each in strategies):
        yield _with_verifier(claim, "no best of N", verifier, models, {"strategy": "best_of_n", "samples": MANY})
    if not any(each.family is StrategyFamily.SEARCH for each in strategies):
        search: Written = {"strategy": "beam_search", "width": MANY, "branches": 4}
        yield _with_verifier(claim, "no search over steps", verifier, models, search)


def _with_verifier(claim: Claim, why: str, verifier: str | None, models: Sequence[str], arm: Written) -> Missing:
    if verifier is None:
        needs = "which needs a verifier: name one that is served, or register one (models.example.yaml)"
        return Missing(claim.name, f"{why}, {needs}", ())
    return Missing(claim.name, why, tuple({**arm, "verifier": verifier, "model": model} for model in models))


FINDERS = {ClaimKind.TRAINING: _of_training, ClaimKind.FORCING: _of_forcing, ClaimKind.FAMILIES: _of_families}


def spec_of(missing: Sequence[Missing], experiment: ExperimentDetail) -> Mapping[str, JsonValue] | None:
    """The same problems, asked in the same way, under the arms that are missing; None where no spec could add any."""
    listed = [arm for each in missing for arm in each.arms]
    arms: list[JsonValue] = [arm for at, arm in enumerate(listed) if arm not in listed[:at]]
    kept = ("data_set", "sampling", "prompt", "repeats", "seed")
    shared = {name: experiment.spec[name] for name in kept if name in experiment.spec}
    return {"name": f"{experiment.summary.name} more", **shared, "arms": arms} if arms else None


def _models(experiment: ExperimentDetail) -> list[str]:
    return list(dict.fromkeys(arm.model for arm in experiment.arms))


def _is_wide_vote(strategy: Strategy) -> bool:
    is_vote = strategy.family is StrategyFamily.PARALLEL and strategy.verifier_name is None
    return is_vote and (strategy.num_samples or 0) >= MANY


def _vote(model: str) -> Written:
    return {"strategy": "majority_vote", "samples": MANY, "model": model}


def _forcing(experiment: ExperimentDetail, model: str) -> Written:
    limits = [_limit(arm) for arm in experiment.arms]
    most = max(filter(None, limits), default=MOST_THINKING)
    return {"strategy": "budget_forcing", "max_thinking_tokens": most, "waits": list(WAITS), "model": model}


def _limit(arm: Arm) -> int | None:
    return strategy_of(arm).thinking_limit
