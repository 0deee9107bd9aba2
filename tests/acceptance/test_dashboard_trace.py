"""One trace as it is read: high on the page, found in, gone through by keys, left and come back to, and growing."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from db import queries, transitions
from db.engine import connect
from db.queries import TraceFilter
from db.records import Lease
from scaling.compute.spending import Unknown
from scaling.journal.entries import Entry, bytes_of
from scaling.types import Completion, FinishReason
from tests.acceptance.test_dashboard_ways import parameters, settled
from tests.integration.dashboard_world import MODEL, SPENT, WORKER, announce
from tests.integration.scenes import log_probs_here

HIGHEST_PX = 200
AT_END = """() => {
  const pane = document.querySelector(".ot-pane")
  return pane.scrollTop + pane.clientHeight > pane.scrollHeight - 60
}"""
ALL_IS_SEEN = """() => {
  const main = document.querySelector("[data-testid=stMain]")
  return main.scrollHeight <= main.clientHeight
}"""
FIRST_WORDS = """() => Math.min(...[...document.querySelectorAll(
  ".ot-reader :is(.think, .step, .answer) .ot-text")].map(each => each.getBoundingClientRect().top))"""


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def first_jobs(database: Engine, experiment: int) -> dict[str, int]:
    """The first job of each arm."""
    arms = queries.experiment(database, experiment).arms
    listed = {arm.label: queries.list_traces(database, experiment, TraceFilter(arm_id=arm.id), limit=1) for arm in arms}
    return {label: found.traces[0].job_id for label, found in listed.items()}


def read(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".ot-reader .ot-step .ot-text").first.wait_for()
    settled(page)


def scrolled(page: Page) -> float:
    return float(page.locator(".ot-pane").evaluate("pane => pane.scrollTop"))


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1920, 1080)])
def test_the_first_word_of_the_model_is_high_on_the_page_for_every_strategy(
    page: Page, database: Engine, experiments: dict[str, int], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    jobs = {**first_jobs(database, experiments["demo"]), **first_jobs(database, experiments["revisions"])}
    for label, job in jobs.items():
        read(page, f"/trace?job={job}")
        assert page.evaluate(FIRST_WORDS) <= HIGHEST_PX, label
        page.wait_for_function(ALL_IS_SEEN)


def test_what_is_looked_for_is_counted_walked_through_and_stands_in_the_address(
    page: Page, database: Engine, experiments: dict[str, int]
) -> None:
    job = first_jobs(database, experiments["demo"])["budget_forcing waits=2 max_thinking_tokens=800"]
    read(page, f"/trace?job={job}")
    field = page.get_by_label("Find in trace")
    field.fill("wait")
    count = page.locator(".ot-find-count")
    expect(count).to_have_text("1 of 2")
    page.wait_for_url(re.compile(r"seek=wait"))
    field.press("Escape")
    page.keyboard.press("n")
    expect(count).to_have_text("2 of 2")
    page.keyboard.press("n")
    page.keyboard.press("p")
    expect(count).to_have_text("2 of 2")
    expect(page.locator("mark.ot-hit.now")).to_have_text("Wait")
    page.reload()
    expect(count).to_have_text("1 of 2")
    expect(page.get_by_label("Find in trace")).to_have_value("wait")
    page.get_by_label("Find in trace").fill("nowhere")
    expect(count).to_have_text("none")


def test_a_step_of_the_outline_is_gone_to_through_a_long_text(
    page: Page, database: Engine, experiments: dict[str, int]
) -> None:
    listed = queries.list_traces(database, experiments["hostile"]).traces
    read(page, f"/trace?job={next(each.job_id for each in listed if each.problem_key == 'lines')}")
    page.locator(".ot-entry.answer").click()
    expect(page.locator(".ot-step.answer.first .ot-text")).to_be_in_viewport()
    expect(page.locator(".ot-entry.answer")).to_have_attribute("aria-current", "true")


def test_tokens_are_coloured_by_their_log_probs_where_a_scan_asked_for_them_and_the_address_says_so(
    page: Page, database: Engine, experiments: dict[str, int]
) -> None:
    first, second, *_ = first_jobs(database, experiments["demo"]).values()
    log_probs_here(database, experiments["demo"], first, -4.0)
    read(page, f"/trace?job={second}")
    expect(page.get_by_role("link", name="Log-probs: scan for them")).to_be_visible()
    read(page, f"/trace?job={first}")
    expect(page.locator(".ot-token")).to_have_count(0)
    page.get_by_label("Colour by log-prob").check()
    token = page.locator(".ot-step.think .ot-token").first
    expect(token).to_have_attribute("title", "log-prob −4.00 nats")
    expect(token).to_have_css("background-color", "rgba(122, 80, 200, 0.25)")  # .5 · 4 ÷ 8
    assert parameters(page.url)["colour"] == "log-probs"
    page.reload()
    expect(page.get_by_label("Colour by log-prob")).to_be_checked()
    expect(token).to_be_visible()
    page.get_by_label("Colour by log-prob").uncheck()
    expect(page.locator(".ot-token")).to_have_count(0)


def test_back_leads_to_where_one_was_reading(page: Page, database: Engine, experiments: dict[str, int]) -> None:
    listed = queries.list_traces(database, experiments["hostile"]).traces
    read(page, f"/trace?job={next(each.job_id for each in listed if each.problem_key == 'lines')}")
    page.locator(".ot-pane").evaluate("pane => pane.scrollTo(0, 9000)")
    page.wait_for_function("() => !document.querySelector('.ot-step.waiting')")
    left = scrolled(page)
    page.locator("h1 a").click()
    page.wait_for_url(re.compile(r"/problem\?problem_id="))
    settled(page)
    page.go_back()
    page.wait_for_function("top => Math.abs(document.querySelector('.ot-pane')?.scrollTop - top) < 400", arg=left)


def test_the_same_problem_under_the_next_arm_is_a_key_away(
    page: Page, database: Engine, experiments: dict[str, int]
) -> None:
    arms = [arm.label for arm in queries.experiment(database, experiments["demo"]).arms]
    jobs = first_jobs(database, experiments["demo"])
    read(page, f"/trace?job={jobs[arms[0]]}")
    page.keyboard.press("]")
    page.wait_for_url(lambda url: parameters(url)["job"] == str(jobs[arms[1]]))
    settled(page)
    page.keyboard.press("[")
    page.wait_for_url(lambda url: parameters(url)["job"] == str(jobs[arms[0]]))


def test_a_node_of_the_tree_is_read_by_pointing_and_opened_by_a_click_and_the_wheel_stays_the_pages(
    page: Page, database: Engine, experiments: dict[str, int]
) -> None:
    job = first_jobs(database, experiments["demo"])["majority_vote samples=8"]
    read(page, f"/trace?job={job}&tab=tree")
    paper = page.locator(".ot-tree canvas")
    paper.focus()
    page.keyboard.press("ArrowLeft")  # from the chosen answer to its thought
    expect(page.locator(".ot-tree-text")).not_to_have_text("…")
    expect(page.locator(".ot-tree-tip")).to_contain_text("tokens generated")
    height = paper.evaluate("paper => paper.getBoundingClientRect().height")
    paper.hover()
    page.mouse.wheel(0, 300)
    assert paper.evaluate("paper => paper.getBoundingClientRect().height") == height
    page.mouse.move(5, 5)
    paper.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"step=0\.[0-9]+$"))


def told(database: Engine, position: int, text: str, lease: Lease) -> None:
    response = bytes_of(Completion((), text, FinishReason.LENGTH, 1, 0, 7, 1.0))
    entry = Entry(bytes([position]), (0, 0), response, None)
    transitions.tell_spending(database, {lease: (SPENT, Unknown())}, {lease: [entry]})


def test_the_trace_of_a_job_that_runs_grows_and_its_end_is_followed_until_one_scrolls_up(
    page: Page, database: Engine, experiments: dict[str, int]
) -> None:
    announce(database)
    job = transitions.claim(database, MODEL, WORKER)
    assert job is not None
    told(database, 1, "".join(f"line {number}\n" for number in range(80)), job.lease)
    read(page, f"/trace?job={job.job_id}")
    page.locator(".ot-pane").evaluate("pane => pane.scrollTo(0, pane.scrollHeight)")
    told(database, 2, "".join(f"more {number}\n" for number in range(80)), job.lease)
    expect(page.locator(".ot-step .ot-text").last).to_contain_text("more 79")
    page.wait_for_function(AT_END)
    page.locator(".ot-pane").evaluate("pane => pane.scrollTo(0, 100)")
    told(database, 3, "and at last this", job.lease)
    expect(page.get_by_text("So far 21 tokens in 1 step")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.ot-pane').scrollHeight > 3200")
    assert abs(scrolled(page) - 100) < 5
