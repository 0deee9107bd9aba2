"""From nothing to runs that go on: what starts them, what they cost, why they wait, and what becomes of whatever stops.

The first of these tests finds the stack as `overthink up` leaves it: with nothing in it.
"""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from db import queries, transitions
from db.audit import audit
from db.queries import TraceFilter
from db.status import ExperimentStatus, JobStatus
from scaling.compute.model_facts import CostFacts, PricePerMillion
from tests.acceptance.lived_in import specs
from tests.acceptance.lived_in.conftest import Whole
from tests.acceptance.lived_in.hand import Hand
from tests.acceptance.service import psql
from tests.acceptance.test_dashboard_browser import heading
from tests.acceptance.test_dashboard_new import bill, run
from tests.acceptance.test_dashboard_ways import settled
from tests.conftest import wait_until

LONG_S = 240.0
"""A worker that beat within it is there."""

SPENT = re.compile(r"[0-9,]+ tokens so far")


def standing(page: Page) -> Locator:
    """The sentence that says how an experiment stands."""
    return page.locator(".ot-standing")


def finished(whole: Whole, experiment: int) -> int:
    return whole.detail(experiment).summary.jobs.succeeded


def asked(page: Page, verb: str) -> tuple[Locator, Locator]:
    """A button, and the answer to its question."""
    return page.get_by_role("button", name=verb, exact=True), page.get_by_role("button", name=f"Yes, {verb.lower()}")


def test_with_no_gpu_and_no_data_of_ones_own_two_clicks_run_the_demo_and_two_end_it_with_what_it_has(
    page: Page, whole: Whole
) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="No experiments yet")).to_be_visible()
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Submit the demo"))
    expect(bill(page, "tokens, at most")).to_have_text(re.compile(r"^[1-9][0-9,]+$"))
    hand.click(run(page))
    heading(page, "demo")
    assert hand.count == 2
    expect(standing(page)).to_contain_text(SPENT)
    experiment = int(page.url.rpartition("=")[2])
    wait_until(lambda: finished(whole, experiment) > 5)

    page.goto("/")
    going_on = page.locator(".ot-going", has_text=f"demo #{experiment}")
    expect(going_on).to_contain_text(re.compile(r"[0-9,]+ of 1,440"))
    expect(going_on).to_contain_text(re.compile(r"([0-9]+–[0-9]+|about [0-9]+|at least [0-9]+) (s|min|h) left"))
    going_on.get_by_role("link").click()
    hand = Hand(page)
    for button in asked(page, "Cancel"):
        hand.click(button)
    assert hand.count == 2
    expect(standing(page)).to_contain_text(re.compile(r"^Cancelled .*[0-9,]+ of 1,440 jobs done"))
    expect(standing(page)).to_contain_text("cancelled")
    whole.ended(experiment)
    jobs = whole.detail(experiment).summary.jobs
    assert 0 < jobs.done < jobs.total == 1_440
    page.reload()
    expect(standing(page)).to_contain_text(f"{jobs.done:,} of 1,440 jobs done, {jobs.cancelled:,} cancelled")
    page.goto(f"/traces?experiment={experiment}")
    expect(page.get_by_role("navigation", name="Traces by verdict")).to_contain_text(f"cancelled {jobs.cancelled:,}")
    expect(page.locator(".ot-trace-row").first).to_be_visible()


def test_an_error_in_a_spec_names_its_line_and_what_was_meant(page: Page, whole: Whole) -> None:
    page.goto("/submit?as=YAML")
    expect(page.locator(".ot-gutter")).to_be_visible()
    settled(page)
    text = page.get_by_label("Spec")
    text.fill("name: wrong\ndata_set:\n  name: ladder-test\n  limmit: 3\nmodels: [ladder-tiny]\narms: []\n")
    expect(page.get_by_text("line 4: data_set.limmit")).to_contain_text("did you mean limit?")
    expect(page.locator(".ot-gutter b").first).to_have_text("4")
    expect(run(page)).to_be_disabled()
    text.fill(
        "name: wrong\ndata_set: {name: ladder-test}\nmodels: [ladder-tiny]\narms:\n  - strategy: majority_votes\n"
    )
    expect(page.get_by_text("line 5:")).to_contain_text("majority_vote")
    expect(run(page)).to_be_disabled()


