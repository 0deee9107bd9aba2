"""The whole way of a job on real PostgreSQL and Redis: bells, claims, leases, and whatever may die in between."""

import math
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest
from pydantic import JsonValue
from sqlalchemy import Engine, make_url, text

from db import queries, transitions
from db.models import JsonObject
from db.records import NewArm, NewExperiment, ServedModel
from db.settings import Settings
from scaling.spec import Submission, yaml12
from scaling.types import THINKING_FORMATS, GraderName, Problem, ThinkingFormat
from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm, fake_vllm
from worker import submit
from worker.bells import Bells

CHAIN: JsonObject = {"strategy": "chain_of_thought", "max_thinking_tokens": 100}
CHECKOUT = Path(__file__).resolve().parents[2]
PROBLEMS_ANSWERED_RIGHT = 12  # the fake server always answers 12


@pytest.fixture
def server() -> Iterator[FakeVllm]:
    with fake_vllm() as fake:
        yield fake


@dataclass
class Service:
    """Workers and a reconciler of this test's own, as processes."""

    database: Engine
    environment: dict[str, str]
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, part: str, module: str = "worker_process") -> subprocess.Popen[bytes]:
        log = self.logs / f"{part}-{len(self.processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", f"tests.integration.{module}", part],
                env=os.environ | self.environment,
                cwd=CHECKOUT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        wait_until(lambda: "ready" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        return process

    def allow_requests(self, number: int) -> None:
        """At once, by each worker that starts from now on."""
        registry = Path(self.environment["OVERTHINK_MODELS"])
        registry.write_text(registry.read_text().replace("max_requests: 8", f"max_requests: {number}"))

    def register(self, models: Mapping[str, int | None]) -> None:
        """Those instead of the one, behind its server, with the limits that they name."""
        registry = Path(self.environment["OVERTHINK_MODELS"])
        one = yaml12.load(registry.read_text())["models"]["fake"]
        limits = {name: {} if limit is None else {"max_requests": limit} for name, limit in models.items()}
        entries = {name: {"endpoint": one["endpoint"], "served_as": "fake", **limits[name]} for name in models}
        registry.write_text(yaml12.dump({"models": entries}))

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait()

    def said(self) -> str:
        return "".join(log.read_text() for log in sorted(self.logs.glob("*.log")))

    def statuses(self) -> dict[str, int]:
        with self.database.connect() as connection:
            rows = connection.execute(text("SELECT status, count(*) FROM jobs GROUP BY status"))
            return {row[0]: row[1] for row in rows}

    def value(self, query: str) -> object:
        with self.database.connect() as connection:
            return connection.execute(text(query)).scalar_one()


@contextmanager
def service(database: Engine, database_url: str, redis_url: str, server: FakeVllm, folder: Path) -> Iterator[Service]:
    registry = folder / "models.yaml"
    registry.write_text(yaml12.dump({"models": {"fake": {"endpoint": server.endpoint, "max_requests": 8}}}))
    environment = {
        "OVERTHINK_DATABASE_URL": database_url,
        "OVERTHINK_REDIS_URL": redis_url,
        "OVERTHINK_MODELS": str(registry),
        "OVERTHINK_HEARTBEAT_S": "0.3",
        "OVERTHINK_LEASE_TTL_S": "1.5",
        "OVERTHINK_RECONCILE_S": "0.3",
        "OVERTHINK_SLOTS": "4",
    }
    running = Service(database, environment, folder)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def parts(engine: Engine, database: str, redis_url: str, server: FakeVllm, tmp_path: Path) -> Iterator[Service]:
    with service(engine, database, redis_url, server, tmp_path) as running:
        yield running


@pytest.fixture
def nobody_is_taken_for_dead(parts: Service) -> None:
    """However long a busy machine stands still: a job that is asked for twice would be counted twice."""
    parts.environment["OVERTHINK_LEASE_TTL_S"] = "1200"


def experiment(
    database: Engine,
    num_problems: int,
    question: str = "Say 12",
    answer: str = "12",
    grader: GraderName = GraderName.INTEGER,
    strategies: Sequence[JsonObject] = (CHAIN,),
    sampling: JsonObject | None = None,
    thinking: ThinkingFormat = THINKING_FORMATS["plain"],
    priority: int = 0,
    model: str = "fake",
) -> int:
    """A running experiment with an arm of each strategy on `num_problems` problems of a model of the fake server."""
    spec = {"seed": 0, "sampling": {"max_answer_tokens": 20, **(sampling or {})}, "prompt": {}}
    new = NewExperiment("test", "me", spec, digest=f"d{time.time_ns()}", priority=priority)
    created = transitions.create_experiment(database, new)
    assert transitions.begin_expansion(database, created.id) is not None
    arms = [NewArm(str(each["strategy"]), model, str(each["strategy"]), {}, each) for each in strategies]
    problems = [Problem(f"p{number}", f"{question} {number}", answer, grader) for number in range(num_problems)]
    served = ServedModel(model, 512, None, thinking, "fake")
    transitions.store_expansion(database, created.id, arms, problems, 1, "digest", {model: served})
    return created.id


@contextmanager
def away(database: str, postgres_url: str) -> Iterator[None]:
    """Nobody reaches this database, and whoever was connected is thrown out."""
    name = make_url(database).database
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")  # type: ignore[arg-type]
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")  # type: ignore[arg-type]


ENDED_TWICE_OR_HALF = """
SELECT count(*) FROM jobs WHERE status = 'succeeded' AND (
    (SELECT count(*) FROM traces WHERE traces.job_id = jobs.id) <> 1
    OR (SELECT count(*) FROM attempts WHERE attempts.job_id = jobs.id AND outcome = 'succeeded') <> 1
    OR (SELECT count(*) FROM candidates WHERE candidates.job_id = jobs.id) <> 1
    OR (SELECT count(*) FROM grades WHERE grades.job_id = jobs.id) <> 1)
"""


def all_succeeded(parts: Service, num_jobs: int) -> bool:
    return parts.statuses() == {"succeeded": num_jobs}


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_every_job_runs_once_and_the_experiment_closes(parts: Service, server: FakeVllm) -> None:
    experiment(parts.database, 40)
    parts.start("worker")
    parts.start("reconcile")

    wait_until(lambda: parts.value("SELECT status FROM experiments") == "succeeded")
    assert all_succeeded(parts, 40)
    assert server.num_asked == server.num_answered == 40
    assert parts.value("SELECT count(*) FROM traces WHERE verdict = 'correct'") == 40
    assert parts.value("SELECT sum(generated_tokens) FROM traces") == 40 * 14
    assert parts.value(ENDED_TWICE_OR_HALF) == 0


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_the_requests_of_a_later_but_more_urgent_job_pass_first(parts: Service, server: FakeVllm) -> None:
    """Two jobs are ahead with sixty requests at a gate that lets one through at a time."""
    server.delay_s = 0.05
    parts.allow_requests(1)
    experiment(parts.database, 2, strategies=[{"strategy": "majority_vote", "samples": 30}])
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked > 0)
    experiment(parts.database, 1, "Urgent", strategies=[{"strategy": "majority_vote", "samples": 5}], priority=1)

    wait_until(lambda: parts.statuses() == {"succeeded": 3})
    is_urgent = ["Urgent" in "".join(map(chr, body["prompt"])) for body in server.bodies]
    first = is_urgent.index(True)
    assert is_urgent[first:] == [True] * 5 + [False] * (60 - first)
    assert first < 60


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_an_arm_asks_with_its_own_prompt_and_temperature(parts: Service, server: FakeVllm, redis_url: str) -> None:
    own = {"prompt": {"instruction": "Think step by step."}, "sampling": {"temperature": 0.0}}
    spec = Submission.from_data(
        {
            "name": "two ways",
            "data_set": {"name": "ladder-test", "limit": 1},
            "models": ["fake"],
            "arms": [{"strategy": "chain_of_thought", "max_thinking_tokens": 50, **each} for each in ({}, own)],
            "sampling": {"max_answer_tokens": 20},
        }
    )
    parts.start("worker")
    submit.submit(parts.database, Settings(redis_url=redis_url), spec, owner="ann")
    wait_until(lambda: parts.statuses() == {"succeeded": 2})
    asked = {"".join(map(chr, body["prompt"])).endswith("step by step.\n"): body for body in server.bodies}
    assert {is_told: body["temperature"] for is_told, body in asked.items()} == {True: 0.0, False: 0.7}
    assert asked[True]["seed"] == asked[False]["seed"]  # of one problem and repeat, whatever the arm


