"""The model registry: which models and verifiers there are, where they are served, and what they are told.

A YAML file on the server's side (`OVERTHINK_MODELS`). Specs name models and data sets; only this file knows endpoints,
keys and paths, so that a form can never send a key anywhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from scaling.compute.model_facts import Architecture, PricePerMillion
from scaling.errors import BadInputError
from scaling.spec import yaml12
from scaling.types import THINKING_FORMATS, GraderName, ThinkingFormat
from worker.engines.entry import ServerEntry, alternatives
from worker.engines.kinds import ENGINES
from worker.verifiers.adapters import ADAPTERS
from worker.verifiers.formats import PRESETS, VerifierFormat


class RegistryError(BadInputError):
    """The model registry cannot be used. Mend the file named, or point OVERTHINK_MODELS at another."""


class UnknownNameError(RegistryError):
    """A model or data set that the registry does not list. Use a listed name, or add it to the file."""


def _by_name(what: str, known: Mapping[str, BaseModel]) -> BeforeValidator:
    """Lets the name of something known stand for it."""

    def looked_up(value: object) -> object:
        if not isinstance(value, str):
            return value
        if value not in known:
            raise ValueError(f"unknown {what} {value!r}{alternatives(value, list(known))}")
        return known[value]

    return BeforeValidator(looked_up)


if TYPE_CHECKING:
    AnyFormat = VerifierFormat
else:
    AnyFormat = Annotated[
        Annotated[reduce(or_, (kind.form for kind in ADAPTERS.values())), Field(discriminator="kind")],
        _by_name("verifier format", PRESETS),
    ]
"""The name of a preset, or a mapping with the fields of one."""


class ModelEntry(ServerEntry):
    """A model that generates."""

    thinking: Annotated[ThinkingFormat, _by_name("thinking format", THINKING_FORMATS)] = THINKING_FORMATS["plain"]
    base: str | None = Field(
        default=None, description="the registered model that it was trained from, to tell what the training brought"
    )


class ModelVerifierEntry(BaseModel):
    """A registered model that verifies with its own weights, on its own server, within its limit on requests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    format: AnyFormat


class ServerVerifierEntry(ServerEntry):
    """A verifier behind a server of its own."""

    format: AnyFormat


VerifierEntry: TypeAlias = Annotated[
    Annotated[ModelVerifierEntry, Tag("model")] | Annotated[ServerVerifierEntry, Tag("endpoint")],
    Discriminator(lambda value: "model" if isinstance(value, dict) and "model" in value else "endpoint"),
]


