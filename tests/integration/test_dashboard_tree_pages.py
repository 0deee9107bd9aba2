"""The trace page of searches, drawn without a browser: when there is a tree, what is open, what is loaded."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from db.engine import connect
from tests.conftest import execute, sibling
from tests.integration.page_tables import table_of
from tests.integration.test_dashboard_pages import html_of, kinds_of, opened, ran, reader_of, said, words_of
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


def tree_of(app: AppTest) -> dict[str, Any]:
    given = [json.loads(each.proto.json or "{}") for each in app.get("bidi_component")]
    [told] = [each for each in given if "tree" in each]
    return dict(told)


# Beam: the prompt, 10 rounds of 16, 16 answers. Lookahead: the prompt, 5 rounds of 8 steps with 2 more each, 8 answers.
@pytest.mark.parametrize(
    ("arm", "number"), [(BEAM, 1 + 160 + 16), (LOOKAHEAD, 1 + 5 * 8 * 3 + 8), (REBASE, 1_999), (VOTE, 1 + 16 * 2)]
)
def test_every_node_of_a_search_is_drawn(jobs: dict[str, int], arm: str, number: int) -> None:
    assert len(tree_of(opened("trace", job=jobs[arm], tab="tree"))["tree"]["depths"]) == number


def test_a_budget_forced_chain_is_no_tree(jobs: dict[str, int]) -> None:
    app = opened("trace", job=jobs[FORCED])
    assert ">Tree</a>" not in html_of(app) and len(kinds_of(app)) == 8


def test_what_pruning_and_rollouts_cost_is_said(jobs: dict[str, int]) -> None:
    # 9 rounds prune 12 of 16; the tenth is the last. In lookahead 4 rounds prune 6 of 8; each step has 2 more.
    assert "177 nodes, 11 deep, 108 pruned (" in said(opened("trace", job=jobs[BEAM]))
    text = said(opened("trace", job=jobs[LOOKAHEAD]))
    assert "24 pruned (" in text and "80 in rollouts (" in text


def test_the_tree_comes_first_for_searches_and_the_votes_for_votes(jobs: dict[str, int]) -> None:
    for arm, tab in ((BEAM, "tree"), (LOOKAHEAD, "tree"), (VOTE, "votes"), (FORCED, "counts")):
        assert f'href="?tab={tab}" data-replaces aria-current=page' in html_of(opened("trace", job=jobs[arm]))


def test_the_chosen_answer_is_followed_at_first(jobs: dict[str, int]) -> None:
    kinds = kinds_of(opened("trace", job=jobs[BEAM]))
    assert kinds == ["prompt", *["step"] * 10, "answer"]


def test_the_address_opens_a_node_with_all_that_led_to_it(jobs: dict[str, int]) -> None:
    chosen = reader_of(opened("trace", job=jobs[BEAM]))["trace"]
    other = "0.4" if f"{chosen}.".startswith(f"{jobs[BEAM]}/0.3.") else "0.3"
    app = opened("trace", job=jobs[BEAM], step=other)
    told = reader_of(app)
    assert told["trace"] == f"{jobs[BEAM]}/{other}" and told["step"] == 1 and kinds_of(app) == ["prompt", "step"]
    assert "verifier 92 tokens" in words_of(app)  # as the scene has it: 90 and one for each step of the path


def test_a_step_of_the_branch_that_is_followed_is_only_gone_to(jobs: dict[str, int]) -> None:
    branch = reader_of(opened("trace", job=jobs[BEAM]))["trace"].partition("/")[2]
    told = reader_of(opened("trace", job=jobs[BEAM], step=".".join(branch.split(".")[:3])))
    assert told["trace"].endswith(f"/{branch}") and told["step"] == 2


@pytest.mark.parametrize("step", ["0.99", "7", "", "0.", "0.-1", "1e3", "٣", "<b>", "0" + ".0" * 5_000])
def test_an_address_that_names_no_node_is_said_kindly(jobs: dict[str, int], step: str) -> None:
    app = opened("trace", job=jobs[VOTE], step=step)
    assert "This trace has no step" in said(app) and "The chosen answer is shown" in said(app)


def test_the_ring_follows_the_address(jobs: dict[str, int]) -> None:
    app = opened("trace", job=jobs[VOTE], step="0.2", tab="tree")
    assert path_of(tree_of(app), tree_of(app)["opened"]) == "0.2"
    app.query_params["step"] = "0.3"
    assert path_of(tree_of(ran(app)), tree_of(app)["opened"]) == "0.3"


def path_of(told: dict[str, Any], node: int) -> str:
    """As the browser's side makes it."""
    parent, last = told["tree"]["parents"][node], str(told["tree"]["last"][node])
    return last if parent < 0 else f"{path_of(told, parent)}.{last}"


def test_candidates_with_scores_show_them_and_how_the_chosen_one_stands(jobs: dict[str, int]) -> None:
    app = opened("trace", job=jobs[BEAM], tab="votes")
    table = table_of(html_of(app), "candidates")
    [chosen] = [row for row in table if row[""] == "★ chosen"]
    alike = [row for row in table if row["answer"] == chosen["answer"]]
    assert chosen["votes for it"] == str(len(alike))
    assert float(chosen["scores for it"]) == pytest.approx(sum(float(row["score"]) for row in alike), abs=0.01)
    assert f"The chosen candidate scores {chosen['score']}, number 1 of 16" in said(app)
    assert "score" not in table_of(html_of(opened("trace", job=jobs[VOTE])), "candidates")[0]


def test_of_the_whole_tree_the_texts_at_the_beginning_are_told_and_the_outline_of_all(jobs: dict[str, int]) -> None:
    told = reader_of(opened("trace", job=jobs[REBASE], follow="the whole tree"))
    assert len(told["outline"]["titles"]) == 1_999 and len(told["rows"]) < 60


def test_texts_are_loaded_for_what_is_read_and_not_for_the_tree(
    jobs: dict[str, int], searches: tuple[str, dict[str, int]]
) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: dict[str, object], *_: object) -> None:
        if (
            "steps" in statement
            and "text" in statement
            and "FROM steps WHERE job_id = %(job_id)s ORDER" not in statement
        ):
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        app = opened("trace", job=jobs[REBASE], step="0.3")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert kinds_of(app) == ["prompt", "step"]
    read = [parameters["paths"] for statement, parameters in asked if "substring" in statement]
    assert read == [["0", "0.3"]]
    assert all(
        parameters.get("most_characters") == 0 for statement, parameters in asked if "substring" not in statement
    )
