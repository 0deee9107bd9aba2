"""The spec of an experiment: one object behind YAML, Python and the form.

`ExperimentSpec` is the science, and has a digest; `Submission` adds what may change without making it another
experiment. Everything is checked here that can be checked without a server or a data file.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from scaling.answers.graders import GRADERS
from scaling.context import most_generated
from scaling.spec import text as spec_text
from scaling.spec import yaml12
from scaling.spec.arms import ArmSpec, expanded
from scaling.spec.checks import ModelLimits, VerifierAbilities, faults, misfits
from scaling.spec.errors import Place, PlacedError, SpecError, SpecProblem, problems_of
from scaling.spec.sweeps import SWEPT_ARMS, SWEPT_CHAINS, AnySweptArm, Swept
from scaling.spec.text import Places, unstorable
from scaling.strategy import Strategy
from scaling.types import GraderName, PromptFormat, Sampling

Name = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=200)]
Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


class DataSetSpec(BaseModel):
    """Problems: of a data set that the workers know by `name`, or of a file at `path` with named columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = Field(default=None, description="registered name; or give path")
    path: Name | None = Field(default=None, description="JSON Lines or CSV file; or give name")
    question: Name = Field(default="question", description="column of the question (with path)")
    answer: Name = Field(default="answer", description="column of the reference answer (with path)")
    id: Name | None = Field(default=None, description="column of the problem's id (with path)")
    level: Name | None = Field(default=None, description="column of its difficulty (with path)")
    subject: Name | None = Field(default=None, description="column of its subject (with path)")
    options: tuple[Name, ...] = Field(
        default=(), description="columns of a choice's options A, B, C ..., in that order (with path)"
    )
    incorrect: tuple[Name, ...] = Field(
        default=(),
        description="columns of a choice's wrong options, shuffled with the answer (with path); GPQA's are found",
    )
    grader: GraderName | None = Field(default=None, description="how answers are compared (needed with path)")
    limit: Annotated[int, Field(ge=1, strict=True)] | None = Field(default=None, description="at most so many problems")
    seed: Seed = Field(default=0, description="of the draw of the subset")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _name_or_path(self) -> Self:
        if (self.name is None) == (self.path is None):
            what = "neither" if self.name is None else "both"
            raise PlacedError([((), f"give either name or path, got {what}")])
        if self.path is not None and self.grader is None:
            graders = ", ".join(GraderName)
            raise PlacedError([(("grader",), f"missing; a file needs one of {graders}")])
        if self.options and self.incorrect:
            raise PlacedError([(("incorrect",), "give either options or incorrect, got both")])
        for name in ("options", "incorrect"):
            if getattr(self, name) and self.path and self.grader and not GRADERS[self.grader].takes_options:
                able = " or ".join(grader for grader, kind in GRADERS.items() if kind.takes_options)
                raise PlacedError([((name,), f"only with grader {able}")])
        columns = ("question", "answer", "id", "level", "subject", "options", "incorrect", "grader")
        given = [name for name in columns if getattr(self, name) != type(self).model_fields[name].default]
        if self.name is not None and given:
            raise PlacedError([((name,), "only with path; a registered data set has its own") for name in given])
        return self


@dataclass(frozen=True, slots=True)
class ExperimentSize:
    """What a spec asks for, at most. None: not known before the data set is read, or without a limit."""

    arms: int
    problems: int | None
    jobs: int | None
    chains: int | None
    generated_by_model: Mapping[str, int] | None

    @property
    def generated_tokens(self) -> int | None:
        return None if self.generated_by_model is None else sum(self.generated_by_model.values())


class ExperimentSpec(BaseModel):
    """The scientific part. Immutable; the same digest is the same experiment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    data_set: DataSetSpec
    models: tuple[Name, ...] = Field(default=(), description="registered names; every arm runs on each of them")
    arms: Annotated[tuple[AnySweptArm, ...], Field(min_length=1)]
    sampling: Sampling = Sampling()
    prompt: PromptFormat = PromptFormat()
    repeats: int = Field(default=1, ge=1, le=10_000, strict=True, description="how often each problem is asked per arm")
    seed: Seed = 0

    @model_validator(mode="before")
    @classmethod
    def _is_storable(cls, data: Any) -> Any:
        found = list(unstorable(data))
        if found:
            raise PlacedError(found)
        return data

    @field_validator("arms", mode="before")
    @classmethod
    def _strategies_are_arms(cls, arms: Any) -> Any:
        """Strategies themselves may stand in the list, in Python."""
        if not isinstance(arms, list | tuple):
            return arms
        return [arm.model_dump() if isinstance(arm, Strategy) else arm for arm in arms]

    @model_validator(mode="after")
    def _is_runnable(self) -> Self:
        found = faults(self)
        if found:
            raise PlacedError(found)
        return self

    def expand(self) -> tuple[ArmSpec, ...]:
        """All arms: as written, each on its models in turn, its sweeps' first field slowest."""
        return tuple(arm for _, arm in self.written_and_expanded())

    def written_and_expanded(self) -> Iterator[tuple[int, ArmSpec]]:
        """Each of them with the index of the arm that it was written as."""
        return expanded(self.arms, self.models, self.sampling, self.prompt)

    @property
    def digest(self) -> str:
        """sha256 of what is run: spellings that expand to the same arms, with the same defaults, are the same."""
        content = self.model_dump(mode="json", include={"name", "data_set", "sampling", "prompt", "repeats", "seed"})
        if self.sampling.cache == "job":
            del content["sampling"]["cache"]  # as of specs from before there was a choice
        for columns in ("options", "incorrect"):
            if not content["data_set"][columns]:
                del content["data_set"][columns]
        content["arms"] = [self._asked_by(arm) for arm in self.expand()]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def _asked_by(self, arm: ArmSpec) -> list[JsonValue]:
        """For the digest. How it asks is in it only where that differs from the experiment's."""
        own = (("sampling", self.sampling, arm.own_sampling), ("prompt", self.prompt, arm.own_prompt))
        differing: dict[str, JsonValue] = {
            f"{part}.{name}": value
            for part, of_experiment, values in own
            for name, value in values.items()
            if value != getattr(of_experiment, name)
        }
        return [arm.model, arm.strategy.model_dump(mode="json"), *([differing] if differing else [])]

    def size(self, models: Mapping[str, ModelLimits] | None = None) -> ExperimentSize:
        """Upper bounds: the data set may hold fewer problems, and chains may end early. What a search prunes and rolls
        out, and what a verifier reads, is not in them.

        Tokens are known where thinking is limited by the strategy, or by the context of a model in `models`.
        """
        arms, problems = self.expand(), self.data_set.limit
        asked = None if problems is None else problems * self.repeats
        tokens = [(arm.model, self._tokens_per_job(arm, models or {})) for arm in arms]
        generated: Counter[str] = Counter()
        for model, count in tokens:
            generated[model] += (count or 0) * (asked or 0)
        is_known = asked is not None and all(count is not None for _, count in tokens)
        return ExperimentSize(
            arms=len(arms),
            problems=problems,
            jobs=None if asked is None else asked * len(arms),
            chains=None if asked is None else asked * sum(arm.strategy.num_chains for arm in arms),
            generated_by_model=dict(generated) if is_known else None,
        )

    def _tokens_per_job(self, arm: ArmSpec, models: Mapping[str, ModelLimits]) -> int | None:
        model = models.get(arm.model)
        context_length = None if model is None else model.context_length
        most = most_generated(arm.strategy.thinking_limit, arm.sampling.max_answer_tokens, context_length)
        return None if most is None else arm.strategy.num_chains * most


