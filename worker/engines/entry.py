"""What the registry says of one model server, whatever engine it is: where it is, what it is asked, what it costs."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from db.settings import secret
from scaling.compute.model_facts import Architecture, CostFacts
from scaling.errors import suggestion


def alternatives(name: str, known: list[str]) -> str:
    """`; did you mean x? Known: x, y`, for the end of an error message."""
    return f"{suggestion(name, sorted(known), shown=repr)}."


class KeyInEnvironment(BaseModel):
    """A key that is kept in an environment variable of the worker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: str


class ServerEntry(CostFacts):
    """One model behind one server (or a load balancer before several), and what its tokens cost."""

    endpoint: str = Field(pattern=r"^https?://", description="of the server, without /v1")
    engine: str = Field(default="vllm", description="what kind of server it is: a name in ENGINES")
    api_key: SecretStr | KeyInEnvironment | None = None
    served_as: str | None = Field(default=None, description="the name the server knows; None: the registry's name")
    context_length: int | None = Field(
        default=None, ge=1, description="prompt and generated tokens, at most; only where the engine does not tell it"
    )
    parameters: int | None = Field(
        default=None, ge=1, description="that a token passes through, for FLOPs; None: unknown"
    )
    config: Path | None = Field(
        default=None, description="the model's config.json, from the registry's folder: its architecture is read there"
    )
    max_requests: int = Field(default=128, ge=1, description="in flight at the server, of all workers and models")
    scheduling: Literal["fcfs", "priority"] = Field(
        default="fcfs",
        description="priority: vLLM was started with --scheduling-policy priority, and is told how urgent a request is",
    )
    facts: dict[str, str] = Field(
        default_factory=dict,
        description="what the server does not tell and results depend on (revision, weights, dtype): kept with them",
    )
    cache_salt: str | None = Field(default=None, description="keeps two measurements from sharing the prefix cache")

    @field_validator("endpoint")
    @classmethod
    def _without_v1(cls, endpoint: str) -> str:
        return endpoint.rstrip("/").removesuffix("/v1")

    @model_validator(mode="before")
    @classmethod
    def _architecture_of_config(cls, given: object, info: ValidationInfo) -> object:
        """Reads the config that is named; the folder that it is in is the validation's context."""
        if not isinstance(given, dict) or not isinstance(given.get("config"), str):
            return given
        if given.get("architecture") is not None:
            raise ValueError("give architecture, or the config that it is read from, not both")
        folder = (info.context or {}).get("folder", Path())
        return {**given, "architecture": Architecture.read(folder / given["config"]).model_dump()}

    @property
    def cost_facts(self) -> CostFacts:
        return CostFacts(**{name: getattr(self, name) for name in CostFacts.model_fields})

    @property
    def key(self) -> str | None:
        """The key itself, None if the server asks for none."""
        if isinstance(self.api_key, KeyInEnvironment):
            return secret(self.api_key.env)
        return self.api_key.get_secret_value() if self.api_key else None
