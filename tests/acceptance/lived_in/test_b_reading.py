"""Runs that have ended are read: from a mark to a word of a model, between arms, and away with the numbers."""

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from typing import Any

import pyarrow.parquet as parquet
from playwright.sync_api import Locator, Page, expect

from db import queries
from results import Measurements, arm_results
from scaling.types import Verdict
from tests.acceptance.conftest import Profiles, watched
from tests.acceptance.lived_in.conftest import Whole
from tests.acceptance.service import psql
from tests.acceptance.test_dashboard_browser import heading
from tests.acceptance.test_dashboard_ways import parameters, pointed_at, settled
from tests.conftest import wait_until

PLOT = ".st-key-scaling_plot .js-plotly-plot"
LONG_AGO = (
    "UPDATE candidates SET answer = NULL, key = NULL WHERE job_id = %s",
    "UPDATE grades SET version = '0', verdict = 'unparsed', unread = 'nothing' WHERE job_id = %s",
    "UPDATE traces SET verdict = 'unparsed', unread = 'nothing', answer = NULL, answer_key = NULL WHERE job_id = %s",
)
MARKS = """plot => plot.data.filter(each => each.meta?.arm).map(each => ({
  arm: each.meta.arm, x: each.x[0], low: each.error_y?.arrayminus?.[0], high: each.error_y?.array?.[0] }))"""

GIVEN = """plot => plot.data.find(each => each.name === "budget given")?.x ?? null"""


def plotted(page: Page, experiment: int, **options: str) -> Locator:
    """The plot of accuracy and cost, drawn."""
    more = "".join(f"&{name}={value}" for name, value in options.items())
    page.goto(f"/experiment?id={experiment}{more}")
    plot = page.locator(PLOT)
    plot.locator(".main-svg").first.wait_for()
    settled(page)
    return plot


def trace(page: Page, job: int) -> None:
    page.goto(f"/trace?job={job}")
    page.locator(".ot-reader .ot-step .ot-text").first.wait_for()
    settled(page)


