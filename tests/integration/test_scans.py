"""Scans by real workers, on real PostgreSQL and Redis: handed in, run, killed in the middle, asked of a judge."""

import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.audit import audit
from db.queries.scanning import Scan, scans, trace_findings
from db.records import ServedModel
from db.settings import Settings
from db.status import ScanStatus
from db.transitions import announce_model
from scaling.scanners import BadScannerError, Scanner, read_scanner
from scaling.types import THINKING_FORMATS
from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm
from tests.integration.scenes import claimed, column, finish, new_arm, running_experiment, succeed
from tests.integration.test_worker_runs import Service, parts, server
from tests.many_traces import copy_trace
from worker import submit

__all__ = ["parts", "server"]

JUDGE = {"scanner": "judge", "judge": "fake", "prompt": "Is it sound?\n{trace}", "max_tokens": 40}
THOUGHT = " ".join(f"so {number} and" for number in range(200)) + " no way" * 20
"""600 words, and then a loop of 40."""


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url)


@pytest.fixture
def experiment(engine: Engine) -> Iterator[int]:
    made = running_experiment(engine, num_problems=4, arms=[new_arm("a"), new_arm("b")])
    finish(engine)
    yield made
    assert audit(engine) == {}


@pytest.fixture
def served(engine: Engine) -> None:
    """Some worker has served the judge before."""
    announce_model(engine, ServedModel("fake", 512, None, THINKING_FORMATS["plain"], "fake"))


def handed_in(engine: Engine, settings: Settings, experiment: int, scanner: Scanner, at_most: int | None = None) -> int:
    return submit.scan(engine, settings, experiment, scanner, owner="ann", at_most=at_most).scan_id


def only(engine: Engine, experiment: int) -> Scan:
    (scan,) = scans(engine, experiment)
    return scan


def ended(engine: Engine, experiment: int) -> bool:
    return not only(engine, experiment).is_open


def test_a_scan_that_waits_is_done_as_soon_as_a_worker_is_there(
    parts: Service, engine: Engine, experiment: int, settings: Settings
) -> None:
    """Each trace says "so", and then "7": one hit of "so", in its first step, for each of eight."""
    handed_in(engine, settings, experiment, read_scanner({"scanner": "text", "text": "so"}))
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    scan = only(engine, experiment)
    assert (scan.status, scan.scanned, scan.hit, scan.name) == (ScanStatus.SUCCEEDED, 8, 8, "text “so”")
    assert {(each.value, each.places[0].path, each.places[0].words) for each in trace_findings(engine, scan.id)} == {
        (1.0, "0.0", "so")
    }


def test_a_bell_that_was_lost_is_rung_again(
    parts: Service, engine: Engine, experiment: int, settings: Settings, redis_url: str
) -> None:
    parts.start("worker")
    unheard = Settings(redis_url="redis://127.0.0.1:1/0")
    handed = submit.scan(engine, unheard, experiment, read_scanner({"scanner": "loop"}), owner="ann")
    assert "stored, and starts when Redis is back" in handed.notes[0]
    parts.start("reconcile")
    wait_until(lambda: ended(engine, experiment))


def test_a_worker_killed_in_the_middle_of_a_scan_loses_nothing_and_doubles_nothing(
    parts: Service, engine: Engine, settings: Settings
) -> None:
    experiment = running_experiment(engine, num_problems=2000)
    first = claimed(engine)
    succeed(engine, first.lease)
    copy_trace(engine, first.job_id, thought=THOUGHT)
    scan = handed_in(engine, settings, experiment, read_scanner({"scanner": "loop"}))
    victim = parts.start("worker")
    wait_until(lambda: only(engine, experiment).scanned >= 500)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    told = only(engine, experiment).scanned
    assert told < 2000, "too late: give it more traces"

    parts.start("reconcile")
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    done = only(engine, experiment)
    assert (done.status, done.scanned, done.hit) == (ScanStatus.SUCCEEDED, 2000, 2000)
    assert column(engine, f"SELECT attempt FROM scans WHERE id = {scan}") == [2]
    assert column(engine, "SELECT DISTINCT value FROM findings") == [40.0]
    assert f"scan {scan}: lost with its worker; it is queued now" in parts.said()
    assert audit(engine) == {}


def test_a_worker_that_is_stopped_gives_its_scan_back_behind_the_slice_under_way(
    parts: Service, engine: Engine, settings: Settings
) -> None:
    experiment = running_experiment(engine, num_problems=2000)
    first = claimed(engine)
    succeed(engine, first.lease)
    copy_trace(engine, first.job_id, thought=THOUGHT)
    handed_in(engine, settings, experiment, read_scanner({"scanner": "loop"}))
    stopped = parts.start("worker")
    wait_until(lambda: only(engine, experiment).scanned >= 500)
    stopped.terminate()
    assert stopped.wait() == 0
    given_back = only(engine, experiment)
    assert (given_back.status, given_back.scanned % 500) == (ScanStatus.QUEUED, 0)


def test_an_experiment_that_still_runs_is_scanned_to_here_and_later_from_there(
    parts: Service, engine: Engine, settings: Settings
) -> None:
    experiment = running_experiment(engine, num_problems=3)
    succeed(engine, claimed(engine).lease)
    rule = read_scanner({"scanner": "text", "text": "so"})
    scan = handed_in(engine, settings, experiment, rule)
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    finish(engine)
    assert (only(engine, experiment).scanned, only(engine, experiment).unscanned) == (1, 2)
    assert handed_in(engine, settings, experiment, rule) == scan
    wait_until(lambda: only(engine, experiment).scanned == 3 and ended(engine, experiment))


