"""One question, one table: page, page's file, terminal, JSON, CSV and Python have the same names and the same numbers.

Every question is asked, a new one too: it needs the place on the page where its answer stands, in PLACES.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

import overthink as package
from dashboard.views.answers import typographic
from db import queries
from overthink.cli import terminal
from overthink.cli.exits import Exit
from results import QUESTIONS, Measurements, UnknownQuestionError
from results.columns import Table
from tests.cli import Overthink, overthink
from tests.integration.page_tables import table_of
from tests.integration.test_dashboard_pages import World, gallery, html_of, opened, ran, settings_are, world

__all__ = ["gallery", "overthink", "settings_are", "world"]
ARMS = "arm against arm"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an experiment's page answers a question: the view's address, the key of its file, its table's name.

    None: the page says it in words, or draws it, and has no table of it. `is_frame`: it has a data frame.
    """

    address: Mapping[str, str]
    file: str | None = None
    table: str | None = None
    is_frame: bool = False


PLACES: Mapping[str, Place] = {
    "arms": Place({}, "points.csv", "arms"),
    "points": Place({}, "scaling.csv"),
    "over-k": Place({"view": "of k candidates"}, "over-k.csv"),
    "sweeps": Place({"view": "thinking against budget"}, "sweeps.csv", is_frame=True),
    "budgets": Place({"view": "thinking against budget"}, "control.csv"),
    "tokens": Place({"view": "tokens per job"}, "tokens.csv"),
    "equal-compute": Place({"view": ARMS, "part": "at equal compute"}, "equal-compute.csv"),
    "within-budget": Place({"view": ARMS, "part": "at equal compute"}),
    "comparisons": Place({"view": ARMS, "part": "what is worth comparing"}, "worthwhile.csv", "worthwhile"),
    "problems": Place({"view": ARMS}, "flips.csv"),
}


def test_every_question_has_its_place_on_the_page() -> None:
    assert set(PLACES) == set(QUESTIONS)


@pytest.fixture
def service(overthink: Overthink, world: World, redis_server: str, monkeypatch: pytest.MonkeyPatch) -> Overthink:
    """The command, beside the page; its lines are as long as they need."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", world.url)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_server)
    monkeypatch.setattr(terminal, "WIDTH_WITHOUT_TERMINAL", 10_000)
    return overthink


def table_about(world: World, name: str) -> Table[Any]:
    question = QUESTIONS[name]
    experiment = queries.experiment(world.engine, world["demo"])
    return question.table(question.answer(Measurements(world.engine, experiment)))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def as_text(row: Mapping[str, object]) -> dict[str, str]:
    """As CSV has it; labels here begin no formula."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


@pytest.mark.parametrize("name", QUESTIONS)
def test_machines_get_the_same_names_and_numbers_everywhere(service: Overthink, world: World, name: str) -> None:
    table = table_about(world, name)
    assert table.rows, "nothing is asked of the demo: a test that cannot fail"
    assert json.loads(service("results", "demo", "--view", name, "--json").out)["rows"] == table.records
    assert package.frame("demo", name) == table.flat
    file = [as_text(row) for row in table.flat]
    assert rows_of(service("results", "demo", "--view", name, "--csv").out) == file
    place = PLACES[name]
    if place.file is not None:
        app = opened("experiment", id=world["demo"], **place.address)
        app.button(key=place.file).click()
        assert rows_of(ran(app).session_state[f"{place.file}.handed_over"]["text"]) == file


@pytest.mark.parametrize("name", QUESTIONS)
def test_people_read_the_same_titles_and_words_on_the_page_and_in_the_terminal(
    service: Overthink, world: World, name: str
) -> None:
    table = table_about(world, name)
    titles = [column.title or "" for column in table.shown]
    printed = lines_of(service("results", "demo", "--view", name).out)
    assert printed[: 1 + len(table.rows)] == [[each for each in line if each] for line in (titles, *table.cells)]
    page = [dict(zip(map(typographic, titles), cells, strict=True)) for cells in table.cells]
    place = PLACES[name]
    app = opened("experiment", id=world["demo"], **place.address)
    if place.table is not None:
        assert table_of(html_of(app), place.table) == page
    if place.is_frame:
        assert page in [each.value.to_dict("records") for each in app.dataframe]


def lines_of(printed: str) -> list[list[str]]:
    """The table's lines, each as its cells that are not empty, from its titles on."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines()]
    rule = next(at for at, line in enumerate(lines) if set(line[0]) == {"─"})
    return [lines[rule - 1], *lines[rule + 1 :]]


def test_a_view_takes_options_and_refuses_what_it_does_not_know(service: Overthink, world: World) -> None:
    against = rows_of(service("results", "demo", "--view", "comparisons", "--option", "against=1", "--csv").out)
    assert {row["first"] for row in against} == {"chain_of_thought"}
    unknown = service("results", "demo", "--view", "comparison")
    assert unknown.code == Exit.BAD_INPUT
    assert "did you mean comparisons?" in unknown.err and all(name in unknown.err for name in QUESTIONS)
    mistyped = service("results", "demo", "--view", "comparisons", "--option", "agianst=1")
    assert (mistyped.code, "did you mean against?" in mistyped.err) == (Exit.BAD_INPUT, True)
    assert service("results", "demo", "--view", "comparisons", "--option", "against").code == Exit.BAD_INPUT
    with pytest.raises(UnknownQuestionError, match="there is no view 'comparison'; did you mean comparisons"):
        package.frame("demo", "comparison")
