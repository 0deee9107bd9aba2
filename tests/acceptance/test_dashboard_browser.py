"""The dashboard as a person uses it: a real Streamlit server, a real browser, clicked through from page to page.

Fails on any exception box and on any error in the browser's console.
"""

import re
from urllib.parse import parse_qs, urlencode, urlparse

from playwright.sync_api import Page, expect

from db import queries
from db.engine import connect
from results import Measurements, side_by_side
from scaling.statistics.comparisons import Cell


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def first_row(page: Page, table: str) -> None:
    page.locator(f"[data-name={table}] tbody tr").first.click()


def test_from_the_list_to_a_trace_and_back(page: Page, experiments: dict[str, int]) -> None:
    page.goto("/?find=demo")
    heading(page, "Experiments")
    first_row(page, "experiments")
    heading(page, "demo")
    assert f"id={experiments['demo']}" in page.url
    expect(page.locator(".ot-ranks li")).to_have_count(8)
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(10)  # 8 arms, and the lines of 2 sweeps
    page.get_by_role("button", name="Display").click()
    page.get_by_role("combobox", name="Also draw, with fewer samples").click()
    page.get_by_role("option", name="maj@k").click()
    page.keyboard.press("Escape")  # while the choice is open, the rest of the page is not there
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(11)
    assert "k=maj" in page.url
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Traces (80)").click()
    heading(page, "Traces")
    page.locator(".ot-trace-row").first.click()
    heading(page, "ladder-test-0001")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("2 of 80 jobs")).to_be_visible()
    page.get_by_role("link", name="Traces").click()
    heading(page, "Traces")


def test_a_wrong_trace_of_an_arm_is_read_after_three_clicks(page: Page, experiments: dict[str, int]) -> None:
    page.goto("/?find=demo")
    first_row(page, "experiments")
    heading(page, "demo")
    page.locator("[data-name=arms] tbody tr").filter(has_text="one chain").or_(
        page.locator("[data-name=arms] tbody tr").filter(has_text="chain_of_thought")
    ).first.click()
    heading(page, "Traces")
    page.locator(".ot-count.wrong").click()
    expect(page.locator(".ot-pane-head .ot-sign.wrong")).to_be_visible()
    expect(page.locator(".st-key-traces-pane .ot-reader")).to_be_visible()


def test_the_ranked_list_lights_hides_and_opens_the_arms_of_the_plot(page: Page, experiments: dict[str, int]) -> None:
    page.goto(f"/experiment?id={experiments['demo']}")
    rows, marks = page.locator(".ot-ranks li"), page.locator(".js-plotly-plot .scatterlayer .trace .points path")
    expect(rows).to_have_count(8)
    expect(marks).to_have_count(8)
    finding = page.locator(".ot-finding").bounding_box()
    assert finding is not None and finding["y"] <= 250
    rows.nth(3).hover()
    expect(page.locator(".ot-lit-mark")).to_have_count(1)
    rows.nth(3).get_by_role("button").click()
    expect(marks).to_have_count(7)
    rows.nth(3).get_by_role("button").click()
    expect(marks).to_have_count(8)
    label = rows.nth(2).get_attribute("data-arm")
    rows.nth(2).locator("a").first.click()
    page.wait_for_url(re.compile("/traces"))
    assert parse_qs(urlparse(page.url).query)["arm"] == [label]


def test_a_click_on_a_page_that_refreshes_itself_never_leaves_an_empty_one(
    page: Page, experiments: dict[str, int]
) -> None:
    """One in four clicks did: the list's own refresh was asked for while the experiment was on its way."""
    for _ in range(6):
        page.goto("/?find=demo")
        heading(page, "Experiments")
        first_row(page, "experiments")
        heading(page, "demo")
        page.wait_for_timeout(500)
        heading(page, "demo")
        assert f"id={experiments['demo']}" in page.url


