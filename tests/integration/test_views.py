"""One question, one table: page, page's file, terminal, JSON, CSV and Python have the same names and the same numbers.

Every question is asked, a new one too: it needs the place on the page where its answer stands, in PLACES.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import overthink as package
from dashboard.views.answers import typographic
from dashboard.views.results_section import VIEWS
from db import queries
from db.engine import connect
from overthink.cli import terminal
from overthink.cli.exits import Exit
from results import QUESTIONS, Measurements, UnknownQuestionError, arm_names
from results.columns import Table
from results.wording import pair_label
from results.words.arm_names import named
from tests.cli import Overthink, overthink
from tests.conftest import execute, sibling
from tests.integration import golden_world
from tests.integration.dashboard_world import populate
from tests.integration.page_tables import table_of
from tests.integration.test_dashboard_pages import World, html_of, opened, ran, settings_are, world

__all__ = ["overthink", "settings_are", "world"]


@dataclass(frozen=True, slots=True)
class Place:
    """How a page answers a question: its address but for the experiment, the key of its file, its tables' names.

    In the address `{id}` stands for the experiment. Without a table the page says it in words, or draws it.
    `experiment` is one that has something to say, with these options.
    """

    address: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None
    tables: tuple[str, ...] = ()
    experiment: str = "demo"
    options: Mapping[str, str] = field(default_factory=dict)
    page: str = "experiment"


JUDGED = {"judging": "{id}", "stage": "results"}
FIRST_AND_LAST = {"from": "{id}:chain_of_thought", "to": "{id}:majority_vote samples=8"}
PLACES: Mapping[str, Place] = {
    "arms": Place({}, "points.csv", ("arms",)),
    "best": Place(),
    "points": Place({}, "scaling.csv"),
    "over-k": Place({}, "over-k.csv"),
    "sweeps": Place({}, "sweeps.csv", ("sweeps",)),
    "budgets": Place({}, "control.csv"),
    "tokens": Place({}, "tokens.csv"),
    "equal-compute": Place({**FIRST_AND_LAST, "part": "at equal compute"}, "equal-compute.csv", page="compare"),
    "within-budget": Place({**FIRST_AND_LAST, "part": "at equal compute"}, page="compare"),
    "comparisons": Place({"home": "{id}"}, "worthwhile.csv", ("worthwhile",), page="compare"),
    "problems": Place(FIRST_AND_LAST, "flips.csv", page="compare"),
    "difficulty": Place({}, "difficulty.csv"),
    "choosing": Place({}, "compute-optimal.csv", ("worth", "choices")),
    "ratios": Place({"bins": "2"}, "ratio.csv", experiment="shared", options={"bins": "2"}),
    "verdict": Place({"allcells": "true"}, "verdict.csv", ("verdict",)),
    "traces": Place({"experiment": "{id}"}, page="traces"),
    "notes": Place({"section": "notes"}, "notes.csv", ("notes",)),
    "preferences": Place(JUDGED, "preferences.csv", ("preferences",), page="judge"),
    "judgements": Place(JUDGED, "judgements.csv", page="judge"),
    "scans": Place(),
    "findings": Place(),
    "exchange": Place({"bins": "2"}, None, ("exchange",), experiment="shared", options={"bins": "2"}),
}


def test_every_question_has_its_place_on_the_page() -> None:
    of_an_experiment = {name for name, place in PLACES.items() if place.page == "experiment"}
    assert set(PLACES) == set(QUESTIONS)
    assert of_an_experiment == {*VIEWS, "arms", "best", "notes", "scans", "findings"}


@pytest.fixture(scope="module")
def gallery(postgres_url: str, template_url: str) -> Iterator[World]:
    """What the page's tests look at, and what the golden files are about."""
    execute(postgres_url, "CREATE DATABASE views TEMPLATE migrated STRATEGY FILE_COPY")
    url = sibling(postgres_url, "views")
    engine = connect(url)
    yield World(url, engine, {**populate(engine, num_problems=10), **golden_world.populate(engine, digest="a spec")})
    engine.dispose()
    execute(postgres_url, "DROP DATABASE views WITH (FORCE)")


