"""From every table and every plot to what it opens, on to the next traces, into another browser, and back again."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from db import queries
from db.engine import connect
from tests.acceptance.conftest import Profiles, watched
from tests.dashboard_doors import DOORS, Door, What

FARTHEST_MARK = """plot => {
  const box = plot.getBoundingClientRect(), marks = []
  for (const drawn of plot.calcdata) {
    const trace = drawn[0].trace
    if (trace.visible !== true || !trace.customdata) continue
    const x = plot._fullLayout["xaxis" + (trace.xaxis ?? "x").slice(1)]
    const y = plot._fullLayout["yaxis" + (trace.yaxis ?? "y").slice(1)]
    const isLying = trace.orientation === "h"
    drawn.forEach((mark, at) => {
      const href = trace.customdata[mark.i ?? at]
      const bar = [(mark.p0 + mark.p1) / 2, (mark.s0 + mark.s1) / 2]
      const place = trace.type !== "bar" ? [mark.x, mark.y] : isLying ? bar.reverse() : bar
      const [across, down] = [x.c2p(place[0]), y.c2p(place[1])]
      if (trace.type === "bar" && mark.s0 === mark.s1) return
      if (typeof href === "string" && Number.isFinite(across + down))
        marks.push({href, x: box.left + x._offset + across, y: box.top + y._offset + down})
    })
  }
  const between = (one, other) => one.href === other.href ? Infinity : Math.hypot(one.x - other.x, one.y - other.y)
  const room = mark => Math.min(...marks.map(other => between(mark, other)))
  return marks.sort((one, other) => room(other) - room(one))[0]
}"""
"""Where on the page the mark is that stands most alone, and the address that it stands for."""

SHOWN = """() => {
  const part = document.querySelector('[data-testid="stMain"]')
  const all = (selector, of) => [...part.querySelectorAll(selector)].map(of)
  return JSON.stringify([
    all("input", each => each.type === "checkbox" ? each.checked : each.value),
    all("[aria-checked]", each => each.getAttribute("aria-checked")),
    all("h1, :not([data-name=served], [data-name=line]) > .ot-table td, .ot-line, .ot-step, .ot-entry, CAPTION",
      each => each.innerText.replace(AGE, "ago")),
    all(".ot-trace-row, .ot-count", each => each.innerText),
  ])
}""".replace("AGE", r"/just now|\d+ \w+ ago/").replace("CAPTION", "[data-testid=stCaptionContainer]")
"""What a page says and how its options stand; how long ago something was goes on meanwhile, and so does the queue."""


OWN = {
    "/experiment": "id",
    "/compare": "home",
    "/judge": "judging",
    "/traces": "experiment",
    "/trace": "job",
    "/problem": "problem_id",
    "/scans": "of_experiment",
}
"""What a page calls the experiment, or the job, that it is of."""


def start(door: Door, ids: dict[str, int]) -> str:
    own = OWN.get(door.path)
    named = {"job": "vote", "problem_id": "problem"}.get(own or "", door.experiment)
    number = {own: ids[named]} if own and named else {}
    return f"{door.path}?{urlencode({**number, **door.parameters}, doseq=True)}".rstrip("?")


@pytest.fixture(scope="module")
def ids(experiments: dict[str, int], database_url: str) -> Iterator[dict[str, int]]:
    """The experiments, a job with several candidates, and its problem."""
    engine = connect(database_url)
    arms = queries.experiment(engine, experiments["demo"]).arms
    arm = next(arm.id for arm in arms if arm.strategy == "majority_vote")
    job = queries.list_traces(engine, experiments["demo"], queries.TraceFilter(arm_id=arm)).traces[0].job_id
    problem = queries.trace(engine, job).problem_id
    engine.dispose()
    yield {**experiments, "vote": job, "problem": problem}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.name}-{door.what.value}-to{door.leads_to[1:]}")
def test_what_is_opened_can_be_stepped_through_reloaded_shared_and_left_again(
    page: Page, profiles: Profiles, ids: dict[str, int], door: Door
) -> None:
    page.goto(start(door, ids))
    settled(page)
    came_from = (page.url, shown(page))
    opened = go_through(page, door)
    assert_opened(page, door, opened)
    back = 1
    if door.leads_to == "/traces":
        page.locator(".ot-trace-row").first.click()
        page.wait_for_url(re.compile(r"/trace\?"))
        settled(page)
        back = 2
    if urlsplit(page.url).path == "/trace" and door.path != "/trace":
        step(page)
    seen = shown(page)
    page.reload()
    is_shown(page, seen)
    with watched(profiles) as other:
        other.goto(page.url)
        is_shown(other, seen)
        assert other.url == page.url
    for _ in range(back):
        page.go_back()
        settled(page)
    expect(page).to_have_url(came_from[0])
    is_shown(page, came_from[1])


def go_through(page: Page, door: Door) -> str:
    """Clicks, and says which address stood behind what was clicked."""
    if door.what is What.TABLE:
        row = page.locator(f"[data-name={door.name}] tbody tr").filter(has_not_text="★ chosen").first
        link = row.locator(door.cell or "a.ot-row")
        link.hover(force=True)
        href = str(link.get_attribute("href"))
        (link if door.cell else row).click()
        return href
    plot = page.locator(f".st-key-{door.name}_plot .js-plotly-plot")
    mark = pointed_at(page, plot)
    page.mouse.click(mark["x"], mark["y"])
    return str(mark["href"])


def pointed_at(page: Page, plot: Locator) -> dict[str, Any]:
    """The mark that stands most alone, with the pointer over it, once the plot stands still."""
    plot.locator(".main-svg").first.wait_for()
    plot.evaluate("plot => plot.scrollIntoView({block: 'center'})")
    before, mark = None, plot.evaluate(FARTHEST_MARK)
    while mark != before:
        page.wait_for_timeout(200)
        before, mark = mark, plot.evaluate(FARTHEST_MARK)
    page.mouse.move(mark["x"], mark["y"])
    page.wait_for_timeout(100)
    return dict(mark)


def assert_opened(page: Page, door: Door, href: str) -> None:
    """The very address that stood behind the mark or row, with what the door says must be there."""
    page.wait_for_url(lambda url: urlsplit(url).path == door.leads_to)
    settled(page)
    there = parameters(page.url)
    for name, value in door.with_parameters.items():
        assert there.get(name) == value if value is not None else name in there, page.url
    if href.startswith("./"):
        assert page.url == urljoin(page.url, href)


def step(page: Page, times: int = 1) -> None:
    """Next; where the list is shorter, to its end. All but the job stays in the address, so the next step is alike."""
    for _ in range(times):
        position, total = where(page)
        if position == total:
            return
        before = parameters(page.url)
        page.get_by_role("link", name="Next").click()
        expect(page.get_by_text(f"{position + 1:,} of {total:,} jobs")).to_be_visible()
        after = parameters(page.url)
        assert after.pop("job") != before.pop("job")
        assert after == before
        settled(page)


def where(page: Page) -> tuple[int, int]:
    said = re.search(
        r"([0-9,]+) of ([0-9,]+) jobs", page.get_by_text(re.compile(r"[0-9] of [0-9,]+ jobs")).inner_text()
    )
    assert said is not None
    return int(said[1].replace(",", "")), int(said[2].replace(",", ""))


def parameters(url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


COME = """() => window.overthink?.isComing() === false && !document.querySelector("[data-testid=stSkeleton]") &&
  document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")"""


