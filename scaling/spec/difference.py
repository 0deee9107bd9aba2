"""What one spec says otherwise than another, in words: a clone beside its original, two experiments beside each other.

Values are compared as they are run, so that a default that is spelt out is no difference. Arms are those that were
written, sweeps as lists: equal ones are the same arm wherever they stand, then those of one strategy and model are held
against each other in their order, and the rest was added or removed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from scaling.spec.errors import Place
from scaling.spec.experiment import READING, ExperimentSpec
from scaling.spec.words import called, in_words

Values = Mapping[str, JsonValue]

PARTS = ("name", "data_set", "models", "arms", "sampling", "prompt", "repeats", "seed", *READING)


class Kind(StrEnum):
    """What became of it."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # of arms: the same ones, in another order


@dataclass(frozen=True, slots=True)
class Change:
    """`place` is where the second spec has it, of what was removed where the first had it; values are as in JSON."""

    kind: Kind
    place: Place
    before: JsonValue = None
    after: JsonValue = None

    @property
    def what(self) -> str:
        """`sampling: temperature`, `arm 2: Waits`."""
        return ": ".join(_steps(self.place))

    @property
    def sentence(self) -> str:
        if self.kind is Kind.CHANGED:
            return f"{self.what}: {in_words(self.before)} → {in_words(self.after)}"
        if self.kind is Kind.MOVED:
            return "the arms stand in another order"
        return f"{self.what} {self.kind}: {in_words(self.after if self.kind is Kind.ADDED else self.before)}"


def difference(before: ExperimentSpec, after: ExperimentSpec) -> tuple[Change, ...]:
    """In the order of a spec; empty if both run, and are read, the same."""
    first, second = _plain(before), _plain(after)
    return tuple(change for part in PARTS for change in _of_part(part, first.get(part), second.get(part)))


def _plain(spec: ExperimentSpec) -> Values:
    plain = spec.model_dump(mode="json", include=set(ExperimentSpec.model_fields))
    arms: list[JsonValue] = [arm.model_dump(mode="json") for arm in spec.arms]
    return plain | {"arms": arms}


def _of_part(part: str, before: JsonValue, after: JsonValue) -> Iterator[Change]:
    if part == "arms":
        assert isinstance(before, list) and isinstance(after, list), "a spec has arms"
        yield from _of_arms([_mapping(arm) for arm in before], [_mapping(arm) for arm in after])
    else:
        yield from _of_values((part,), before, after)


def _of_values(place: Place, before: JsonValue, after: JsonValue) -> Iterator[Change]:
    """Field by field where both are mappings, and of the same strategy if they are strategies."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.get("strategy") == after.get("strategy"):
        for name in dict.fromkeys((*before, *after)):
            yield from _of_values((*place, name), before.get(name), after.get(name))
    elif before != after:
        yield Change(_kind(before, after), place, _telling(before), _telling(after))


def _kind(before: JsonValue, after: JsonValue) -> Kind:
    """What is a mapping comes and goes whole."""
    if before is None and isinstance(after, Mapping):
        return Kind.ADDED
    return Kind.REMOVED if after is None and isinstance(before, Mapping) else Kind.CHANGED


def _of_arms(before: Sequence[Values], after: Sequence[Values]) -> Iterator[Change]:
    pairs = paired(before, after)
    for index, arm in enumerate(after):
        if index in pairs:
            yield from _of_values(("arms", index), dict(before[pairs[index]]), dict(arm))
        else:
            yield Change(Kind.ADDED, ("arms", index), after=_telling(dict(arm)))
    for index, arm in enumerate(before):
        if index not in pairs.values():
            yield Change(Kind.REMOVED, ("arms", index), before=_telling(dict(arm)))
    if list(pairs.values()) != sorted(pairs.values()):
        yield Change(Kind.MOVED, ("arms",))


def paired(before: Sequence[Values], after: Sequence[Values]) -> dict[int, int]:
    """Which arm of the first each of the second is, both by index, in the order of the second."""
    left, pairs = list(range(len(before))), dict[int, int]()
    for is_same in (_are_equal, _are_alike):
        for index, arm in enumerate(after):
            found = next((old for old in left if index not in pairs and is_same(before[old], arm)), None)
            if found is not None:
                left.remove(found)
                pairs[index] = found
    return dict(sorted(pairs.items()))


def _are_equal(one: Values, other: Values) -> bool:
    return one == other


def _are_alike(one: Values, other: Values) -> bool:
    return (one.get("strategy"), one.get("model")) == (other.get("strategy"), other.get("model"))


def _telling(value: JsonValue) -> JsonValue:
    """Without what is not set."""
    if not isinstance(value, Mapping):
        return value
    return {name: _telling(inner) for name, inner in value.items() if inner is not None}


def _mapping(value: JsonValue) -> Values:
    assert isinstance(value, Mapping)
    return value


def _steps(place: Place) -> Iterator[str]:
    """Each in words; an arm by its number."""
    end = 0
    if place[:1] == ("arms",) and len(place) > 1:
        assert isinstance(place[1], int)
        yield f"arm {place[1] + 1}"
        end = 2
    yield from (called(*place[: step + 1]) for step in range(end, len(place)))
