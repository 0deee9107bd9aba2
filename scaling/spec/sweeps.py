"""Arms as they are written: a strategy whose numbers and strings may each be a list, which is a sweep.

The models here are made from the strategies' own fields, so that a new strategy needs nothing here: limits,
descriptions and defaults are the strategy's. Only single values sweep; a nested chain sweeps within itself, and so do
the sampling and the prompt that an arm has otherwise than its experiment.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, Strict, Tag, create_model
from pydantic.fields import FieldInfo

from scaling.chains import CHAINS
from scaling.spec.data_set import Seed
from scaling.spec.overrides import Overrides, OwnPrompt, OwnSampling
from scaling.spec.sweeping import Sweeping, swept_field
from scaling.strategies import STRATEGIES
from scaling.strategy import Strategy

if TYPE_CHECKING:
    SweptSeed = int | tuple[int, ...] | None
else:
    SweptSeed = swept_field(FieldInfo.from_annotation(Seed)) | None


class Swept(Sweeping):
    """A strategy's fields, each one value or a list of them."""

    model_config = ConfigDict(validate_default=True)

    strategy: str


class SweptArm(Swept):
    """A strategy with its numbers; of `models` the spec's, unless `model` names others; with some of the experiment's
    `sampling` and `prompt` otherwise, and with a `seed` of its own."""

    model: (
        Annotated[
            Annotated[str, Strict(), Tag("one model")]
            | Annotated[tuple[str, ...], Field(min_length=1), Tag("several models")],
            Discriminator(lambda value: "one model" if not isinstance(value, list | tuple) else "several models"),
        ]
        | None
    ) = Field(default=None, description="registered name; left out: each of the experiment's models")
    sampling: OwnSampling | None = Field(default=None, description="what this arm samples otherwise; the rest stays")
    prompt: OwnPrompt | None = Field(default=None, description="what this arm is told otherwise; the rest stays")

    seed: SweptSeed = Field(
        default=None, description="of its own, so that it shares no samples; left out: the experiment's"
    )

    @property
    def models(self) -> tuple[str, ...]:
        """Its own models; empty: the experiment's."""
        return () if self.model is None else (self.model,) if isinstance(self.model, str) else self.model

    @property
    def own(self) -> Mapping[str, Overrides]:
        """What it has otherwise than its experiment, by the experiment's field; empty where it has nothing."""
        return {"sampling": self.sampling or OwnSampling(), "prompt": self.prompt or OwnPrompt()}

    @property
    def seeds(self) -> tuple[int | None, ...]:
        """Its own, swept or not; None: the experiment's."""
        return self.seed if isinstance(self.seed, tuple) else (self.seed,)

    @property
    def num_settings(self) -> int:
        asked = self.own["sampling"].num_settings * self.own["prompt"].num_settings * len(self.seeds)
        return super().num_settings * asked

    def choices(self) -> Iterator[tuple[str, object]]:
        """Of the strategy."""
        yield from ((name, value) for name, value in self if name not in SweptArm.model_fields or name == "strategy")


def _definition(name: str, field: FieldInfo) -> Any:
    """The field as create_model takes it. A field that holds a chain takes a swept chain."""
    description = field.description
    if name == "strategy":
        return field.annotation, Field(description="which strategy")
    if field.discriminator == "strategy":
        default = field.default.model_dump(include={"strategy"}) | field.default.model_dump(exclude_unset=True)
        return AnySweptChain, Field(default=default, description=description)
    if field.is_required():
        return swept_field(field), Field(description=description)
    return swept_field(field), Field(default=field.default, description=description)


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
