"""Sweeps: fields that take one value or a list of them, and all the settings that such lists multiply to."""

from collections.abc import Iterator
from functools import reduce
from itertools import product
from math import prod
from types import GenericAlias
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, JsonValue, Strict, Tag
from pydantic.fields import FieldInfo

from scaling.spec.errors import PlacedError, shown

Scalar = int | float | str | bool | None


class Sweeping(BaseModel):
    """Fields that are each one value, a list of them, or a mapping that sweeps within itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def num_settings(self) -> int:
        """How many settings the sweeps multiply to, without making them."""
        return prod(_num_choices(value) for _, value in self.choices())

    def choices(self) -> Iterator[tuple[str, object]]:
        """Its fields in their declared order, as written."""
        yield from self

    def settings(self) -> Iterator[dict[str, JsonValue]]:
        """Every combination, the first field slowest, values in their written order."""
        written = list(self.choices())
        for combination in product(*(_choices(value) for _, value in written)):
            yield {name: value for (name, _), value in zip(written, combination, strict=True)}


def _choices(value: object) -> list[JsonValue]:
    if isinstance(value, Sweeping):
        return list(value.settings())
    return list(value) if isinstance(value, tuple) else [cast(JsonValue, value)]


def _num_choices(value: object) -> int:
    if isinstance(value, Sweeping):
        return value.num_settings
    return len(value) if isinstance(value, tuple) else 1


def all_different(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    repeated = [(at, value) for at, value in enumerate(values) if value in values[:at]]
    if repeated:
        raise PlacedError([((at,), f"{shown(value)} stands twice; keep one") for at, value in repeated])
    return values


def _value_or_sweep(value: object) -> str:
    return "sweep" if isinstance(value, list | tuple) else "value"


def swept_field(field: FieldInfo) -> Any:
    """The type of a field that takes what this one takes, or a list of that."""
    one = _annotated(field.annotation, *field.metadata, *(() if _is_literal(field.annotation) else (Strict(),)))
    several = _annotated(GenericAlias(tuple, (one, ...)), Field(min_length=1), AfterValidator(all_different))
    return Annotated[_annotated(one, Tag("value")) | _annotated(several, Tag("sweep")), Discriminator(_value_or_sweep)]


def _is_literal(annotation: Any) -> bool:
    """A choice among given words, or none: compared as it stands, so pydantic knows no strict kind of it."""
    return any(get_origin(each) is Literal for each in (annotation, *get_args(annotation)))


def _annotated(annotation: Any, *limits: Any) -> Any:
    """Annotated[annotation, *limits], for types that are made while running."""
    return reduce(lambda so_far, limit: Annotated[so_far, limit], limits, annotation)
