"""Names, tags, owners, notes, labels, problems, errors and hosts that look like Markdown stand as they were typed."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from dashboard.compare.parts import PARTS
from dashboard.views.results_section import BY_NAME
from db.engine import connect
from tests.acceptance.test_dashboard_ways import settled
from tests.conftest import execute, sibling
from tests.integration.names_world import NAME, PLANS, populate

MADE_OF_A_NAME = (
    "[data-testid=stMain] :is(strong, em, b, del, code, h2, .katex):not(.ot-fact b)",
    "[data-testid=stMain] a[href^=mailto]",
    "[data-testid=stMain] a[href*='//evil.example']",
    "[data-testid=stMain] a[href*='//www.evil.example']",
)
WORDS = ("evil.example", "bold", "_it_", "`", "tag", "~~")
NAMED = "[data-testid=stMain] :is(h1, .ot-tag, td, .ot-link, .ot-plain, .ot-fact b, [data-testid=stCaptionContainer])"


@pytest.fixture(scope="module")
def database_url(postgres_url: str, template_url: str) -> Iterator[str]:
    execute(postgres_url, "CREATE DATABASE named TEMPLATE migrated STRATEGY FILE_COPY")
    yield sibling(postgres_url, "named")
    execute(postgres_url, "DROP DATABASE named WITH (FORCE)")


@pytest.fixture(scope="module")
def ids(database_url: str) -> dict[str, int]:
    engine = connect(database_url)
    made = populate(engine)
    engine.dispose()
    return made


def assert_literal(page: Page) -> None:
    """Nothing was made of a name, and where one stands it is whole."""
    settled(page)
    expect(page.locator("[data-testid=stIconMaterial]").filter(has_text="skull")).to_have_count(0)
    for selector in MADE_OF_A_NAME:
        texts = page.locator(selector).all_inner_texts()
        assert [text for text in texts if any(word in text for word in WORDS)] == [], selector
    for text in page.locator(NAMED).filter(has_text="skull").all_text_contents():
        assert NAME in " ".join(text.split())


def test_the_list_of_experiments(page: Page, ids: dict[str, int]) -> None:
    page.goto("/")
    expect(page.locator("[data-name=experiments] tbody tr")).to_have_count(2)
    assert_literal(page)
    expect(page.locator("[data-name=experiments] .ot-row").last).to_have_text(NAME)
    expect(page.locator("[data-name=experiments] .ot-tag").first).to_have_text(NAME)
    page.get_by_role("combobox", name="Owner").click()
    expect(page.get_by_role("option", name=NAME)).to_have_text(NAME)


@pytest.mark.parametrize("view", BY_NAME)
def test_every_view_of_an_experiment(page: Page, ids: dict[str, int], view: str) -> None:
    page.goto(f"/experiment?id={ids['named']}&view={view}&bins=2")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    page.locator("[data-name=arms] tbody tr").first.wait_for()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert_literal(page)
    expect(page).to_have_title(f"{NAME} · Overthink")
    assert_labels_are_literal(page)


def assert_labels_are_literal(page: Page) -> None:
    texts = page.locator(".js-plotly-plot :is(.legendtext, .annotation-text, .ytick text)").filter(has_text="skull")
    for text in texts.all_text_contents():
        assert any(text.startswith(known[: len(text)].rstrip("…")) or NAME in text for known in labels()), text


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_a_comparison(page: Page, ids: dict[str, int], part: str) -> None:
    first, *_, last = labels()
    number = ids["named"]
    page.goto(f"/compare?{urlencode({'from': f'{number}:{first}', 'to': f'{number}:{last}', 'part': part})}")
    page.locator(".ot-difference").wait_for()
    assert_literal(page)
    assert_labels_are_literal(page)


def labels() -> list[str]:
    return [plan.label for plan in PLANS]


def test_an_experiment_that_could_not_be_laid_out(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/experiment?id={ids['unread']}")
    expect(page.get_by_role("alert").first).to_contain_text(NAME)
    assert_literal(page)


def test_the_list_of_traces_and_its_filters(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/traces?experiment={ids['named']}")
    expect(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").nth(1)).to_have_text(
        f"{NAME} #{ids['named']}"
    )
    assert_literal(page)
    page.get_by_role("combobox", name="Arm").click()
    expect(page.get_by_role("option").first).to_have_text("one chain")  # named by what differs; the label is behind it
    expect(page.locator(".ot-trace-arm").first).to_have_attribute("title", labels()[0])


@pytest.mark.parametrize("job", ["job", "failed job"])
def test_a_trace(page: Page, ids: dict[str, int], job: str) -> None:
    page.goto(f"/trace?job={ids[job]}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    assert_literal(page)


def test_a_form_that_begins_with_such_an_experiment(page: Page, ids: dict[str, int]) -> None:
    page.goto(f"/submit?like={ids['named']}")
    expect(page.get_by_role("textbox", name="name", exact=True)).to_have_value(NAME)
    assert_literal(page)
    page.goto(f"/submit?like={ids['named']}&as=YAML")
    assert_literal(page)


def test_a_worker_that_fell_silent_is_named(page: Page, ids: dict[str, int], database_url: str) -> None:
    execute(database_url, "UPDATE workers SET heartbeat_at = now() - interval '1 hour'")
    page.goto("/")
    expect(page.get_by_text("No worker is alive").first).to_be_visible()
    assert_literal(page)