def test_an_arm_with_a_seed_of_its_own_asks_as_the_experiment_of_that_seed_does(
    parts: Service, server: FakeVllm, redis_url: str
) -> None:
    def seeds_of(arms: list[JsonValue], seed: int) -> set[int]:
        asked_before = len(server.bodies)
        data = {"name": "seeds", "data_set": {"name": "ladder-test", "limit": 1}, "models": ["fake"], "seed": seed}
        spec = Submission.from_data({**data, "arms": arms, "sampling": {"max_answer_tokens": 20}})
        made = submit.submit(parts.database, Settings(redis_url=redis_url), spec, owner="ann").experiment_id
        wait_until(lambda: queries.experiment(parts.database, made).summary.jobs.succeeded == len(arms))
        return {body["seed"] for body in server.bodies[asked_before:]}

    arm: dict[str, JsonValue] = {"strategy": "chain_of_thought", "max_thinking_tokens": 50}
    parts.start("worker")
    (of_zero,), (of_one,) = seeds_of([arm], 0), seeds_of([arm], 1)
    assert of_zero != of_one
    assert seeds_of([arm, {**arm, "seed": 1}], 0) == {of_zero, of_one}


def test_a_worker_goes_on_expanding_what_takes_long_and_says_so_with_its_heartbeat(
    parts: Service, redis_url: str, tmp_path: Path
) -> None:
    """The data set is a pipe: it is read as soon as the test writes it."""
    os.mkfifo(tmp_path / "slow.jsonl")
    spec = Submission.from_data(
        {
            "name": "slow",
            "data_set": {"path": str(tmp_path / "slow.jsonl"), "grader": "integer"},
            "models": ["fake"],
            "arms": [{"strategy": "chain_of_thought", "max_thinking_tokens": 50}],
            "sampling": {"max_answer_tokens": 20},
        }
    )
    parts.start("worker")
    submit.submit(parts.database, Settings(redis_url=redis_url), spec, owner="ann")
    wait_until(lambda: parts.value("SELECT status FROM experiments") == "expanding")
    begun = parts.value("SELECT expanding_since FROM experiments")
    wait_until(lambda: parts.value("SELECT expanding_since FROM experiments") != begun)
    (tmp_path / "slow.jsonl").write_text('{"question": "Say 12", "answer": "12"}\n')

    wait_until(lambda: all_succeeded(parts, 1))


