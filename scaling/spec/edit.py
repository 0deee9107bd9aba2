"""What may change of an experiment without making it another one: its priority, cap, notes and tags."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from scaling.spec.data_set import Name, Notes, Priority, TokenCap
from scaling.spec.errors import SpecError, faults_of


class Edit(BaseModel):
    """None: as it is. A tag that is both added and dropped is dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    priority: Priority | None = None
    token_cap: TokenCap | None = None
    no_token_cap: bool = Field(default=False, description="takes the cap away")
    notes: Notes | None = None
    tag: tuple[Name, ...] = Field(default=(), description="added behind those that it has")
    untag: tuple[Name, ...] = Field(default=(), description="taken away, if it has them")

    @classmethod
    def of(cls, **changes: JsonValue) -> Self:
        """Raises SpecError."""
        try:
            return cls.model_validate(changes)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise SpecError(faults_of(details, changes, lambda _: "", lambda *_: list(cls.model_fields))) from error

    @property
    def is_nothing(self) -> bool:
        return self == type(self)()