def test_a_judge_is_asked_about_each_trace_and_paid_by_the_scan_alone(
    parts: Service, engine: Engine, server: FakeVllm, experiment: int, settings: Settings
) -> None:
    """A character is a token. It is asked eight times, and says "It is.", then yes: 20 characters, and the end."""
    server.answer = "It is.\nANSWER: yes"
    parts.start("worker")
    before = column(engine, "SELECT sum(generated_tokens) FROM attempts")
    handed_in(engine, settings, experiment, read_scanner(JUDGE))
    wait_until(lambda: ended(engine, experiment))
    scan = only(engine, experiment)
    assert (scan.status, scan.scanned, scan.hit, scan.untold) == (ScanStatus.SUCCEEDED, 8, 8, 0)
    assert {(each.label, each.why) for each in trace_findings(engine, scan.id)} == {("yes", "It is.")}
    asked = sum(len(body["prompt"]) for body in server.bodies)
    assert (scan.prompt_tokens, scan.generated_tokens) == (asked, server.generated_tokens)
    assert (scan.unknown_requests, scan.unknown_prompt_tokens, scan.unknown_generated_tokens) == (0, 0, 0)
    assert {body["temperature"] for body in server.bodies} == {0.0}
    assert column(engine, "SELECT sum(generated_tokens) FROM attempts") == before


def test_what_a_judge_was_asked_by_a_worker_that_was_killed_stays_told_as_unknown(
    parts: Service, engine: Engine, server: FakeVllm, experiment: int, settings: Settings, served: None
) -> None:
    server.answer, server.delay_s = "ANSWER: no", 30.0
    handed_in(engine, settings, experiment, read_scanner(JUDGE))
    victim = parts.start("worker")
    wait_until(lambda: server.num_asked == 8)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    asked = sum(len(body["prompt"]) for body in server.bodies)
    server.delay_s = 0.0
    parts.start("reconcile")
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    scan = only(engine, experiment)
    assert (scan.scanned, scan.hit) == (8, 0)
    assert (scan.unknown_requests, scan.unknown_prompt_tokens, scan.unknown_generated_tokens) == (8, asked, 8 * 40)
    assert scan.prompt_tokens == asked


def test_a_trace_that_does_not_fit_its_judge_is_not_cut_but_counted(
    parts: Service, engine: Engine, server: FakeVllm, settings: Settings, served: None
) -> None:
    """The fake's context is 512 characters; one thought is 600."""
    experiment = running_experiment(engine, num_problems=1)
    first = claimed(engine)
    succeed(engine, first.lease)
    copy_trace(engine, first.job_id, thought="x" * 600)
    handed_in(engine, settings, experiment, read_scanner(JUDGE))
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    scan = only(engine, experiment)
    assert (scan.status, scan.scanned, scan.untold, server.num_asked) == (ScanStatus.SUCCEEDED, 1, 1, 0)
    (finding,) = trace_findings(engine, scan.id)
    assert finding.why is not None and "and the judge's context is 512" in finding.why


def test_a_judge_that_says_nothing_that_can_be_read_ends_the_scan_with_its_words(
    parts: Service, engine: Engine, server: FakeVllm, settings: Settings, served: None
) -> None:
    server.answer = "I would rather not say"
    experiment = running_experiment(engine, num_problems=40)
    finish(engine)
    handed_in(engine, settings, experiment, read_scanner(JUDGE))
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    scan = only(engine, experiment)
    assert scan.status is ScanStatus.FAILED
    assert scan.error is not None
    assert "of the last 32 traces nothing could be said: the judge gave no line `ANSWER: …`" in scan.error


def test_a_judge_that_nobody_ever_served_is_refused_and_one_that_nobody_serves_now_is_waited_for(
    engine: Engine, experiment: int, settings: Settings
) -> None:
    with pytest.raises(BadScannerError, match="no worker has ever served a model 'fake'"):
        handed_in(engine, settings, experiment, read_scanner(JUDGE))
    announce_model(engine, ServedModel("fake", 512, None, THINKING_FORMATS["plain"], "fake"))
    handed = submit.scan(engine, settings, experiment, read_scanner(JUDGE), owner="ann")
    assert handed.notes[0].startswith("no worker that serves 'fake' is alive now: the scan waits for one.")


def test_a_hostile_pattern_ends_the_scan_and_not_the_worker(parts: Service, engine: Engine, settings: Settings) -> None:
    """Each of 20 traces takes its half second and is given up; then the scan fails, and the worker does the next."""
    experiment = running_experiment(engine, num_problems=30)
    first = claimed(engine)
    succeed(engine, first.lease)
    copy_trace(engine, first.job_id, thought="a" * 5000 + "b!")
    handed_in(engine, settings, experiment, read_scanner({"scanner": "regex", "pattern": "(?:a|aa)+[^ab]"}))
    parts.start("worker")
    wait_until(lambda: ended(engine, experiment))
    scan = only(engine, experiment)
    assert (scan.status, scan.untold) == (ScanStatus.FAILED, 20)
    assert scan.error is not None and "the pattern took longer than 0.5 s" in scan.error
    handed_in(engine, settings, experiment, read_scanner({"scanner": "text", "text": "aab!"}))
    wait_until(lambda: scans(engine, experiment)[0].hit == 30)
