"""Which arms lie on one line of a plot, and are compared along it: those that differ in a single number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue


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
    """Lines that cover every arm. The longest first; a line that would add no arm to those before is not drawn.

    So a grid is drawn along its longer side only, while a cut sweep and a Wait sweep that share an arm both go
    through it.
    """
    lines = sorted(candidate_lines(keys), key=lambda line: (-len(line[1]), line[1]))
    chosen: list[tuple[str | None, tuple[int, ...]]] = []
    covered: set[int] = set()
    for parameter, arms in lines:
        if not covered.issuperset(arms):
            chosen.append((parameter, arms))
            covered.update(arms)
    chosen += [(None, (arm,)) for arm in range(len(keys)) if arm not in covered]
    chosen.sort(key=lambda line: line[1])
    names = line_names(keys, chosen)
    return tuple(
        Sweep(name, keys[arms[0]].strategy, parameter, arms)
        for name, (parameter, arms) in zip(names, chosen, strict=True)
    )


def candidate_lines(keys: Sequence[ArmKey]) -> list[tuple[str, tuple[int, ...]]]:
    """Every set of two or more arms that differ in one number alone, with that number's name."""
    groups: defaultdict[tuple[str, tuple[object, ...]], list[int]] = defaultdict(list)
    for arm, key in enumerate(keys):
        for parameter in key.params:
            if is_number(key.params[parameter]):
                groups[parameter, all_but(parameter, key)].append(arm)
    return [(name, in_order(name, arms, keys)) for (name, _), arms in groups.items() if len(arms) > 1]


def all_but(parameter: str | None, key: ArmKey) -> tuple[object, ...]:
    """What is the same in arms that differ in this parameter alone."""
    rest = sorted((name, repr(value)) for name, value in key.params.items() if name != parameter)
    return (key.model, key.strategy, *rest)


def in_order(parameter: str, arms: Sequence[int], keys: Sequence[ArmKey]) -> tuple[int, ...]:
    return tuple(sorted(arms, key=lambda arm: number(keys[arm].params[parameter])))


def line_names(keys: Sequence[ArmKey], lines: Sequence[tuple[str | None, tuple[int, ...]]]) -> list[str]:
    """`strategy: parameter`, and where that is said twice, also the numbers and models that differ."""
    firsts = [keys[arms[0]] for _, arms in lines]
    stems = [
        f"{first.strategy}: {parameter}" if parameter else first.strategy
        for first, (parameter, _) in zip(firsts, lines, strict=True)
    ]
    names = []
    for stem, first, (parameter, _) in zip(stems, firsts, lines, strict=True):
        twins = [other for other, others_stem in zip(firsts, stems, strict=True) if others_stem == stem]
        words = [
            f"{name}={value}"
            for name, value in first.params.items()
            if name != parameter and any(twin.params.get(name) != value for twin in twins)
        ]
        words += [first.model] if any(twin.model != first.model for twin in twins) else []
        names.append(f"{stem} ({', '.join(words)})" if words else stem)
    return names


def is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: JsonValue) -> float:
    assert isinstance(value, int | float)
    return float(value)
