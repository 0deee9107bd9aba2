"""What is copied from a page, typed into a shell or into Python, gives the rows that the page shows; so has Parquet."""

import ast
import io
import shlex
import subprocess
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from re import findall
from typing import Any

import pandas
import pyarrow.parquet as parquet
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.copying import Asked, parquet_of
from db import queries, transitions
from overthink.cli.exits import Exit
from results.comparisons import COMPARISONS
from results.points import POINTS
from tests.cli import Done, Overthink, overthink
from tests.integration.test_dashboard_pages import World, html_of, opened, ran, settings_are, world
from tests.integration.test_views import gallery, rows_of

__all__ = ["gallery", "overthink", "settings_are", "world"]

Typed = Callable[[str], list[dict[str, str]]]

CHAIN, WAITS = "chain_of_thought", "budget_forcing waits=2 max_thinking_tokens=800"
SHOWN: Mapping[str, Mapping[str, str]] = {
    "scaling": {"x": "generated tokens", "k": "maj@k,pass@k"},
    "over-k": {"view": "of k candidates", "metrics": "pass@k"},
    "tokens": {"view": "tokens per job", "of": "generated tokens", "shown": f"{CHAIN},{WAITS}", "tokenslog": "false"},
    "control": {"view": "thinking against budget"},
    "difficulty": {"view": "by difficulty", "bins": "2"},
    "compute-optimal": {"view": "by difficulty", "bins": "2"},
    "flips": {"from": CHAIN, "to": WAITS},
    "worthwhile": {},
    "verdict": {"view": "verdict", "margin": "3"},
}
"""Each plot, with options that are not those that it has by itself."""
COMPARED = ("flips", "worthwhile")
"""Those of the page that compares arms."""


def page_of(world: World, plot: str) -> AppTest:
    if plot in COMPARED:
        return opened("compare", home=world["demo"], **SHOWN[plot])
    return opened("experiment", id=world["demo"], **SHOWN[plot])


def copied(app: AppTest, title: str) -> list[str]:
    """The texts behind the buttons of this title, as the browser puts them on the clipboard."""
    return [unescape(text) for text in findall(rf'data-text="([^"]*)" data-what="{title}"', html_of(app))]


def saved(app: AppTest, key: str) -> dict[str, str]:
    app.button(key=key).click()
    file: dict[str, str] = ran(app).session_state[f"{key}.handed_over"]
    return file


