"""The fields of the form, drawn from pydantic models: a new strategy needs nothing here. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import UnionType
from typing import Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dashboard.form.typed_values import Kind, typed
from scaling.spec.sweeps import SweptArm
from scaling.spec.words import called
from scaling.strategy import Limited
from scaling.types import PromptFormat, Sampling

VERIFIER = "verifier"
"""The field of every strategy that asks one; see `scaling.strategy`."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a pydantic model. `default` is how its default would be typed; None: it must be given."""

    name: str
    kind: Kind
    help: str
    default: str | None
    options: tuple[str, ...] = ()
    """The texts that a choice takes, or the names that are offered; empty: any."""

    @property
    def hint(self) -> str:
        """What stands in it while it is empty."""
        return "needed" if self.default is None else self.default or "none"


@dataclass(frozen=True, slots=True)
class Offered:
    """The names that workers have announced, to choose from."""

    models: tuple[str, ...]
    verifiers: tuple[str, ...]


def form_fields(model: type[BaseModel], verifiers: tuple[str, ...] = ()) -> tuple[FormField, ...]:
    """In the order declared, without the strategy's name, what every strategy has last. Where a verifier is asked for,
    `verifiers` are offered."""
    own_first = sorted(model.model_fields.items(), key=lambda field: field[0] in Limited.model_fields)
    return tuple(_form_field(name, info, verifiers) for name, info in own_first if name != "strategy")


def _form_field(name: str, info: FieldInfo, verifiers: tuple[str, ...] = ()) -> FormField:
    kind = Kind.NAME if name == VERIFIER else kind_of(info)
    options = verifiers if kind is Kind.NAME else _options_of(info) if kind is Kind.CHOICE else ()
    is_given = info.is_required() or kind is Kind.CHAIN
    value = None if is_given else info.get_default(call_default_factory=True)
    default = None if is_given else "none" if value is None else typed(value, kind)
    return FormField(name, kind, info.description or "", default, options)


def _options_of(info: FieldInfo) -> tuple[str, ...]:
    """The values of a `Literal` of texts, be it optional; none for any other type."""
    types = (info.annotation, *get_args(info.annotation))
    return next((get_args(each) for each in types if get_origin(each) is Literal), ())


def kind_of(info: FieldInfo) -> Kind:
    if info.discriminator == "strategy":
        return Kind.CHAIN
    options = _options_of(info)
    if options and all(isinstance(option, str) for option in options):
        return Kind.CHOICE
    types = {each for each in _plain_types(info.annotation) if each is not type(None)}
    if bool in types:
        return Kind.FLAG
    return Kind.NUMBER if types <= {int, float} else Kind.TEXT


def _plain_types(annotation: object) -> Iterable[object]:
    if get_origin(annotation) in (Union, UnionType):
        return get_args(annotation)
    return (annotation,)


class Label(NamedTuple):
    """What stands above a field, which is the name that a screen reader says, too: so it has no Markdown in it. `help`
    may."""

    words: str
    help: str | None


def labelled(name: str, *place: str | int, help: str = "") -> Label:
    """In words; where these are not the key of YAML, `help` begins with that."""
    words = called(*place, name)
    key = "" if words == name else f"`{name}` in YAML. "
    return Label(words, f"{key}{help}".strip() or None)


SAMPLING_FIELDS = form_fields(Sampling)
PROMPT_FIELDS = form_fields(PromptFormat)
SEED = FormField("seed", Kind.NUMBER, SweptArm.model_fields["seed"].description or "", default="")
OWN_FIELDS = {"sampling": SAMPLING_FIELDS, "prompt": PROMPT_FIELDS}
"""What an arm may have otherwise than its experiment."""
