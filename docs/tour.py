"""A walk through the dashboard: `make tour` writes docs/tour.webp, two minutes of it, and the pictures in docs/pages/.

It drives Chromium over the dashboard that is up, over experiments that were really run (specs/demo.yaml,
specs/search.yaml, specs/seed-tiny.yaml) and a scan of the first, `overthink scan demo --pattern "no [0-9]+" --name
"corrects itself"`, and changes nothing there.
"""

import argparse
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from urllib.parse import urlencode

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from db import queries
from db.queries import TraceFilter
from db.queries.scanning.scans import scans
from overthink.services import open_database, require_services
from scaling.types import Verdict

DOCS = Path(__file__).parent
WIDTH, HEIGHT, BAR = 1280, 860, 48
SECONDS = 5.0
"""How long a scene stands."""
COME = "window.overthink?.isComing() === false && document.querySelector('[data-test-script-state=notRunning]')"
STILL_MS = 500
"""A page that looks the same for so long is drawn."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]


@dataclass(frozen=True)
class Found:
    """What the walk goes to: experiments by name, and some of their traces."""

    demo: int
    search: int
    seed: int
    forced: int
    voted: int
    searched: int
    problem: int
    scan: int
    arms: tuple[str, str]
    """Of the demo: a chain left to itself, and one with two Waits."""


Act = Callable[[Page, Found], object]


@dataclass(frozen=True)
class Scene:
    """A caption, and how to get there from the scene before. `picture`: kept under this name, light and dark."""

    caption: str
    act: Act
    picture: str | None = None


def at(path: str, **parameters: str | Callable[[Found], int]) -> Act:
    """Goes to an address; a parameter may be told by what was found."""

    def go(page: Page, found: Found) -> None:
        told = {name: value(found) if callable(value) else value for name, value in parameters.items()}
        page.goto(f"/{path}?{urlencode(told)}" if told else f"/{path}")

    return go


def key(name: str, times: int = 1) -> Act:
    def press(page: Page, found: Found) -> None:
        for _ in range(times):
            page.keyboard.press(name)
            settled(page)

    return press


def demo(found: Found) -> int:
    return found.demo


def compared(page: Page, found: Found) -> None:
    at("compare", **{"from": f"{found.demo}:{found.arms[0]}", "to": f"{found.demo}:{found.arms[1]}"})(page, found)


def judged(page: Page, found: Found) -> None:
    at("judge", judging=demo)(page, found)
    settled(page)
    page.get_by_text("Begin", exact=True).click()


SCENES = (
    Scene("Experiments: what needs you, what runs, and all there is", at(""), "experiments"),
    Scene("New: a form and YAML on one spec, with its bill beside it", at("submit", preset="search"), "new"),
    Scene("The same as YAML", at("submit", **{"preset": "search", "as": "YAML"})),
    Scene(
        "An experiment: the finding in words, the arms ranked beside the plot", at("experiment", id=demo), "experiment"
    ),
    Scene(
        "Search against votes: the axis counts the verifier's tokens", at("experiment", id=lambda found: found.search)
    ),
    Scene(
        "Does one family beat another, at equal compute? The rule was fixed before",
        at("experiment", id=lambda found: found.seed, view="verdict"),
        "verdict",
    ),
    Scene("Easy and hard problems", at("experiment", id=demo, view="by difficulty")),
    Scene(
        "The traces behind a number: counts are the filter, the trace is read beside the list",
        at("traces", experiment=demo, verdict="wrong"),
        "traces",
    ),
    Scene("j: the next one", key("j", 2)),
    Scene(
        "A trace with two Waits: what it would have answered before and after each",
        at("trace", job=lambda found: found.forced),
        "trace",
    ),
    Scene(
        "A vote: its answers as bars, the expected one marked",
        at("trace", job=lambda found: found.voted, tab="votes"),
        "votes",
    ),
    Scene(
        "A search: its tree, the chosen path, what was pruned",
        at("trace", job=lambda found: found.searched),
        "search-tree",
    ),
    Scene("?: the keys of the page", key("?")),
    Scene("One problem, under every arm", at("problem", problem_id=lambda found: found.problem), "problem"),
    Scene("Compare: the difference first, then the problems on which two arms part", compared, "compare"),
    Scene("Search in all that was thought", at("search", q="check no"), "search"),
    Scene(
        "Scans: where a pattern, a rule or a judge finds something in all traces, arm by arm",
        at("scans", of_experiment=demo, scan=lambda found: found.scan),
        "scans",
    ),
    Scene("Judge: two traces, their arms hidden, one key", judged, "judge"),
    Scene("Queue & workers: who serves what, and why a job waits", at("queue"), "queue"),
)


def find(database: Engine) -> Found:
    demo, search, seed = (queries.experiment(database, name) for name in ("demo", "search", "seed tiny"))

    def trace_of(experiment: queries.ExperimentDetail, label: str, verdict: Verdict | None = None) -> int:
        arm = next(arm.id for arm in experiment.arms if label in arm.label)
        listed = queries.list_traces(database, experiment.id, TraceFilter(arm_id=arm, verdict=verdict)).traces
        return listed[len(listed) // 2].job_id

    chain, waits = (next(arm.label for arm in demo.arms if word in arm.label) for word in ("chain_of", "waits=2"))
    forced = trace_of(demo, "waits=2", Verdict.CORRECT)
    return Found(
        demo=demo.id,
        search=search.id,
        seed=seed.id,
        forced=forced,
        voted=trace_of(demo, "samples=16", Verdict.WRONG),
        searched=trace_of(search, "beam_search"),
        scan=scans(database, demo.id)[0].id,
        problem=queries.trace(database, forced).problem_id,
        arms=(chain, waits),
    )


def settled(page: Page) -> bytes:
    """A picture of the page, once all of it has come and it looks as it did a moment before."""
    page.wait_for_function(COME, timeout=120_000)
    before, now = b"", page.screenshot()
    while now != before:
        page.wait_for_timeout(STILL_MS)
        before, now = now, page.screenshot()
    return now


def walked(browser: Browser, address: str, found: Found, scheme: str, scenes: Sequence[Scene]) -> list[Image.Image]:
    """A picture of each scene, in order."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page, pictures = context.new_page(), []
    for scene in scenes:
        scene.act(page, found)
        pictures.append(Image.open(io.BytesIO(settled(page))).convert("RGB"))
        print(f"{scheme}: {scene.caption}", flush=True)
    context.close()
    return pictures


