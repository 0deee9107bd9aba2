"""A listener hears of a real run what it would count: nothing else in the project knows of it."""

from collections import Counter

import pytest

from db import transitions
from db.records import ServedModel
from db.settings import Settings
from scaling.spec import Edit, Submission
from scaling.types import THINKING_FORMATS
from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm
from tests.integration.test_worker_runs import Service, experiment, parts, server
from worker import listeners, submit
from worker.events import Listener, Steered, Verb

__all__ = ["parts", "server"]

SPEC = {
    "name": "counted",
    "data_set": {"name": "ladder-test", "limit": 3},
    "models": ["fake"],
    "arms": [{"strategy": "chain_of_thought", "max_thinking_tokens": 50}],
    "sampling": {"max_answer_tokens": 20},
}
GENERATED = 14  # what the fake server answers


def counted(parts: Service) -> Counter[str]:
    lines = parts.said().splitlines()
    return Counter(line.removeprefix("meter: ") for line in lines if line.startswith("meter: "))


def test_a_listener_counts_what_happens_to_jobs_and_experiments(
    parts: Service, server: FakeVllm, redis_url: str
) -> None:
    parts.start("worker", "metered_process")
    parts.start("reconcile", "metered_process")
    server.failures = [503]
    submit.submit(parts.database, Settings(redis_url=redis_url), Submission.from_data(SPEC), owner="ann")
    wait_until(lambda: parts.value("SELECT count(*) FROM experiments WHERE status = 'succeeded'") == 1)
    experiment(parts.database, 1, question="x" * 1000)  # longer than the model's context
    wait_until(lambda: counted(parts)["closed finished_with_failures"] == 1)

    assert counted(parts) == {
        "expanded 3": 1,
        "claimed": 4,
        "request failed /v1/completions": 1,
        f"ended succeeded {GENERATED}": 3,
        "ended failed 0": 1,
        "closed succeeded": 1,
        "closed finished_with_failures": 1,
    }


class Audit(Listener):
    def __init__(self) -> None:
        self.heard: list[Steered] = []

    def steered(self, event: Steered) -> None:
        self.heard.append(event)


def test_who_steers_an_experiment_is_told_once_it_is_done(
    parts: Service, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = Audit()
    monkeypatch.setattr(listeners, "LISTENERS", [audit])
    monkeypatch.setenv("OVERTHINK_OWNER", "bob")
    transitions.announce_model(parts.database, ServedModel("fake", 512, None, THINKING_FORMATS["plain"], "fake"))
    new = submit.submit(parts.database, Settings(redis_url=redis_url), Submission.from_data(SPEC), owner="ann")
    again = submit.submit(parts.database, Settings(redis_url=redis_url), Submission.from_data(SPEC), owner="ann")
    assert again.experiment_id == new.experiment_id
    running = experiment(parts.database, 1)
    submit.pause(parts.database, running)
    with pytest.raises(transitions.WrongStatusError):
        submit.pause(parts.database, running)
    submit.resume(parts.database, running)
    assert submit.cancel(parts.database, running)
    assert not submit.cancel(parts.database, running)
    submit.retry(parts.database, running)
    submit.edit(parts.database, running, Edit(priority=1))

    verbs = (Verb.PAUSE, Verb.RESUME, Verb.CANCEL, Verb.RETRY, Verb.EDIT)
    assert audit.heard == [
        Steered(new.experiment_id, Verb.SUBMIT, "ann"),
        *(Steered(running, verb, "bob") for verb in verbs),
    ]