def test_two_arms_are_compared_by_keys_alone(page: Page, experiments: dict[str, int], database_url: str) -> None:
    """From an old address: a cell, two problems on and one back, a trace of the second arm, and Back to the same."""
    first, second = "chain_of_thought", "budget_forcing waits=2 max_thinking_tokens=800"
    engine = connect(database_url)
    measured = Measurements(engine, queries.experiment(engine, experiments["demo"]))
    kept = side_by_side(measured, first, second).pairs.inside(Cell.BOTH_RIGHT).flips
    engine.dispose()
    pair = {"id": experiments["demo"], "view": "arm against arm", "from": first, "to": second}
    page.goto(f"/experiment?{urlencode(pair)}")
    page.wait_for_url(re.compile(r"/compare\?"))
    page.locator(".ot-cells a[aria-current]", has_text="gained").wait_for()
    page.keyboard.press("1")
    expect(page.locator(".ot-cells a[aria-current]")).to_have_text(re.compile(f"both right {len(kept)}"))
    listed = page.locator(".ot-flips a")
    expect(listed).to_have_count(len(kept))
    for key, at in (("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(listed.nth(at)).to_have_attribute("aria-current", "true")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator(".ot-first").first.wait_for()
    seen = page.locator(".ot-two").all_inner_texts()
    page.get_by_role("link", name="whole trace").nth(1).click()
    page.wait_for_url(re.compile(r"/trace\?job=[0-9]+"))
    assert int(page.url.rpartition("=")[2]) in {flip.second_job for flip in kept}
    page.go_back()
    expect(listed.nth(1)).to_have_attribute("aria-current", "true")
    page.reload()
    page.locator(".ot-first").first.wait_for()
    assert page.locator(".ot-two").all_inner_texts() == seen


def test_forced_tokens_are_unmistakable(page: Page, experiments: dict[str, int], database_url: str) -> None:
    engine = connect(database_url)
    arm = next(arm for arm in queries.experiment(engine, experiments["demo"]).arms if "waits=2" in arm.label)
    job = queries.list_traces(engine, experiments["demo"], queries.TraceFilter(arm_id=arm.id)).traces[0].job_id
    engine.dispose()
    page.goto(f"/trace?job={job}")
    forced = page.locator(".ot-step.forced")
    expect(forced).to_have_count(3)
    expect(forced.first).to_contain_text("FORCED")
    expect(forced.first).to_have_css("border-top-style", "dashed")
    expect(page.locator(".ot-step.think").first).to_have_css("border-top-width", "0px")
    expect(page.locator(".ot-entry.forced").first).to_contain_text("Wait 1")
    page.get_by_text("Token ids").click()
    expect(page.locator(".ot-ids")).to_have_count(7)
    page.locator("button.ot-head").click()  # the prompt is folded
    expect(page.locator(".ot-ids")).to_have_count(8)
    assert "ids=true" in page.url


def test_hostile_texts_do_nothing_but_stand_there(page: Page, experiments: dict[str, int], database_url: str) -> None:
    for name, job in hostile_jobs(database_url, experiments["hostile"]).items():
        page.goto(f"/trace?job={job}&whole=true")
        heading(page, name)
        page.locator(".ot-entry.answer").click()
        expect(page.locator(".ot-step.answer .ot-text").first).to_be_visible()
        expect(page).to_have_title(f"{name} · Overthink")
        expect(page.locator(".ot-step :is(img, script, b, i, a), .ot-question *, .katex")).to_have_count(0)


def hostile_jobs(database_url: str, experiment: int) -> dict[str, int]:
    engine = connect(database_url)
    traces = queries.list_traces(engine, experiment).traces
    engine.dispose()
    return {trace.problem_key: trace.job_id for trace in traces}


def test_a_megabyte_on_one_line_leaves_the_page_alive(
    page: Page, experiments: dict[str, int], database_url: str
) -> None:
    """500 pieces of 2,000: of all that only what is near the screen is there, and its end is a scroll away."""
    page.goto(f"/trace?job={hostile_jobs(database_url, experiments['hostile'])['long']}")
    expect(page.locator(".ot-step.think.first .ot-text")).to_contain_text("x" * 2_000)
    page.locator(".ot-pane").evaluate("pane => pane.scrollTo(0, pane.scrollHeight)")
    expect(page.locator(".ot-step.answer .ot-text").first).to_be_visible()
    page.wait_for_function("() => !document.querySelector('.ot-step.waiting')")
    assert 2 <= page.locator(".ot-step").count() < 40
    page.get_by_role("link", name="Next").click()
    heading(page, "lines")


def test_an_experiment_is_paused_after_a_question(page: Page, experiments: dict[str, int]) -> None:
    page.goto(f"/experiment?id={experiments['running']}")
    heading(page, "waits on ladder")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_timeout(3_000)  # the page refreshes itself meanwhile; the question stays
    page.get_by_role("button", name="Yes, pause").click()
    page.get_by_role("button", name="Resume", exact=True).click()
    page.get_by_role("button", name="Yes, resume").click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
