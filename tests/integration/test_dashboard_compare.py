"""The page that compares arms: of one experiment or several, the difference first, its cells, and two traces."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st

import results
from dashboard.compare.chosen import once_on_the_experiments_page
from db import queries, transitions
from results import Comparison, Flip, Measurements
from scaling.statistics.comparisons import Cell, p_shown
from tests.conftest import execute
from tests.integration.dashboard_world import ARMS, HOSTILE, claimed, expanded, finish, ladder, text_trace
from tests.integration.page_tables import table_of
from tests.integration.test_dashboard_pages import (
    World,
    as_read,
    column,
    figures,
    gallery,
    html_of,
    opened,
    own_world,
    read,
    said,
    settings_are,
    world,
)

__all__ = ["gallery", "own_world", "settings_are", "world"]
CUT, TWO_WAITS = "budget_forcing max_thinking_tokens=8", "budget_forcing waits=2 max_thinking_tokens=800"
ONE_WAIT, VOTE = "budget_forcing waits=1 max_thinking_tokens=800", "majority_vote samples=8"


def of_demo(world: World, first: str, *others: str, **more: object) -> dict[str, object]:
    """The address of arms of the demo."""
    number = world["demo"]
    return {"from": f"{number}:{first}", "to": [f"{number}:{each}" for each in others], **more}


def measured(world: World) -> Measurements:
    return Measurements(world.engine, queries.experiment(world.engine, world["demo"]))


def compared(world: World, first: str, second: str) -> Comparison:
    return results.paired(measured(world), first, second)


def flips(world: World, first: str, second: str, cell: Cell) -> tuple[Flip, ...]:
    return results.side_by_side(measured(world), first, second).pairs.inside(cell).flips


def listed(page: str) -> list[str]:
    """The problems in the list."""
    (nav,) = re.findall(r'<nav class="ot-flips".*?</nav>', page)
    return re.findall(r"<bdi>(.*?)</bdi>", nav)


def test_the_difference_is_the_first_thing_said_and_the_cells_count(world: World) -> None:
    page = html_of(opened("compare", **of_demo(world, CUT, TWO_WAITS)))
    found = compared(world, CUT, TWO_WAITS)
    assert f"2 Waits is right {100 * found.result.difference.value:.1f} points more often than cut at 8" in page
    for cell in Cell:
        assert f"{cell.value} <b>{found.agreement.count(cell)}</b>" in page


def test_a_cell_lists_its_problems_and_shows_both_traces_of_one(world: World) -> None:
    gained = flips(world, CUT, TWO_WAITS, Cell.GAINED)
    page = html_of(opened("compare", **of_demo(world, CUT, TWO_WAITS)))
    assert len(listed(page)) == len(gained)
    third = gained[2]
    chosen = html_of(opened("compare", **of_demo(world, CUT, TWO_WAITS, pair=f"{third.problem}.{third.repeat}")))
    assert f"./trace?job={third.first_job}" in chosen and f"./trace?job={third.second_job}" in chosen
    neither = html_of(opened("compare", **of_demo(world, CUT, TWO_WAITS, cell="both wrong")))
    assert len(listed(neither)) == compared(world, CUT, TWO_WAITS).agreement.both_wrong > 0


def test_the_next_and_the_previous_problem_have_keys(world: World) -> None:
    gained = flips(world, CUT, TWO_WAITS, Cell.GAINED)
    page = html_of(
        opened(
            "compare", **of_demo(world, CUT, TWO_WAITS, pair=f"{gained[1].problem}.0", problems="as in the data set")
        )
    )
    keys = dict(re.findall(r'href="\?pair=([\d.]+)&amp;[^"]*" data-key="(.)"', page))
    assert keys == {f"{gained[0].problem}.0": "k", f"{gained[2].problem}.0": "j"}


def test_the_first_difference_of_two_traces_is_marked_once_on_either_side(world: World) -> None:
    page = html_of(opened("compare", **of_demo(world, "budget_forcing waits=0 max_thinking_tokens=800", TWO_WAITS)))
    assert page.count('class="ot-first"') == 2
    assert page.count('id="first-difference"') == 1


def test_several_arms_are_adjusted_for_their_number_and_one_is_looked_at(world: World) -> None:
    others = [arm.label for arm in ARMS if arm.label != CUT]
    app = opened("compare", **of_demo(world, CUT, *others, look=2))
    every = {each.second.label: each.result for each in results.all_against(measured(world), CUT)}
    assert column(app, "against", "adjusted") == [p_shown(every[each].adjusted_p_value) for each in others]
    assert "Holm’s p for 7 comparisons" in said(app)
    assert "than cut at 8" in html_of(app) and f"among {len(others)}" in html_of(app)


def test_what_the_problems_cannot_support_is_said_in_words(world: World) -> None:
    first, second = "chain_of_thought", "budget_forcing waits=0 max_thinking_tokens=800"
    result = compared(world, first, second).result
    assert result.warning is not None
    page = html_of(opened("compare", **of_demo(world, first, second)))
    assert "which is no evidence of a difference" in page and result.needed_words in page


def test_arms_of_two_experiments_are_compared_on_what_both_were_asked(own_world: World) -> None:
    """The demo was asked two problems, the other one the first of them."""
    transitions.cancel_experiment(own_world.engine, own_world["running"])  # its jobs would be taken first
    again = expanded(own_world.engine, "again", ladder(1), ARMS[:1])
    finish(own_world.engine, again)
    two = {"from": f"{own_world['demo']}:chain_of_thought", "to": [f"{again}:chain_of_thought"]}
    page = html_of(opened("compare", **two))
    assert f"1 problem is common to experiments {own_world['demo']}, {again}" in page
    assert f"1 of experiment {own_world['demo']} are left out" in page
    told = html_of(opened("compare", **two, part="what they were told"))
    assert f"The specs of experiments {own_world['demo']} and {again}" in told


def test_two_sweeps_are_compared_at_the_budget_in_the_address(world: World) -> None:
    equal = of_demo(world, ONE_WAIT, VOTE, part="at equal compute")
    text = read(opened("compare", **equal, at=100))
    assert "Interpolated at 100 tokens a problem" in text and "Best within 100 tokens a problem" in text
    beyond = read(opened("compare", **equal, at=10**6))
    assert "give 4" in beyond  # from about 40 tokens on
    assert "Best within 1,000,000 tokens a problem" in beyond
    assert "k of n candidates cost, in generated tokens of all models: k/n of the job." in beyond
    flops = opened("compare", **equal, compute="FLOPs by weights")
    assert "mean FLOPs by weights per problem" in figures(flops)[0]


def test_two_settings_of_one_sweep_are_not_compared_at_equal_compute_and_it_is_said_why(world: World) -> None:
    app = opened("compare", **of_demo(world, CUT, "budget_forcing max_thinking_tokens=16", part="at equal compute"))
    assert "are settings of one sweep" in said(app)
    assert len(figures(app)) == 0


def test_what_two_arms_were_told_otherwise_is_said_in_words(world: World) -> None:
    page = html_of(opened("compare", **of_demo(world, ONE_WAIT, TWO_WAITS, part="what they were told")))
    assert "Waits: 1 → 2" in page and "thinking budget" not in page


def test_an_experiment_in_the_middle_is_compared_as_far_as_it_is(world: World) -> None:
    number, (first, *others) = world["running"], [arm.label for arm in ARMS[:5]]
    address = {"from": f"{number}:{first}", "to": [f"{number}:{each}" for each in others]}
    for part in ("problem by problem", "at equal compute", "what they were told"):
        assert not opened("compare", **address, part=part).exception


def test_an_experiments_own_page_shows_what_is_worth_comparing(world: World) -> None:
    page = html_of(opened("compare", home=world["demo"]))
    assert f"from={world['demo']}%3A" in page
    assert len(table_of(page, "worthwhile")) == len(results.worthwhile(measured(world)))


def test_without_an_address_the_newest_experiments_with_results_of_two_arms_are_offered(world: World) -> None:
    page = html_of(opened("compare"))
    assert {row["experiment"] for row in table_of(page, "begin")} >= {"demo"}
    assert f'href="./compare?home={world["demo"]}"' in page
    assert f"home={world['failed']}" not in page, "it has no results"


def test_two_experiments_on_the_same_problems_are_offered_by_their_best_arms(own_world: World) -> None:
    transitions.cancel_experiment(own_world.engine, own_world["running"])
    again = expanded(own_world.engine, "again", ladder(2), ARMS[:2])
    finish(own_world.engine, again)
    execute(own_world.url, "UPDATE experiments SET data_set_digest = id::text")
    assert "Two experiments on the same problems" not in said(opened("compare"))
    st.cache_data.clear()
    execute(
        own_world.url, f"UPDATE experiments SET data_set_digest = 'same' WHERE id IN ({own_world['demo']}, {again})"
    )
    (pair,) = re.findall(r'<ul class="ot-pairs">.*?href="(.*?)"', html_of(opened("compare")))
    told = parse_qs(urlsplit(unescape(pair)).query)
    assert [told[side][0].partition(":")[0] for side in ("from", "to")] == [str(own_world["demo"]), str(again)]
    assert f"2 problems are common to experiments {own_world['demo']}, {again}" in html_of(opened("compare", **told))


@pytest.mark.parametrize("first", ["99999:chain_of_thought", "{demo}:chain_of_though", "{demo}:", "nothing"])
def test_what_is_not_there_is_said_kindly(world: World, first: str) -> None:
    app = opened("compare", **{"from": first.format(demo=world["demo"])})
    assert not app.exception
    if "though" in first and "99999" not in first:
        assert "did you mean chain_of_thought" in as_read(said(app))


def test_hostile_texts_stand_beside_each_other_literally(own_world: World) -> None:
    engine = own_world.engine
    transitions.cancel_experiment(engine, own_world["running"])
    problems = [replace(each, question=HOSTILE["script"]) for each in ladder(1)]
    number = expanded(engine, "hostile pair", problems, ARMS[:2])
    for text in (HOSTILE["script"], HOSTILE["rtl"]):
        transitions.succeed(engine, claimed(engine).lease, *text_trace(text), wall_seconds=1.0)
    first, second = (f"{number}:{arm.label}" for arm in ARMS[:2])
    page = html_of(opened("compare", **{"from": first, "to": [second]}, cell="both wrong"))
    assert "<script>document" not in page and page.count("&lt;script&gt;document") > 2
    assert "[U+202E]evil[U+202C]" in page


def test_an_old_address_leads_to_the_same_arms_and_options() -> None:
    labels = ["a", "b: c", "d"]
    plain = once_on_the_experiments_page(7, labels, {"view": "arm against arm"})
    assert parse_qs(urlsplit(plain).query) == {"from": ["7:a"], "to": ["7:d"]}
    told = {"from": "b: c", "to": "a", "cell": "lost", "at": "100", "pairs": "2"}
    assert parse_qs(urlsplit(once_on_the_experiments_page(7, labels, told)).query) == {
        "from": ["7:b: c"], "to": ["7:a"], "cell": ["lost"], "at": ["100"],
    }  # fmt: skip
    every = once_on_the_experiments_page(7, labels, {"part": "all against the first", "from": "d"})
    assert parse_qs(urlsplit(every).query) == {"from": ["7:d"], "to": ["7:a", "7:b: c"]}
    worth = once_on_the_experiments_page(7, labels, {"part": "what is worth comparing"})
    assert worth == "./compare?home=7"


def test_a_trace_is_set_beside_the_same_problem_under_the_arm_that_it_is_worth_comparing_with(world: World) -> None:
    """Two Waits are worth comparing with one."""
    detail = queries.experiment(world.engine, world["demo"])
    arm = next(each for each in detail.arms if each.label == TWO_WAITS)
    job = queries.list_traces(world.engine, detail.id, queries.TraceFilter(arm_id=arm.id)).traces[3]
    page = html_of(opened("trace", job=job.job_id))
    (address,) = re.findall(r'href="(\./compare[^"]*)"', page)
    told = parse_qs(urlsplit(unescape(address)).query)
    assert told == {
        "from": [f"{detail.id}:{ONE_WAIT}"],
        "to": [f"{detail.id}:{TWO_WAITS}"],
        "of_job": [str(job.job_id)],
    }
    beside = html_of(opened("compare", **told))
    assert f"./trace?job={job.job_id}" in beside
    assert re.search(r'aria-current="true" href="[^"]*"[^>]*><bdi>' + job.problem_key, beside)
