"""Families: named sets of arms, which are compared with one another whatever they are made of.

A family is told by selectors, so that it can be written down before its arms are: an arm is in it if any of them takes
it. It refuses to guess: a selector that takes no arm is a fault of the spec.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, JsonValue, RootModel, Tag, ValidationError, model_validator

from scaling.errors import BadInputError, nearest, suggestion
from scaling.spec import yaml12
from scaling.spec.arms import ArmSpec
from scaling.spec.data_set import Name
from scaling.spec.errors import Fault, shown
from scaling.spec.sweeping import Scalar
from scaling.strategy import StrategyFamily

MOST_NEAR = 3
OWN_OF_STRATEGIES = tuple(StrategyFamily)
"""Families that need no selectors: each strategy says which of them it is of."""

Values = Annotated[
    Annotated[Scalar, Tag("value")] | Annotated[tuple[Scalar, ...], Field(min_length=1), Tag("values")],
    Discriminator(lambda value: "values" if isinstance(value, list | tuple) else "value"),
]
Settings = dict[str, Values]

_SETTING = re.compile(r"(?:^|,)\s*([A-Za-z_][A-Za-z0-9_.]*)=")
_FORMS = "a label such as 'majority_vote*', or settings such as {strategy: majority_vote, samples: [4, 16]}"


class SelectorError(BadInputError):
    """What was given takes no arms in any way. Give a label, `*` and `?` standing for anything, or name=value,..."""


def in_order(named: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A mapping whose order means something, for where mappings have none: a database, or another language's JSON."""
    return [{name: value} for name, value in named.items()]


def named_in_order(given: Any) -> Any:
    """What `in_order` made is a mapping again; all else is as it was."""
    if not isinstance(given, list) or not all(isinstance(each, Mapping) and len(each) == 1 for each in given):
        return given
    named = {name: value for each in given for name, value in each.items()}
    return named if len(named) == len(given) else given


class Selector(
    RootModel[
        Annotated[
            Annotated[Name, Tag("label")] | Annotated[Settings, Field(min_length=1), Tag("settings")],
            Discriminator(lambda value: "settings" if isinstance(value, Mapping) else "label"),
        ]
    ],
    frozen=True,
):
    """Which arms are meant: by their label, in which `*` and `?` stand for anything; or by `strategy`, `model` and any
    of their numbers, each one value or a list of those that will do (null: where it is not set)."""

    @model_validator(mode="before")
    @classmethod
    def _is_text_or_mapping(cls, given: Any) -> Any:
        if not isinstance(given, str | Mapping | Selector):
            raise ValueError(f"expected {_FORMS}, got {shown(given)}")
        return given

    @classmethod
    def read(cls, text: str) -> "Selector":
        """As the command line gives it: `majority_vote*`, or `strategy=budget_forcing,waits=0,2`.

        Raises SelectorError.
        """
        given = _settings_in(text) if _SETTING.match(text) else text
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SelectorError(f"expected {_FORMS}, got {text!r}") from error

    def takes(self, label: str, model: str, strategy: str, params: Mapping[str, JsonValue]) -> bool:
        """Whether it means the arm with this label and these settings; `strategy` by its name, `params` flat."""
        if isinstance(self.root, str):
            return fnmatchcase(label, self.root.replace("[", "[[]"))
        has = {**params, "strategy": strategy, "model": model}
        return all(_is_among(has.get(name), values) for name, values in self.root.items())

    def taken_of(self, arms: Iterable[ArmSpec]) -> list[ArmSpec]:
        return [arm for arm in arms if self.takes(arm.label, arm.model, arm.strategy.strategy, arm.params)]

    def __str__(self) -> str:
        """As `read` takes it."""
        if isinstance(self.root, str):
            return self.root
        return ",".join(f"{name}={_listed(values)}" for name, values in self.root.items())


Families = Annotated[dict[Name, Annotated[tuple[Selector, ...], Field(min_length=1)]], BeforeValidator(named_in_order)]


def family_faults(families: Families, arms: Sequence[ArmSpec]) -> Iterator[Fault]:
    """Names that are taken, and selectors that take no arm."""
    for name, selectors in families.items():
        if name in OWN_OF_STRATEGIES:
            yield ("families", name), f"is what strategies say of themselves ({name}); give another name"
        for index, selector in enumerate(selectors):
            if not selector.taken_of(arms):
                place, why = none_taken(selector, arms)
                yield ("families", name, index, *place), why


def unknown_family(name: str, families: Collection[str]) -> str | None:
    """What is wrong with a family's name; None: it is one of the named, or what strategies say of themselves."""
    known = [*families, *OWN_OF_STRATEGIES]
    return None if name in known else f"there is no family {shown(name)}{suggestion(name, known, 'Families')}"


def none_taken(selector: Selector, arms: Sequence[ArmSpec]) -> Fault:
    """Why a selector takes none of the arms, with the place in the selector."""
    if isinstance(selector.root, str):
        near = nearest(selector.root, [arm.label for arm in arms], MOST_NEAR)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        return (), f"takes no arm: {shown(selector.root)}; {hint}`overthink submit --dry-run` lists their labels"
    settings = [{**arm.params, "strategy": arm.strategy.strategy, "model": arm.model} for arm in arms]
    for name, values in selector.root.items():
        if not any(_is_among(each.get(name), values) for each in settings):
            return (name,), _none_has(name, values, settings)
    return (), "takes no arm: each of these is so of some, and no arm has all of them"


def _none_has(name: str, values: Values, settings: Sequence[Mapping[str, JsonValue]]) -> str:
    if not any(name in each for each in settings):
        known = sorted({key for each in settings for key in each})
        return f"no arm has a setting of this name{suggestion(name, known, 'Settings')}"
    known = list(dict.fromkeys(str(each[name]) for each in settings if name in each))
    return f"no arm has {name}={_listed(values)}{suggestion(_listed(values), known, 'They have')}"


def _is_among(value: JsonValue, wanted: Values) -> bool:
    several = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in several)


def _settings_in(text: str) -> dict[str, Any]:
    """`name=value,name=value,value`: each value as YAML has it."""
    _, *parts = _SETTING.split(text)
    settings: dict[str, Any] = {}
    for name, values in zip(parts[::2], parts[1::2], strict=True):
        settings[name] = [*settings.get(name, []), *_yaml_values(values, text)]
    return {name: values[0] if len(values) == 1 else values for name, values in settings.items()}


def _yaml_values(values: str, text: str) -> list[Any]:
    try:
        return list(yaml12.load(f"[{values}]"))  # type: ignore[call-overload, no-any-return]
    except yaml12.YAMLError as error:
        raise SelectorError(f"expected {_FORMS}, got {text!r}: {values!r} is not YAML") from error


def _listed(values: Values) -> str:
    several = list(values) if isinstance(values, tuple) else [values]
    return yaml12.dump(several, is_flow=True, width=10_000).strip()[1:-1]