@pytest.fixture
def service(overthink: Overthink, world: World, redis_server: str, monkeypatch: pytest.MonkeyPatch) -> Overthink:
    """The command, beside the page; its lines are as long as they need."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", world.url)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_server)
    monkeypatch.setattr(terminal, "WIDTH_WITHOUT_TERMINAL", 10_000)
    return overthink


def table_about(world: World, name: str) -> Table[Any]:
    question, place = QUESTIONS[name], PLACES[name]
    experiment = queries.experiment(world.engine, world[place.experiment])
    return question.table(question.answer(Measurements(world.engine, experiment), **place.options))


def page_of(world: World, name: str) -> AppTest:
    place, number = PLACES[name], world[PLACES[name].experiment]
    address = {key: value.format(id=number) for key, value in place.address.items()}
    if place.page == "experiment":
        address = {"id": str(number), **({"view": VIEWS[name].name} if name in VIEWS else {}), **address}
    return opened(place.page, **address)


def command(name: str) -> tuple[str, ...]:
    place = PLACES[name]
    options = [word for option, value in place.options.items() for word in ("--option", f"{option}={value}")]
    return "results", place.experiment, "--view", name, *options


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def as_text(row: Mapping[str, object]) -> dict[str, str]:
    """As CSV has it; labels here begin no formula."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


@pytest.mark.parametrize("name", QUESTIONS)
def test_machines_get_the_same_names_and_numbers_everywhere(service: Overthink, world: World, name: str) -> None:
    table, place = table_about(world, name), PLACES[name]
    assert table.rows, "nothing is asked of the demo: a test that cannot fail"
    assert json.loads(service(*command(name), "--json").out)["rows"] == table.records
    assert package.frame(place.experiment, name, **place.options) == table.flat
    file = [as_text(row) for row in table.flat]
    assert rows_of(service(*command(name), "--csv").out) == file
    if place.file is not None:
        app = page_of(world, name)
        app.button(key=place.file).click()
        assert rows_of(ran(app).session_state[f"{place.file}.handed_over"]["text"]) == file


@pytest.mark.parametrize("name", QUESTIONS)
def test_people_read_the_same_titles_and_words_on_the_page_and_in_the_terminal(
    service: Overthink, world: World, name: str
) -> None:
    tables, place = table_about(world, name).for_people, PLACES[name]
    assert tables_of(service(*command(name)).out) == [
        [[each for each in line if each] for line in (titles_of(table), *table.cells)] for table in tables
    ]
    page = html_of(page_of(world, name))
    for of_page, table in zip(place.tables, tables, strict=False):
        assert table_of(page, of_page) == with_names(world, place, table)


def with_names(world: World, place: Place, table: Table[Any]) -> list[dict[str, str]]:
    """On the page arms, and pairs of them, go by what differs among them; what people say is left as it is."""
    own = arm_names(queries.experiment(world.engine, world[place.experiment]).arms)
    pairs = {pair_label(*each): " → ".join(own[label] for label in each) for each in permutations(own, 2)}
    names = {**own, **pairs}
    arms = {typographic(each.title or "") for each in table.shown if each.has_arms or each.title == "compared"}
    return [
        {title: named(cell, names) if title in arms else cell for title, cell in row.items()}
        for row in on_the_page(table)
    ]


def titles_of(table: Table[Any]) -> list[str]:
    return [column.title or "" for column in table.shown]


def on_the_page(table: Table[Any]) -> list[dict[str, str]]:
    """Where rows can be put in another order, each says what it begins with."""
    titles = list(map(typographic, titles_of(table)))
    return [dict(zip(titles, cells, strict=True)) for cells in replace(table, once=0).cells]


def tables_of(printed: str) -> list[list[list[str]]]:
    """Each table's lines as cells that are not empty, from its titles on to the empty line below."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines()]
    rules = [at for at, line in enumerate(lines) if set(line[0]) == {"─"}]
    ends = [next(at for at in range(rule, len(lines) + 1) if lines[at : at + 1] in ([], [[""]])) for rule in rules]
    return [[lines[rule - 1], *lines[rule + 1 : end]] for rule, end in zip(rules, ends, strict=True)]


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
