"""Nothing is loaded that the page does not show: no plotting library without a plot, no highlighter, no data frame."""

import pytest
from playwright.sync_api import Browser

from tests.acceptance.conftest import PATIENCE_MS

LOADED = "performance.getEntriesByType('resource').map(each => [each.name.split('/').pop(), each.decodedBodySize])"
MOST_MB = 4.0
"""Without the plotting library, which is 4.8: Streamlit's own browser side with its fonts is 2.7."""
NEVER = ("SyntaxHighlighter", "PlotlyChart", "DataFrame", "DeckGl", "katex")


@pytest.mark.parametrize(
    ("path", "has_plot"),
    [
        ("/", False),
        ("/submit?preset=demo", False),
        ("/queue", False),
        ("/traces?experiment={demo}", False),
        ("/trace?job=1", False),
        ("/search?q=20", False),
        ("/experiment?id={demo}&section=spec", False),
        ("/experiment?id={demo}", True),
    ],
)
def test_a_first_visit_loads_what_it_shows(
    browser: Browser, address: str, experiments: dict[str, int], path: str, has_plot: bool
) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(path.format(**experiments))
    page.locator("h1").first.wait_for()
    if has_plot:
        page.locator(".ot-plot .main-svg").first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(1_000)
    loaded: dict[str, int] = dict(page.evaluate(LOADED))
    made_anew = page.locator("script[src^='blob:']").count()
    context.close()
    assert made_anew == 0  # the browser would compile it at each visit
    plotly = {name: size for name, size in loaded.items() if name.startswith("plotly")}
    assert bool(plotly) is has_plot
    assert [name for name in loaded if name.startswith(NEVER) or "SyntaxHighlighter" in name] == []
    assert 1.0 < (sum(loaded.values()) - sum(plotly.values())) / 1e6 < MOST_MB
