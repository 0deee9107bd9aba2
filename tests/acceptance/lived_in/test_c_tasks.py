"""What a researcher does all day, and the clicks and keys that it takes: of the pointer and of the keyboard alike.

No more than in the best of the other dashboards; where none of them can do it, no more than four.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.lived_in import specs
from tests.acceptance.lived_in.conftest import Whole
from tests.acceptance.lived_in.hand import Hand
from tests.acceptance.test_dashboard_browser import heading
from tests.acceptance.test_dashboard_new import bill, name_field, run
from tests.acceptance.test_dashboard_ways import parameters, settled


@pytest.fixture
def hand(page: Page) -> Hand:
    return Hand(page)


def experiment(page: Page, name: str) -> Locator:
    """Its row on the home page."""
    return page.get_by_role("table", name="experiments").get_by_role("link", name=name).first


def at_home(page: Page) -> None:
    page.goto("/")
    experiment(page, "small demo").wait_for()
    settled(page)


def at_trace(page: Page, job: int) -> None:
    page.goto(f"/trace?job={job}")
    page.locator(".ot-reader .ot-step .ot-text").first.wait_for()
    settled(page)


def inspector(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Inspector")


def test_submit(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    """A preset, changed in nothing. From an empty page it is two."""
    at_home(page)
    hand.click(page.get_by_role("link", name="New", exact=True).first)
    hand.click(page.get_by_role("combobox", name="Start from"))
    hand.click(page.get_by_role("option", name="papers/s1-table-1-tiny"))
    expect(name_field(page)).to_have_value("s1 table 1 tiny")
    hand.click(run(page))
    heading(page, "s1 table 1 tiny")
    assert hand.count <= 4
    whole.cancel(int(parameters(page.url)["id"]))


def test_progress_and_when_it_ends(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    made = whole.submit("looked at", specs.WORK.replace("name: work", "name: looked at"))
    at_home(page)
    going_on = page.locator(".ot-going", has_text="looked at")
    expect(going_on).to_contain_text(re.compile("[0-9]+ of 600"))
    expect(going_on).to_contain_text(" left")
    assert hand.count == 0
    whole.cancel(made)


def test_why_it_waits(page: Page, runs: dict[str, int], hand: Hand) -> None:
    at_home(page)
    expect(page.get_by_text("Waiting: no live worker serves ghost-7B").first).to_be_visible()
    assert hand.count == 0


def test_a_wrong_trace_of_an_arm_and_the_next_by_a_key(page: Page, runs: dict[str, int], hand: Hand) -> None:
    at_home(page)
    hand.click(experiment(page, "small demo"))
    hand.click(page.locator(".ot-rank", has_text="cut at 8"))
    hand.click(page.get_by_role("navigation", name="Traces by verdict").get_by_title("wrong"))
    expect(page.locator(".ot-pane-head .ot-sign.wrong")).to_be_visible()
    expect(page.locator(".ot-reader .ot-text").first).to_be_visible()
    assert hand.count <= 3
    first = page.locator(".ot-pane-name").inner_text()
    again = Hand(page)
    again.press("j")
    expect(page.locator(".ot-pane-name")).not_to_have_text(first)
    expect(page.locator(".ot-pane-head .ot-sign.wrong")).to_be_visible()
    assert again.count == 1


def test_two_arms_on_one_problem_side_by_side(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    """From any trace it is one key."""
    at_home(page)
    hand.click(experiment(page, "small demo"))
    parts = page.get_by_role("navigation", name="Parts of the experiment")
    hand.click(parts.get_by_role("link", name="Compare"))
    hand.click(page.get_by_role("table", name="worthwhile").get_by_role("row").nth(1))
    expect(page.get_by_role("table", name="Two traces")).to_be_visible()
    assert hand.count <= 4
    at_trace(page, whole.traces(runs["demo"], "waits=2")[0].job_id)
    page.keyboard.press("c")
    expect(page.get_by_role("table", name="Two traces")).to_be_visible()


def test_find_words_in_traces(page: Page, runs: dict[str, int], hand: Hand) -> None:
    at_home(page)
    hand.press("/")
    hand.fill(page.get_by_role("searchbox", name="Search"), "Wait")
    hand.press("Enter")
    heading(page, "Search")
    expect(page.locator(".ot-found mark", has_text="Wait").first).to_be_visible()
    assert hand.count <= 3


def test_votes_as_answers(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    at_trace(page, whole.traces(runs["demo"], "majority_vote")[0].job_id)
    expect(page.get_by_role("list", name="Answers by votes")).to_contain_text("expected")
    assert hand.count == 0


def test_what_was_forced(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    at_trace(page, whole.traces(runs["demo"], "waits=1")[0].job_id)
    expect(page.locator(".ot-step.forced").first).to_contain_text("FORCED")
    expect(page.get_by_role("navigation", name="Steps").get_by_role("button", name="Wait 1")).to_be_visible()
    assert hand.count == 0


def test_copy_a_link(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    at_trace(page, whole.traces(runs["demo"])[0].job_id)
    page.keyboard.press("j")
    page.wait_for_url(lambda url: parameters(url)["job"] != str(whole.traces(runs["demo"])[0].job_id))
    settled(page)
    hand.press("y")
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert hand.count == 1


def test_the_data_of_a_plot(page: Page, runs: dict[str, int], hand: Hand) -> None:
    page.goto(f"/experiment?id={runs['demo']}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    with page.expect_download() as download:
        hand.click(page.get_by_role("button", name="CSV", exact=True))
    assert len(download.value.path().read_text().splitlines()) == 1 + 5
    assert hand.count == 1


def test_clone_with_a_change(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    page.goto(f"/experiment?id={runs['cut']}")
    hand.click(page.get_by_role("link", name="Clone"))
    hand.fill(page.get_by_label(re.compile("^problems, at most")), "3")
    expect(page.locator(".ot-changes")).to_contain_text("3")
    expect(bill(page, "jobs, at most")).to_have_text("3")
    hand.click(run(page))
    heading(page, "answers cut")
    assert hand.count <= 3
    made = int(parameters(page.url)["id"])
    assert made != runs["cut"]
    whole.ended(made)


def test_workers_and_what_they_do(page: Page, runs: dict[str, int], hand: Hand) -> None:
    at_home(page)
    hand.click(page.get_by_role("link", name="Queue & workers").first)
    expect(page.get_by_role("heading", name="Workers", exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="served")).to_contain_text("ladder-tiny")
    expect(page.get_by_role("table", name="workers").get_by_role("row")).not_to_have_count(1)
    assert hand.count == 1


def test_note_and_rate(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    """Both in one go, and either alone."""
    at_trace(page, whole.traces(runs["demo"])[1].job_id)
    hand.click(inspector(page).get_by_role("link", name="Notes"))
    hand.click(page.get_by_role("radio", name="good"))
    hand.fill(page.get_by_label("Your note", exact=True), "gives up too early")
    hand.click(page.get_by_role("button", name="Save"))
    expect(page.get_by_text(re.compile("^Saved 20"))).to_be_visible()
    assert hand.count <= 4
    page.reload()
    expect(inspector(page).get_by_role("link", name="Notes 1")).to_be_visible()
    expect(page.get_by_label("Your note", exact=True)).to_have_value("gives up too early")


def test_a_search_as_a_tree_with_its_words(page: Page, whole: Whole, runs: dict[str, int], hand: Hand) -> None:
    at_trace(page, whole.traces(runs["search"], "beam_search")[0].job_id)
    paper = page.locator(".ot-tree canvas")
    expect(paper).to_be_visible()
    assert hand.count == 0
    paper.focus()
    hand.press("ArrowLeft")
    expect(page.locator(".ot-tree-text")).not_to_have_text(re.compile(r"^…?$"))
    expect(page.locator(".ot-tree-tip")).to_contain_text(re.compile("tokens? generated"))
    assert hand.count == 1
