"""Log-probs of traces: asked of the model's own server by real workers, stored, read, archived. A token is a character.

The server's log-prob of a token is half the last digit of its number: of s (115) −2.5, of o (111) −.5, of 7 (55) −2.5.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db import archive as archives
from db.audit import audit
from db.queries import log_probs, log_probs_scan
from db.queries.scanning import ids_to_scan, scans, trace_findings
from db.records import ServedModel
from db.settings import Settings
from db.status import ScanStatus
from db.transitions import announce_model
from scaling.scanners import read_scanner
from scaling.types import THINKING_FORMATS
from tests.conftest import wait_until
from tests.integration.fake_vllm import FakeVllm
from tests.integration.scenes import column, finish, new_arm, running_experiment
from tests.integration.test_archive import archived, rows_of
from tests.integration.test_worker_runs import Service, parts, server
from worker import submit

__all__ = ["parts", "server"]

CHARACTERS = """
UPDATE steps SET ids = (SELECT array_agg(ascii(each) ORDER BY at)
    FROM regexp_split_to_table(steps.text, '') WITH ORDINALITY AS characters (each, at))
"""
"""So that ids say what the texts say, as the server reads them."""
LOG_PROBS = {"scanner": "log_probs", "of": "fake", "below": -2.0}


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url)


@pytest.fixture
def experiment(engine: Engine) -> Iterator[int]:
    """Two traces of one chain each, "so", "</think>", "7", by the model that is asked; and two by another."""
    announce_model(engine, ServedModel("fake", 512, None, THINKING_FORMATS["plain"], "fake"))
    made = running_experiment(engine, num_problems=2, arms=[new_arm("a"), new_arm("b")])
    finish(engine)
    with engine.begin() as connection:
        connection.execute(text(CHARACTERS))
        connection.execute(text("UPDATE arms SET model = CASE label WHEN 'a' THEN 'fake' ELSE 'other' END"))
    yield made
    assert audit(engine) == {}


@pytest.fixture
def asked(parts: Service, engine: Engine, experiment: int, settings: Settings) -> int:
    """The scan, ended."""
    scan = submit.scan(engine, settings, experiment, read_scanner(LOG_PROBS), owner="ann").scan_id
    parts.start("worker")
    wait_until(lambda: not scans(engine, experiment)[0].is_open)
    return scan


def test_a_model_is_asked_for_its_own_traces_by_their_ids_and_paid_by_the_scan_alone(
    engine: Engine, server: FakeVllm, experiment: int, asked: int
) -> None:
    (scan,) = scans(engine, experiment)
    assert (scan.status, scan.traces, scan.scanned, scan.hit, scan.untold) == (ScanStatus.SUCCEEDED, 2, 2, 2, 0)
    sent = [tuple(body["prompt"]) for body in server.bodies if "prompt_logprobs" in body]
    traces = ids_to_scan(engine, [each.job_id for each in trace_findings(engine, asked)])
    assert sorted(sent) == sorted(chain.ids for trace in traces for chain in trace.chains)
    assert (scan.prompt_tokens, scan.generated_tokens) == (sum(map(len, sent)), 2)
    assert (scan.unknown_requests, scan.unknown_prompt_tokens) == (0, 0)


def test_each_token_has_its_log_prob_and_its_place_and_hits_are_the_models_own(engine: Engine, asked: int) -> None:
    """Below −2 are s and 7; k and others of the delimiter are ours. Thinking: (2.5 + .5) ÷ 2."""
    first, _ = trace_findings(engine, asked)
    assert (first.value, first.hits, [place.words for place in first.places]) == (2.0, 1, ["s", "7"])
    assert (first.thinking_log_prob, first.answer_log_prob) == (-1.5, -2.5)
    assert log_probs_scan(engine, first.job_id) == asked
    think, answer = log_probs(engine, asked, first.job_id, [(0, 0), (0, 0, 0, 0)])
    assert (think.path, think.ends, think.log_probs) == ((0, 0), (1, 2), (-2.5, -0.5))
    assert (answer.ends, answer.log_probs) == ((1,), (-2.5,))


def test_they_leave_and_come_back_with_their_experiment_and_go_with_their_scan(
    engine: Engine, experiment: int, asked: int, tmp_path: Path
) -> None:
    kept = rows_of(engine, experiment)
    assert len(kept["step_log_probs"]) == 2 * 3
    folder = archived(engine, experiment, tmp_path / "kept")
    archives.remove(engine, experiment, folder)
    restored = archives.restore(engine, folder).experiment_id
    assert rows_of(engine, restored) == kept
    submit.delete_scan(engine, scans(engine, restored)[0].id)
    assert column(engine, "SELECT count(*) FROM step_log_probs") == [0]


def test_a_server_that_tells_none_is_said(
    parts: Service, engine: Engine, server: FakeVllm, experiment: int, settings: Settings
) -> None:
    """Refused for each trace: nothing can be said of either."""
    server.failures.extend([400] * 8)
    submit.scan(engine, settings, experiment, read_scanner(LOG_PROBS), owner="ann")
    parts.start("worker")
    wait_until(lambda: not scans(engine, experiment)[0].is_open)
    (scan,) = scans(engine, experiment)
    assert (scan.untold, scan.hit) == (2, 0)
    assert log_probs_scan(engine, trace_findings(engine, scan.id)[0].job_id) is None