class Submission(ExperimentSpec):
    """A spec as it is handed in. Priority, tags and notes can change later and are not in the digest."""

    priority: Annotated[int, Field(ge=-1000, le=1000, strict=True)] = Field(
        default=0, description="experiments with a higher one are worked on first"
    )
    tags: tuple[Name, ...] = ()
    notes: str = Field(default="", max_length=100_000)

    _places: Places = PrivateAttr(default=Places())

    @classmethod
    def from_yaml(cls, text: str, source: str = "spec") -> "Submission":
        """Raises SpecError with every problem found, each with its line."""
        read = spec_text.read(text, source)
        return cls._from_data(read.data, read.places)

    @classmethod
    def from_data(cls, data: JsonValue, source: str = "spec") -> "Submission":
        """From plain values, as a form or JSON gives them. Raises SpecError; problems have paths, and no lines."""
        return cls._from_data(data, Places(source))

    def to_yaml(self) -> str:
        """As short as it can be said: defaults are left out. Reads back as an equal Submission."""
        return yaml12.dump(self._written(), is_flow=None, width=100)

    def with_overrides(self, overrides: Sequence[str]) -> "Submission":
        """With values replaced: `arms[0].waits=4`, `data_set.limit=50`. Raises SpecError."""
        data, places = self._written(), self._places
        for override in map(spec_text.read_override, overrides):
            location = f"--set {override.written}"
            data = spec_text.replaced(data, override.place, override.value, location)
            places = places.replaced(override.place, location)
        return type(self)._from_data(data, places)

    def check_against(
        self, models: Mapping[str, ModelLimits], verifiers: Mapping[str, VerifierAbilities] = MappingProxyType({})
    ) -> tuple[SpecProblem, ...]:
        """What keeps this from running on the models and verifiers that are served; empty if nothing does."""
        found = misfits(self, models, verifiers)
        return tuple(SpecProblem(place, message, self._places.location(place)) for place, message in found)

    @property
    def scientific(self) -> ExperimentSpec:
        """Without priority, tags and notes."""
        return ExperimentSpec.model_validate({name: getattr(self, name) for name in ExperimentSpec.model_fields})

    @classmethod
    def _from_data(cls, data: JsonValue, places: Places) -> "Submission":
        try:
            submission = cls.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise SpecError(problems_of(details, data, places.location, allowed_keys)) from error
        submission._places = places
        return submission

    def _written(self) -> dict[str, JsonValue]:
        return self.model_dump(mode="json", exclude_defaults=True)


def json_schema() -> dict[str, JsonValue]:
    """For editors: completion, descriptions and checks while a spec is written."""
    schema: dict[str, Any] = Submission.model_json_schema()
    data_set = schema["properties"]["data_set"]
    schema["properties"]["data_set"] = {"anyOf": [data_set, {"type": "string", "description": "a registered name"}]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Overthink experiment", **schema}


def allowed_keys(place: Place, data: JsonValue) -> Sequence[str]:
    """The keys of the mapping at `place`; an arm's depend on its strategy, which `data` names."""
    if place[:1] == ("arms",) and place[2:] not in _PARTS:
        swept: Mapping[str, type[Swept]] = SWEPT_ARMS if len(place) == 2 else SWEPT_CHAINS
        name = data.get("strategy") if isinstance(data, dict) else None
        return list(swept[name].model_fields) if isinstance(name, str) and name in swept else []
    return list(_PARTS.get(place[2:] if place[:1] == ("arms",) else place, Submission).model_fields)


_PARTS: Mapping[Place, type[BaseModel]] = {
    ("data_set",): DataSetSpec,
    ("sampling",): Sampling,
    ("prompt",): PromptFormat,
}
