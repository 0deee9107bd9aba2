"""A real Streamlit server over a populated database and a real browser, for whoever uses the dashboard as people do.

The browser is the system's Chromium, driven by Playwright; without one such a test is skipped, except in CI.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from dashboard.address import Page as Address
from db import transitions
from db.engine import connect
from tests.conftest import execute, sibling
from tests.integration.dashboard_world import WORKER, populate, revisions

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",
]
"""The last: one process for all tabs of a profile, so that what one has compiled the next has too."""
PROBED = re.compile(rf"/({'|'.join(address.value for address in Address if address)})/_stcore/(health|host-config)$")
"""Where Streamlit's own page looks for its server first when it is opened below the root; it then finds it."""
PATIENCE_MS = 240_000
"""Nothing is concluded from how long it took: the machine may be busy."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a page said when its test failed, beside why it failed."""
    report = yield
    if report.when == "call" and report.failed:
        for page in getattr(item, "funcargs", {}).values():
            if isinstance(page, Page):
                with suppress(PlaywrightError):  # it may have gone with what failed
                    report.sections.append((page.url, page.locator("body").aria_snapshot(timeout=10_000)))
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        reason = "no Chromium is installed: apt-get install -y --no-install-recommends chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


class Profiles:
    """Profiles of one browser, of people who look at one address. What was lent is emptied and lent again.

    A new one fetches and compiles Streamlit's 3 MB of scripts anew: half of what a test's first page costs. One that
    was lent is as a new one is, but for what it has compiled: no tab of a person, no cookie, nothing stored or granted.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self._free: list[BrowserContext] = []

    @contextmanager
    def lent(self) -> Iterator[BrowserContext]:
        profile = self._free.pop() if self._free else self._new()
        yield profile
        self._empty(profile)
        self._free.append(profile)

    def _new(self) -> BrowserContext:
        """Its first tab shows no page: it stays, and keeps the process of the others alive."""
        profile = self._browser.new_context(base_url=self._address, viewport={"width": 1360, "height": 1000})
        profile.new_page().goto("/_stcore/health")
        return profile

    def _empty(self, profile: BrowserContext) -> None:
        first, *others = profile.pages
        for tab in others:
            tab.close()
        profile.clear_permissions()
        profile.clear_cookies()
        stored = {"origin": self._address, "storageTypes": "all"}
        profile.new_cdp_session(first).send("Storage.clearDataForOrigin", stored)


@pytest.fixture(scope="module")
def profiles(browser: Browser, address: str) -> Profiles:
    return Profiles(browser, address)


@pytest.fixture(scope="module")
def database_url(postgres_url: str, template_url: str) -> Iterator[str]:
    execute(postgres_url, "CREATE DATABASE seen TEMPLATE migrated STRATEGY FILE_COPY")
    yield sibling(postgres_url, "seen")
    execute(postgres_url, "DROP DATABASE seen WITH (FORCE)")


@pytest.fixture(scope="module")
def experiments(database_url: str) -> dict[str, int]:
    engine = connect(database_url)
    revised = revisions(engine, num_problems=10)
    made = populate(engine, num_problems=10)
    engine.dispose()
    return {**made, "revisions": revised}


@pytest.fixture(scope="module")
def address(database_url: str, redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard of its own, on a port that it chose itself, started from another folder."""
    folder = tmp_path_factory.mktemp("dashboard")
    environment = {
        "OVERTHINK_DATABASE_URL": database_url,
        "OVERTHINK_REDIS_URL": redis_server,
        "OVERTHINK_OWNER": "ann",
        "OVERTHINK_LEASE_TTL_S": "1800",  # a worker that was heard of when a test began is alive until it ends
    }
    command = [sys.executable, "-m", "dashboard"]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--server.port", "0", "--server.address", "127.0.0.1"],
            cwd=folder,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield answering(log, server)
    finally:
        server.terminate()
        server.wait()


def answering(log: Path, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        said = log.read_text(errors="replace")
        assert server.poll() is None, said
        if found := re.search(r"http://127\.0\.0\.1:[1-9][0-9]*", said):
            try:
                with urllib.request.urlopen(f"{found[0]}/_stcore/health", timeout=5):
                    return found[0]
            except urllib.error.URLError:
                pass
        time.sleep(0.3)
    raise AssertionError(f"the dashboard did not start: {log.read_text(errors='replace')}")


@pytest.fixture
def page(profiles: Profiles, database_url: str) -> Iterator[Page]:
    """A tab that must end without an exception box, a console error or a failed request."""
    engine = connect(database_url)
    transitions.heartbeat(engine, WORKER, {})
    engine.dispose()
    with watched(profiles) as tab:
        yield tab


@contextmanager
def watched(profiles: Profiles) -> Iterator[Page]:
    """A tab of a profile of its own, as strict as `page`."""
    wrong: list[str] = []

    def on_console(said: ConsoleMessage) -> None:
        if said.type == "error" and not PROBED.search(said.location.get("url", "")):
            wrong.append(said.text)

    def on_response(answer: Response) -> None:
        if answer.status >= 400 and not PROBED.search(answer.url):
            wrong.append(f"{answer.status} {answer.url}")

    with profiles.lent() as profile:
        tab = profile.new_page()
        tab.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        tab.on("console", on_console)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("response", on_response)
        yield tab
        expect(tab.get_by_test_id("stException")).to_have_count(0)
    assert wrong == []
