"""Arms: strategies with all their numbers fixed, made from what was written with sweeps in it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter, ValidationError

from scaling.spec_errors import PlacedError
from scaling.strategies import AnyStrategy
from scaling.strategy import Strategy
from scaling.sweeps import Swept, SweptArm

_STRATEGY: TypeAdapter[Strategy] = TypeAdapter(AnyStrategy)


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """One strategy with all its numbers fixed, on one model. `label` is unique in its experiment."""

    label: str
    model: str
    strategy: Strategy

    @property
    def params(self) -> dict[str, JsonValue]:
        """The strategy's settings, flat, defaults included; what is not set is left out. `chain` names the chain."""
        return flat_params(self.strategy)


def expanded(written: Sequence[SweptArm], models: Sequence[str]) -> Iterator[tuple[int, ArmSpec]]:
    """Each arm with the index of what it was written as, on its own models or on `models` in turn."""
    swept = [(index, arm, arm.models or tuple(models)) for index, arm in enumerate(written)]
    is_one_model = len({model for _, _, its_models in swept for model in its_models}) == 1
    for index, arm, its_models in swept:
        for model in its_models:
            for strategy in _strategies(index, arm):
                label = _label(strategy, arm)
                yield index, ArmSpec(label if is_one_model else f"{label} on {model}", model, strategy)


def flat_params(strategy: Strategy) -> dict[str, JsonValue]:
    """See ArmSpec.params. The outer strategy's own settings win over its chain's of the same name."""
    own: dict[str, JsonValue] = {}
    inner: dict[str, JsonValue] = {}
    for name, value in strategy:
        if isinstance(value, Strategy):
            own[name], inner = value.strategy, flat_params(value)
        elif name != "strategy" and value is not None:
            own[name] = value
    return own | {name: value for name, value in inner.items() if name not in own}


def _strategies(index: int, arm: SweptArm) -> Iterator[Strategy]:
    for settings in arm.settings():
        try:
            yield _STRATEGY.validate_python(settings)
        except ValidationError as error:
            found = [(("arms", index), problem["msg"].removeprefix("Value error, ")) for problem in error.errors()]
            raise PlacedError(found) from error


def _label(strategy: Strategy, written: Swept) -> str:
    """The strategy and those of its settings that were swept, have no default, or differ from it."""
    words, chain = [strategy.strategy], ""
    for name, field in type(strategy).model_fields.items():
        value, as_written = getattr(strategy, name), getattr(written, name)
        if isinstance(value, Strategy):
            is_telling = value != field.default or as_written.num_settings > 1
            chain = f" · {_label(value, as_written)}" if is_telling else ""
        elif name != "strategy" and (isinstance(as_written, tuple) or field.is_required() or value != field.default):
            words.append(f"{name}={_label_value(value)}")
    return " ".join(words) + chain


def _label_value(value: JsonValue) -> str:
    is_plain = isinstance(value, str) and value.isprintable() and value and not set(value) & set(" \"'=·")
    return str(value) if is_plain else json.dumps(value, ensure_ascii=False)