def test_a_worker_leaves_an_experiment_alone_that_knows_its_model_in_another_thinking_format(parts: Service) -> None:
    """Its registry says plain: what was laid out as plain is run, and what was laid out otherwise waits for another."""
    otherwise = experiment(parts.database, 2, thinking=THINKING_FORMATS["s1"])
    alike = experiment(parts.database, 2)
    parts.start("worker")
    parts.start("reconcile")

    wait_until(lambda: parts.value(f"SELECT status FROM experiments WHERE id = {alike}") == "succeeded")
    assert parts.value(f"SELECT sum(attempt) FROM jobs WHERE experiment_id = {otherwise}") == 0


def test_a_worker_killed_with_minus_nine_loses_no_job(parts: Service, server: FakeVllm) -> None:
    server.delay_s = 0.4
    experiment(parts.database, 24)
    victim = parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 4)
    wait_until(lambda: parts.value("SELECT count(*) FROM jobs WHERE status = 'running'") == 4)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    parts.start("worker")

    wait_until(lambda: all_succeeded(parts, 24))
    # one for each of its four slots, but for those that ended a job at that very moment
    assert 1 <= parts.value("SELECT count(*) FROM attempts WHERE outcome = 'lost'") <= 4
    assert parts.value(ENDED_TWICE_OR_HALF) == 0
    assert parts.said().count("lost with worker") == parts.value("SELECT sum(lost_leases) FROM jobs")


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_one_experiment_spreads_over_every_worker(parts: Service, server: FakeVllm) -> None:
    """Both have four in flight each time that the eight before have been answered: seven times, of 60."""
    server.most_answered = 0
    experiment(parts.database, 60)
    for part in ("worker", "worker", "reconcile"):
        parts.start(part)
    for begun in range(8, 60, 8):
        wait_until(lambda begun=begun: server.num_asked == begun)  # type: ignore[misc]
        server.most_answered = begun
    server.most_answered = math.inf

    wait_until(lambda: all_succeeded(parts, 60))
    assert parts.value("SELECT min(jobs) FROM (SELECT count(*) AS jobs FROM attempts GROUP BY worker) AS each") >= 28
    assert parts.value("SELECT count(DISTINCT worker) FROM attempts") == 2


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_a_worker_claims_what_keeps_its_server_busy_and_no_more(
    parts: Service, server: FakeVllm, redis_url: str
) -> None:
    """Eight requests may be in flight, and half as many wait for their turn, whatever is rung."""
    parts.environment["OVERTHINK_SLOTS"] = "64"
    server.delay_s = 60.0
    experiment(parts.database, 60)
    parts.start("worker")
    bells = Bells(redis_url)
    running = "SELECT count(*) FROM jobs WHERE status = 'running'"
    for _ in range(2):
        for _ in range(20):
            bells.ring_work("fake")
        wait_until(lambda: bells.waiting_to_work("fake") == 0 and parts.value(running) == 12)
    bells.close()
    wait_until(lambda: server.num_asked >= 8)
    assert (server.num_asked, server.most_at_once) == (8, 8)


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_two_workers_share_what_one_server_takes(parts: Service, server: FakeVllm) -> None:
    parts.environment["OVERTHINK_SLOTS"] = "64"
    server.most_answered = 0
    for part in ("worker", "worker", "reconcile"):
        parts.start(part)
    beaten_twice = "heartbeat_at > (SELECT max(started_at) FROM workers) + interval '0.6 s'"
    wait_until(lambda: parts.value(f"SELECT count(*) FROM workers WHERE {beaten_twice}") == 2)
    experiment(parts.database, 60)
    for begun in range(8, 60, 8):
        wait_until(lambda begun=begun: server.num_asked == begun)  # type: ignore[misc]
        server.most_answered = begun
    server.most_answered = math.inf

    wait_until(lambda: all_succeeded(parts, 60))
    assert parts.value("SELECT count(DISTINCT worker) FROM attempts") == 2
    assert server.most_at_once == 8


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_models_of_one_server_share_what_it_takes_and_the_more_urgent_goes_first(
    parts: Service, server: FakeVllm
) -> None:
    """Two names of one vLLM, as of two adapters: eight in flight for both, whoever asks."""
    parts.environment["OVERTHINK_SLOTS"] = "64"
    parts.register({"fake": 8, "other": None})
    server.most_answered = 0
    experiment(parts.database, 60)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked == 8)
    votes: JsonObject = {"strategy": "majority_vote", "samples": 20}
    experiment(parts.database, 1, "Urgent", strategies=[votes], model="other", priority=1)
    is_claimed = "SELECT count(*) FROM jobs WHERE model = 'other' AND status = 'running'"
    wait_until(lambda: parts.value(is_claimed) == 1)  # above those that run, though the gate is full
    server.most_answered = math.inf

    wait_until(lambda: all_succeeded(parts, 61))
    assert server.most_at_once == 8
    is_urgent = ["Urgent" in "".join(map(chr, body["prompt"])) for body in server.bodies]
    first = is_urgent.index(True)
    assert is_urgent[first:] == [True] * 20 + [False] * (60 - first)


