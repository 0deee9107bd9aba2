"""One file, several experiments: a spec whose `data_set` is a list makes one of each, everything else the same.

Each is an experiment of its own, with a name of its own: whoever has read them knows of no list any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from pydantic import JsonValue

from scaling.spec import text as spec_text
from scaling.spec.errors import Place, SpecError, SpecFault, shown
from scaling.spec.submission import Submission
from scaling.spec.text import Override, Places, SpecText

DATA_SET = "data_set"


def has_list(data: JsonValue) -> bool:
    """Whether a document asks several data sets."""
    return isinstance(data, dict) and isinstance(data.get(DATA_SET), list)


def submissions(read: SpecText, overrides: Sequence[str] = ()) -> list[Submission]:
    """One for each data set, in their order. Raises SpecError with the faults of all, each once.

    An override of `data_set.limit` is meant of every data set, one of `data_set[1].limit` of the second.
    """
    if not has_list(read.data):
        return [Submission.of(read.data, read.places).with_overrides(overrides)]
    listed = _overridden(SpecText(_spelt_out(read.data), read.places), overrides)
    return _each(listed.data, listed.places) if has_list(listed.data) else [Submission.of(listed.data, listed.places)]


def _each(data: JsonValue, places: Places) -> list[Submission]:
    made: list[Submission] = []
    faults = list(_faults_of_list(data, places))
    for index, alone in enumerate(_alone(data)):
        try:
            made.append(Submission.of(alone, _places_alone(places, index)))
        except SpecError as error:
            faults += [_placed(fault, index) for fault in error.faults]
    if faults:
        raise SpecError(dict.fromkeys(faults))
    return made


def _data_sets(data: JsonValue) -> list[JsonValue]:
    listed = data[DATA_SET] if isinstance(data, dict) else None
    assert isinstance(listed, list)
    return listed


def _spelt_out(data: JsonValue) -> JsonValue:
    """With `{name: math500}` for `math500`, so that an override finds it."""
    assert isinstance(data, dict)
    return data | {DATA_SET: [{"name": each} if isinstance(each, str) else each for each in _data_sets(data)]}


def _alone(data: JsonValue) -> Iterator[dict[str, JsonValue]]:
    assert isinstance(data, dict)
    for data_set in _data_sets(data):
        name = data.get("name")
        called = f"{name} {_called(data_set)}" if isinstance(name, str) else name
        yield {**data, DATA_SET: data_set} | ({} if name is None else {"name": called})


def _called(data_set: JsonValue) -> str:
    """By its registered name, or its file's without the ending."""
    given = data_set if isinstance(data_set, Mapping) else {}
    return str(given.get("name") or PurePath(str(given.get("path") or given.get("upload", ""))).stem)


def _faults_of_list(data: JsonValue, places: Places) -> Iterator[SpecFault]:
    called = [_called(each) for each in _data_sets(data)]
    if not called:
        yield SpecFault((DATA_SET,), "empty; give at least one", places.location((DATA_SET,)))
    for index, name in enumerate(called):
        if name in called[:index]:
            place: Place = (DATA_SET, index)
            message = f"is called {shown(name)}, as {DATA_SET}[{called.index(name)}] is; give it a spec of its own"
            yield SpecFault(place, message, places.location(place))


def _overridden(read: SpecText, overrides: Sequence[str]) -> SpecText:
    data, places = read.data, read.places
    for override in map(spec_text.read_override, overrides):
        location = f"--set {override.written}"
        for place in _meant(override, data):
            data = spec_text.replaced(data, place, override.value, location)
            places = places.replaced(place, location)
    return SpecText(data, places)


def _meant(override: Override, data: JsonValue) -> list[Place]:
    first, *rest = override.place
    is_of_each = first == DATA_SET and bool(rest) and isinstance(rest[0], str)
    return [(DATA_SET, index, *rest) for index in range(len(_data_sets(data)))] if is_of_each else [override.place]


def _places_alone(places: Places, index: int) -> Places:
    """Where everything stands if the data set with this index is the only one."""
    of = {place: where for place, where in places.of.items() if place[:1] != (DATA_SET,)}
    own = {place: where for place, where in places.of.items() if place[:2] == (DATA_SET, index)}
    return Places(places.source, of | {(DATA_SET, *place[2:]): where for place, where in own.items()})


def _placed(fault: SpecFault, index: int) -> SpecFault:
    return replace(fault, place=(DATA_SET, index, *fault.place[1:])) if fault.place[:1] == (DATA_SET,) else fault
