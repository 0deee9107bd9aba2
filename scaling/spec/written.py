"""A spec as written: its fields, each right by itself, and the arms that they multiply to."""

from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from scaling.spec.arms import ArmSpec, expanded
from scaling.spec.data_set import DataSetSpec, Name, Seed
from scaling.spec.errors import PlacedError
from scaling.spec.families import Families
from scaling.spec.sweeps import AnySweptArm
from scaling.spec.verdict import VerdictSpec
from scaling.storable import unstorable
from scaling.strategy import Strategy
from scaling.types import PromptFormat, Sampling


class WrittenSpec(BaseModel):
    """Of an experiment. Whether it is right as a whole, `scaling.spec.checks` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    data_set: DataSetSpec
    models: tuple[Name, ...] = Field(default=(), description="registered names; every arm runs on each of them")
    arms: Annotated[tuple[AnySweptArm, ...], Field(min_length=1)]
    sampling: Sampling = Sampling()
    prompt: PromptFormat = PromptFormat()
    repeats: int = Field(default=1, ge=1, le=10_000, strict=True, description="how often each problem is asked per arm")
    seed: Seed = 0
    families: Families = Field(
        default_factory=dict,
        exclude_if=lambda given: not given,
        description="sets of arms by name, each told by selectors; how results are read, not what is run",
    )
    verdict: VerdictSpec | None = Field(
        default=None,
        exclude_if=lambda given: given is None,
        description="the rule by which they will be judged, fixed before anybody looks",
    )

    @model_validator(mode="before")
    @classmethod
    def _is_storable(cls, data: Any) -> Any:
        found = list(unstorable(data))
        if found:
            why = "text with NUL or a lone surrogate cannot be stored; remove the character"
            raise PlacedError([(place, why) for place in found])
        return data

    @field_validator("arms", mode="before")
    @classmethod
    def _strategies_are_arms(cls, arms: Any) -> Any:
        """Strategies themselves may stand in the list, in Python."""
        if not isinstance(arms, list | tuple):
            return arms
        return [arm.model_dump() if isinstance(arm, Strategy) else arm for arm in arms]

    def expand(self) -> tuple[ArmSpec, ...]:
        """All arms: as written, each on its models in turn, its sweeps' first field slowest."""
        return tuple(arm for _, arm in self.written_and_expanded)

    @cached_property
    def written_and_expanded(self) -> tuple[tuple[int, ArmSpec], ...]:
        """Each of them with the index of the arm that it was written as."""
        return tuple(expanded(self.arms, self.models, self.sampling, self.prompt, self.seed))