def settled(page: Page) -> None:
    """The page of the address has come, all of it, and nothing is drawn any more."""
    page.wait_for_function(COME)


def shown(page: Page) -> str:
    """Once all of it has come: Streamlit fetches the script of each kind of widget when it meets the first."""
    before, now = None, page.evaluate(SHOWN)
    while now != before:
        page.wait_for_timeout(600)
        before, now = now, page.evaluate(SHOWN)
    return str(now)


def is_shown(page: Page, expected: str) -> None:
    settled(page)
    page.wait_for_function(f"expected => ({SHOWN})() === expected", arg=expected)


FILTERS = [("arm", "Arm", "one chain", "chain_of_thought"), ("level", "Level", "2", "2")]


@pytest.mark.parametrize(("name", "label", "shown", "value"), FILTERS, ids=lambda each: str(each))
def test_a_row_of_a_list_that_was_filtered_by_hand_opens(
    page: Page, ids: dict[str, int], name: str, label: str, shown: str, value: str
) -> None:
    """Nothing opened once a filter was set: its parameter was bound to the list's own widget."""
    page.goto(f"/traces?experiment={ids['demo']}")
    settled(page)
    if label == "Level":
        page.get_by_role("button", name="More").click()
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=shown, exact=True).click()
    if label == "Level":
        page.keyboard.press("Escape")
    open_and_come_back(page, {name: value})


