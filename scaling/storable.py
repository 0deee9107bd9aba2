"""Text that can be kept and sent: without NUL and lone surrogates, which PostgreSQL takes no more than models do."""

import re
from collections.abc import Iterator, Mapping

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    return UNSTORABLE.search(text) is None


def unstorable(data: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in plain values texts stand that are not, keys included."""
    if isinstance(data, str) and not is_storable(data):
        yield place
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from unstorable(str(key), (*place, str(key)))
            yield from unstorable(value, (*place, str(key)))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from unstorable(value, (*place, index))