@pytest.fixture
def priced(whole: Whole) -> Iterator[None]:
    """The model has a price, as a worker announces that has one in its registry."""
    (model,) = [each for each in queries.standing(whole.database, LONG_S).fleet.models if each.name == "ladder-tiny"]
    price = PricePerMillion(input=100.0, output=1000.0)
    transitions.announce_model(whole.database, replace(model, cost_facts=CostFacts(price_per_million=price)))
    yield
    transitions.announce_model(whole.database, model)


def test_the_bill_of_one_arm_more_knows_what_is_done_and_what_the_rest_will_take(
    page: Page, runs: dict[str, int], priced: None
) -> None:
    page.goto(f"/submit?like={runs['demo']}&as=YAML")
    expect(page.get_by_text("The same spec was submitted before")).to_be_visible()
    settled(page)
    text = page.get_by_label("Spec")
    one_more = "  - {strategy: majority_vote, samples: 4}\nsampling:"
    text.fill(text.input_value().replace("sampling:", one_more))
    text.press("Control+Enter")
    expect(bill(page, "jobs, at most")).to_have_text("120")
    expect(bill(page, "done before")).to_have_text("100")
    expect(bill(page, "tokens, likely")).to_have_text(re.compile("[0-9]"))
    expect(bill(page, "time, likely")).to_have_text(re.compile("[0-9]"))
    expect(page.get_by_text("100 of 120 jobs were done before, in the same way")).to_have_count(1)

    def tells_the_price() -> bool:
        page.reload()
        expect(page.get_by_text("Your draft, as you left it.")).to_be_visible()
        settled(page)
        return bill(page, "price, likely").count() == 1

    wait_until(tells_the_price)
    expect(bill(page, "price, likely")).to_have_text(re.compile(r"^\$[0-9]+\.[0-9]{2} \("))


def test_a_cap_of_tokens_stops_a_run_keeps_what_it_has_and_the_home_page_says_so(
    page: Page, whole: Whole, runs: dict[str, int]
) -> None:
    summary = whole.detail(runs["capped"]).summary
    assert summary.status is ExperimentStatus.CAPPED
    page.goto("/?needs=all")
    needs = page.locator(f".st-key-ot-need-{summary.id}")
    not_run = f"{summary.jobs.cancelled:,} of 300 jobs not run"
    expect(needs).to_contain_text(f"Stopped at its cap of 4,000 tokens: {not_run}")
    expect(needs.get_by_role("button", name="Raise the cap")).to_be_visible()
    needs.get_by_role("link", name="capped").click()
    expect(standing(page)).to_contain_text(re.compile(rf"^Stopped at its cap .*{summary.jobs.done:,} of 300 jobs done"))
    page.get_by_role("link", name="Traces (300)").click()
    page.get_by_role("navigation", name="Traces by verdict").get_by_role("link", name="✓").click()
    expect(page.locator(".ot-reader .ot-step.answer").first).to_be_visible()


def test_why_something_waits_is_said_on_every_page_that_one_may_look_at(
    page: Page, whole: Whole, runs: dict[str, int]
) -> None:
    said = "no live worker serves ghost-7B (there never was one)"
    experiment = runs["unserved"]
    page.goto("/")
    expect(page.locator(f".st-key-ot-need-{experiment}")).to_contain_text(f"Waiting: {said}. 4 jobs.")
    expect(page.get_by_role("button", name="How to start a worker")).to_be_visible()
    for path in (f"/experiment?id={experiment}", f"/trace?job={whole.traces(experiment)[0].job_id}"):
        page.goto(path)
        expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    page.goto("/queue")
    expect(page.get_by_text(said).first).to_be_visible()


def test_only_what_failed_is_run_again_by_the_kind_of_its_error(page: Page, whole: Whole, runs: dict[str, int]) -> None:
    experiment = runs["long"]
    before = attempts(whole, experiment)
    page.goto(f"/experiment?id={experiment}")
    page.get_by_role("link", name="Errors (4)").click()
    kind = page.locator("[class*=st-key-ot-failed-]")
    expect(kind).to_have_count(1)
    expect(kind).to_contain_text("4 jobs")
    expect(kind).to_contain_text(re.compile("its prompt of [0-9]+ tokens exceeds the model's context of 1024"))
    kind.get_by_role("button", name="Retry these").click()
    page.get_by_role("button", name="Yes, retry these").click()
    again = {job for job, (status, _) in before.items() if status is JobStatus.FAILED}
    assert len(again) == 4
    wait_until(lambda: all(attempts(whole, experiment)[job][1] > before[job][1] for job in again))
    whole.ended(experiment)
    after = attempts(whole, experiment)
    assert {job for job in after if after[job] != before[job]} == again
    assert {after[job][0] for job in again} == {JobStatus.FAILED}
    expect(page.get_by_role("link", name="Errors (4)")).to_be_visible()


