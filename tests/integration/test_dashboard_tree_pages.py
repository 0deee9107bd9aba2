"""The trace page of searches, drawn without a browser: when there is a tree, what is open, what is loaded."""

import json
from collections.abc import Iterator

import pytest
import streamlit as st
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from db.engine import connect
from tests.conftest import execute, sibling
from tests.integration.page_tables import table_of
from tests.integration.test_dashboard_pages import figures, html_of, opened, ran, said
from tests.integration.tree_world import populate

BEAM, LOOKAHEAD, REBASE = "beam_search beams=16 width=4", "lookahead beams=8 width=4 rollout=2", "rebase width=128"
VOTE, FORCED = "majority_vote samples=16", "budget_forcing waits=2"


@pytest.fixture(scope="module")
def searches(postgres_url: str, template_url: str) -> Iterator[tuple[str, dict[str, int]]]:
    """The URL of a database with one job of each kind, and their ids."""
    execute(postgres_url, "CREATE DATABASE searches TEMPLATE migrated STRATEGY FILE_COPY")
    url = sibling(postgres_url, "searches")
    engine = connect(url)
    yield url, populate(engine)
    engine.dispose()
    execute(postgres_url, "DROP DATABASE searches WITH (FORCE)")


@pytest.fixture
def jobs(searches: tuple[str, dict[str, int]], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    url, made = searches
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", url)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://127.0.0.1:1/0")
    st.cache_data.clear()
    yield made
    st.cache_data.clear()
    st.cache_resource.clear()


def num_drawn(app: AppTest) -> int:
    """How many nodes the one tree of the page has: the last layer is the pointer's."""
    [figure] = figures(app)
    return len(json.loads(figure)["data"][-1]["customdata"])


# Beam: the prompt, 10 rounds of 16, 16 answers. Lookahead: the prompt, 5 rounds of 8 steps with 2 more each, 8 answers.
@pytest.mark.parametrize(
    ("arm", "number"), [(BEAM, 1 + 160 + 16), (LOOKAHEAD, 1 + 5 * 8 * 3 + 8), (REBASE, 1_999), (VOTE, 1 + 16 * 2)]
)
def test_every_node_of_a_search_is_drawn(jobs: dict[str, int], arm: str, number: int) -> None:
    assert num_drawn(opened("trace", job=jobs[arm])) == number


def test_a_budget_forced_chain_is_no_tree(jobs: dict[str, int]) -> None:
    app = opened("trace", job=jobs[FORCED])
    assert not figures(app)
    assert "The tree" not in said(app) and "Step by step" in said(app)


def test_what_pruning_and_rollouts_cost_is_said(jobs: dict[str, int]) -> None:
    # 9 rounds prune 12 of 16; the tenth is the last. In lookahead 4 rounds prune 6 of 8; each step has 2 more.
    assert "177 nodes, 11 deep, 108 pruned (" in said(opened("trace", job=jobs[BEAM]))
    text = said(opened("trace", job=jobs[LOOKAHEAD]))
    assert "24 pruned (" in text and "80 in rollouts (" in text


def test_the_chosen_answer_is_open_at_first(jobs: dict[str, int]) -> None:
    page = html_of(opened("trace", job=jobs[BEAM]))
    assert page.index('class="ot-step answer"') < page.index('class="ot-step prompt"')  # the branch comes further down


def test_the_address_opens_a_node_and_all_that_led_to_it(jobs: dict[str, int]) -> None:
    page = html_of(opened("trace", job=jobs[BEAM], step="0.3"))
    assert page.count("path 0.3 ·") == 1 and "path 0 ·" not in page
    assert "verifier 92 tokens" in page  # as the scene has it: 90 and one for each step of the path
    page = html_of(opened("trace", job=jobs[BEAM], step="0.3", led_to="true"))
    assert page.index("path 0 ·") < page.index("path 0.3 ·")


@pytest.mark.parametrize("step", ["0.99", "7", "", "0.", "0.-1", "1e3", "٣", "<b>", "0" + ".0" * 5_000])
def test_an_address_that_names_no_node_is_said_kindly(jobs: dict[str, int], step: str) -> None:
    app = opened("trace", job=jobs[VOTE], step=step)
    assert "This trace has no step" in said(app) and "The chosen answer is shown" in said(app)


def test_the_ring_follows_the_address(jobs: dict[str, int]) -> None:
    app = opened("trace", job=jobs[VOTE], step="0.2")
    assert ringed(app) == "0.2"
    app.query_params["step"] = "0.3"
    assert ringed(ran(app)) == "0.3"


def ringed(app: AppTest) -> str:
    pointer = json.loads(figures(app)[0])["data"][-1]
    return str(pointer["customdata"][pointer["selectedpoints"][0]])


def test_candidates_with_scores_show_them_and_how_the_chosen_one_stands(jobs: dict[str, int]) -> None:
    app = opened("trace", job=jobs[BEAM])
    table = table_of(html_of(app), "candidates")
    [chosen] = [row for row in table if row[""] == "★ chosen"]
    alike = [row for row in table if row["answer"] == chosen["answer"]]
    assert chosen["votes for it"] == str(len(alike))
    assert float(chosen["scores for it"]) == pytest.approx(sum(float(row["score"]) for row in alike), abs=0.01)
    assert f"The chosen candidate scores {chosen['score']}, number 1 of 16" in said(app)
    assert "score" not in table_of(html_of(opened("trace", job=jobs[VOTE])), "candidates")[0]


def test_the_whole_tree_comes_in_pages(jobs: dict[str, int]) -> None:
    page = html_of(opened("trace", job=jobs[REBASE], follow="the whole tree", steps="20"))
    assert page.count('class="ot-step') == 99 + 1  # 1,999 nodes: the twentieth page of 100 is short; and the open node


def test_texts_are_loaded_for_what_is_read_and_not_for_the_tree(
    jobs: dict[str, int], searches: tuple[str, dict[str, int]]
) -> None:
    asked: list[object] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: dict[str, object], *_: object) -> None:
        if "FROM steps" in statement and "text," in statement:
            asked.append(parameters.get("paths"))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        opened("trace", job=jobs[REBASE], step="0.3")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    branch = [paths for paths in asked if paths != ["0.3"]]
    assert ["0.3"] in asked and len(asked) == 2  # the open node, and the chosen branch further down
    assert isinstance(branch[0], list) and len(branch[0]) < 25
