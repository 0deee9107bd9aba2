"""The lifecycles: what an experiment, a job and an attempt can be, and which of these are final."""

from enum import StrEnum


class ExperimentStatus(StrEnum):
    """Where an experiment is: queued → expanding → running ⇄ paused → one of the closed ones."""

    QUEUED = "queued"  # written, waiting for a worker to load its data set
    EXPANDING = "expanding"  # a worker is turning it into arms, problems and jobs
    RUNNING = "running"  # its jobs may be claimed
    PAUSED = "paused"  # its running jobs go on, none is claimed
    SUCCEEDED = "succeeded"  # every job succeeded
    FINISHED_WITH_FAILURES = "finished_with_failures"  # every job ended, and at least one failed
    CANCELLED = "cancelled"  # stopped by a person
    CAPPED = "capped"  # stopped because it had spent its cap of tokens
    FAILED = "failed"  # could not be expanded: the reason is in `error`

    @property
    def is_closed(self) -> bool:
        return self in CLOSED_EXPERIMENTS

    @property
    def shown(self) -> str:
        return self.value.replace("_", " ")


CLOSED_EXPERIMENTS = frozenset(
    {
        ExperimentStatus.SUCCEEDED,
        ExperimentStatus.FINISHED_WITH_FAILURES,
        ExperimentStatus.CANCELLED,
        ExperimentStatus.CAPPED,
        ExperimentStatus.FAILED,
    }
)


class JobStatus(StrEnum):
    """Where one problem under one arm (and repeat) is."""

    QUEUED = "queued"  # may be claimed, from `not_before` on
    RUNNING = "running"  # leased to a worker that renews `heartbeat_at`
    SUCCEEDED = "succeeded"  # its trace is stored
    FAILED = "failed"  # three failures, ten lost leases, or one failure that retrying cannot mend: see `error`
    CANCELLED = "cancelled"  # its experiment was cancelled first


class AttemptOutcome(StrEnum):
    """How one try at a job ended. Whatever it is, what the attempt spent is kept."""

    RUNNING = "running"  # not ended
    SUCCEEDED = "succeeded"  # wrote the trace
    FAILED = "failed"  # an error, kept in `error`
    LOST = "lost"  # its worker stopped renewing the lease
    RELEASED = "released"  # its worker shut down cleanly and gave the job back; no failure
    CANCELLED = "cancelled"  # its experiment was cancelled


class ScanStatus(StrEnum):
    """Where a scan of an experiment's traces is: queued → running → one of the others, from which it may be resumed."""

    QUEUED = "queued"  # waiting for a worker that can do it
    RUNNING = "running"  # leased to a worker that renews `heartbeat_at`
    SUCCEEDED = "succeeded"  # every trace that was there has a finding
    FAILED = "failed"  # it could not go on: see `error`; what it found is kept
    CANCELLED = "cancelled"  # stopped by a person; what it found is kept


MAX_FAILURES = 3
"""Failures after which a job is not tried again."""
MAX_LOST_LEASES = 10
"""Lost leases after which a job is not tried again: it seems to kill its workers."""
