"""Every page can be read: by who sees faint contrasts badly (WCAG 2.2 AA), by who hears it, on a phone, in the dark."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from dashboard.address import PARAMETERS
from dashboard.views.results_section import BY_NAME
from db import queries
from db.engine import connect
from tests.acceptance.conftest import Profiles, watched
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


def arrived(page: Page) -> None:
    """All of it, plots too."""
    settled(page)
    for plot in page.locator(".ot-plot").all():
        plot.locator(".main-svg").first.wait_for()


def test_every_page_is_looked_at(addresses: Mapping[str, str]) -> None:
    looked_at = {urlsplit(address).path.removeprefix("/") for address in addresses.values()}
    assert looked_at == {page.value for page in PARAMETERS if (APP_PAGES / f"{page or 'experiments'}.py").exists()}


@dataclass(frozen=True)
class Look:
    """What is wrong with a page: texts that are too faint, roles without a name, names in Markdown."""

    faint: list[str]
    nameless: list[str]
    raw: list[str]


@pytest.fixture(scope="module", params=["light", "dark"])
def looks(request: pytest.FixtureRequest, profiles: Profiles, addresses: Mapping[str, str]) -> dict[str, Look]:
    """Of every page, which has come without an exception."""
    with watched(profiles) as tab:
        tab.emulate_media(color_scheme=request.param)
        tab.set_viewport_size({"width": 1280, "height": 900})
        return {name: look(tab, address) for name, address in addresses.items()}


def look(tab: Page, address: str) -> Look:
    tab.goto(address)
    arrived(tab)
    expect(tab.get_by_test_id("stException")).to_have_count(0)
    nameless = [each.group().strip() for each in NAMELESS.finditer(tab.locator("body").aria_snapshot())]
    names = tab.locator("[aria-label]").evaluate_all(NAMES)
    return Look(tab.evaluate(CONTRAST), nameless, [each for each in names if MARKUP.search(each)])


def test_every_text_stands_out_from_what_is_behind_it(looks: dict[str, Look]) -> None:
    assert {name: each.faint for name, each in looks.items() if each.faint} == {}


def test_whoever_hears_a_page_is_told_in_words_what_each_thing_on_it_is(looks: dict[str, Look]) -> None:
    assert {name: each.nameless for name, each in looks.items() if each.nameless} == {}
    assert {name: each.raw for name, each in looks.items() if each.raw} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_text_that_is_too_faint_is_found(page: Page, scheme: Literal["light", "dark"]) -> None:
    """What the test above sees: a translucent colour on a translucent ground, and a placeholder."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    settled(page)
    page.evaluate(
        """() => {
          const box = document.querySelector("[data-testid=stMain]").appendChild(document.createElement("div"))
          box.style = "background: rgba(128, 128, 128, .5); opacity: .9"
          box.textContent = "hardly to be seen"
          box.style.color = "rgba(120, 120, 120, .7)"
        }"""
    )
    assert any("hardly to be seen" in each for each in page.evaluate(CONTRAST))


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
