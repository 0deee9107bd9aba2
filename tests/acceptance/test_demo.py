"""The main job in one command, as a newcomer runs it: and the curves it draws are real."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from db import queries
from db.engine import connect
from overthink.stack import Stack
from results import Measurements, paired
from tests.acceptance.service import CHECKOUT
from tests.conftest import fresh_home

KEYS = {
    "label",
    "strategy",
    "params",
    "problems",
    "failed",
    "truncated",
    "right_if_read",
    "unparsed",
    "unread",
    "candidates",
    "waits",
    "cuts",
    "unscored",
    "accuracy",
    "ci_low",
    "ci_high",
    "thinking_tokens_mean",
    "generated_tokens_total",
    "forced_tokens_total",
    "verifier_tokens_total",
    "unrewarded_generated_tokens",
    "unknown_requests",
    "unknown_tokens",
    "server_seconds_total",
    "queue_seconds_total",
    "gate_seconds_total",
    "retry_seconds_total",
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with fresh_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def report(home: Path) -> dict[str, Any]:
    """What `overthink run specs/demo.yaml --json` prints, on a machine with nothing configured."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("OVERTHINK_")}
    done = subprocess.run(
        [sys.executable, "-m", "overthink", "run", "specs/demo.yaml", "--json"],
        env=bare | {"OVERTHINK_HOME": str(home)},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.timeout(1000)
def test_the_report_is_one_json_document_of_the_documented_shape(report: dict[str, Any]) -> None:
    assert set(report) == {"experiment", "status", "seconds", "arms"}
    assert report["status"] == "succeeded"
    for arm in report["arms"]:
        assert set(arm) == KEYS
        assert arm["problems"] >= 100
        assert arm["failed"] == 0
        assert 0 <= arm["ci_low"] <= arm["accuracy"] <= arm["ci_high"] <= 1


def test_no_budget_is_overrun_and_a_cut_budget_is_used_up(report: dict[str, Any]) -> None:
    for arm in report["arms"]:
        if arm["strategy"] == "budget_forcing":
            assert arm["thinking_tokens_mean"] <= arm["params"]["max_thinking_tokens"]
    cuts = sorted(cut_arms(report), key=lambda arm: arm["params"]["max_thinking_tokens"])
    used = [arm["thinking_tokens_mean"] for arm in cuts]
    assert used == sorted(used)


def test_the_three_curves_are_earned(report: dict[str, Any], home: Path) -> None:
    """Waits raise accuracy, cuts lower it, a vote beats one sample: no paired interval holds 0."""
    waits = sorted(wait_arms(report), key=lambda arm: arm["params"]["waits"])
    cuts = sorted(cut_arms(report), key=lambda arm: arm["params"]["max_thinking_tokens"])
    best = max(waits, key=lambda arm: arm["accuracy"])
    vote = next(arm for arm in report["arms"] if arm["strategy"] == "majority_vote" and "waits" not in arm["params"])
    single = next(arm for arm in report["arms"] if arm["strategy"] == "chain_of_thought")
    pairs = {"Waits": (best, waits[0]), "budget": (cuts[-1], cuts[0]), "vote": (vote, single)}
    with Stack(home, dashboard=False, names=("postgres",)) as stack:
        database = connect(stack.environment["OVERTHINK_DATABASE_URL"])
        measured = Measurements(database, queries.experiment(database, report["experiment"]))
        differences = {
            name: paired(measured, worse["label"], better["label"]).result for name, (better, worse) in pairs.items()
        }
        database.dispose()
    for name, difference in differences.items():
        print(f"{name}: {difference}")
        assert difference.difference.low > 0, f"{name}: {difference}"
        assert difference.common_problems >= 100


def test_it_leaves_no_process_behind(report: dict[str, Any], home: Path) -> None:
    del report  # it has run
    assert [process for process in psutil.process_iter() if str(home) in " ".join(command_of(process))] == []


def wait_arms(report: dict[str, Any]) -> list[dict[str, Any]]:
    longest = max(arm["params"]["max_thinking_tokens"] for arm in forced_arms(report))
    return [arm for arm in forced_arms(report) if arm["params"]["max_thinking_tokens"] == longest]


def cut_arms(report: dict[str, Any]) -> list[dict[str, Any]]:
    longest = max(arm["params"]["max_thinking_tokens"] for arm in forced_arms(report))
    return [arm for arm in forced_arms(report) if arm["params"]["max_thinking_tokens"] < longest]


def forced_arms(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [arm for arm in report["arms"] if arm["strategy"] == "budget_forcing"]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
