"""What an arm has otherwise than its experiment: single fields of `sampling` and `prompt`, each of which may sweep.

The models here are made from the experiment's own, so that a new field needs nothing here. What is not given is the
experiment's; None may be given, where it means something.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, create_model, model_serializer

from scaling.spec.sweeping import Sweeping, swept_field
from scaling.types import PromptFormat, Sampling


class Overrides(Sweeping):
    """Some fields of another model. Only the given ones are read, and written."""

    def choices(self) -> Iterator[tuple[str, object]]:
        yield from ((name, value) for name, value in self if name in self.model_fields_set)

    @model_serializer(mode="plain")
    def _only_given(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.choices()}


def _overrides(model: type[BaseModel]) -> Any:
    definitions: dict[str, Any] = {
        name: (swept_field(field), Field(default_factory=lambda: None, description=field.description))
        for name, field in model.model_fields.items()
    }
    doc = "Some of these fields, otherwise than the experiment has them."
    return create_model(f"Own{model.__name__}", __base__=Overrides, __doc__=doc, **definitions)


if TYPE_CHECKING:
    OwnSampling = Overrides
    OwnPrompt = Overrides
else:
    OwnSampling = _overrides(Sampling)
    OwnPrompt = _overrides(PromptFormat)
