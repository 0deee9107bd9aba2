"""What happens to jobs and experiments is told to listeners; logs are one of them."""

import logging

import pytest

from db.records import ClaimedJob, Lease
from db.status import AttemptOutcome, ExperimentStatus, JobStatus
from scaling.compute.spending import Unknown
from scaling.types import Counts, GraderName, Problem, PromptFormat, Sampling
from worker import listeners
from worker.events import Claimed, Closed, Ended, Event, Expanded, Listener, Lost, RequestFailed, Steered, Verb
from worker.logs import Logs

JOB = ClaimedJob(
    job_id=7,
    attempt=2,
    experiment_id=3,
    arm_id=1,
    arm_label="chain_of_thought",
    model="tiny",
    strategy={},
    seed=0,
    sampling=Sampling(),
    prompt=PromptFormat(),
    problem=Problem("p1", "1+1", "2", GraderName.INTEGER),
    repeat=0,
)


def ended(outcome: AttemptOutcome, error: str | None = None, retry_in_s: float | None = None) -> Ended:
    return Ended(JOB, outcome, Counts.of(()), Unknown(), error, retry_in_s)


LINES: list[tuple[Event, str]] = [
    (Claimed(JOB, "w1"), ""),
    (ended(AttemptOutcome.SUCCEEDED), ""),
    (ended(AttemptOutcome.RELEASED), ""),
    (ended(AttemptOutcome.CANCELLED), "INFO job 7, attempt 2: cancelled"),
    (ended(AttemptOutcome.LOST, "not the owner"), "INFO job 7, attempt 2: no longer ours (not the owner)"),
    (
        ended(AttemptOutcome.FAILED, "too long", 10.0),
        "WARNING job 7 of experiment 3, attempt 2: failed (again in 10 s): too long",
    ),
    (
        ended(AttemptOutcome.FAILED, "too long"),
        "WARNING job 7 of experiment 3, attempt 2: failed (for good): too long",
    ),
    (
        Lost(Lease(7, 2), "w1", JobStatus.QUEUED),
        "WARNING job 7, attempt 2: lost with worker w1; it is queued now",
    ),
    (RequestFailed("http://server", "/v1/completions", "HTTP 503"), ""),
    (Expanded(3, "demo", 40), "INFO experiment 3 (demo): 40 jobs"),
    (Closed(3, ExperimentStatus.FINISHED_WITH_FAILURES), "INFO experiment 3: finished with failures"),
    (Closed(3, ExperimentStatus.FAILED, "no rows"), "WARNING experiment 3 cannot be expanded: no rows"),
    (Steered(3, Verb.PAUSE, "ann"), ""),
]


@pytest.mark.parametrize(("event", "line"), LINES)
def test_the_log_says_each_event_in_a_line_or_not_at_all(
    event: Event, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "worker"):
        event.deliver(Logs())

    assert [f"{record.levelname} {record.getMessage()}" for record in caplog.records] == [line] * bool(line)


class Broken(Listener):
    def claimed(self, event: Claimed) -> None:
        raise RuntimeError("disk full")


class Notebook(Listener):
    def __init__(self) -> None:
        self.heard: list[Event] = []

    def claimed(self, event: Claimed) -> None:
        self.heard.append(event)


def test_what_a_listener_raises_harms_nobody_and_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = Notebook()
    monkeypatch.setattr(listeners, "LISTENERS", [Broken(), notebook])
    listeners.emit(Claimed(JOB, "w1"))
    listeners.emit(Claimed(JOB, "w2"))

    assert notebook.heard == [Claimed(JOB, "w1"), Claimed(JOB, "w2")]
    assert caplog.text.count("Broken failed at Claimed(") == caplog.text.count("RuntimeError: disk full") == 1
