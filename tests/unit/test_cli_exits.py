"""What the command does with bad input and missing services: a message with the remedy, and an exit code."""

import json
from pathlib import Path

import pytest

from overthink.cli.exits import Exit
from tests.cli import Overthink, overthink

__all__ = ["overthink"]
SPEC = """
name: mine
data_set: {name: ladder-test, limit: 7}
models: [tiny]
arms:
  - strategy: chain_of_thought
    max_thinking_tokens: 100
  - strategy: majority_vote
    samples: 4
    chain: {strategy: budget_forcing, max_thinking_tokens: 50}
sampling: {max_answer_tokens: 10}
repeats: 2
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(SPEC)
    return str(path)


def test_a_dry_run_estimates_and_needs_no_service(overthink: Overthink, spec: str) -> None:
    done = overthink("submit", spec, "--dry-run", "--json")
    assert done.code == Exit.OK
    document = json.loads(done.out)
    assert [arm["label"] for arm in document["arms"]] == [
        "chain_of_thought max_thinking_tokens=100",
        "majority_vote samples=4 · budget_forcing max_thinking_tokens=50",
    ]
    assert (document["problems"], document["jobs"]) == (7, 2 * 7 * 2)
    assert document["most_generated_tokens"] == 7 * 2 * ((100 + 10) + 4 * (50 + 10))
    assert document["most_output_price"] is None  # no registry here tells of one


def test_a_dry_run_tells_what_the_generated_tokens_cost_at_most_where_prices_are_known(
    overthink: Overthink, spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4,900 tokens at 50 dollars a million."""
    registry = tmp_path / "models.yaml"
    registry.write_text("models: {tiny: {endpoint: 'http://a', price_per_million: {input: 1, output: 50}}}")
    monkeypatch.setenv("OVERTHINK_MODELS", str(registry))
    document = json.loads(overthink("submit", spec, "--dry-run", "--json").out)
    assert document["most_generated_tokens"] == 4_900
    assert document["most_output_price"] == pytest.approx(0.245)
    said = " ".join(overthink("submit", spec, "--dry-run").out.split())
    assert "at most 4,900 generated tokens, which cost $0.24; prompts come on top." in said


def test_a_dry_run_for_people_lists_the_arms(overthink: Overthink, spec: str) -> None:
    done = overthink("submit", spec, "--dry-run", "--set", "data_set.limit=3")
    assert "2 arms on 3 problems: 12 jobs" in done.out
    assert "majority_vote samples=4 · budget_forcing max_thinking_tokens=50" in done.out
    one = overthink(
        "submit", spec, "--dry-run", "--set", "data_set.limit=1", "--set", "arms=[{strategy: chain_of_thought}]"
    )
    assert "1 arm on 1 problem: 2 jobs, 2 chains" in one.out


def test_a_spec_that_is_not_there_is_looked_for_among_specs_and_no_other_yaml(
    overthink: Overthink, tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\narms: []\n")
    (tmp_path / "compose.yml").write_text("services: {}\n")
    done = overthink("submit", str(tmp_path / "zzzz.yaml"))
    assert done.code == 2 and str(tmp_path / "mine.yaml") in done.err and "compose.yml" not in done.err


def test_a_bad_spec_exits_with_2_and_a_line_for_each_problem(overthink: Overthink, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(SPEC.replace("repeats: 2", "repeets: 2").replace("majority_vote", "majority"))
    done = overthink("run", str(path))
    assert done.code == Exit.BAD_INPUT
    lines = done.err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{path}:") for line in lines)
    assert done.out == ""


def test_without_services_a_command_says_how_to_start_them(overthink: Overthink, spec: str) -> None:
    for command in (["submit", spec], ["watch", "mine"], ["status"], ["results", "mine"], ["cancel", "1"], ["worker"]):
        done = overthink(*command)
        assert done.code == Exit.UNREACHABLE, command
        assert "overthink up" in done.err
        assert done.out == ""


def test_half_a_configuration_is_refused(overthink: Overthink, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://localhost")
    done = overthink("submit", spec)
    assert done.code == Exit.UNREACHABLE
    assert "OVERTHINK_REDIS_URL is set and OVERTHINK_DATABASE_URL is not" in done.err


def test_a_database_that_does_not_answer_is_named_without_its_password(
    overthink: Overthink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/overthink")
    monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://127.0.0.1:1")
    done = overthink("status")
    assert done.code == Exit.UNREACHABLE
    assert "127.0.0.1:1/overthink" in done.err
    assert "secret" not in done.err
    assert "overthink doctor" in done.err


def test_a_setting_that_cannot_be_read_is_named_by_its_variable(
    overthink: Overthink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_SLOTS", "many")
    done = overthink("status")
    assert done.code == Exit.BAD_INPUT
    assert "OVERTHINK_SLOTS=many" in done.err


@pytest.mark.parametrize(
    ("variable", "address", "reason"),
    [
        ("REDIS_URL", "valkey://h", "valkey:// is not understood; give redis://host"),
        ("REDIS_URL", "unix:///s", "unix:// is not understood; give redis://host"),
        ("REDIS_URL", "localhost:6379", "it has no scheme; give redis://host"),
        ("REDIS_URL", "redis:///0", "the host is missing; give redis://host"),
        ("REDIS_URL", "redis://h:port/0", "Port could not be cast to integer value as 'port'; give redis://host"),
        ("REDIS_URL", "redis://h:99999", "Port out of range 0-65535; give redis://host"),
        ("REDIS_URL", "redis://h/first", "'first' is no number of a Redis database; give redis://host"),
        ("REDIS_URL", "redis+socket://", "the path of the socket is missing; give redis://host"),
        ("DATABASE_URL", "mysql://h/d", "mysql:// is not understood, PostgreSQL is needed; give postgresql://user"),
        ("DATABASE_URL", "postgres://h/d", "postgres:// is not understood, PostgreSQL is needed; give postgresql://"),
        ("DATABASE_URL", "postgresql://h:x/d", "Port could not be cast to integer value as 'x'; give postgresql://"),
        ("DATABASE_URL", "overthink", "it has no scheme; give postgresql://user"),
    ],
)
def test_an_address_of_another_kind_is_one_line_with_the_variable_and_what_is_allowed(
    overthink: Overthink, monkeypatch: pytest.MonkeyPatch, variable: str, address: str, reason: str
) -> None:
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", "postgresql://127.0.0.1:1/overthink")
    monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv(f"OVERTHINK_{variable}", address)
    done = overthink("status")
    assert done.code == Exit.BAD_INPUT
    assert done.err.startswith(f"overthink: OVERTHINK_{variable}={address}: {reason}")
    assert len(done.err.splitlines()) == 1


def test_the_password_of_an_address_that_is_refused_is_not_shown(
    overthink: Overthink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", "mysql://me:sec@ret@h/d")
    assert overthink("status").err.startswith("overthink: OVERTHINK_DATABASE_URL=mysql://***@h/d: mysql:// is not")


def test_an_unknown_command_or_option_exits_with_2(overthink: Overthink) -> None:
    assert overthink("rnu").code == Exit.BAD_INPUT
    assert overthink("run", "x.yaml", "--jsn").code == Exit.BAD_INPUT


def test_the_version_is_printed(overthink: Overthink) -> None:
    done = overthink("--version")
    assert done.code == Exit.OK
    assert done.out.startswith("overthink ")


def test_a_bug_keeps_its_traceback(overthink: Overthink, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("overthink.services.find_services", broken)
    with pytest.raises(ZeroDivisionError):
        overthink("submit", str(Path(__file__).resolve().parents[2] / "specs" / "demo.yaml"))