def attempts(whole: Whole, experiment: int) -> dict[int, tuple[JobStatus, int]]:
    """Of each job: its status, and how many attempts it had."""
    jobs = [each.job_id for each in queries.list_traces(whole.database, experiment).traces]
    found = {job: queries.trace(whole.database, job) for job in jobs}
    return {job: (each.status, len(each.attempts)) for job, each in found.items()}


def test_a_killed_worker_stops_no_page_and_every_job_ends_once(page: Page, whole: Whole, runs: dict[str, int]) -> None:
    experiment = whole.submit("killed", specs.WORK.replace("name: work", "name: killed").replace("200", "60"))
    page.goto(f"/experiment?id={experiment}")
    wait_until(lambda: finished(whole, experiment) > 20)
    expect(standing(page)).to_contain_text("Running")
    os.kill(whole.pid_of("worker"), signal.SIGKILL)
    assert finished(whole, experiment) < 180, "too late: give it more to do"
    expect(standing(page)).to_contain_text(re.compile("^Finished .*180 jobs"))
    expect(standing(page)).to_contain_text(re.compile(r"attempts? (was|were) lost with a worker and made again"))
    traced = queries.list_traces(whole.database, experiment, TraceFilter(status=JobStatus.SUCCEEDED), limit=1)
    assert traced.total == finished(whole, experiment) == 180
    assert audit(whole.database) == {}


def test_what_stalls_is_told_from_what_is_slow(page: Page, whole: Whole, runs: dict[str, int]) -> None:
    """The model's server hangs, and no clock is waited for: in the database it has hung for twenty minutes."""
    experiment = whole.submit("stalled", specs.WORK.replace("name: work", "name: stalled"))
    page.goto(f"/experiment?id={experiment}")
    wait_until(lambda: finished(whole, experiment) > 5)
    expect(standing(page)).to_contain_text(re.compile(r"(–|about|at least).* left"))
    expect(page.get_by_role("alert").filter(has_text="Stalled")).to_have_count(0)
    server = whole.pid_of("vllm")
    os.kill(server, signal.SIGSTOP)
    try:
        said = re.compile("Stalled: nothing has ended for 2[0-9] min; a job usually takes")
        alert = page.get_by_role("alert").filter(has_text=said)

        def is_said() -> bool:
            """Some answers were still on their way when the server was stopped: what they end is long ago, too."""
            long_ago(whole, experiment)
            return alert.is_visible()

        wait_until(is_said)
        expect(standing(page)).not_to_contain_text(" left")
        page.goto("/")
        expect(page.locator(f".st-key-ot-need-{experiment}")).to_contain_text(said)
    finally:
        os.kill(server, signal.SIGCONT)
    page.goto(f"/experiment?id={experiment}")
    expect(page.get_by_role("alert").filter(has_text="Stalled")).to_have_count(0)
    for button in asked(page, "Cancel"):
        button.click()
    whole.ended(experiment)


def long_ago(whole: Whole, experiment: int) -> None:
    """What began or ended in the last twenty minutes did so twenty minutes before; what did so earlier stays."""
    with psql(whole.service.environment["OVERTHINK_DATABASE_URL"]) as connection:
        for time in ("started_at", "finished_at"):
            before = f"{time} = {time} - interval '20 min' WHERE {time} > now() - interval '20 min'"
            connection.execute(f"UPDATE jobs SET {before} AND experiment_id = {experiment}".encode())


def test_a_run_is_paused_and_goes_on_with_two_clicks_each(page: Page, whole: Whole, runs: dict[str, int]) -> None:
    experiment = whole.submit("paused", specs.WORK.replace("name: work", "name: paused"))
    page.goto(f"/experiment?id={experiment}")
    for verb, then in (("Pause", "Resume"), ("Resume", "Pause")):
        hand = Hand(page)
        for button in asked(page, verb):
            hand.click(button)
        assert hand.count == 2
        expect(page.get_by_role("button", name=then, exact=True)).to_be_visible()
    settled(page)
    for button in asked(page, "Cancel"):
        button.click()
    whole.ended(experiment)
