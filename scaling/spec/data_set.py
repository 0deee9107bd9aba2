"""Which problems an experiment asks."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from scaling.answers.graders import GRADERS
from scaling.spec.errors import PlacedError
from scaling.types import GraderName

Priority = Annotated[int, Field(ge=-1000, le=1000, strict=True)]
TokenCap = Annotated[int, Field(ge=1, lt=2**63, strict=True)]
Notes = Annotated[str, Field(max_length=100_000)]
Name = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=200)]
Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]

UploadAddress = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}(\.[a-z]{1,10}){0,2}$")]
"""The SHA-256 of its bytes, and its suffixes."""

SOURCES = ("name", "path", "upload")
"""Exactly one of them says where the problems are."""

SEVERAL = (
    "a list makes an experiment of each; hand the file to `overthink submit` or `run`, or in Python to "
    "overthink.submit_all"
)


class DataSetSpec(BaseModel):
    """Problems: of a data set that the workers know by `name`, or of a file with named columns: at a `path` of theirs,
    or uploaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = Field(default=None, description="registered name; or give path")
    path: Name | None = Field(default=None, description="JSON Lines or CSV file; or give name")
    upload: UploadAddress | None = Field(
        default=None,
        exclude_if=lambda given: given is None,  # as of specs from before there were any
        description="address of a file that was uploaded on the dashboard; or give name",
    )
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
        if isinstance(data, list):
            raise ValueError(SEVERAL)
        return {"name": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _name_or_path(self) -> Self:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise PlacedError([((), f"give one of name, path and upload, got {' and '.join(given) or 'none'}")])
        if self.name is None and self.grader is None:
            graders = ", ".join(GraderName)
            raise PlacedError([(("grader",), f"missing; a file needs one of {graders}")])
        if self.options and self.incorrect:
            raise PlacedError([(("incorrect",), "give either options or incorrect, got both")])
        for name in ("options", "incorrect"):
            if getattr(self, name) and self.name is None and self.grader and not GRADERS[self.grader].takes_options:
                able = " or ".join(grader for grader, kind in GRADERS.items() if kind.takes_options)
                raise PlacedError([((name,), f"only with grader {able}")])
        columns = ("question", "answer", "id", "level", "subject", "options", "incorrect", "grader")
        told = [name for name in columns if getattr(self, name) != type(self).model_fields[name].default]
        if self.name is not None and told:
            raise PlacedError([((name,), "only with path; a registered data set has its own") for name in told])
        return self
