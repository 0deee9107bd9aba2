"""How long a trace of 32,000 steps and one of 100,000 tokens take to open in a browser, and what scrolling costs.

A real server, PostgreSQL and Chromium. *Seconds*: from a click on the page of a short trace until a word of the model
is seen. *A frame*: the CPU time of the page's own thread, which is what a frame costs on a machine that does other
things as well; 16.7 ms make 60 frames a second. Run it with `python -m tests.benchmarks.bench_trace`.
"""

import shutil
import statistics
import time
from collections.abc import Mapping

from playwright.sync_api import CDPSession, Page, sync_playwright

from db.engine import connect
from db.migrate import migrate
from tests.acceptance.conftest import FLAGS
from tests.benchmarks.bench_page import Server, serving
from tests.benchmarks.large_traces import make
from tests.conftest import running

OPENINGS, FRAMES = 20, 180
SPEEDS_PX = (30, 200, 3_000)
"""That a frame scrolls: reading, hurrying, dragging the bar."""
SEEN = """job => document.querySelector(".ot-reader")?.dataset.trace.startsWith(job + "/")
  && [...document.querySelectorAll(".ot-step:not(.prompt) .ot-text")].some(text => text.checkVisibility())"""
SCROLL = """async ([px, frames]) => {
  const pane = document.querySelector(".ot-pane")
  for (let frame = 0; frame < frames; frame++) {
    pane.scrollTop += px
    await new Promise(requestAnimationFrame)
  }
}"""


def main() -> None:
    with running("postgres", "redis") as stack, sync_playwright() as playwright:
        url = str(stack.info.database_url)
        database = connect(url)
        migrate(database)
        jobs = make(database)
        short = jobs.pop("short")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        with serving(stack, url, database) as server:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{server.port}/trace?job={short}")
            page.wait_for_function(SEEN, arg=str(short))
            for name, job in jobs.items():
                for what, rest in ((name, ""), (f"{name}, the whole tree", "&follow=the+whole+tree")):
                    measure(server, page, what, short, f"{job}{rest}")
        browser.close()
        database.dispose()


def measure(server: Server, page: Page, name: str, short: int, job: str) -> None:
    before = server.memory_mb
    seconds = [opened(page, str(short), job) for _ in range(OPENINGS)]
    p95 = statistics.quantiles(seconds, n=20)[-1]
    print(f"{name:32} opened in {statistics.median(seconds):.2f} s, p95 {p95:.2f}; {server.memory_mb - before:+.0f} MB")
    thread = page.context.new_cdp_session(page)
    thread.send("Performance.enable", {"timeDomain": "threadTicks"})
    for speed in SPEEDS_PX:
        start = used(thread)
        page.evaluate(SCROLL, [speed, FRAMES])
        now = used(thread)
        task, script = (1000 * (now[each] - start[each]) / FRAMES for each in ("TaskDuration", "ScriptDuration"))
        print(
            f"  {speed:5} px a frame: {task:5.1f} ms, {script:.1f} of it script; {now['JSHeapUsedSize'] / 2**20:.0f} MB"
        )


def opened(page: Page, short: str, job: str) -> float:
    """As a link opens it, from another trace."""
    page.evaluate("href => overthink.open(href)", f"./trace?job={short}")
    page.wait_for_function(SEEN, arg=short)
    page.wait_for_timeout(500)
    started = time.perf_counter()
    page.evaluate("href => overthink.open(href)", f"./trace?job={job}")
    page.wait_for_function(SEEN, arg=job.partition("&")[0])
    return time.perf_counter() - started


def used(thread: CDPSession) -> Mapping[str, float]:
    return {each["name"]: each["value"] for each in thread.send("Performance.getMetrics")["metrics"]}


if __name__ == "__main__":
    main()
