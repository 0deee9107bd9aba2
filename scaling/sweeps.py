"""Arms as they are written: a strategy whose numbers and strings may each be a list, which is a sweep.

The models here are made from the strategies' own fields, so that a new strategy needs nothing here: limits,
descriptions and defaults are the strategy's. Only single values sweep; a nested chain sweeps within itself.
"""

from collections.abc import Iterator
from functools import reduce
from itertools import product
from math import prod
from operator import or_
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, JsonValue, Strict, Tag, create_model
from pydantic.fields import FieldInfo

from scaling.chains import CHAINS
from scaling.spec_errors import PlacedError, shown
from scaling.strategies import STRATEGIES
from scaling.strategy import Strategy

Scalar = int | float | str | bool | None


class Swept(BaseModel):
    """A strategy's fields, each one value or a list of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    strategy: str

    @property
    def num_settings(self) -> int:
        """How many settings the sweeps multiply to, without making them."""
        return prod(_num_choices(value) for _, value in self.choices())

    def choices(self) -> Iterator[tuple[str, object]]:
        """Fields of the strategy in their declared order, as written."""
        yield from ((name, value) for name, value in self if name != "model")

    def settings(self) -> Iterator[dict[str, JsonValue]]:
        """Every combination, the first field slowest, values in their written order."""
        names, values = zip(*self.choices(), strict=True)
        for combination in product(*(_choices(value) for value in values)):
            yield dict(zip(names, combination, strict=True))


class SweptArm(Swept):
    """A strategy with its numbers; of `models` the spec's, unless `model` names others."""

    model: (
        Annotated[
            Annotated[str, Strict(), Tag("one model")]
            | Annotated[tuple[str, ...], Field(min_length=1), Tag("several models")],
            Discriminator(lambda value: "one model" if not isinstance(value, list | tuple) else "several models"),
        ]
        | None
    ) = Field(default=None, description="registered name; left out: each of the experiment's models")

    @property
    def models(self) -> tuple[str, ...]:
        """Its own models; empty: the experiment's."""
        return () if self.model is None else (self.model,) if isinstance(self.model, str) else self.model


def _choices(value: object) -> list[JsonValue]:
    if isinstance(value, Swept):
        return list(value.settings())
    return list(value) if isinstance(value, tuple) else [cast(JsonValue, value)]


def _num_choices(value: object) -> int:
    if isinstance(value, Swept):
        return value.num_settings
    return len(value) if isinstance(value, tuple) else 1


def _all_different(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    repeated = [(at, value) for at, value in enumerate(values) if value in values[:at]]
    if repeated:
        raise PlacedError([((at,), f"{shown(value)} stands twice in this sweep; keep one") for at, value in repeated])
    return values


def _value_or_sweep(value: object) -> str:
    return "sweep" if isinstance(value, list | tuple) else "value"


def _swept_field(field: FieldInfo) -> Any:
    one = _annotated(field.annotation, *field.metadata, *(() if _is_literal(field.annotation) else (Strict(),)))
    several = _annotated(GenericAlias(tuple, (one, ...)), Field(min_length=1), AfterValidator(_all_different))
    return Annotated[_annotated(one, Tag("value")) | _annotated(several, Tag("sweep")), Discriminator(_value_or_sweep)]


def _is_literal(annotation: Any) -> bool:
    """A choice among given words, or none: compared as it stands, so pydantic knows no strict kind of it."""
    return any(get_origin(each) is Literal for each in (annotation, *get_args(annotation)))


def _annotated(annotation: Any, *limits: Any) -> Any:
    """Annotated[annotation, *limits], for types that are made while running."""
    return reduce(lambda so_far, limit: Annotated[so_far, limit], limits, annotation)


def _definition(name: str, field: FieldInfo) -> Any:
    """The field as create_model takes it. A field that holds a chain takes a swept chain."""
    description = field.description
    if name == "strategy":
        return field.annotation, Field(description="which strategy")
    if field.discriminator == "strategy":
        default = field.default.model_dump(include={"strategy"}) | field.default.model_dump(exclude_unset=True)
        return AnySweptChain, Field(default=default, description=description)
    if field.is_required():
        return _swept_field(field), Field(description=description)
    return _swept_field(field), Field(default=field.default, description=description)


def _swept(strategy: type[Strategy], base: type[Swept], suffix: str) -> Any:
    definitions = {name: _definition(name, field) for name, field in strategy.model_fields.items()}
    return create_model(f"{strategy.__name__}{suffix}", __base__=base, __doc__=strategy.__doc__, **definitions)


SWEPT_CHAINS: dict[str, type[Swept]] = {name: _swept(chain, Swept, "Chain") for name, chain in CHAINS.items()}

if TYPE_CHECKING:
    AnySweptChain = Swept
else:
    AnySweptChain = Annotated[reduce(or_, SWEPT_CHAINS.values()), Field(discriminator="strategy")]

SWEPT_ARMS: dict[str, type[SweptArm]] = {name: _swept(item, SweptArm, "Arm") for name, item in STRATEGIES.items()}

if TYPE_CHECKING:
    AnySweptArm = SweptArm
else:
    AnySweptArm = Annotated[reduce(or_, SWEPT_ARMS.values()), Field(discriminator="strategy")]
