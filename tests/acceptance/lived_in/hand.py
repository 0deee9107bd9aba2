"""A hand on a page that counts what it does: a click, a key, and a field that is filled are one each."""

from playwright.sync_api import Locator, Page


class Hand:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, on: Locator) -> None:
        self.count += 1
        on.click()

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def fill(self, field: Locator, text: str) -> None:
        self.count += 1
        field.fill(text)