def captioned(picture: Image.Image, caption: str, number: int, of: int) -> Image.Image:
    frame = Image.new("RGB", (WIDTH, HEIGHT + BAR), "#1b2430")
    frame.paste(picture, (0, BAR))
    draw, font = ImageDraw.Draw(frame), ImageFont.load_default(size=20)
    draw.text((20, 12), caption, fill="#ffffff", font=font)
    draw.text((WIDTH - 80, 12), f"{number} / {of}", fill="#9fb0c3", font=font)
    return frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8501", help="of the dashboard")
    address = parser.parse_args().address
    with open_database(require_services()) as database:
        found = find(database)
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    (DOCS / "pages").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        frames = walked(browser, address, found, "light", SCENES)
        kept = [scene for scene in SCENES if scene.picture]
        dark = walked(browser, address, found, "dark", kept)
        browser.close()
    light = [frame for frame, scene in zip(frames, SCENES, strict=True) if scene.picture]
    for scheme, pictures in (("light", light), ("dark", dark)):
        for scene, picture in zip(kept, pictures, strict=True):
            picture.save(DOCS / "pages" / f"{scene.picture}-{scheme}.webp", quality=80, method=6)
    tour = [captioned(frame, SCENES[at].caption, at + 1, len(frames)) for at, frame in enumerate(frames)]
    milliseconds = round(1000 * SECONDS)
    tour[0].save(DOCS / "tour.webp", save_all=True, append_images=tour[1:], duration=milliseconds, loop=0, quality=70)


if __name__ == "__main__":
    main()
