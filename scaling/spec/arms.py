"""Arms: strategies with all their numbers fixed, made from what was written with sweeps in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pydantic import BaseModel, JsonValue, ValidationError

from scaling.spec.errors import PlacedError
from scaling.spec.overrides import Overrides
from scaling.spec.sweeps import Swept, SweptArm
from scaling.spelling import shortened, spelled
from scaling.strategies import STRATEGY
from scaling.strategy import Strategy
from scaling.types import PromptFormat, Sampling

_MOST_CHARACTERS = 60
"""Of a text in a label: an instruction may be pages long."""

Values = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """One strategy with all its numbers fixed, on one model. `label` is unique in its experiment.

    `sampling`, `prompt` and `seed` are what it asks with. Of them `own_sampling`, `own_prompt` and `own_seed` are what
    it has otherwise than its experiment, or was swept; None: nothing.
    """

    label: str
    model: str
    strategy: Strategy
    sampling: Sampling
    prompt: PromptFormat
    own_sampling: Values
    own_prompt: Values
    seed: int
    own_seed: int | None

    @property
    def params(self) -> dict[str, JsonValue]:
        """The strategy's settings, flat, defaults included; what is not set is left out. `chain` names the chain.

        With them what it asks with otherwise: `sampling.temperature`, `seed`.
        """
        own = {"sampling": self.own_sampling, "prompt": self.own_prompt}
        asked = {f"{part}.{name}": value for part, values in own.items() for name, value in values.items()}
        return flat_params(self.strategy) | asked | _seeded(self.own_seed)


def expanded(
    written: Sequence[SweptArm], models: Sequence[str], sampling: Sampling, prompt: PromptFormat, seed: int
) -> Iterator[tuple[int, ArmSpec]]:
    """Each arm with the index of what it was written as, on its own models or on `models` in turn.

    What it does not say of sampling, prompt and seed is as given here. Its sweeps of them come last, and so change
    fastest.
    """
    swept = [(index, arm, arm.models or tuple(models)) for index, arm in enumerate(written)]
    is_one_model = len({model for _, _, its_models in swept for model in its_models}) == 1
    for index, arm, its_models in swept:
        own = arm.own["sampling"].settings(), arm.own["prompt"].settings()
        settings = list(product(_strategies(index, arm), *own, arm.seeds))
        for model in its_models:
            for strategy, of_sampling, of_prompt, of_seed in settings:
                own_sampling = _telling(arm.own["sampling"], of_sampling, sampling)
                own_prompt = _telling(arm.own["prompt"], of_prompt, prompt)
                own_seed = of_seed if of_seed != seed or len(arm.seeds) > 1 else None
                label = _label(strategy, arm) + _with({**own_sampling, **own_prompt, **_seeded(own_seed)})
                yield (
                    index,
                    ArmSpec(
                        label if is_one_model else f"{label} on {model}",
                        model,
                        strategy,
                        Sampling.model_validate(sampling.model_dump() | of_sampling),
                        PromptFormat.model_validate(prompt.model_dump() | of_prompt),
                        own_sampling,
                        own_prompt,
                        seed if of_seed is None else of_seed,
                        own_seed,
                    ),
                )


def _telling(written: Overrides, settings: Values, of_experiment: BaseModel) -> Values:
    """Those that were swept, or differ."""
    return {
        name: value
        for name, value in settings.items()
        if isinstance(getattr(written, name), tuple) or value != getattr(of_experiment, name)
    }


def _seeded(own_seed: int | None) -> dict[str, JsonValue]:
    return {} if own_seed is None else {"seed": own_seed}


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
            yield STRATEGY.validate_python(settings)
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
            words.append(f"{name}={spelled(value)}")
    return " ".join(words) + chain


def _with(own: Values) -> str:
    """What it asks with otherwise. A long text is cut, and told from others by its digest."""
    words = [f"{name}={shortened(spelled(value), _MOST_CHARACTERS)}" for name, value in own.items()]
    return f" with {' '.join(words)}" if words else ""
