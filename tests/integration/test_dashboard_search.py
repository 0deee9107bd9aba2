"""The search page: groups of what was found, each a link, and what cannot be searched for explained."""

import re

import pytest

from db import transitions
from db.records import NewExperiment
from tests.integration.dashboard_world import HOSTILE
from tests.integration.page_tables import links_of, parameters
from tests.integration.test_dashboard_pages import World, gallery, html_of, opened, own_world, said, settings_are, world

__all__ = ["gallery", "own_world", "settings_are", "world"]


@pytest.fixture
def read(world: World) -> World:
    transitions.read_words(world.engine, within_s=60)
    return world


def texts(page: str) -> list[str]:
    return [" ".join(re.sub("<[^>]*>", "", row).split()) for row in page.split('role="listitem">')[1:]]


def test_experiments_problems_and_traces_are_found_and_what_was_looked_for_is_marked(read: World) -> None:
    app = opened("search", q="demo")
    assert "<mark>demo</mark>" in html_of(app) and f"#{read['demo']}" in html_of(app)
    app = opened("search", q='"left to right: 20+"')
    assert "and 1 more" in html_of(app)  # the same problems in two experiments
    app = opened("search", q='", check"')
    assert html_of(app).count("<mark>, check</mark>") == 20
    assert "1 Wait" in html_of(app)  # arms by their short names


def test_a_trace_opens_with_what_was_looked_for_as_its_list(read: World) -> None:
    page = html_of(opened("search", q='", check"'))
    ways = [parameters(href) for href in links_of(page).values() if href.startswith("./trace?")]
    assert ways and all(way["in_says"] == '", check"' for way in ways)


def test_pages_of_older_traces_and_one_experiment_alone(read: World) -> None:
    links = links_of(html_of(opened("search", q="boxed")))  # the 20 that ended of the running one come first
    assert f"only in waits on ladder #{read['running']}" in links
    older = parameters(links["older ›"])["older"]
    page = html_of(opened("search", q="boxed", older=older))
    links = links_of(page)
    assert len(texts(page)) == 20 and f"only in demo #{read['demo']}" in links
    only = parameters(links_of(html_of(opened("search", q="ok")))[f"only in demo #{read['demo']}"])["among"]
    narrowed = links_of(html_of(opened("search", q="ok", among=only)))
    assert parameters(narrowed["as a list, to filter and read"]) == {"experiment": only, "says": "ok"}
    assert f"only in demo #{read['demo']} ×" in narrowed


@pytest.mark.parametrize(
    ("q", "why"), [("==", "no letter and no digit"), ('"let me', "opened and not closed"), ("x" * 501, "too many")]
)
def test_what_cannot_be_searched_for_is_explained(read: World, q: str, why: str) -> None:
    assert why in html_of(opened("search", q=q))


def test_nothing_found_nothing_asked_and_not_read_yet_are_said(own_world: World) -> None:
    assert "Nothing was found" in said(opened("search", q="nowhereatall"))
    assert "cannot be found yet" in said(opened("search", q="nowhereatall"))
    transitions.read_words(own_world.engine, within_s=60)
    assert "Names and notes of experiments" in said(opened("search"))


@pytest.mark.parametrize("name", ["script", "markdown", "rtl"])
def test_hostile_texts_are_found_and_shown_literally(own_world: World, name: str) -> None:
    hostile = HOSTILE[name]
    transitions.create_experiment(own_world.engine, NewExperiment(hostile, hostile, {}, "d", notes=hostile))
    transitions.read_words(own_world.engine, within_s=60)
    word = {"script": "onerror", "markdown": "heading", "rtl": "evil"}[name]
    page = html_of(opened("search", q=word))
    assert f"<mark>{word}</mark>" in page
    assert "<img" not in page and "\u202e" not in page and "<script>document" not in page