def test_an_emptied_redis_delays_the_work_and_loses_none(parts: Service, server: FakeVllm, redis_url: str) -> None:
    server.delay_s = 0.1
    experiment(parts.database, 60)
    parts.start("worker")
    parts.start("reconcile")
    bells = Bells(redis_url)
    for number in (5, 15, 25, 35, 45):
        wait_until(lambda number=number: server.num_answered >= number)
        bells._redis.flushall()
    bells.close()

    wait_until(lambda: all_succeeded(parts, 60))
    assert parts.value(ENDED_TWICE_OR_HALF) == 0


def test_a_database_that_goes_away_and_comes_back_costs_no_job(
    parts: Service, server: FakeVllm, database: str, postgres_url: str
) -> None:
    server.delay_s = 0.2
    experiment(parts.database, 60)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 8)
    with away(database, postgres_url):
        wait_until(lambda: "PostgreSQL is away" in parts.said())
        time.sleep(3.0)  # at least twice the lease

    wait_until(lambda: all_succeeded(parts, 60))
    assert parts.value("SELECT max(failures) FROM jobs") == 0
    assert parts.value(ENDED_TWICE_OR_HALF) == 0


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_cancelling_closes_the_requests_in_flight(parts: Service, server: FakeVllm) -> None:
    server.delay_s = 60.0
    experiment_id = experiment(parts.database, 10)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked == 4)
    transitions.cancel_experiment(parts.database, experiment_id)

    wait_until(lambda: server.num_aborted == 4)
    assert parts.statuses() == {"cancelled": 10}
    server.delay_s = 0.0
    experiment(parts.database, 5)
    wait_until(lambda: parts.statuses() == {"cancelled": 10, "succeeded": 5})


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_a_terminated_worker_gives_its_jobs_back_without_a_failure(parts: Service, server: FakeVllm) -> None:
    server.delay_s = 60.0
    experiment(parts.database, 6)
    worker = parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked == 4)
    worker.terminate()

    assert worker.wait() == 0
    assert parts.statuses() == {"queued": 6}
    assert parts.value("SELECT count(*) FROM attempts WHERE outcome = 'released'") == 4
    assert parts.value("SELECT max(failures) + max(lost_leases) FROM jobs") == 0
    assert parts.value("SELECT count(*) FROM workers WHERE stopped_at IS NULL") == 0
    server.delay_s = 0.0
    parts.start("worker")
    wait_until(lambda: all_succeeded(parts, 6))


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_a_second_signal_ends_a_worker_at_once(parts: Service, server: FakeVllm) -> None:
    server.delay_s = 60.0
    experiment(parts.database, 6)
    worker = parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_asked == 4)

    def has_ended() -> bool:
        worker.send_signal(signal.SIGINT)  # until it has heard two
        return worker.poll() is not None

    wait_until(has_ended)
    assert worker.returncode == 130


