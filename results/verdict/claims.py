"""What is claimed, and which arms answer for it. By default three things that are often taken for one another:

- *training*: a model that was trained to think, left to itself, against its instruct base with a chain of thought;
- *forcing*: on one model, Waits and cuts against spending the same on votes of unforced chains;
- *families*: the best of budget forcing against compute-optimal parallel (votes, best of N, search), on any model.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from db.models import JsonObject
from db.queries import Arm
from results.measured.costs import strategy_of
from results.measured.families import Family
from scaling.spec.families import Families, Selector
from scaling.spec.verdict import ClaimSpec
from scaling.strategy import Strategy, StrategyFamily


class ClaimKind(StrEnum):
    TRAINING = "training"
    FORCING = "forcing"
    FAMILIES = "families"
    NAMED = "named"  # families of the reader's own


@dataclass(frozen=True, slots=True)
class Claim:
    """That `second` is better than `first` at equal compute. A family without arms cannot be asked.

    `asks` is the claim as a question; `of` are the models that it is about.
    """

    kind: ClaimKind
    name: str
    asks: str
    first: Family
    second: Family
    of: tuple[str, ...] = ()

    @property
    def is_asked(self) -> bool:
        return bool(self.first.arms and self.second.arms)


def default_claims(arms: Sequence[Arm], models: JsonObject | None) -> tuple[Claim, ...]:
    """In the order above. Where several models think, each has its own *training* and *forcing*."""
    known = models or {}
    thinking = [model for model in dict.fromkeys(arm.model for arm in arms) if thinks(known.get(model))]
    pairs = [pair for model in thinking for pair in _pairs(model, arms, known)]
    forced = [model for model in dict.fromkeys(arm.model for arm in arms) if _any(arms, model, _forces)] or thinking[:1]
    return (
        *(_training(arms, *pair, is_one=len(pairs) == 1) for pair in pairs or [("", "")]),
        *(_forcing(arms, model, is_one=len(forced) == 1) for model in forced or [""]),
        _families(arms),
    )


def thinks(snapshot: object) -> bool:
    """Whether it marks where its thinking ends, as far as the experiment knows: one whose thought is closed before it
    begins does not."""
    told = snapshot.get("thinking") if isinstance(snapshot, dict) else None
    return isinstance(told, dict) and bool(told.get("stop"))


def _pairs(model: str, arms: Sequence[Arm], known: JsonObject) -> Iterator[tuple[str, str]]:
    """With the base that the registry names; where it names none, with the one model that does not think."""
    asked = dict.fromkeys(arm.model for arm in arms)
    snapshot = known.get(model)
    base = snapshot.get("base") if isinstance(snapshot, dict) else None
    unthinking = [each for each in asked if each in known and not thinks(known[each])]
    if isinstance(base, str):
        yield from ((model, base),) if base in asked else ()
    elif len(unthinking) == 1:
        yield model, unthinking[0]


def _training(arms: Sequence[Arm], model: str, base: str, is_one: bool) -> Claim:
    return Claim(
        ClaimKind.TRAINING,
        "training" if is_one or not model else f"training of {model}",
        f"Does {model or 'a model that was trained to think'}, left to itself, beat its base "
        f"{base or 'model'} with a chain of thought?",
        Family(
            f"chain of thought on {base}" if base else "chain of thought on the base", _of(arms, base, _is_baseline)
        ),
        Family(f"{model or 'the trained model'} unforced", _of(arms, model, _is_baseline)),
        (base, model) if model else (),
    )


def _forcing(arms: Sequence[Arm], model: str, is_one: bool) -> Claim:
    on = f" on {model}" if model else ""
    return Claim(
        ClaimKind.FORCING,
        "forcing" if is_one or not model else f"forcing on {model}",
        f"Do Waits and cuts{on} beat spending the same on votes?",
        Family(f"votes{on}", _of(arms, model, lambda it: _is_baseline(it) or _votes(it))),
        Family(f"budget forcing{on}", _of(arms, model, _forces)),
        (model,) if model else (),
    )


def _families(arms: Sequence[Arm]) -> Claim:
    return Claim(
        ClaimKind.FAMILIES,
        "families",
        "Does the best of budget forcing beat compute-optimal parallel, whatever the model?",
        Family("compute-optimal parallel", _of(arms, None, lambda it: _is_baseline(it) or _is_parallel(it))),
        Family("budget forcing", _of(arms, None, _forces)),
        tuple(dict.fromkeys(arm.model for arm in arms)),
    )


def named_claim(name: str, first: Family, second: Family) -> Claim:
    return Claim(ClaimKind.NAMED, name, f"Does {second.name} beat {first.name}?", first, second)


def claims_told(arms: Sequence[Arm], families: Families, told: Mapping[str, ClaimSpec]) -> tuple[Claim, ...]:
    """Of families that were named, or that strategies say they are of."""
    return tuple(
        named_claim(name, _family(claim.than, families, arms), _family(claim.better, families, arms))
        for name, claim in told.items()
    )


def _family(name: str, families: Families, arms: Sequence[Arm]) -> Family:
    if not families.get(name):
        return Family(name, _of(arms, None, lambda it: it.family == name))
    taken = [arm.id for arm in arms if any(_takes(each, arm) for each in families[name])]
    return Family(name, tuple(taken))


def _takes(selector: Selector, arm: Arm) -> bool:
    return selector.takes(arm.label, arm.model, arm.strategy, arm.params)


def twin_of(claim: Claim, others: Sequence[Claim]) -> Claim | None:
    """One of the others that asks the same of the same arms: what is asked twice would be corrected for twice."""
    arms = set(claim.first.arms), set(claim.second.arms)
    return next((each for each in others if (set(each.first.arms), set(each.second.arms)) == arms), None)


def without_shared(claim: Claim) -> Claim:
    """An arm of both families is in neither: it would be compared with itself."""
    shared = set(claim.first.arms) & set(claim.second.arms)
    first, second = (
        Family(each.name, tuple(arm for arm in each.arms if arm not in shared)) for each in (claim.first, claim.second)
    )
    return Claim(claim.kind, claim.name, claim.asks, first, second, claim.of)


def _of(arms: Sequence[Arm], model: str | None, is_in: Callable[[Strategy], bool]) -> tuple[int, ...]:
    return tuple(arm.id for arm in arms if model in (None, arm.model) and is_in(strategy_of(arm)))


def _any(arms: Sequence[Arm], model: str, is_in: Callable[[Strategy], bool]) -> bool:
    return bool(_of(arms, model, is_in))


def _is_baseline(strategy: Strategy) -> bool:
    return strategy.is_baseline


def _forces(strategy: Strategy) -> bool:
    return strategy.forces_thinking


def _votes(strategy: Strategy) -> bool:
    return strategy.family is StrategyFamily.PARALLEL and strategy.verifier_name is None


def _is_parallel(strategy: Strategy) -> bool:
    return strategy.family in (StrategyFamily.PARALLEL, StrategyFamily.SEARCH)
