"""A spec's text, made to say something else, with the comments and the order of all that stays.

What is changed is written where it stood: single values in their place, arms as lines that move with the comments above
them. Whatever cannot be said in that way is written anew, without comments. What the text says is what was asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from ruamel.yaml.events import NodeEvent
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from scaling.spec import yaml12
from scaling.spec.difference import Values, paired

ARMS = "arms"
ONE_LINE = 1 << 30


class _NotInPlaceError(Exception):
    """What is asked cannot be written where it stood."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """What takes the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def rewritten(text: str, document: Mapping[str, JsonValue]) -> str:
    """The text that says `document`. `text` is a mapping in YAML. Raises YAMLError if it is not."""
    said = yaml12.load(text)
    if said == document:
        return text
    try:
        made = _in_place(text, document)
        return made if yaml12.load(made) == document else _anew(document)
    except (_NotInPlaceError, yaml12.YAMLError):
        return _anew(document)


def _anew(document: Mapping[str, JsonValue]) -> str:
    return yaml12.dump(dict(document), is_flow=None, width=100)


def _in_place(text: str, document: Mapping[str, JsonValue]) -> str:
    arranged = _arms_arranged(text, document)
    return _edited(arranged, _edits(arranged, _root(arranged), _said(arranged), dict(document)))


def _said(text: str) -> dict[str, JsonValue]:
    said = yaml12.load(text)
    assert isinstance(said, dict), "its root is a mapping"
    return said


def _root(text: str) -> MappingNode:
    """Raises _NotInPlaceError: anchors stand for what is elsewhere, and merges for what is not there."""
    root = yaml12.parser().compose(text)
    if not isinstance(root, MappingNode) or root.flow_style or any(map(_is_shared, yaml12.parser().parse(text))):
        raise _NotInPlaceError
    return root


def _is_shared(event: object) -> bool:
    return isinstance(event, NodeEvent) and event.anchor is not None


def _edited(text: str, edits: Iterator[_Edit]) -> str:
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _edits(text: str, node: Node, said: JsonValue, wanted: JsonValue) -> Iterator[_Edit]:
    """What makes the node, which says the one, say the other."""
    if said == wanted and type(said) is type(wanted):
        return
    if isinstance(node, MappingNode) and isinstance(said, Mapping) and isinstance(wanted, Mapping) and _is_block(node):
        yield from _mapping_edits(text, node, said, wanted)
    elif isinstance(said, list) and isinstance(wanted, list) and len(said) == len(wanted) and _is_block(node):
        for item, *values in zip(node.value, said, wanted, strict=True):
            yield from _edits(text, item, *values)
    else:
        start, end = node.start_mark.index, _end(node)
        yield _Edit(start, end, ("" if start < end else " ") + _flow(wanted))


def _is_block(node: Node) -> bool:
    return isinstance(node, CollectionNode) and not node.flow_style and bool(node.value)


def _mapping_edits(text: str, node: MappingNode, said: Values, wanted: Values) -> Iterator[_Edit]:
    for key, inner in node.value:
        if key.value in wanted:
            yield from _edits(text, inner, said[key.value], wanted[key.value])
        elif key is node.value[0][0]:
            raise _NotInPlaceError  # it may stand behind a dash
        else:
            yield _Edit(_line_start(text, key.start_mark.index), _line_end(text, _pair_end(key, inner)), "")
    indent, end = " " * node.value[0][0].start_mark.column, _line_end(text, _end(node))
    added = [f"{indent}{_flow_pair(name, inner)}\n" for name, inner in wanted.items() if name not in said]
    if added:
        yield _Edit(end, end, ("" if text[:end].endswith("\n") else "\n") + "".join(added))


def _end(node: Node) -> int:
    """Behind its last character: a block's own mark stands behind the comments that follow it."""
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        raise _NotInPlaceError  # it ends where the next thing begins
    if isinstance(node, ScalarNode) or not _is_block(node):
        return int(node.end_mark.index)
    last = node.value[-1]
    return _pair_end(*last) if isinstance(last, tuple) else _end(last)


def _pair_end(key: Node, value: Node) -> int:
    """A key may have no value."""
    return max(int(key.end_mark.index), _end(value))


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Behind the line's end: a comment at its end is the line's."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _flow(value: JsonValue) -> str:
    return yaml12.dump([value], is_flow=True, width=ONE_LINE).strip()[1:-1]


def _flow_pair(name: str, value: JsonValue) -> str:
    return yaml12.dump({name: value}, is_flow=True, width=ONE_LINE).strip()[1:-1]


def _arms_arranged(text: str, document: Mapping[str, JsonValue]) -> str:
    """With as many arms as the document has, in its order; those that only changed say what they said."""
    said, wanted = _said(text).get(ARMS), document.get(ARMS)
    node = next((inner for key, inner in _root(text).value if key.value == ARMS), None)
    if not isinstance(node, SequenceNode) or not _is_block(node) or not said or not wanted:
        return text
    assert isinstance(said, list) and isinstance(wanted, list)
    pairs = _kept(said, wanted)
    if list(pairs.items()) == [(at, at) for at in range(len(said))] and len(said) == len(wanted):
        return text
    segments, indent = _segments(text, node), " " * _dash_column(text, node)
    made = [segments[pairs[at]] if at in pairs else _segment(arm, indent) for at, arm in enumerate(wanted)]
    start, end = _bounds(text, node)
    return text[:start] + "".join(made).lstrip("\n") + text[end:]


def _dash_column(text: str, node: SequenceNode) -> int:
    start = node.value[0].start_mark.index
    return text[_line_start(text, start) : start].index("-")


def _kept(said: Sequence[JsonValue], wanted: Sequence[JsonValue]) -> dict[int, int]:
    """Which of the arms that are there each of the wanted ones is; one like none may be the one at its place."""
    if not all(isinstance(arm, Mapping) for arm in (*said, *wanted)):
        raise _NotInPlaceError
    pairs = paired(said, wanted)  # type: ignore[arg-type]
    free = set(range(len(said))) - set(pairs.values())
    return dict(sorted({**pairs, **{at: at for at in range(len(wanted)) if at not in pairs and at in free}}.items()))


def _segments(text: str, node: SequenceNode) -> list[str]:
    """Each arm's lines, with the comments above it."""
    start, _ = _bounds(text, node)
    found = []
    for item in node.value:
        end = _line_end(text, _end(item))
        found.append(text[start:end])
        start = end
    return [each if each.endswith("\n") else f"{each}\n" for each in found]


def _bounds(text: str, node: SequenceNode) -> tuple[int, int]:
    """From behind the line of `arms:` to the end of its last arm."""
    before = text.rfind(f"{ARMS}:", 0, node.start_mark.index)
    return _line_end(text, before), _line_end(text, _end(node))


def _segment(arm: JsonValue, indent: str) -> str:
    assert isinstance(arm, Mapping)
    lines = [_flow_pair(name, value) for name, value in arm.items()] or ["{}"]
    return "".join(f"{indent}{'  ' if at else '- '}{line}\n" for at, line in enumerate(lines))