@pytest.mark.usefixtures("nobody_is_taken_for_dead")
def test_a_problem_that_does_not_fit_fails_alone_and_at_once(parts: Service, server: FakeVllm) -> None:
    experiment(parts.database, 3)
    experiment(parts.database, 1, question="x" * 1000)
    parts.start("worker")
    parts.start("reconcile")

    wait_until(lambda: parts.statuses() == {"succeeded": 3, "failed": 1})
    assert "problem p0: its prompt of 1009 tokens exceeds the model's context of 512" in str(
        parts.value("SELECT error FROM jobs WHERE status = 'failed'")
    )
    wait_until(lambda: parts.value("SELECT count(*) FROM experiments WHERE finished_at IS NULL") == 0)
    assert parts.value("SELECT max(attempt) FROM jobs") == 1


def test_a_server_that_restarts_costs_no_job_its_life(parts: Service, server: FakeVllm) -> None:
    server.delay_s = 0.2
    experiment(parts.database, 20)
    parts.start("worker")
    parts.start("reconcile")
    wait_until(lambda: server.num_answered >= 4)
    server.stop()
    wait_until(lambda: "trying again" in parts.said())
    server.start()

    wait_until(lambda: all_succeeded(parts, 20))
    assert parts.value("SELECT max(failures) FROM jobs") == 0


def test_a_second_reconciler_stands_by_until_the_first_is_gone(parts: Service, server: FakeVllm) -> None:
    first = parts.start("reconcile")
    parts.start("reconcile")
    wait_until(lambda: "another reconciler is at work; standing by" in parts.said())
    first.kill()
    experiment(parts.database, 3)
    parts.start("worker")

    wait_until(lambda: parts.value("SELECT status FROM experiments") == "succeeded")


