"""What goes into the database and what a claim hands out, as frozen values."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from db.models import JsonObject
from scaling.abilities import ALL, Ability
from scaling.compute.model_facts import CostFacts
from scaling.types import Path, Problem, PromptFormat, Sampling, ThinkingFormat, Unread, Verdict

NOTHING_ELSE = CostFacts()


@dataclass(frozen=True, slots=True)
class NewExperiment:
    """A validated submission. `spec` is the scientific part as JSON, `digest` that part's digest."""

    name: str
    owner: str
    spec: JsonObject
    digest: str
    spec_yaml: str | None = None
    priority: int = 0
    tags: tuple[str, ...] = ()
    notes: str = ""
    token_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The experiment that a submission led to; `is_new` is False if it was there already."""

    id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Expanding:
    """What a worker needs to expand an experiment."""

    id: int
    name: str
    spec: JsonObject


@dataclass(frozen=True, slots=True)
class NewArm:
    """An arm to be stored, in the order of the list that it stands in."""

    label: str
    model: str
    strategy: str
    params: JsonObject
    strategy_spec: JsonObject
    verifier: str | None = None
    """The verifier that it asks; None: it asks none."""
    sampling: JsonObject = field(default_factory=dict)
    """The fields that it has otherwise than the experiment; so too with the prompt."""
    prompt: JsonObject = field(default_factory=dict)
    seed: int | None = None
    """Of its own; None: the experiment's."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is ours until the lease ends, with everything a run of it needs.

    `strategy` is the arm's strategy as JSON. `seed`, `sampling` and `prompt` come from the experiment's spec; what the
    arm has otherwise is in them.
    """

    job_id: int
    attempt: int
    experiment_id: int
    arm_id: int
    arm_label: str
    model: str
    strategy: JsonObject
    seed: int
    sampling: Sampling
    prompt: PromptFormat
    problem: Problem
    repeat: int
    verifier: str | None = None
    provenance: int | None = None
    """What its attempt is made by, as far as was known at the claim; None: nobody asked."""
    thinking: ThinkingFormat | None = None
    """The model's, as it was when the experiment was expanded; None: no worker had announced the model then."""
    priority: int = 0

    @property
    def order(self) -> tuple[int, int]:
        """Its place among jobs that run: the most urgent comes first, then the oldest."""
        return -self.priority, self.job_id

    @property
    def lease(self) -> "Lease":
        return Lease(self.job_id, self.attempt)


@dataclass(frozen=True, slots=True)
class Formats:
    """How a worker's registry describes what it serves, by name: a job of an experiment that knows it otherwise is not
    its to run. What is not in here may be anything."""

    thinking: Mapping[str, ThinkingFormat] = field(default_factory=dict)
    verifiers: Mapping[str, JsonValue] = field(default_factory=dict)


NO_FORMATS = Formats()


@dataclass(frozen=True, slots=True, order=True)
class Lease:
    """One attempt at one job: what every write of the attempt is fenced by."""

    job_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Grade:
    """One grader's verdict on the candidate at `path`. Regrading adds a version."""

    path: Path
    grader: str
    version: str
    verdict: Verdict
    right_if_read: bool | None = None
    """Whether what stands of a truncated answer would be correct if it were read; None: it is not truncated."""
    unread: Unread | None = None
    """Why the verdict is neither correct nor wrong; None: it is one of those."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as its server and the registry describe it. `parameters` None: the registry does not say."""

    name: str
    context_length: int
    parameters: int | None
    thinking: ThinkingFormat
    served_as: str
    announced_at: dt.datetime | None = None
    """None: not announced yet."""
    facts: JsonObject | None = None
    """What its server tells of itself and the registry declares; None: from before this was asked."""
    remark: str | None = None
    """What the worker that announced it found amiss, and the remedy."""
    engine: str = "vllm"
    """The kind of its server."""
    abilities: frozenset[Ability] = ALL
    """What that can do."""
    cost_facts: CostFacts = NOTHING_ELSE
    base: str | None = None
    """The model that it was trained from; None: the registry names none."""


@dataclass(frozen=True, slots=True)
class ServedVerifier:
    """A verifier as its server and the registry describe it. `parameters` None: the registry does not say."""

    name: str
    kind: str
    scores_steps: bool
    context_length: int
    parameters: int | None
    served_as: str
    announced_at: dt.datetime | None = None
    """None: not announced yet."""
    facts: JsonObject | None = None
    """What its server tells of itself and the registry declares, and its whole format; None as above."""
    cost_facts: CostFacts = NOTHING_ELSE


@dataclass(frozen=True, slots=True)
class NewWorker:
    """A worker process that begins. `id` is unique for ever: host:pid:uuid."""

    id: str
    hostname: str
    pid: int
    models: tuple[str, ...] = field(default=())
    slots: int = 1
    verifiers: tuple[str, ...] = ()
