"""The spec of an experiment as it is handed in: one object behind YAML, Python and the form.

`ExperimentSpec` is the science; `Submission` adds what may change without making it another experiment.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field, JsonValue, PrivateAttr, ValidationError

from scaling.spec import text as spec_text
from scaling.spec.checks import ModelLimits, VerifierAbilities, misfits, unknown
from scaling.spec.data_set import DataSetSpec, Name, Notes, Priority, TokenCap
from scaling.spec.errors import Fault, Place, SpecError, SpecFault, faults_of
from scaling.spec.experiment import ExperimentSpec
from scaling.spec.families import in_order
from scaling.spec.sweeps import SWEPT_ARMS, SWEPT_CHAINS, Swept
from scaling.spec.text import Places
from scaling.spec.verdict import ClaimSpec, DifficultySpec, Primary, VerdictSpec
from scaling.types import PromptFormat, Sampling


class Submission(ExperimentSpec):
    """A spec as it is handed in. Priority, cap, tags and notes can change later and are not in the digest."""

    priority: Priority = Field(default=0, description="experiments with a higher one are worked on first")
    token_cap: TokenCap | None = Field(
        default=None, description="stop when all attempts together have generated so many tokens; keep what has ended"
    )
    tags: tuple[Name, ...] = ()
    notes: Notes = ""

    _places: Places = PrivateAttr(default=Places())

    @classmethod
    def from_yaml(cls, text: str, source: str = "spec") -> "Submission":
        """Raises SpecError with every fault found, each with its line."""
        read = spec_text.read(text, source)
        return cls.of(read.data, read.places)

    @classmethod
    def from_data(cls, data: JsonValue, source: str = "spec") -> "Submission":
        """From plain values, as a form or JSON gives them. Raises SpecError; faults have paths, and no lines."""
        return cls.of(data, Places(source))

    def with_overrides(self, overrides: Sequence[str]) -> "Submission":
        """With values replaced: `arms[0].waits=4`, `data_set.limit=50`. Raises SpecError."""
        if not overrides:
            return self
        data, places = self._written(), self._places
        for override in map(spec_text.read_override, overrides):
            location = f"--set {override.written}"
            data = spec_text.replaced(data, override.place, override.value, location)
            places = places.replaced(override.place, location)
        return type(self).of(data, places)

    def check_against(
        self, models: Mapping[str, ModelLimits], verifiers: Mapping[str, VerifierAbilities] = MappingProxyType({})
    ) -> tuple[SpecFault, ...]:
        """What keeps this from running on the models and verifiers that are known; empty if nothing does."""
        return self._placed(misfits(self, models, verifiers))

    def unknown(self, models: Collection[str], verifiers: Collection[str] = ()) -> tuple[SpecFault, ...]:
        """The models and verifiers that nobody has served yet, each with the nearest that somebody has."""
        return self._placed(unknown(self, models, verifiers))

    def _placed(self, found: Iterable[Fault]) -> tuple[SpecFault, ...]:
        return tuple(SpecFault(place, message, self._places.location(place)) for place, message in found)

    @property
    def scientific(self) -> dict[str, JsonValue]:
        """What never changes, as plain values: all but priority, cap, tags and notes. What has an order is a list:
        families, the first of which the others are held against, and claims."""
        plain = self.model_dump(mode="json", include=set(ExperimentSpec.model_fields))
        if self.families:
            plain["families"] = in_order(plain["families"])
        if self.verdict is not None:
            plain["verdict"]["claims"] = in_order(plain["verdict"]["claims"])
        return plain

    @classmethod
    def of(cls, data: JsonValue, places: Places) -> "Submission":
        """From plain values that stood at these places. Raises SpecError."""
        try:
            submission = cls.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise SpecError(faults_of(details, data, places.location, allowed_keys)) from error
        submission._places = places
        return submission

    def _written(self) -> dict[str, JsonValue]:
        return self.model_dump(mode="json", exclude_defaults=True)


def json_schema() -> dict[str, JsonValue]:
    """For editors: completion, descriptions and checks while a spec is written."""
    schema: dict[str, Any] = Submission.model_json_schema()
    data_set = schema["properties"]["data_set"]
    one = [data_set, {"type": "string", "description": "a registered name"}]
    several = {"type": "array", "items": {"anyOf": one}, "minItems": 1, "description": "an experiment of each"}
    schema["properties"]["data_set"] = {"anyOf": [*one, several]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Overthink experiment", **schema}


def allowed_keys(place: Place, data: JsonValue) -> Sequence[str]:
    """The keys of the mapping at `place`; an arm's depend on its strategy, which `data` names."""
    if place[:1] == ("arms",) and place[2:] not in _PARTS:
        swept: Mapping[str, type[Swept]] = SWEPT_ARMS if len(place) == 2 else SWEPT_CHAINS
        name = data.get("strategy") if isinstance(data, dict) else None
        return list(swept[name].model_fields) if isinstance(name, str) and name in swept else []
    return list(_PARTS.get(_part(place), Submission).model_fields)


def _part(place: Place) -> Place:
    """Which of the parts stands at a place: within an arm, or by whatever name a claim has."""
    if place[:1] == ("arms",):
        return place[2:]
    return place[:2] if place[:2] == _CLAIM else place


_CLAIM: Place = ("verdict", "claims")

_PARTS: Mapping[Place, type[BaseModel]] = {
    ("data_set",): DataSetSpec,
    ("sampling",): Sampling,
    ("prompt",): PromptFormat,
    ("verdict",): VerdictSpec,
    ("verdict", "primary"): Primary,
    ("verdict", "difficulty"): DifficultySpec,
    _CLAIM: ClaimSpec,
}