def test_a_bug_in_a_job_is_recorded_and_tried_again_three_times(parts: Service, server: FakeVllm) -> None:
    experiment(parts.database, 1)
    with parts.database.begin() as connection:
        connection.execute(text("""UPDATE arms SET strategy_spec = '{"strategy": "no such"}'"""))
    parts.start("worker")
    parts.start("reconcile")

    wait_until(lambda: parts.value("SELECT failures FROM jobs") == 1)
    assert "ValidationError" in str(parts.value("SELECT error FROM jobs"))
    with parts.database.begin() as connection:
        connection.execute(text("UPDATE jobs SET failures = 2, not_before = NULL"))
    wait_until(lambda: parts.statuses() == {"failed": 1})


@pytest.mark.parametrize(("refusal", "counted"), [(404, 1), (503, 0)])
def test_a_refusal_may_be_that_of_a_server_that_is_going_and_is_asked_again_and_one_for_want_of_time_is_no_failure(
    parts: Service, server: FakeVllm, refusal: int, counted: int
) -> None:
    server.failures, server.retry_after = [refusal], "3600"
    experiment(parts.database, 1)
    parts.start("worker")
    parts.start("reconcile")

    wait_until(lambda: parts.value("SELECT count(*) FROM attempts WHERE outcome = 'failed'") == 1)
    assert f"HTTP {refusal}" in str(parts.value("SELECT error FROM jobs"))
    assert parts.value("SELECT failures FROM jobs") == counted
    is_later = parts.value("SELECT not_before > now() + interval '10 minutes' FROM jobs")  # as long as it asks for
    assert is_later is (refusal == 503)
    with parts.database.begin() as connection:
        connection.execute(text("UPDATE jobs SET not_before = NULL"))
    wait_until(lambda: all_succeeded(parts, 1))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_mathematics_is_graded_in_processes_that_end_with_their_worker(
    parts: Service, server: FakeVllm, number: signal.Signals
) -> None:
    experiment(parts.database, 6, answer=r"\sqrt{144}", grader=GraderName.MATH)
    worker = parts.start("worker")
    parts.start("reconcile")

    wait_until(lambda: all_succeeded(parts, 6))
    assert parts.value("SELECT count(*) FROM traces WHERE verdict = 'correct'") == 6
    assert parts.value("SELECT count(*) FROM grades WHERE grader = 'math' AND version LIKE '%math-verify%'") == 6
    graders = psutil.Process(worker.pid).children(recursive=True)
    assert graders
    worker.send_signal(number)
    worker.wait()
    psutil.wait_procs(graders)


METRICS = 'vllm:num_requests_running{engine="0"} 3.0\nvllm:kv_cache_usage_perc{engine="0"} 0.5\n'


def test_a_worker_tells_how_it_and_its_servers_are(parts: Service, server: FakeVllm) -> None:
    server.metrics = METRICS
    parts.register({"fake": 8, "other": None})
    parts.start("worker")
    told: list[JsonObject] = []

    def has_told() -> bool:
        told[:] = [each.vitals for each in queries.workers(parts.database) if each.vitals]
        return bool(told)

    wait_until(has_told)
    vitals = told[0]
    [measured] = vitals["servers"]  # type: ignore[misc]
    assert measured["names"] == ["fake", "other"] and measured["limit"] == 8 and measured["in_flight"] == 0
    assert (measured["metrics"]["running"], measured["metrics"]["cache_use"]) == (3, 0.5)
    assert measured["metrics"]["waiting"] is None and measured["metrics"]["generated_tokens_per_s"] is None
    assert vitals["build"]["python"] == platform.python_version()  # type: ignore[index,call-overload]


def test_of_a_server_that_measures_nothing_nothing_is_told(parts: Service) -> None:
    parts.start("worker")
    wait_until(lambda: any(each.vitals for each in queries.workers(parts.database)))
    [worker] = queries.workers(parts.database)
    assert worker.vitals is not None
    [measured] = worker.vitals["servers"]  # type: ignore[misc]
    assert measured["metrics"] is None  # type: ignore[index,call-overload]
