"""A spec as text: YAML 1.2 read safely, with the place of every value kept for error messages.

It refuses what a spec never needs and what would surprise later: a key given twice, keys that are not text, dates,
several documents, text that PostgreSQL cannot hold, and aliases that multiply.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from scaling.spec import yaml12
from scaling.spec.errors import Place, SpecError, SpecFault, dotted, shown

MAX_VALUES = 100_000
MAX_DEPTH = 20

_OVERRIDE_STEP = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]{1,6})\]")


@dataclass(frozen=True, slots=True)
class Places:
    """Where values were written: "specs/demo.yaml:12". What was not written is where its parent was.

    Two specs that say the same are equal wherever they were written, so all Places are equal.
    """

    source: str = "spec"
    of: Mapping[Place, str] = field(default_factory=dict)

    def location(self, place: Place) -> str:
        return next((self.of[place[:end]] for end in range(len(place), -1, -1) if place[:end] in self.of), self.source)

    def replaced(self, place: Place, location: str) -> "Places":
        """With everything at and below `place` written elsewhere, and what it made on the way there."""
        others = {other: where for other, where in self.of.items() if other[: len(place)] != place}
        others |= {place[:end]: location for end in range(1, len(place)) if place[:end] not in others}
        return Places(self.source, (others | {place: location}))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places)

    def __hash__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class SpecText:
    """What a YAML text says, and where."""

    data: JsonValue
    places: Places


@dataclass(frozen=True, slots=True)
class Override:
    """One `--set arms[0].waits=4`."""

    place: Place
    value: JsonValue
    written: str


def read(text: str, source: str) -> SpecText:
    """Raises SpecError with line and column for what is not YAML, and with all faults of what is."""
    reader = _Reader(source)
    node = reader.compose(text)
    if node is None:
        raise SpecError([SpecFault((), "empty; give at least name, data_set, models and arms", source)])
    data = reader.build(node, ())
    if reader.faults:
        raise SpecError(reader.faults)
    return SpecText(data, Places(source, (reader.of)))


def read_override(written: str) -> Override:
    """`path=value`, the path dotted with [i] for lists, the value YAML. Raises SpecError."""
    path, equals, value = written.partition("=")
    location = f"--set {written}"
    steps = list(_OVERRIDE_STEP.finditer(path))
    joined = dotted(tuple(int(step[2]) if step[2] else step[1] for step in steps))
    if not equals or joined != path.strip() or not steps:
        message = f"expected PATH=VALUE such as arms[0].waits=4 or data_set.limit=50, got {shown(written)}"
        raise SpecError([SpecFault((), message, location)])
    reader = _Reader(location, has_lines=False)
    node = reader.compose(value)
    data = None if node is None else reader.build(node, ())
    if reader.faults:
        raise SpecError(reader.faults)
    return Override(tuple(int(step[2]) if step[2] else step[1] for step in steps), data, written)


def replaced(data: JsonValue, place: Place, value: JsonValue, location: str) -> Any:
    """`data` with one value replaced; what was left out on the way is made. Raises SpecError."""
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        if not isinstance(data, list | None) or step > len(data or []):
            have = f"there are {len(data)}, counted from 0" if isinstance(data, list) else "what holds it is no list"
            raise SpecError([SpecFault((), f"there is nothing at [{step}]: {have}", location)])
        items = data or []
        item = items[step] if step < len(items) else None
        return [*items[:step], replaced(item, rest, value, location), *items[step + 1 :]]
    if not isinstance(data, dict | None):
        raise SpecError([SpecFault((), f"{step} cannot be set: what holds it is no mapping", location)])
    mapping = data or {}
    return mapping | {step: replaced(mapping.get(step), rest, value, location)}


class _Reader:
    """Builds plain values from YAML nodes, noting each one's line and every fault on the way."""

    def __init__(self, source: str, *, has_lines: bool = True) -> None:
        self.source = source
        self.has_lines = has_lines
        self.of: dict[Place, str] = {}
        self.faults: list[SpecFault] = []
        self._yaml = yaml12.parser()

    def compose(self, text: str) -> Node | None:
        try:
            self._yaml = yaml12.parser()
            return self._yaml.compose(text)  # type: ignore[no-any-return]
        except yaml12.MarkedYAMLError as error:
            raise SpecError([self._syntax_fault(error)]) from error
        except yaml12.ReaderError as error:
            line = text[: error.position].count("\n") + 1 if isinstance(error.position, int) else 1
            code = error.character if isinstance(error.character, int) else ord(error.character)
            message = f"not YAML: the character U+{code:04X} is not allowed; remove it"
            raise SpecError([SpecFault((), message, self._at(line))]) from error
        except RecursionError as error:
            raise SpecError([SpecFault((), "nested too deeply to be a spec", self.source)]) from error

    def build(self, node: Node, place: Place) -> JsonValue:
        self.of.setdefault(place, self._at(node.start_mark.line + 1))
        if len(self.of) > MAX_VALUES or len(place) > MAX_DEPTH:
            message = f"more than {MAX_VALUES} values, or nested more than {MAX_DEPTH} deep: no spec is that large"
            raise SpecError([SpecFault(place[:3], message, self.of[place])])
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode), "YAML has mappings, sequences and scalars"
        return self._scalar(node, place)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, JsonValue]:
        mapping: dict[str, JsonValue] = {}
        written_at: dict[str, int] = {}
        own_values = {id(value) for _, value in node.value}
        for key, value_node in self._merged(node, place):
            if not isinstance(key, ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                self._note(place, f"a key must be text, got {_node_text(key)}; put it in quotes", key)
                continue
            name, line = str(key.value), key.start_mark.line + 1
            here, is_own = (*place, name), id(value_node) in own_values
            if is_own and name in written_at:
                self._note(here, f"given twice, first on line {written_at[name]}; keep one", key)
                continue
            if is_own:
                written_at[name] = line
            self._forget(here)
            self.of[here] = self._at(line)
            mapping[name] = self.build(value_node, here)
        return mapping

    def _merged(self, node: MappingNode, place: Place) -> Iterator[tuple[Node, Node]]:
        """The pairs of a mapping, those that `<<` brings first, so that the mapping's own win."""
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            try:
                self._yaml.constructor.flatten_mapping(node)
            except yaml12.MarkedYAMLError as error:
                raise SpecError([self._syntax_fault(error)]) from error
            except RecursionError as error:
                raise SpecError([SpecFault(place, "merges itself", self.location_of(node))]) from error
        yield from node.value

    def _scalar(self, node: ScalarNode, place: Place) -> JsonValue:
        try:
            value = self._yaml.constructor.construct_object(node)
        except yaml12.MarkedYAMLError as error:
            self.faults.append(self._syntax_fault(error))
            return None
        except ValueError as error:
            self._note(place, f"{_node_text(node)} cannot be read: {error}", node)
            return None
        if value is not None and not isinstance(value, str | int | float | bool):
            self._note(place, f"{_node_text(node)} is read as a {type(value).__name__}; put it in quotes", node)
        else:
            return value
        return None

    def _forget(self, place: Place) -> None:
        """What a merge brought and an own key replaces leaves no lines behind."""
        if place in self.of:
            self.of = {other: where for other, where in self.of.items() if other[: len(place)] != place}

    def _note(self, place: Place, message: str, node: Node) -> None:
        self.faults.append(SpecFault(place, message, self.location_of(node)))

    def location_of(self, node: Node) -> str:
        return self._at(node.start_mark.line + 1)

    def _at(self, line: int) -> str:
        return f"{self.source}:{line}" if self.has_lines else self.source

    def _syntax_fault(self, error: yaml12.MarkedYAMLError) -> SpecFault:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        if mark is None:
            return SpecFault((), f"not YAML: {what}", self.source)
        return SpecFault((), f"not YAML: {what} (column {mark.column + 1})", self._at(mark.line + 1))


def _node_text(node: Node) -> str:
    return shown(node.value) if isinstance(node, ScalarNode) else "a list or a mapping"
