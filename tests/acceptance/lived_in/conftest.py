"""The whole embedded stack, vLLM and all, with real runs behind it; a tab of a browser that looks at it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import Engine

import overthink
from db import queries
from db.engine import connect
from db.queries import ExperimentDetail, TraceFilter, TraceSummary
from overthink.stack import Stack
from tests.acceptance.conftest import Profiles, watched
from tests.acceptance.lived_in import specs
from tests.acceptance.service import Service
from tests.conftest import fresh_home, start_or_skip, wait_until
from worker import submit

FAST = {"OVERTHINK_LEASE_TTL_S": "30", "OVERTHINK_HEARTBEAT_S": "1", "OVERTHINK_OWNER": "ann"}
"""So that what a killed worker held is taken back soon, and nobody is taken for dead who waits for a busy machine."""
RUNS = {
    "demo": specs.DEMO,
    "search": specs.SEARCH,
    "cut": specs.CUT,
    "old": specs.OLD,
    "long": specs.TOO_LONG,
    "unserved": specs.UNSERVED,
    "capped": specs.CAPPED,
}


@dataclass(frozen=True)
class Whole:
    """The stack, and what stands in its database."""

    address: str
    service: Service
    database: Engine
    pid_of: Callable[[str], int]

    def submit(self, name: str, text: str) -> int:
        """As `overthink.submit` does for who writes Python."""
        with pytest.MonkeyPatch.context() as patch:
            for setting, value in self.service.environment.items():
                patch.setenv(setting, value)
            return overthink.submit(specs.written(self.service.logs, name, text))

    def detail(self, experiment: int) -> ExperimentDetail:
        return queries.experiment(self.database, experiment)

    def ended(self, experiment: int) -> None:
        wait_until(lambda: self.detail(experiment).summary.status.is_closed)

    def cancel(self, experiment: int) -> None:
        submit.cancel(self.database, experiment)
        self.ended(experiment)

    def traces(self, experiment: int, arm: str = "") -> tuple[TraceSummary, ...]:
        """Those of the first arm whose label has these words, in the order of the list."""
        found = next(each for each in self.detail(experiment).arms if arm in each.label)
        return queries.list_traces(self.database, experiment, TraceFilter(arm_id=found.id)).traces


@pytest.fixture(scope="package")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Nothing has been run on it yet."""
    with fresh_home() as home, pytest.MonkeyPatch.context() as patch:
        for setting, value in FAST.items():
            patch.setenv(setting, value)
        stack = Stack(home)
        try:
            start_or_skip(stack)
            yield from whole_of(stack, tmp_path_factory.mktemp("lived-in"))
        finally:
            stack.stop()


def whole_of(stack: Stack, folder: Path) -> Iterator[Whole]:
    environment = {name: value for name, value in os.environ.items() if name in FAST} | stack.environment
    database = connect(environment["OVERTHINK_DATABASE_URL"])
    assert stack.dashboard_url is not None
    yield Whole(stack.dashboard_url, Service(environment, folder), database, lambda part: pid(stack, part))
    database.dispose()


def pid(stack: Stack, part: str) -> int:
    found = stack.part(part).pid
    assert found is not None
    return found


@pytest.fixture(scope="package")
def runs(whole: Whole) -> dict[str, int]:
    """Experiments by their short names; all have ended, but for the one that nobody serves."""
    made = {name: whole.submit(name, text) for name, text in RUNS.items()}
    for name, experiment in made.items():
        if name != "unserved":
            whole.ended(experiment)
    assert whole.detail(made["demo"]).summary.jobs.succeeded == 100
    return made


@pytest.fixture(scope="module")
def address(whole: Whole) -> str:
    return whole.address


@pytest.fixture
def page(profiles: Profiles, whole: Whole) -> Iterator[Page]:
    with watched(profiles) as tab:
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=whole.address)
        yield tab
