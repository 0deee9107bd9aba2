"""What the command prints, to machines and to people, is what it printed before: every byte of it.

A key that is renamed, a column that moves or a number that changes shows here as a diff of `golden/`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db import transitions
from db.audit import audit
from db.engine import connect
from overthink.cli.exits import Exit
from overthink.specs import load_spec
from scaling.compute.axes import Axis
from tests.cli import Overthink, overthink
from tests.conftest import execute, sibling
from tests.integration.golden import FOLDER, require_as_before, require_no_others
from tests.integration.golden_world import BADLY, LATER, WORKER, announce, laid_out, populate, problems

__all__ = ["overthink"]
SPEC = """\
name: "=again"
data_set: {name: ladder-test, limit: 12}
models: [small]
arms:
  - strategy: chain_of_thought
    max_thinking_tokens: 64
  - strategy: budget_forcing
    max_thinking_tokens: [8, 16]
tags: [a, "b, c"]
"""
VOTE, BEST = "majority_vote samples=8", "best_of_n samples=4 verifier=judge"
BASE = ("difficulty", "shared", "--base", VOTE, "--bins", "2")
BOTH: dict[str, tuple[str, ...]] = {
    "results": ("results", "reasoning", "--axis", "generated-by-all"),
    "results-pass": ("results", "later", "--metric", "pass@k"),
    "results-maj": ("results", "reasoning", "--metric", "maj@k", "--axis", "generations"),
    "results-best": ("results", "reasoning", "--metric", "best-of-k", "--axis", "processed"),
    "results-weighted-min": ("results", "reasoning", "--metric", "weighted-best-of-k", "--aggregate", "min"),
    "results-with": ("results", "later", "--with", "before", "--axis", "flops"),
    "results-badly": ("results", BADLY, "--axis", "thinking"),
    "results-before": ("results", "before", "--axis", "flops"),
    "results-untouched": ("results", "untouched", "--axis", "seconds"),
    "results-empty": ("results", "empty", "--axis", "price"),
    "compare": ("compare", "reasoning", "2", "11"),
    "compare-badly": ("compare", BADLY, "1", "2"),
    "compare-across": ("compare", "later:1", "shared:large chain_of_thought"),
    "compare-untouched": ("compare", "untouched", "1", "2"),
    "compare-against": ("compare", "later", "--against", "1"),
    "compare-against-across": ("compare", "before", "--against", "reasoning:1"),
    "compare-at-tokens": ("compare", "later", "2", BEST, "--at-tokens", "60"),
    "compare-at-flops": ("compare", "reasoning", VOTE, BEST, "--at-flops", "3e8"),
    "compare-within": ("compare", "reasoning", "7", VOTE, "--at-tokens", "4000"),
    "difficulty": (*BASE, "--axis", "flops"),
    "difficulty-verifier": (
        "difficulty", "later", "--base", BEST, "--base-in", "reasoning", "--by", "verifier", "--bins", "2",
    ),
    "verdict": ("verdict", "reasoning"),
    "verdict-base": ("verdict", "later", "--base", BEST, "--base-in", "reasoning", "--bins", "2", "--margin", "5"),
    "verdict-families": (
        "verdict", "reasoning", "--family", "votes=majority_vote*", "--family", "best=strategy=best_of_n", "--axes",
        "generated-by-all,processed", "--with", "later",
    ),
    "verdict-unknown": ("verdict", "before"),
    "difficulty-unknown": ("difficulty", "before", "--base", "2", "--bins", "1", "--axis", "flops"),
}  # fmt: skip
"""Commands that have --json and --csv, and their text."""
JSON: dict[str, tuple[str, ...]] = {
    **{f"results-of-{name}": ("results", name) for name in ("later", "before", "untouched", "empty", "unread")},
    "results-of-badly": ("results", BADLY),
    "status": ("status",),
    **{f"status-{name}": ("status", name) for name in ("reasoning", "untouched", "empty", "unread")},
    "submit-dry-run": ("submit", "again.yaml", "--dry-run"),
    "submit-dry-run-unlimited": (
        "submit", "again.yaml", "--dry-run", "--set", "arms[0].max_thinking_tokens=null", "--set", "repeats=2",
        "--set", "data_set={path: none.jsonl, question: q, answer: a, grader: integer}",
    ),
}  # fmt: skip
"""Commands that have --json, and their text."""
AXES = {f"axis-{axis.value}": ("results", "later", "--axis", axis.value, "--csv") for axis in Axis}
NOTES = {f"notes-{axis.value}": ("results", "later", "--axis", axis.value, "--metric", "maj@k") for axis in Axis}
TEXT: dict[str, tuple[str, ...]] = {
    "status-badly": ("status", BADLY),
    "refused-experiment": ("results", "reasonin", "--json"),
    "refused-arm": ("compare", "reasoning", "1", "majority_vote samples=9"),
    "refused-axis": ("results", "reasoning", "--axis", "flop"),
    "refused-budget": ("compare", "reasoning", "5", VOTE, "--at-tokens", "2"),
    "refused-one-sweep": ("compare", "reasoning", "5", "7", "--at-tokens", "60"),
    "refused-outputs": (*BASE, "--json", "--csv"),
    "refused-family": ("verdict", "reasoning", "--family", "a=majority_votes*", "--family", "b=best*"),
    "verdict-untouched": ("verdict", "untouched"),
    "verdict-missing": ("verdict", "later", "--missing"),
    "refused-bins": ("difficulty", "shared", "--base", VOTE, "--bins", "7"),
    "refused-aggregate": ("results", "reasoning", "--metric", "maj@k", "--aggregate", "min"),
}
CASES = {
    "results-of-reasoning.json": ("results", "reasoning", "--json"),
    "watch.json": ("watch", "before", "--json"),
    **{f"{name}.json": (*given, "--json") for name, given in (*BOTH.items(), *JSON.items())},
    **{f"{name}.csv": (*given, "--csv") for name, given in BOTH.items()},
    **{f"{name}.csv": given for name, given in AXES.items()},
    **{f"{name}.txt": given for name, given in (*BOTH.items(), *JSON.items(), *NOTES.items(), *TEXT.items())},
}


@dataclass(frozen=True)
class World:
    """A populated database, with the spec that one of its experiments ran."""

    url: str
    engine: Engine
    folder: Path


@pytest.fixture(scope="module")
def world(postgres_url: str, template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("specs")
    spec = folder / "again.yaml"
    spec.write_text(SPEC)
    execute(postgres_url, "CREATE DATABASE golden TEMPLATE migrated STRATEGY FILE_COPY")
    url = sibling(postgres_url, "golden")
    engine = connect(url)
    populate(engine, digest=load_spec(spec).submission.digest)
    yield World(url, engine, folder)
    engine.dispose()
    execute(postgres_url, "DROP DATABASE golden WITH (FORCE)")


@pytest.fixture
def service(overthink: Overthink, world: World, redis_server: str, monkeypatch: pytest.MonkeyPatch) -> Overthink:
    """The command, in the folder of the spec. The world's worker lives."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", world.url)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_server)
    monkeypatch.setenv("OVERTHINK_DATA_DIR", "/nowhere")
    monkeypatch.chdir(world.folder)
    transitions.heartbeat(world.engine, WORKER, {})
    return overthink


def test_in_the_world_that_is_printed_holds_what_must_always_hold(world: World) -> None:
    assert audit(world.engine) == {}


@pytest.mark.parametrize("name", CASES)
def test_what_is_printed_is_what_was_printed_before(service: Overthink, name: str) -> None:
    done = service(*CASES[name])
    if name.endswith(".txt"):
        require_as_before(
            name, done.out + (f"--- standard error, exit code {done.code}\n{done.err}" if done.code else "")
        )
    else:
        assert done.code in (Exit.OK, Exit.FAILURES), done.err
        require_as_before(name, done.out)


def test_what_steering_says_is_what_it_said_before(
    service: Overthink, database: str, engine: Engine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a database of its own."""
    announce(engine)
    laid_out(engine, "steered", LATER[:2], problems(2))
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", database)
    steps = [(verb, "steered", "--json") for verb in ("pause", "resume", "cancel", "cancel", "retry")]
    steps += [("submit", "again.yaml", "--json"), ("submit", "again.yaml", "--again")]
    require_as_before("steering.txt", "".join(f"{' '.join(step)}\n{service(*step).out}" for step in steps))


def test_every_golden_file_is_compared_with_something() -> None:
    require_no_others(FOLDER, {*CASES, "steering.txt"})
