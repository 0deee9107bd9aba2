"""A question about an experiment: what it is called, what it may be told, how it is answered, and how that is laid out.

See `results` for how one is made, and for all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from results.columns import Record, Table
from results.errors import UnknownOptionError
from results.measured.measurements import Measurements
from scaling.errors import suggestion

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """`name` stands in commands and addresses, `title` above the answer.

    `ask` takes Measurements and its options by name, each with a default and a type; a chart takes what it gives.
    `table` lays the same out in rows, for everyone who reads or counts. `command` is the one that asks it, with a flag
    for each option, where there is one. What `is_live` changes without a new version of the results.
    """

    name: str
    title: str
    ask: Callable[..., Answer]
    table: Callable[[Answer], Table[Any]]
    command: str | None = None
    is_live: bool = False

    @property
    def options(self) -> Mapping[str, Any]:
        """The type of each."""
        (_, *options) = ((name, of) for name, of in get_type_hints(self.ask).items() if name != "return")
        return dict(options)

    def answer(self, measurements: Measurements, **options: object) -> Answer:
        """Options as they are typed, or as text. Raises UnknownOptionError, and what the question raises."""
        return self.ask(measurements, **{name: self.read(name, value) for name, value in options.items()})

    def document(self, measurements: Measurements, table: Table[Any]) -> Record:
        """A table of it as JSON. Of several experiments `left_out` counts the problems that the others did not ask."""
        experiment, left_out = measurements.experiment, measurements.left_out
        return {
            "experiment": experiment.id,
            "name": experiment.summary.name,
            "status": experiment.summary.status.value,
            "experiments": list(left_out),
            "left_out": {str(each): count for each, count in left_out.items()},
            "view": self.name,
            "question": self.title,
            "rows": list(table.records),
            "notes": list(table.notes),
        }

    def read(self, name: str, value: object) -> object:
        options = self.options
        if name not in options:
            raise UnknownOptionError(f"{self.name!r} has no option {name!r}{suggestion(name, list(options), 'It has')}")
        if get_origin(options[name]) is tuple and isinstance(value, str):
            value = (value,)
        try:
            return TypeAdapter(options[name]).validate_python(value)
        except ValidationError as error:
            raise UnknownOptionError(f"{name}={value!r}: {error.errors()[0]['msg']}") from None