class DataSetEntry(BaseModel):
    """A name for a file on the worker's side, and how its columns are called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    question: str = "question"
    answer: str = "answer"
    id: str | None = Field(default=None, description="None: the column `id` if there is one, else the row's number")
    level: str | None = Field(default=None, description="None: the column `level` if there is one")
    subject: str | None = Field(default=None, description="None: the column `subject` if there is one")
    options: tuple[str, ...] = Field(default=(), description="columns of a choice's options, in the order of letters")
    incorrect: tuple[str, ...] = Field(
        default=(), description="columns of a choice's wrong options; GPQA's are found by themselves"
    )
    grader: GraderName = GraderName.MATH


class Registry(BaseModel):
    """All models, verifiers and data sets that a name may stand for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: dict[str, ModelEntry] = Field(default_factory=dict)
    verifiers: dict[str, VerifierEntry] = Field(default_factory=dict)
    data_sets: dict[str, DataSetEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _verifiers_go_with_models(self) -> "Registry":
        for name, entry in self.verifiers.items():
            if name in self.models:
                raise ValueError(f"verifiers.{name}: a model has this name already; choose another")
            if isinstance(entry, ModelVerifierEntry) and entry.model not in self.models:
                near = alternatives(entry.model, list(self.models))
                raise ValueError(f"verifiers.{name}.model: there is no model {entry.model!r} here{near}")
        return self

    @model_validator(mode="after")
    def _bases_are_other_models(self) -> "Registry":
        for name, entry in self.models.items():
            if entry.base == name:
                raise ValueError(f"models.{name}.base: no model is its own; name what it was trained from")
            if entry.base is not None and entry.base not in self.models:
                near = alternatives(entry.base, list(self.models))
                raise ValueError(f"models.{name}.base: there is no model {entry.base!r} here{near}")
        return self

    @model_validator(mode="after")
    def _engines_are_known_and_able(self) -> "Registry":
        for place, entry in self._servers():
            if entry.engine not in ENGINES:
                near = alternatives(entry.engine, list(ENGINES))
                raise ValueError(f"{place}.engine: unknown engine {entry.engine!r}{near}")
            thinking = entry.thinking if isinstance(entry, ModelEntry) else None
            for fault in ENGINES[entry.engine].faults(entry, thinking):
                raise ValueError(f"{place}.{fault}")
        return self

    @model_validator(mode="after")
    def _a_server_has_one_limit(self) -> "Registry":
        first: dict[str, tuple[str, int]] = {}
        for place, entry in self._limited():
            at, limit = first.setdefault(entry.endpoint, (place, entry.max_requests))
            if limit != entry.max_requests:
                raise ValueError(
                    f"{place}.max_requests: {entry.max_requests}, and {at}.max_requests: {limit} are of one server, "
                    f"{entry.endpoint}, which has one limit for all that it serves; give one of them, or the same"
                )
        return self

    @model_validator(mode="after")
    def _verifiers_have_able_engines(self) -> "Registry":
        for name, entry in self.verifiers.items():
            server = self.models[entry.model] if isinstance(entry, ModelVerifierEntry) else entry
            kind, engine = entry.format.kind, server.engine
            if lacking := ADAPTERS[kind].needs - ENGINES[engine].abilities:
                why = " and ".join(each.words for each in sorted(lacking))
                raise ValueError(f"verifiers.{name}: the engine {engine} {why}; the kind {kind} needs one that can")
        return self

    def _servers(self) -> Iterator[tuple[str, ServerEntry]]:
        yield from ((f"models.{name}", entry) for name, entry in self.models.items())
        yield from (
            (f"verifiers.{name}", entry)
            for name, entry in self.verifiers.items()
            if isinstance(entry, ServerVerifierEntry)
        )

    def _limited(self) -> Iterator[tuple[str, ServerEntry]]:
        """Those that say how many requests their server may have."""
        return ((place, entry) for place, entry in self._servers() if "max_requests" in entry.model_fields_set)

    @classmethod
    def load(cls, path: Path | None) -> "Registry":
        """Reads the file; None is an empty registry. Raises RegistryError, which names the file and the place."""
        if path is None:
            return cls()
        try:
            given = yaml12.load(path.read_text(encoding="utf-8")) or {}
            return cls.model_validate(given, context={"folder": path.parent})
        except OSError as error:
            raise RegistryError(
                f"model registry {path}: {error.strerror}. Set OVERTHINK_MODELS to a readable YAML file."
            ) from error
        except (yaml12.YAMLError, UnicodeDecodeError) as error:
            raise RegistryError(f"model registry {path} is not YAML: {error}") from error
        except ValidationError as error:
            raise RegistryError(f"model registry {path}: {_problems(error)}") from error

    def model(self, name: str) -> ModelEntry:
        if name not in self.models:
            raise UnknownNameError(
                f"model {name!r} is not in the model registry{alternatives(name, list(self.models))}"
            )
        return self.models[name]

    def verifier(self, name: str) -> ModelVerifierEntry | ServerVerifierEntry:
        if name not in self.verifiers:
            raise UnknownNameError(f"verifier {name!r} is not registered{alternatives(name, list(self.verifiers))}")
        return self.verifiers[name]

    def server(self, name: str) -> ServerEntry:
        """The server of a model, or of a verifier that has one of its own, with the limit that stands for all of it."""
        verifier = self.verifiers.get(name)
        entry = verifier if isinstance(verifier, ServerVerifierEntry) else self.model(name)
        limit = next((each.max_requests for _, each in self._limited() if each.endpoint == entry.endpoint), None)
        return entry if limit is None else entry.model_copy(update={"max_requests": limit})

    def data_set(self, name: str) -> DataSetEntry:
        if name not in self.data_sets:
            raise UnknownNameError(f"data set {name!r} is not registered{alternatives(name, list(self.data_sets))}")
        return self.data_sets[name]


def _problems(error: ValidationError) -> str:
    return "; ".join(
        ": ".join(filter(None, (_place(e["loc"]), e["msg"] + _allowed(e["type"], e["loc"])))) for e in error.errors()
    )


def _place(location: tuple[int | str, ...]) -> str:
    """`verifiers.mine.endpoint`, without the kind that pydantic puts in between."""
    return ".".join(str(part) for index, part in enumerate(location) if not _is_kind(location, index))


def _is_kind(location: tuple[int | str, ...], index: int) -> bool:
    return location[0] == "verifiers" and index > 1 and location[index] in _KINDS.get(index, ())


_KINDS: Mapping[int, Mapping[str, type[BaseModel]]] = {
    2: {"model": ModelVerifierEntry, "endpoint": ServerVerifierEntry},
    4: {name: kind.form for name, kind in ADAPTERS.items()},
}
"""Where in an error's location pydantic names the kind of what it read, and what that kind is."""

_PARTS: Mapping[str, type[BaseModel]] = {"architecture": Architecture, "price_per_million": PricePerMillion}


def _allowed(kind: str, location: tuple[int | str, ...]) -> str:
    """What an unknown key might have meant."""
    return alternatives(str(location[-1]), list(_fields(location))) if kind == "extra_forbidden" else ""


def _fields(location: tuple[int | str, ...]) -> Iterable[str]:
    """The keys of the mapping in which the last part of `location` stands."""
    if len(location) > 1 and location[-2] in _PARTS:
        return _PARTS[str(location[-2])].model_fields
    if len(location) > 1 and location[0] == "verifiers":
        return _KINDS[len(location) - 2][str(location[-2])].model_fields
    sections: Mapping[str, type[BaseModel]] = {"models": ModelEntry, "data_sets": DataSetEntry}
    return (sections[str(location[0])] if len(location) > 1 else Registry).model_fields