@pytest.fixture
def typed(overthink: Overthink, world: World, redis_server: str, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """A shell reads it, several commands one after the other; what it makes of them is run in this process."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", world.url)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_server)

    def run(command: str) -> list[dict[str, str]]:
        return [row for line in command.splitlines() for row in rows_of(done(overthink(*as_a_shell_reads(line))))]

    return run


def as_a_shell_reads(line: str) -> list[str]:
    """The words behind `overthink`."""
    told = subprocess.run(
        ["sh", "-c", f"overthink() {{ printf '%s\\0' \"$@\"; }}\n{line}"], capture_output=True, text=True, check=True
    )
    return told.stdout.split("\0")[:-1]


def done(command: Done) -> str:
    assert command.code == Exit.OK, command.err
    return command.out


def executed(snippet: str) -> list[dict[str, Any]]:
    """What its last line, a data frame, has."""
    *before, last = ast.parse(snippet).body
    assert isinstance(last, ast.Expr)
    names: dict[str, Any] = {}
    exec(compile(ast.Module(before, []), "snippet", "exec"), names)
    frame = eval(compile(ast.Expression(last.value), "snippet", "eval"), names)
    assert isinstance(frame, pandas.DataFrame)
    return [dict(row) for row in frame.to_dict("records")]


def same(rows: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, str]]) -> bool:
    """Numbers as numbers: a column of whole numbers with gaps is one of floats in a data frame."""
    return [{name: number(value) for name, value in row.items()} for row in rows] == [
        {name: number(row[name]) for name in first} for first, row in zip(rows, shown, strict=True)
    ]


def number(value: Any) -> object:
    if value is None or value == "" or value != value:
        return None
    try:
        return float(str(value))
    except ValueError:
        return str(value)


@pytest.mark.parametrize("plot", SHOWN)
def test_command_python_and_parquet_have_the_rows_of_the_page(world: World, typed: Typed, plot: str) -> None:
    app = page_of(world, plot)
    shown = rows_of(saved(app, f"{plot}.csv")["text"])
    assert len(shown) > 1
    at = [button.key for button in app.button if str(button.key).endswith(".parquet")].index(f"{plot}.parquet")
    assert same(typed(copied(app, "Command")[at]), shown)
    assert same(executed(copied(app, "Python")[at]), shown)
    file = io.BytesIO(b64decode(saved(app, f"{plot}.parquet")["base64"]))
    assert same(parquet.read_table(file).to_pylist(), shown)


LISTED: Mapping[str, Mapping[str, str]] = {
    "an arm's wrong ones": {"arm": WAITS, "verdict": "wrong", "order": "longest thinking first"},
    "what failed": {"job_status": "failed"},
    "numbers and a switch": {"least": "1", "minwaits": "0", "cut": "thinking not cut"},
    "words": {"says": "check"},
}


@pytest.mark.parametrize("name", LISTED)
def test_what_is_copied_of_a_list_of_traces_has_all_that_the_list_has(world: World, typed: Typed, name: str) -> None:
    transitions.read_words(world.engine, within_s=60)
    experiment = world["running" if name == "what failed" else "demo"]
    app = opened("traces", experiment=experiment, **LISTED[name])
    (command,), (snippet,) = copied(app, "Command"), copied(app, "Python")
    file = io.BytesIO(b64decode(saved(app, "traces.parquet")["base64"]))
    rows = parquet.read_table(file).to_pylist()
    listed = [int(job) for job in findall(r'class="ot-alone" href="[^"]*\bjob=(\d+)', html_of(app))]
    assert listed and [row["job"] for row in rows][: len(listed)] == listed
    assert f"{len(rows):,} listed" in html_of(app) or f" of {len(rows):,}<" in html_of(app)
    assert command.startswith(f"overthink traces {experiment} ")
    printed = typed(command)
    assert same(rows, printed) and same(executed(snippet), printed)


@pytest.mark.parametrize("among", [None, "demo"])
def test_what_is_copied_of_a_search_has_what_was_found(world: World, typed: Typed, among: str | None) -> None:
    transitions.read_words(world.engine, within_s=60)
    app = opened("search", q="check 20", **({} if among is None else {"among": world[among]}))
    (command,), (snippet,) = copied(app, "Command"), copied(app, "Python")
    rows = parquet.read_table(io.BytesIO(b64decode(saved(app, "search.parquet")["base64"]))).to_pylist()
    assert rows and all(row["said"] == "check" for row in rows)
    printed = typed(command)
    assert same(rows, printed) and same(executed(snippet), printed)


def test_curves_are_copied_at_their_own_budgets_and_the_page_has_the_one_that_was_asked_for_too(
    world: World, typed: Typed
) -> None:
    sweep = {"from": "budget_forcing waits=1 max_thinking_tokens=800", "to": "majority_vote samples=8"}
    app = opened("compare", home=world["demo"], part="at equal compute", **sweep)
    shown = rows_of(saved(app, "equal-compute.csv")["text"])
    commands = [each for each in copied(app, "Command") if "equal-compute" in each]
    rows = typed(*commands)
    assert len(rows) > 1 and same(rows, [row for row in shown if row in rows])


def test_arms_of_another_experiment_are_copied_with_it(world: World, typed: Typed) -> None:
    home = queries.experiment(world.engine, world["demo"])
    other = queries.experiment(world.engine, world["running"])
    asked = Asked(POINTS, home, others=(data.Revision.of(other.summary),))
    shown = rows_of(asked.table.csv)
    assert len(shown) == len(home.arms) + len(other.arms)
    assert f"--with {other.id} " in asked.command
    assert same(typed(asked.command), shown) and same(
        executed(f"import overthink, pandas\npandas.DataFrame({asked.call})"), shown
    )


def test_a_name_that_a_shell_would_run_is_quoted(world: World) -> None:
    hostile = 'a\'; touch /tmp/x; $(id) `id` "b" *'
    asked = Asked(COMPARISONS, queries.experiment(world.engine, world["demo"]), {"first": hostile, "second": None})
    assert shlex.split(asked.command)[-2:] == [f"first={hostile}", "--csv"]
    (call,) = ast.parse(asked.call).body
    assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
    assert {each.arg: ast.literal_eval(each.value) for each in call.value.keywords} == {"first": hostile}


def test_a_parquet_column_of_numbers_and_texts_is_text_and_one_of_numbers_has_their_type() -> None:
    rows = [{"id": "0014", "n": 1, "mixed": 1, "none": None}, {"id": "7", "n": None, "mixed": "all", "more": 0.5}]
    table = parquet.read_table(io.BytesIO(parquet_of(rows)))  # type: ignore[arg-type]
    assert table.to_pylist() == [
        {"id": "0014", "n": 1, "mixed": "1", "none": None, "more": None},
        {"id": "7", "n": None, "mixed": "all", "none": None, "more": 0.5},
    ]
