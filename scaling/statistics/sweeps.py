"""Which arms make a sweep, and are drawn and compared along it: those that differ in a single number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

SEED = "seed"


class ArmKey(Protocol):
    """What an arm runs: its model, its strategy's name and all its numbers."""

    @property
    def model(self) -> str: ...

    @property
    def strategy(self) -> str: ...

    @property
    def params(self) -> Mapping[str, JsonValue]: ...


@dataclass(frozen=True, slots=True)
class Sweep:
    """Arms, by their position in the list given, that differ in `parameter` alone, in its order.

    `parameter` is None for an arm that stands alone. `name` is unique among an experiment's sweeps.
    """

    name: str
    strategy: str
    parameter: str | None
    arms: tuple[int, ...]


def sweeps(keys: Sequence[ArmKey]) -> tuple[Sweep, ...]:
    """Those that cover every arm. The longest first; one that would add no arm to those before is left out.

    So a grid is drawn along its longer side only, while a cut sweep and a Wait sweep that share an arm both go
    through it.
    """
    longest_first = sorted(candidate_sweeps(keys), key=lambda each: (-len(each[1]), each[1]))
    chosen: list[tuple[str | None, tuple[int, ...]]] = []
    covered: set[int] = set()
    for parameter, arms in longest_first:
        if not covered.issuperset(arms):
            chosen.append((parameter, arms))
            covered.update(arms)
    chosen += [(None, (arm,)) for arm in range(len(keys)) if arm not in covered]
    chosen.sort(key=lambda each: each[1])
    names = sweep_names(keys, chosen)
    return tuple(
        Sweep(name, keys[arms[0]].strategy, parameter, arms)
        for name, (parameter, arms) in zip(names, chosen, strict=True)
    )


def candidate_sweeps(keys: Sequence[ArmKey]) -> list[tuple[str, tuple[int, ...]]]:
    """Every set of two or more arms that differ in one number alone, with that number's name."""
    groups: defaultdict[tuple[str, tuple[object, ...]], list[int]] = defaultdict(list)
    for arm, key in enumerate(keys):
        for parameter in key.params:
            if is_amount(parameter, key.params[parameter]):
                groups[parameter, all_but(parameter, key)].append(arm)
    return [(name, in_order(name, arms, keys)) for (name, _), arms in groups.items() if len(arms) > 1]


def all_but(parameter: str | None, key: ArmKey) -> tuple[object, ...]:
    """What is the same in arms that differ in this parameter alone."""
    rest = sorted((name, repr(value)) for name, value in key.params.items() if name != parameter)
    return (key.model, key.strategy, *rest)


def in_order(parameter: str, arms: Sequence[int], keys: Sequence[ArmKey]) -> tuple[int, ...]:
    return tuple(sorted(arms, key=lambda arm: number(keys[arm].params[parameter])))


def sweep_names(keys: Sequence[ArmKey], arms: Sequence[tuple[str | None, tuple[int, ...]]]) -> list[str]:
    """`strategy: parameter`, and where that is said twice, also the numbers and models that differ."""
    firsts = [keys[its[0]] for _, its in arms]
    stems = [
        f"{first.strategy}: {parameter}" if parameter else first.strategy
        for first, (parameter, _) in zip(firsts, arms, strict=True)
    ]
    names = []
    for stem, first, (parameter, _) in zip(stems, firsts, arms, strict=True):
        twins = [other for other, others_stem in zip(firsts, stems, strict=True) if others_stem == stem]
        words = [
            f"{name}={value}"
            for name, value in first.params.items()
            if name != parameter and any(twin.params.get(name) != value for twin in twins)
        ]
        words += [first.model] if any(twin.model != first.model for twin in twins) else []
        names.append(f"{stem} ({', '.join(words)})" if words else stem)
    return names


def is_amount(parameter: str, value: JsonValue) -> bool:
    """Of which there may be more or less: a number, and no seed."""
    return parameter != SEED and isinstance(value, int | float) and not isinstance(value, bool)


def number(value: JsonValue) -> float:
    assert isinstance(value, int | float)
    return float(value)
