"""The few events in the life of a job and of an experiment, and who may listen to them.

Logs, metrics and audit are listeners: a new one is a subclass of Listener and a line in `worker.listeners`. An event
says what has happened, after it is stored; nothing depends on anybody's having heard it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from db.records import ClaimedJob, Lease
from db.status import AttemptOutcome, ExperimentStatus, JobStatus
from scaling.compute.spending import Unknown
from scaling.types import Counts


class Event(Protocol):
    """Something that happened. It knows by which of a listener's methods it is heard."""

    def deliver(self, listener: "Listener") -> None: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A worker has taken a job: an attempt begins."""

    job: ClaimedJob
    worker: str

    def deliver(self, listener: "Listener") -> None:
        listener.claimed(self)


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt has ended in its worker, with what servers told of its spending and what was spent besides, at most.

    `outcome` is as the worker knows it. CANCELLED: it was told to stop. LOST: the job was another's, or nobody's, when
    the attempt came to its end. `retry_in_s` is None unless it failed and its job will be tried again.
    """

    job: ClaimedJob
    outcome: AttemptOutcome
    spent: Counts
    unknown: Unknown
    error: str | None = None
    retry_in_s: float | None = None

    def deliver(self, listener: "Listener") -> None:
        listener.ended(self)


@dataclass(frozen=True, slots=True)
class Lost:
    """A lease was taken back from a worker that had stopped renewing it; `status` is what the job is now."""

    lease: Lease
    worker: str
    status: JobStatus

    def deliver(self, listener: "Listener") -> None:
        listener.lost(self)


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """One try of a request to a model server failed in a way that may pass."""

    endpoint: str
    path: str
    reason: str

    def deliver(self, listener: "Listener") -> None:
        listener.request_failed(self)


@dataclass(frozen=True, slots=True)
class Expanded:
    """A spec has become jobs."""

    experiment_id: int
    name: str
    num_jobs: int

    def deliver(self, listener: "Listener") -> None:
        listener.expanded(self)


@dataclass(frozen=True, slots=True)
class Closed:
    """An experiment has ended by itself; `reason` says why it could not be expanded, where that is how."""

    experiment_id: int
    status: ExperimentStatus
    reason: str | None = None

    def deliver(self, listener: "Listener") -> None:
        listener.closed(self)


class Verb(StrEnum):
    """What a person may do with an experiment."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    EDIT = "edit"
    DELETE = "delete"
    RESTORE = "restore"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class Steered:
    """Somebody has handed an experiment in, or steered it."""

    experiment_id: int
    verb: Verb
    actor: str

    def deliver(self, listener: "Listener") -> None:
        listener.steered(self)


class Listener:
    """Hears what it overrides. Called at the spot, by any thread: it must be quick, and safe across threads."""

    def claimed(self, event: Claimed) -> None: ...

    def ended(self, event: Ended) -> None: ...

    def lost(self, event: Lost) -> None: ...

    def request_failed(self, event: RequestFailed) -> None: ...

    def expanded(self, event: Expanded) -> None: ...

    def closed(self, event: Closed) -> None: ...

    def steered(self, event: Steered) -> None: ...