def verdicts(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Traces by verdict")


def test_a_mark_opens_its_traces_and_a_row_of_them_opens(page: Page, runs: dict[str, int]) -> None:
    plot = plotted(page, runs["demo"])
    mark: dict[str, Any] = pointed_at(page, plot)
    page.mouse.click(mark["x"], mark["y"])
    heading(page, "Traces")
    arm = parameters(page.url)["arm"]
    rows = page.get_by_role("listitem").filter(has=page.locator(".ot-trace-arm"))
    expect(rows).to_have_count(20)
    name = rows.nth(3).locator(".ot-beside").inner_text()
    rows.nth(3).click()
    expect(page.locator(".ot-pane-name")).to_have_text(name)
    expect(page.locator(".ot-reader .ot-text").first).to_be_visible()
    page.keyboard.press("Enter")
    heading(page, name)
    assert parameters(page.url)["in_arm"] == arm


def test_marks_stand_at_what_was_spent_with_intervals_and_the_budget_is_asked_for(
    page: Page, whole: Whole, runs: dict[str, int]
) -> None:
    """The mean thinking tokens of an arm, from its traces; 8 were asked for where it is cut at 8, 800 with Waits."""
    plot = plotted(page, runs["demo"], x="thinking+tokens", log="false")
    marks = {each["arm"]: each for each in plot.evaluate(MARKS)}
    results = arm_results(Measurements(whole.database, whole.detail(runs["demo"])))
    assert marks.keys() == {each.label for each in results}
    for label, mark in marks.items():
        spent = [each.thinking_tokens or 0 for each in whole.traces(runs["demo"], label)]
        assert abs(mark["x"] - sum(spent) / len(spent)) < 0.01, label
        assert mark["low"] + mark["high"] > 0, label
    expect(page.get_by_text("n = 20 problems per arm. Error bars are 95 % intervals over problems.")).to_be_visible()
    expect(page.get_by_text("what was really spent, not the budget")).to_be_visible()
    expect(page.locator(".ot-ranks li").first).to_contain_text(re.compile(r"[0-9]%.* … [0-9]"))
    assert plot.evaluate(GIVEN) is None
    page.get_by_role("button", name="Display").click()
    page.get_by_text("the budget asked for").click()
    page.wait_for_function(f"() => ({GIVEN})(document.querySelector('.js-plotly-plot'))")
    assert plot.evaluate(GIVEN) == [8, 800, 800]


def test_two_arms_are_compared_from_the_problems_that_flipped_with_both_traces_side_by_side(
    page: Page, runs: dict[str, int]
) -> None:
    page.goto(f"/experiment?id={runs['demo']}")
    parts = page.get_by_role("navigation", name="Parts of the experiment")
    parts.get_by_role("link", name="Compare").click()
    page.locator("[data-name=worthwhile] tbody tr").first.click()
    cells = page.get_by_role("navigation", name="Pairs of answers")
    expect(cells.locator("a[aria-current]")).to_have_text(re.compile("gained|lost"))
    expect(page.get_by_role("navigation", name="Problems").get_by_role("link").first).to_be_visible()
    both = page.get_by_role("table", name="Two traces")
    expect(both.get_by_role("row").first.get_by_role("cell")).to_have_count(2)
    heads = page.locator(".ot-two-heads .ot-verdict")
    expect(heads).to_have_count(2)
    assert len({each[0] for each in heads.all_inner_texts()}) == 2, "one is right, the other is not"


def test_what_was_forced_is_unmistakable_and_every_wait_says_what_it_changed(
    page: Page, whole: Whole, runs: dict[str, int]
) -> None:
    job = whole.traces(runs["demo"], "waits=2")[0].job_id
    trace(page, job)
    forced = page.locator(".ot-step.forced")
    waits = [each for each in forced.all() if "in the thinking, not the model’s words" in each.inner_text()]
    assert len(waits) == 2
    for each in waits:
        expect(each).to_contain_text("Wait")
        expect(each).to_have_css("border-top-style", "dashed")
    expect(page.locator(".ot-step.think").first).to_have_css("border-top-width", "0px")
    entries = page.get_by_role("navigation", name="Steps").get_by_role("button", name="Wait")
    expect(entries).to_have_count(2)
    changes = [re.sub(r"^.*Wait [12]\s*", "", each, flags=re.S).split(" → ") for each in entries.all_inner_texts()]
    assert changes[0][1] == changes[1][0], "what stands after the first stands before the second"
    answer = queries.trace(whole.database, job).trace
    assert answer is not None and changes[1][1] == answer.answer


def test_a_vote_is_shown_as_answers_with_their_votes_and_the_expected_one_is_marked(
    page: Page, whole: Whole, runs: dict[str, int]
) -> None:
    for each in whole.traces(runs["demo"], "majority_vote")[:3]:
        found = queries.trace(whole.database, each.job_id)
        assert found.trace is not None
        keys = [each.key for each in found.trace.candidates if each.key is not None and not each.truncated]
        trace(page, each.job_id)
        clusters = page.get_by_role("list", name="Answers by votes")
        votes = [int(said) for said in re.findall(r"([0-9]+) votes?\b", clusters.inner_text())]
        assert votes == sorted((keys.count(key) for key in set(keys)), reverse=True)
        expected = clusters.get_by_role("listitem").filter(has_text="expected")
        expect(expected).to_have_count(1)
        expect(expected).to_contain_text(found.problem.answer)


def test_an_answer_that_was_cut_is_not_a_wrong_one_and_says_what_cut_it(page: Page, runs: dict[str, int]) -> None:
    page.goto(f"/traces?experiment={runs['cut']}")
    expect(verdicts(page)).to_contain_text("✗ 0")
    cut = verdicts(page).get_by_title("truncated")
    expect(cut).to_contain_text("4")
    cut.click()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/trace\?"))
    why = page.locator(".ot-why")
    expect(why).to_contain_text("the answer was cut: its tokens ran out")
    expect(why).to_contain_text("Answer ended because the answer's tokens ran out")


def test_keys_walk_within_the_filter_the_address_is_the_view_and_back_leads_back(
    page: Page, profiles: Profiles, whole: Whole, runs: dict[str, int]
) -> None:
    page.goto(f"/traces?experiment={runs['demo']}")
    verdicts(page).get_by_title("wrong").click()
    page.wait_for_url(lambda url: parameters(url).get("verdict") == "wrong")
    settled(page)
    listed = page.url
    only_wrong = queries.TraceFilter(verdict=Verdict.WRONG)
    wrong = [each.job_id for each in queries.list_traces(whole.database, runs["demo"], only_wrong).traces]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/trace\?"))
    for key, at in (("j", 1), ("j", 2), ("k", 1)):
        settled(page)
        page.keyboard.press(key)
        page.wait_for_url(lambda url, at=at: parameters(url)["job"] == str(wrong[at]))  # type: ignore[misc]
        expect(page.get_by_text(f"{at + 1} of {len(wrong)} jobs")).to_be_visible()
    settled(page)
    seen = page.locator("[data-testid=stMain]").inner_text()
    with watched(profiles) as other:
        other.goto(page.url)
        expect(other.get_by_text(f"2 of {len(wrong)} jobs")).to_be_visible()
        settled(other)
        assert other.locator("[data-testid=stMain]").inner_text() == seen
    page.go_back()
    expect(page).to_have_url(listed)
    expect(verdicts(page).locator("[aria-current]")).to_contain_text(str(len(wrong)))


def test_answers_are_read_anew_by_the_rules_of_today_and_the_page_follows(
    page: Page, whole: Whole, runs: dict[str, int]
) -> None:
    """As an older grader might have left them: of the first of three it could read nothing."""
    experiment = runs["old"]
    first = whole.traces(experiment)[0].job_id
    verdicts_now = Counter(each.verdict for each in queries.list_traces(whole.database, experiment).traces)
    with psql(whole.service.environment["OVERTHINK_DATABASE_URL"]) as connection:
        for change in LONG_AGO:
            connection.execute(change, (first,))
    assert "? 1" in counted(page, experiment)
    dry = whole.service.report("regrade", str(experiment), "--dry-run")
    assert (dry["is_dry"], dry["jobs"], dry["answers"]) == (True, 1, 1)
    assert "? 1" in counted(page, experiment)
    wet = whole.service.report("regrade", str(experiment))
    assert wet["verdicts"] == dry["verdicts"] and len(wet["verdicts"]) == 1
    now = (f"✓ {verdicts_now[Verdict.CORRECT]}", f"✗ {verdicts_now[Verdict.WRONG]}", "? 0")
    wait_until(lambda: all(each in counted(page, experiment) for each in now))  # pages are two seconds old at most


def counted(page: Page, experiment: int) -> str:
    """Traces by verdict, as the list says them."""
    page.goto(f"/traces?experiment={experiment}")
    settled(page)
    return verdicts(page).inner_text()


def test_what_is_copied_prints_the_numbers_of_the_page(page: Page, whole: Whole, runs: dict[str, int]) -> None:
    plotted(page, runs["demo"])
    shown = page.locator(".ot-rank-value").all_inner_texts()
    accuracies = sorted(float(re.findall(r"[0-9.]+", each)[0]) for each in shown)
    page.get_by_role("button", name="Copy", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Parquet").click()
    table = parquet.read_table(download.value.path())
    page.get_by_role("button", name="Command").click()
    command = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Python").click()
    expect(page.get_by_text("Python copied")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    assert sorted(round(100 * each, 1) for each in table.column("value").to_pylist()) == accuracies
    program, *words = shlex.split(command)
    assert program == "overthink"
    printed = csv.DictReader(io.StringIO(whole.service.overthink(*words).stdout))
    assert sorted(round(100 * float(each["value"]), 1) for each in printed) == accuracies
    *imports, last = code.splitlines()
    asked = "\n".join([*imports, "import json", f"print(json.dumps({last}['value'].to_list()))"])
    assert sorted(round(100 * each, 1) for each in json.loads(python(whole, asked))) == accuracies


def python(whole: Whole, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | whole.service.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
