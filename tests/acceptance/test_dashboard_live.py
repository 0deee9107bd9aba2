"""An experiment runs while somebody reads its plots: what was zoomed, hidden, hovered and clicked stays so.

A thread ends jobs through the transitions that workers use, two a second.
"""

import time
from collections.abc import Iterator
from threading import Event, Thread
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from db import queries, transitions
from db.engine import connect
from db.records import NewWorker
from tests.acceptance.test_dashboard_browser import heading
from tests.acceptance.test_dashboard_ways import settled
from tests.conftest import execute, sibling, wait_until
from tests.integration.dashboard_world import ARMS, MODEL, SERVED, WORKER, expanded, ladder, ladder_trace

PLANS = {plan.label: plan for plan in ARMS}
PLOT = ".js-plotly-plot"
PAUSE_S = 0.5
NUM_REFRESHES = 5
VIEWS = (
    "accuracy against compute",
    "of k candidates",
    "by difficulty",
    "thinking against budget",
    "tokens per job",
)


@pytest.fixture(scope="module")
def database_url(postgres_url: str, template_url: str) -> Iterator[str]:
    execute(postgres_url, "CREATE DATABASE lively TEMPLATE migrated STRATEGY FILE_COPY")
    yield sibling(postgres_url, "lively")
    execute(postgres_url, "DROP DATABASE lively WITH (FORCE)")


class Progress:
    """Jobs that end while it is entered."""

    def __init__(self, database: Engine, experiment: int) -> None:
        self.experiment = experiment
        self._database = database
        self._stop = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_S):
            transitions.heartbeat(self._database, WORKER, {})
            end_one(self._database)

    def num_ended(self) -> int:
        return queries.progress(self._database, self.experiment).jobs.ended


def end_one(database: Engine) -> None:
    job = transitions.claim(database, MODEL, WORKER)
    assert job is not None, "the experiment is too small for these tests"
    transitions.succeed(database, job.lease, *ladder_trace(job, PLANS[job.arm_label]), wall_seconds=0.7)


@pytest.fixture(scope="module")
def begun(database_url: str) -> Iterator[Progress]:
    """An experiment of 8 arms and 8,000 jobs, 60 of which have ended."""
    database = connect(database_url)
    transitions.announce_model(database, SERVED)
    transitions.announce_worker(database, NewWorker(WORKER, "host-a", 4242, (MODEL,), 64, ()))
    experiment = expanded(database, "lively", ladder(1_000), ARMS)
    for _ in range(60):
        end_one(database)
    yield Progress(database, experiment)
    database.dispose()


@pytest.fixture
def running(begun: Progress) -> Iterator[Progress]:
    with Progress(begun._database, begun.experiment) as progress:
        yield progress


def open_plot(page: Page, experiment: int, view: str = VIEWS[0]) -> None:
    page.goto(f"/experiment?id={experiment}&view={view.replace(' ', '+')}")
    heading(page, "lively")
    page.locator(f"{PLOT} .main-svg").first.wait_for()
    page.locator(PLOT).first.evaluate("(plot) => plot.scrollIntoView({ block: 'center' })")


def seen(page: Page) -> dict[str, object]:
    """What the first plot shows now."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
            const plot = document.querySelector('.js-plotly-plot')
            return {
                zoom: [plot._fullLayout.xaxis.range, plot._fullLayout.yaxis.range],
                hidden: plot.data.filter((each) => each.visible === false).map((each) => each.name),
                numbers: JSON.stringify(plot.data.map((each) => each.y)),
                tooltips: plot.querySelectorAll('.hoverlayer .hovertext').length,
                chip: document.querySelector('.ot-plot-chip:not([hidden])')?.textContent ?? '',
            }
        }"""
    )


def marks(page: Page) -> list[tuple[float, float]]:
    """Where the marks of the first plot are on the screen, those that open something."""
    found = page.evaluate(
        """() => {
            const plot = document.querySelector('.js-plotly-plot')
            const inside = plot.querySelector('.nsewdrag').getBoundingClientRect()
            return [...plot.querySelectorAll('.scatterlayer .points path')]
                .map((each) => each.getBoundingClientRect())
                .map(({ x, y, width, height }) => [x + width / 2, y + height / 2])
                .filter(([x, y]) => x > inside.left && x < inside.right && y > inside.top && y < inside.bottom)
        }"""
    )
    return [(x, y) for x, y in found]


def settled_marks(page: Page) -> list[tuple[float, float]]:
    """Where they are once the page above them has all of its height."""
    found = marks(page)
    while True:
        page.wait_for_timeout(300)
        before, found = found, marks(page)
        if found and found == before:
            return found


