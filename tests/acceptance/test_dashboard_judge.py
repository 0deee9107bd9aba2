"""Ten pairs are judged by keys alone, blind, in a name of one's own; after a reload one goes on where one was."""

import re

from playwright.sync_api import Page, expect

from db import queries
from db.engine import connect
from db.opinions import Choice
from tests.acceptance.conftest import PATIENCE_MS

KEYS = "1231121321"
CHOICES = {"1": Choice.LEFT, "2": Choice.RIGHT, "3": Choice.TIE}


def settled(page: Page) -> None:
    page.locator(".ot-judged").nth(1).wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def press(page: Page, key: str, then: int) -> None:
    """A key, and so many are judged."""
    settled(page)
    page.keyboard.press(key)
    expect(page.get_by_text(re.compile(rf"^{then} judged by you"))).to_be_visible(timeout=PATIENCE_MS)
    settled(page)


def test_ten_pairs_are_judged_by_keys_and_nobody_sees_which_arm_is_which(
    page: Page, experiments: dict[str, int], database_url: str
) -> None:
    engine = connect(database_url)
    labels = [arm.label for arm in queries.experiment(engine, experiments["demo"]).arms]
    page.goto(f"/judge?judging={experiments['demo']}")
    page.get_by_role("button", name="As ").click()
    page.get_by_label("Your name").fill("eve")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="As eve")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Begin").click()
    for number, key in enumerate(KEYS, start=1):
        settled(page)
        assert [label for label in labels if label in page.content()] == []
        press(page, key, number)
    shown = page.locator(".ot-judged-two").inner_text()
    page.reload()
    settled(page)
    expect(page.get_by_text("10 judged by you")).to_be_visible()  # the browser kept the name
    assert page.locator(".ot-judged-two").inner_text() == shown
    press(page, "u", 9)
    press(page, KEYS[-1], 10)
    page.keyboard.press("d")
    page.locator("[data-name=preferences] tbody tr").first.wait_for()
    made = [each for each in queries.judgements(engine, experiments["demo"]) if each.person == "eve"]
    engine.dispose()
    assert [each.choice for each in made] == [CHOICES[key] for key in KEYS]
    assert len({frozenset((each.left_job, each.right_job)) for each in made}) == 10
