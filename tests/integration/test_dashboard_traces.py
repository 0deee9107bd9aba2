"""The list of traces: its address and its counts filter it, rows tell what was asked for, and one is read beside."""

import re

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from db import queries, transitions
from db.queries import TraceFilter, TraceOrder
from scaling.types import Verdict
from tests.integration.dashboard_world import HOSTILE
from tests.integration.page_tables import links_of, parameters
from tests.integration.test_dashboard_pages import World, gallery, html_of, opened, own_world, said, settings_are, world

__all__ = ["gallery", "own_world", "settings_are", "world"]
WAITING = "budget_forcing waits=2 max_thinking_tokens=800"


def rows(app: AppTest) -> list[str]:
    """The text of each row."""
    listed = html_of(app).partition('<div class="ot-rows"')[2]
    return [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in listed.split('role="listitem"')[1:]]


def counted(app: AppTest) -> dict[str, str]:
    """What stands behind each count's sign, and where it leads."""
    found = re.findall(r'<a class="ot-count [^>]*href="([^"]*)"[^>]*>(.*?) <b>([0-9,]+)</b>', html_of(app))
    return {sign: number for _, sign, number in found}


def test_the_list_is_what_the_address_says(world: World) -> None:
    app = opened("traces", experiment=world["demo"], arm=WAITING, verdict="correct", order="longest thinking first")
    arm = next(arm for arm in queries.experiment(world.engine, world["demo"]).arms if arm.label == WAITING)
    matching = TraceFilter(arm_id=arm.id, verdict=Verdict.CORRECT)
    expected = queries.list_traces(world.engine, world["demo"], matching, TraceOrder.THINKING_TOKENS)
    assert expected.total > 3
    listed = rows(app)
    assert len(listed) == expected.total
    assert all(trace.problem_key in row for trace, row in zip(expected.traces, listed, strict=True))
    assert all("2 Waits" in row and WAITING not in row for row in listed)


def test_counts_are_links_under_the_other_filters_and_the_chosen_one_takes_itself_away(world: World) -> None:
    app = opened("traces", experiment=world["demo"], arm=WAITING, verdict="correct")
    page, counts = html_of(app), counted(app)
    assert int(counts["✓"]) + int(counts["✗"]) == int(counts["all"]) == 10
    links = links_of(page)
    assert parameters(links[f"✗ {counts['✗']}"])["verdict"] == "wrong"
    assert parameters(links[f"✓ {counts['✓']}"])["verdict"] == ""
    assert page.count('<a class="ot-count correct"') == 1 and 'title="correct" aria-current="true"' in page


def test_jobs_without_a_trace_are_counted_by_what_they_are(world: World) -> None:
    """50 jobs: one failed, 20 ended, four of the rest run."""
    app = opened("traces", experiment=world["running"], job_status="failed")
    counts = counted(app)
    assert (counts["failed"], counts["running"], counts["all"]) == ("1", "4", "50")
    (row,) = rows(app)
    assert row.startswith("failed ladder-test") or "failed" in row
    assert "takes 2,048" in row
    assert "takes 2,048" in said(app)  # beside it, too


def test_what_traces_say_is_searched_and_the_place_is_shown(own_world: World) -> None:
    transitions.read_words(own_world.engine, within_s=60)
    app = opened("traces", experiment=own_world["demo"], says='", check"')
    assert len(rows(app)) == 2 * 2  # the arms that wait, on two problems
    assert html_of(app).count("<mark>, check</mark>") == 4
    way = links_of(html_of(app))["Open ⏎"]
    assert parameters(way)["in_says"] == '", check"'


@pytest.mark.parametrize(("says", "why"), [("==", "no letter and no digit"), ('"let me', "opened and not closed")])
def test_a_bad_search_is_explained_beside_its_field_and_filters_nothing(world: World, says: str, why: str) -> None:
    app = opened("traces", experiment=world["demo"], says=says)
    assert why in html_of(app)
    assert counted(app)["all"] == "80"
    assert "80 jobs" in html_of(opened("trace", job=a_job(world.engine, world["demo"]), in_says=says)) + said(
        opened("trace", job=a_job(world.engine, world["demo"]), in_says=says)
    )


def a_job(engine: Engine, experiment: int) -> int:
    return queries.list_traces(engine, experiment).traces[0].job_id


def test_the_row_of_the_address_is_read_beside_the_list_and_else_the_first(world: World) -> None:
    first, second, *_ = queries.list_traces(world.engine, world["demo"]).traces
    page = html_of(opened("traces", experiment=world["demo"]))
    assert parameters(links_of(page)["Open ⏎"])["job"] == str(first.job_id)
    page = html_of(opened("traces", experiment=world["demo"], row=second.job_id))
    assert parameters(links_of(page)["Open ⏎"])["job"] == str(second.job_id)
    page = html_of(opened("traces", experiment=world["demo"], row=999_999))
    assert parameters(links_of(page)["Open ⏎"])["job"] == str(first.job_id)


def test_keys_lead_to_the_rows_beside_and_over_the_ends_of_a_page(world: World) -> None:
    """80 jobs, 50 on a page."""
    traces = queries.list_traces(world.engine, world["demo"], limit=80).traces
    keyed = keys(html_of(opened("traces", experiment=world["demo"], row=traces[49].job_id)))
    assert (keyed["k"], keyed["j"]) == (beside(traces[48].job_id), {"page": "2", "row": ""})
    keyed = keys(html_of(opened("traces", experiment=world["demo"], page=2)))
    assert (keyed["k"], keyed["j"]) == (
        {"page": "", "row": str(traces[49].job_id)},
        beside(traces[51].job_id),
    )
    assert "k" not in keys(html_of(opened("traces", experiment=world["demo"])))


def beside(job_id: int) -> dict[str, str]:
    """What the address of a row says: another trace, read from its start."""
    return {"row": str(job_id), "follow": "", "step": ""}


def keys(page: str) -> dict[str, dict[str, str]]:
    found = re.findall(r'<a class="ot-[a-z]+" href="([^"]*)"[^>]* data-key="([^"]+)"', page)
    return {key: parameters(href.replace("&amp;", "&")) for href, key in found}


def test_a_page_that_is_not_there_is_the_last(world: World) -> None:
    assert len(rows(opened("traces", experiment=world["demo"], page=99))) == 30


def test_no_match_is_said_with_the_way_out(world: World) -> None:
    app = opened("traces", experiment=world["demo"], question="no such question", minscore="0.5")
    assert "No trace matches" in said(app)
    cleared = parameters(links_of(html_of(app))["Clear all filters"])
    assert cleared["question"] == cleared["minscore"] == ""


def test_folded_filters_are_named_and_taken_away_by_a_click(world: World) -> None:
    page = html_of(opened("traces", experiment=world["demo"], level="2", minwaits="1", cut="thinking not cut"))
    links = links_of(page)
    assert {"level 2 ×", "Waits from 1 ×", "thinking not cut ×"} <= links.keys()
    assert parameters(links["level 2 ×"])["level"] == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_break_neither_list_nor_pane(world: World, name: str) -> None:
    traces = queries.list_traces(world.engine, world["hostile"]).traces
    job = next(trace.job_id for trace in traces if trace.problem_key == name)
    page = html_of(opened("traces", experiment=world["hostile"], row=job))
    assert "<script" not in page.replace("<script>setTimeout", "") and "<img" not in page
    assert len(page) < 150_000  # a megabyte is not sent unasked