def zoom_in(page: Page) -> None:
    box = page.locator(f"{PLOT} .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] - 5, steps=5)
    page.mouse.up()


def wait_for_results(running: Progress, count: int) -> None:
    until = running.num_ended() + count
    while running.num_ended() < until:
        time.sleep(PAUSE_S)


def refreshed(page: Page) -> None:
    """The first plot is told of more results than before, and they wait."""
    before = seen(page)["chip"]
    wait_until(lambda: seen(page)["chip"] not in ("", before), pause_s=0.3)


def test_zoom_legend_and_tooltip_outlast_new_results(page: Page, running: Progress) -> None:
    open_plot(page, running.experiment)
    whole = seen(page)
    zoom_in(page)
    page.locator(".ot-ranks li").last.get_by_role("button").click()
    expect(page.locator(".ot-ranks li.ot-away")).to_have_count(1)
    page.mouse.move(5, 5)
    wait_until(lambda: seen(page)["zoom"] != whole["zoom"] and seen(page)["hidden"])
    before = seen(page)

    x, y = settled_marks(page)[0]
    page.mouse.move(x - 2, y - 2)
    page.mouse.move(x, y)
    page.locator(f"{PLOT} .hoverlayer .hovertext").first.wait_for()
    for _ in range(NUM_REFRESHES):
        refreshed(page)
        assert seen(page)["tooltips"] == 1
    during = seen(page)
    assert "new results · update" in str(during["chip"])
    assert (during["zoom"], during["hidden"]) == (before["zoom"], before["hidden"])

    page.mouse.move(5, 5)
    expect(page.locator(".ot-plot-chip").first).to_be_hidden()
    after = seen(page)
    assert after["numbers"] != before["numbers"]
    assert (after["zoom"], after["hidden"]) == (before["zoom"], before["hidden"])


def test_new_results_are_drawn_at_once_when_asked_for(page: Page, running: Progress) -> None:
    open_plot(page, running.experiment)
    settled(page)
    page.locator(PLOT).first.hover()
    before = seen(page)["numbers"]
    chip = page.locator(".ot-plot-chip").first
    expect(chip).to_be_visible()  # a click that waits for it scrolls the plot away under the pointer meanwhile
    chip.click()
    page.wait_for_function(
        "(before) => JSON.stringify(document.querySelector('.js-plotly-plot').data.map((each) => each.y)) !== before",
        arg=before,
    )


@pytest.mark.parametrize("view", VIEWS)
def test_every_plot_of_every_view_is_the_same_one_after_new_results(
    page: Page,
    running: Progress,
    view: str,
) -> None:
    open_plot(page, running.experiment, view)
    settled(page)
    number = page.evaluate(
        "() => [...document.querySelectorAll('.js-plotly-plot')].map((each) => (each.isOld = true)).length"
    )
    assert number
    wait_for_results(running, 12)
    page.wait_for_timeout(1_000)
    old = page.evaluate("() => [...document.querySelectorAll('.js-plotly-plot')].filter((each) => each.isOld).length")
    assert old == number
    assert page.locator(PLOT).count() == number


def test_every_click_on_a_mark_opens_the_traces_of_its_arm(page: Page, running: Progress) -> None:
    """Results come while it is pressed, too."""
    arms = {plan.label for plan in ARMS}
    opened = set()
    for number in range(len(arms)):
        open_plot(page, running.experiment)
        settled(page)
        x, y = settled_marks(page)[number]
        page.mouse.move(x - 1, y - 1)
        page.mouse.move(x, y)
        label = page.locator(f"{PLOT} .hoverlayer .hovertext").first.text_content()
        page.mouse.down()
        refreshed(page)
        page.mouse.up()
        heading(page, "Traces")
        [arm] = parse_qs(urlparse(page.url).query)["arm"]
        assert arm in arms
        assert label is not None and label.startswith(arm)
        opened.add(arm)
    assert len(opened) >= len(arms) - 1  # two of them may stand at one place


def test_a_click_right_after_the_pointer_came_opens_what_is_under_it(page: Page, running: Progress) -> None:
    """What moved last is looked up late, in the middle of the press, and the release comes right after that."""
    open_plot(page, running.experiment)
    settled(page)
    x, y = settled_marks(page)[0]
    page.evaluate(
        """([x, y]) => {
            const plot = document.querySelector('.js-plotly-plot')
            const area = plot.querySelector('.nsewdrag')
            const send = (kind, to, at = x) => to.dispatchEvent(
                new (kind.startsWith('pointer') ? PointerEvent : MouseEvent)(
                    kind, { clientX: at, clientY: y, bubbles: true, cancelable: true, view: window }))
            const release = () => ['pointerup', 'mouseup'].forEach((kind) => send(kind, document.body))
            plot.on('plotly_unhover', () => queueMicrotask(release))
            send('mousemove', area, x - 1)
            send('mousemove', area)
            send('pointerdown', area)
            send('mousedown', area)
        }""",
        [x, y],
    )
    heading(page, "Traces")


def test_a_file_comes_with_every_press_while_results_come_in(page: Page, running: Progress) -> None:
    open_plot(page, running.experiment)
    for name in ("CSV", "Points as CSV"):
        sizes = []
        for _ in range(4):
            wait_for_results(running, 2)
            with page.expect_download() as download:
                page.get_by_role("button", name=name, exact=True).click()
            lines = download.value.path().read_text().splitlines()
            assert "label" in lines[0].split(",")
            sizes.append(len(lines))
        assert min(sizes) > 1


def test_the_wheel_over_a_plot_scrolls_the_page(page: Page, begun: Progress) -> None:
    """No results come in, for what had waited is drawn when the plot scrolls away under the pointer."""
    open_plot(page, begun.experiment)
    settled(page)
    before = seen(page)["zoom"]
    page.locator(PLOT).first.hover()
    page.mouse.wheel(0, 400)
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 100")
    assert seen(page)["zoom"] == before