def test_a_row_of_a_list_that_was_filtered_by_a_count_opens(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/traces?experiment={ids['demo']}")
    settled(page)
    page.locator(".ot-count.wrong").click()
    open_and_come_back(page, {"verdict": "wrong"})


def test_a_row_of_a_list_that_was_searched_opens(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/traces?experiment={ids['demo']}")
    settled(page)
    page.get_by_role("button", name="More").click()
    page.get_by_label("In the problem's id or question").fill("0003")
    page.wait_for_url(lambda url: parameters(url).get("question") == "0003")
    page.keyboard.press("Escape")
    open_and_come_back(page, {"question": "0003"})


def listed_by(page: Page, asked: dict[str, str]) -> None:
    """The address says what was asked for, and the list has come: its rows carry it on."""
    page.wait_for_url(lambda url: asked.items() <= parameters(url).items())
    for name, value in asked.items():
        page.locator(f".ot-trace-row .ot-beside[href*='{urlencode({f'in_{name}': value})}']").first.wait_for()
    settled(page)


def open_and_come_back(page: Page, filters: dict[str, str]) -> None:
    listed_by(page, filters)
    listed = page.url
    seen = shown(page)
    page.locator(".ot-trace-row").first.click()
    page.wait_for_url(re.compile(r"/trace\?"))
    settled(page)
    assert {f"in_{name}": value for name, value in filters.items()}.items() <= parameters(page.url).items()
    step(page, times=3)
    page.go_back()
    expect(page).to_have_url(listed)
    is_shown(page, seen)
    page.go_forward()
    settled(page)
    page.get_by_role("link", name="Traces", exact=True).click()
    listed_by(page, filters)


def test_the_list_is_ordered_as_a_whole_and_the_address_says_so(page: Page, ids: dict[str, int]) -> None:
    """80 jobs, 50 to a page: the longest thinking of all stands first, not that of the page."""
    page.goto(f"/traces?experiment={ids['demo']}")
    settled(page)
    page.get_by_role("combobox", name="Order").click()
    page.get_by_role("option", name="longest thinking first").click()
    listed_by(page, {"order": "longest thinking first"})
    facts = page.locator(".ot-trace-facts").all_inner_texts()
    counts = [int(found[1]) for each in facts if (found := re.search(r"([0-9]+) thinking", each))]
    assert counts == sorted(counts, reverse=True) and counts[0] == 288  # 8 chains of 36


def test_keys_move_through_the_list_and_what_is_read_follows(page: Page, ids: dict[str, int]) -> None:
    """Over the end of a page of 50, and back; Enter opens what is read, and Back leads here again."""
    page.goto(f"/traces?experiment={ids['demo']}&order=by+arm")
    settled(page)
    rows, chosen = page.locator(".ot-trace-row"), page.locator(".ot-trace-row[aria-current]")
    names = rows.locator(".ot-beside").all_inner_texts()
    read = page.locator(".ot-pane-name")
    for position in (1, 2, 3):
        page.keyboard.press("j")
        expect(read).to_have_text(names[position])
        expect(chosen.locator(".ot-beside")).to_have_text(names[position])
    page.keyboard.press("k")
    expect(read).to_have_text(names[2])
    job = parameters(page.url)["row"]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/trace\?"))
    assert (parameters(page.url)["job"], parameters(page.url)["in_order"]) == (job, "by arm")
    settled(page)
    page.go_back()
    expect(read).to_have_text(names[2])
    rows.nth(49).click()
    expect(chosen.locator(".ot-beside")).to_have_text(names[49])
    expect(chosen).to_be_in_viewport()
    page.keyboard.press("j")
    page.wait_for_url(lambda url: parameters(url).get("page") == "2")
    expect(rows).to_have_count(30)
    page.keyboard.press("k")
    expect(chosen.locator(".ot-beside")).to_have_text(names[49])
    expect(chosen).to_be_in_viewport()


def test_where_there_is_no_room_beside_the_list_a_row_opens_its_trace(page: Page, ids: dict[str, int]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/traces?experiment={ids['demo']}&verdict=wrong")
    settled(page)
    expect(page.locator(".st-key-traces-pane")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".ot-trace-row").nth(2).click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/trace" and parameters(url)["in_verdict"] == "wrong")


def test_a_row_and_a_mark_open_in_another_tab(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/experiment?id={ids['demo']}")
    settled(page)
    with page.context.expect_page() as opened:
        page.locator("[data-name=arms] tbody tr").first.click(button="middle")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Traces")
    plot = page.locator(".st-key-scaling_plot .js-plotly-plot")
    for button, key in (("middle", None), ("left", "Control")):
        mark = pointed_at(page, plot)
        with page.context.expect_page() as opened:
            click_with(page, mark, button, key)
        assert opened.value.url == urljoin(page.url, mark["href"])
    assert urlsplit(page.url).path == "/experiment"


def click_with(page: Page, mark: dict[str, Any], button: Any, key: str | None) -> None:
    if key:
        page.keyboard.down(key)
    page.mouse.click(mark["x"], mark["y"], button=button)
    if key:
        page.keyboard.up(key)


def test_a_submitted_experiment_opens_at_its_top_with_an_address_of_its_own_only(page: Page) -> None:
    """It opened scrolled down to where the button had been, with the form's view in its address."""
    page.goto("/submit?preset=papers/s1-table-4-tiny&as=YAML")
    settled(page)
    page.get_by_label("Spec").fill(
        "name: opened at its top\ndata_set: ladder-test\nmodels: [ladder-tiny]\narms:\n  - strategy: chain_of_thought\n"
    )
    page.get_by_label("Spec").press("Control+Enter")
    page.get_by_role("radio", name="Form").click()
    expect(page.get_by_role("textbox", name="name", exact=True)).to_have_value("opened at its top")
    page.get_by_label("notes", exact=True).scroll_into_view_if_needed()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("opened at its top")
    settled(page)
    assert re.fullmatch(r".*/experiment\?id=[0-9]+", page.url)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
