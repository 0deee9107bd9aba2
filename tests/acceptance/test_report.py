"""The report as a colleague opens it: from a file, in a browser that may ask nobody for anything."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from db import queries
from db.engine import connect
from overthink.report import write_report
from results import Measurements
from results.verdict import VERDICT

pytest.importorskip("matplotlib", reason="matplotlib draws the report's plots; `make install` brings it")

FAMILIES = "<script>alert(1)</script>=majority_vote*; <img src>=strategy=budget_forcing"
WIDTHS = (1280, 1920)


@pytest.fixture
def report(experiments: dict[str, int], database_url: str, tmp_path: Path) -> Path:
    engine = connect(database_url)
    measurements = Measurements(engine, queries.experiment(engine, experiments["demo"]))
    write_report(tmp_path / "verdict.html", measurements, VERDICT.answer(measurements, families=FAMILIES))
    engine.dispose()
    return tmp_path / "verdict.html"


def test_a_report_asks_nobody_for_anything_and_runs_nothing(browser: Browser, report: Path) -> None:
    said: list[str] = []
    asked: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.wait_for_load_state("networkidle")
    assert (said, asked) == ([], [report.as_uri()])
    assert page.locator("script, img").count() == 0
    assert page.get_by_text("<script>alert(1)</script>").count()
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_is_as_wide_as_its_window_and_its_plots_can_be_searched(
    browser: Browser, report: Path, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("figure svg text", has_text="best within the budget").count()
    page.close()


def test_a_report_prints(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
