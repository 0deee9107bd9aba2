"""Keys: what can be seen and has one is pressed by it, never while something is typed; `?` says which there are."""

import re

import pyarrow.parquet as parquet
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import ways
from tests.acceptance.slow_line import Line
from tests.acceptance.test_dashboard_ways import parameters, settled

JOBS_SAID = re.compile(r"([0-9]+) of 80 jobs")
WIDTHS = (390, 1280, 1920, 2560)


@pytest.fixture
def line(page: Page) -> Line:
    return Line(page)


@pytest.fixture
def trace(page: Page, line: Line, experiments: dict[str, int]) -> Page:
    """The demo's first trace."""
    page.goto(f"/traces?experiment={experiments['demo']}")
    settled(page)
    page.locator(".ot-trace-row").first.click()
    page.wait_for_url(re.compile(r"/trace\?"))
    settled(page)
    return page


def at(page: Page, position: int) -> None:
    expect(page.get_by_text(f"{position} of 80 jobs")).to_be_visible()


def test_the_neighbours_of_a_trace_are_opened_by_keys_and_the_address_follows(trace: Page) -> None:
    first = parameters(trace.url)
    at(trace, 1)
    trace.keyboard.press("j")
    at(trace, 2)
    second = parameters(trace.url)
    assert second["job"] != first["job"]
    trace.keyboard.press("k")
    at(trace, 1)
    assert parameters(trace.url) == first


def test_keys_pressed_before_the_page_has_come_are_meant_for_it_however_long_it_takes(trace: Page, line: Line) -> None:
    line.hold()
    for key in "jjjjk":  # the first trace has no k
        trace.keyboard.press(key)
    trace.wait_for_timeout(4_000)  # of a slow server
    at(trace, 1)
    line.let_go()
    at(trace, 4)
    settled(trace)
    at(trace, 4)


def test_a_key_that_the_page_does_not_have_when_it_has_come_is_forgotten(trace: Page, line: Line) -> None:
    """To the second, back, nothing, and to the second again."""
    line.hold()
    for key in "jkkj":
        trace.keyboard.press(key)
    line.let_go()
    at(trace, 2)
    settled(trace)
    at(trace, 2)


def test_a_key_that_is_typed_into_a_field_or_with_a_modifier_is_no_command(
    page: Page, experiments: dict[str, int]
) -> None:
    page.goto(f"/traces?experiment={experiments['demo']}")
    settled(page)
    page.get_by_role("textbox", name="Says").click()
    page.keyboard.type("y?j")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".ot-toast")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("Alt+y")
    expect(page.locator(".ot-toast")).to_have_count(0)
    page.keyboard.press("y")
    expect(page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()


@pytest.mark.parametrize("is_first", [False, True])
def test_a_page_has_come_whichever_script_the_browser_runs_first(page: Page, is_first: bool) -> None:
    scripts = [ways.SCRIPT.read_text(encoding="utf-8"), ways.come_script("queue", [])]
    for script in reversed(scripts) if is_first else scripts:
        page.evaluate(f"() => {{ {script}\n }}")
    assert page.evaluate("window.overthink.isComing()") is False


def test_the_list_of_keys_has_what_the_page_has_and_gives_the_focus_back(trace: Page) -> None:
    trace.get_by_role("link", name="Next").focus()
    trace.keyboard.press("?")
    listed = trace.get_by_role("dialog", name="Keys of this page")
    expect(listed).to_be_visible()
    keys, says = listed.locator("dt").all_inner_texts(), listed.locator("dd").all_inner_texts()
    said = dict(zip(keys, says, strict=True))
    assert said["j"] == "next trace" and said["y"] == "copy the link to this view"
    assert "k" not in said, "the first trace has none before it"
    address = trace.url
    trace.keyboard.press("j")  # the page behind is not there meanwhile
    trace.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    expect(trace.get_by_role("link", name="Next")).to_be_focused()
    assert trace.url == address


def test_the_copied_link_opens_the_same_trace_in_another_browser(trace: Page, browser: Browser, address: str) -> None:
    trace.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    trace.keyboard.press("j")
    at(trace, 2)
    settled(trace)
    trace.keyboard.press("y")
    expect(trace.get_by_text("Link copied")).to_be_visible()
    copied = trace.evaluate("navigator.clipboard.readText()")
    assert copied == trace.url
    other = browser.new_context().new_page()
    other.goto(copied)
    expect(other.get_by_text("2 of 80 jobs")).to_be_visible()
    other.context.close()


def test_the_command_behind_a_plot_is_copied_and_its_parquet_is_saved(
    page: Page, address: str, experiments: dict[str, int]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.goto(f"/experiment?id={experiments['demo']}&view=tokens+per+job&shown=chain_of_thought")
    settled(page)
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Command").click()
    expect(page.get_by_text("Command copied")).to_be_visible()
    options = "--option axis=thinking --option is_log=True --option arms=chain_of_thought"
    command = f"overthink results {experiments['demo']} --view tokens {options} --csv"
    assert page.evaluate("navigator.clipboard.readText()") == command
    with page.expect_download() as download:
        page.get_by_role("button", name="Parquet").click()
    table = parquet.read_table(download.value.path())
    assert set(table.column("label").to_pylist()) == {"chain_of_thought"}


def test_breadcrumbs_lead_to_each_page_above_by_its_name(trace: Page, experiments: dict[str, int]) -> None:
    way = trace.get_by_role("navigation", name="Breadcrumb")
    expect(way.get_by_role("link")).to_have_text(["Experiments", f"demo #{experiments['demo']}", "Traces"])
    way.get_by_role("link", name="demo").click()
    expect(trace.get_by_role("heading", level=1)).to_have_text("demo")
    way.get_by_role("link", name="Experiments").click()
    expect(trace.get_by_role("heading", level=1)).to_have_text("Experiments")


@pytest.mark.parametrize("path", ["/", "/experiment?id={demo}", "/traces?experiment={demo}"])
def test_a_page_is_as_wide_as_the_window_and_never_wider(page: Page, experiments: dict[str, int], path: str) -> None:
    """From a phone's width on, as somebody draws the window wider."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.goto(path.format(**experiments))
    main, box = page.get_by_test_id("stMain"), page.get_by_test_id("stMainBlockContainer")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        assert main.evaluate("main => main.scrollWidth") <= width
        used = box.evaluate("box => box.clientWidth - parseFloat(getComputedStyle(box).paddingLeft) * 2")
        assert used >= width * 0.93


def test_on_a_phone_all_of_an_experiment_is_seen_without_scrolling_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    settled(page)
    ends = "table => [...table.querySelectorAll('td')].map(cell => cell.getBoundingClientRect().right)"
    assert 0 < max(page.get_by_role("table", name="experiments").evaluate(ends)) <= 390
