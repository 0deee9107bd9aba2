"""Every page can be read: by who sees faint contrasts badly (WCAG 2.2 AA), by who hears it, on a phone, in the dark."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.address import PARAMETERS
from dashboard.views.results_section import BY_NAME
from db import queries
from db.engine import connect
from tests.acceptance.conftest import PATIENCE_MS
from tests.acceptance.test_dashboard_ways import settled
from tests.integration.scenes import log_probs_here

APP_PAGES = Path(__file__).parents[2] / "dashboard/app_pages"
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
NAMELESS = re.compile(
    r"^ *- (button|link|textbox|searchbox|combobox|spinbutton|table|figure|progressbar|dialog|navigation)(:|$)", re.M
)
"""As Playwright writes what a screen reader is told: a role without a name behind it."""
MARKUP = re.compile(r":[a-z-]+\[|:material/|\*\*|`|\\[^\w\s]")
"""Of Streamlit's Markdown: what is a label's on the page, and no word of its name."""
LEAST_NATS = -8.0
"""Whatever is less likely is coloured alike (`dashboard/trace/browser/scores.js`)."""
NAMES = "them => them.map(it => it.getAttribute('aria-label'))"


@pytest.fixture(scope="module")
def addresses(experiments: dict[str, int], database_url: str) -> Mapping[str, str]:
    """Every page with something on it, by what it is."""
    demo, running = experiments["demo"], experiments["running"]
    engine = connect(database_url)
    detail = queries.experiment(engine, demo)
    vote = next(arm.id for arm in detail.arms if arm.strategy == "majority_vote")
    waits = next(arm.id for arm in detail.arms if "waits=2" in arm.label)
    jobs = {
        name: queries.list_traces(engine, demo, queries.TraceFilter(arm_id=arm)).traces[0].job_id
        for name, arm in {"vote": vote, "waits": waits}.items()
    }
    problem = queries.trace(engine, jobs["vote"]).problem_id
    log_probs_here(engine, demo, jobs["waits"], LEAST_NATS)
    engine.dispose()
    return {
        "experiments": "/",
        "new": "/submit?preset=demo",
        "new, YAML": "/submit?preset=demo&as=YAML",
        **{f"experiment, {name}": f"/experiment?id={demo}&view={name}" for name in BY_NAME},
        "experiment, spec": f"/experiment?id={demo}&section=spec",
        "experiment that runs": f"/experiment?id={running}",
        "experiment that failed": f"/experiment?id={experiments['failed']}",
        "traces": f"/traces?experiment={demo}",
        **{f"trace, {name}": f"/trace?job={job}" for name, job in jobs.items()},
        "trace, all tokens as unlikely as can be": f"/trace?job={jobs['waits']}&colour=log-probs&seek=wait",
        "compare": f"/compare?home={demo}",
        "queue": "/queue",
        "search": "/search?q=20",
        "problem": f"/problem?problem_id={problem}",
        "judge": f"/judge?judging={demo}",
        "scans": f"/scans?of_experiment={demo}",
        "no such job": "/trace?job=999999",
    }


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(base_url=address, color_scheme=request.param, viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    yield tab
    context.close()


def arrived(page: Page) -> None:
    """All of it, plots too."""
    settled(page)
    for plot in page.locator(".ot-plot").all():
        plot.locator(".main-svg").first.wait_for()


def test_every_page_is_looked_at(addresses: Mapping[str, str]) -> None:
    looked_at = {urlsplit(address).path.removeprefix("/") for address in addresses.values()}
    assert looked_at == {page.value for page in PARAMETERS if (APP_PAGES / f"{page or 'experiments'}.py").exists()}


def test_every_text_stands_out_from_what_is_behind_it(themed: Page, addresses: Mapping[str, str]) -> None:
    faint = {}
    for name, address in addresses.items():
        themed.goto(address)
        arrived(themed)
        if found := themed.evaluate(CONTRAST):
            faint[name] = found
    assert faint == {}


def test_a_text_that_is_too_faint_is_found(themed: Page) -> None:
    """What the test above sees: a translucent colour on a translucent ground, and a placeholder."""
    themed.goto("/")
    settled(themed)
    themed.evaluate(
        """() => {
          const box = document.querySelector("[data-testid=stMain]").appendChild(document.createElement("div"))
          box.style = "background: rgba(128, 128, 128, .5); opacity: .9"
          box.textContent = "hardly to be seen"
          box.style.color = "rgba(120, 120, 120, .7)"
        }"""
    )
    assert any("hardly to be seen" in each for each in themed.evaluate(CONTRAST))


def test_whoever_hears_a_page_is_told_in_words_what_each_thing_on_it_is(
    page: Page, addresses: Mapping[str, str]
) -> None:
    nameless, raw = {}, {}
    for name, address in addresses.items():
        page.goto(address)
        arrived(page)
        heard = page.locator("body").aria_snapshot()
        if found := [each.group().strip() for each in NAMELESS.finditer(heard)]:
            nameless[name] = found
        if found := [each for each in page.locator("[aria-label]").evaluate_all(NAMES) if MARKUP.search(each)]:
            raw[name] = found
    assert (nameless, raw) == ({}, {})


def test_a_label_in_markdown_is_no_name() -> None:
    """What the test above sees: Streamlit gives a widget its label as its name, raw."""
    assert MARKUP.search("top p :small[:gray[top_p]]") and MARKUP.search(r"1\. of \*hostile\*")
    assert not MARKUP.search("which problems (seed)") and not MARKUP.search("12:30 [left]")


def test_a_plot_says_what_it_draws_and_a_table_what_it_lists(page: Page, experiments: dict[str, int]) -> None:
    page.goto(f"/experiment?id={experiments['demo']}&x=thinking+tokens&log=true")
    arrived(page)
    expect(
        page.get_by_role("figure", name="accuracy against mean thinking tokens per problem, log scale")
    ).to_be_visible()
    expect(page.get_by_role("table", name="arms")).to_be_visible()
