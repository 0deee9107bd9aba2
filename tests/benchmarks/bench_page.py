"""How long the dashboard's pages take to answer for an experiment with a million candidates, and the memory they need.

A real server (`overthink dashboard`) over a real PostgreSQL with 10,000 problems × 100 candidates, 50,000 jobs. A visit
is a session of its own, without a browser: from the request until the page's last element has arrived. *Cold*: nothing
is cached (as after results changed); *warm*: visits afterwards. CPU seconds are those of the server and of PostgreSQL,
which is what a visit costs on a machine that does other things as well. Run it with
`python -m tests.benchmarks.bench_page [--problems 10000]`.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
from sqlalchemy import Engine, text

from dashboard.views.results_section import BY_NAME
from db.engine import connect
from db.migrate import migrate
from overthink.stack import Stack
from tests.benchmarks.large_experiment import make
from tests.benchmarks.page_visitor import Answer, free_port, visit
from tests.conftest import running, wait_until

COLD_VISITS, WARM_VISITS, SESSIONS, REFRESHES = 3, 40, 20, 40
LAST_PAGE = "1000"
"""Of the list of traces, 50 at a time; a smaller experiment's last page is nearer."""


@dataclass(frozen=True, slots=True)
class Page:
    """`chosen` are choices in its address, each of which the page must know."""

    name: str
    path: str
    address: Mapping[str, str]
    chosen: Mapping[str, str] = field(default_factory=dict)


FLOPS_AND_ALL_METRICS = {
    "x": "FLOPs by weights",
    "k": "maj@k,pass@k,best-of-k,weighted-best-of-k",
    "front": "True",
}
EQUAL = {"part": "at equal compute"}
CHAIN_AGAINST_SWEEP = {"from": "chain_of_thought", "to": "budget_forcing 1024"}


@dataclass(frozen=True, slots=True)
class Server:
    """The dashboard, its process and PostgreSQL's."""

    port: int
    process: psutil.Process
    postmaster: psutil.Process

    def visit(self, page: Page, *, clear_cache: bool = False) -> Answer:
        return visit(self.port, page.path, page.address, page.chosen, clear_cache=clear_cache)

    @property
    def cpu_s(self) -> float:
        return sum(used(process) for process in (self.process, self.postmaster, *self.postmaster.children()))

    @property
    def memory_mb(self) -> float:
        return self.process.memory_info().rss / 2**20


def used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def pages(experiment_id: int) -> list[Page]:
    """Every view that the experiment's page offers, and those of its choices that cost most."""
    of_results, of_traces = {"id": str(experiment_id)}, {"experiment": str(experiment_id)}
    of_comparisons = {"home": str(experiment_id)}
    first, *others = BY_NAME
    narrow = {"verdict": "wrong", "level": "level 3", "question": "77"}
    return [
        Page("experiments", "", {}),
        Page(first, "experiment", of_results),
        Page("… FLOPs, all metrics, Pareto front", "experiment", of_results, FLOPS_AND_ALL_METRICS),
        *(Page(name, "experiment", {**of_results, "view": name}) for name in others),
        Page("compare, what is worth it", "compare", of_comparisons),
        Page("compare, problem by problem", "compare", {**of_comparisons, **CHAIN_AGAINST_SWEEP}),
        Page("compare, at equal compute", "compare", {**of_comparisons, **CHAIN_AGAINST_SWEEP, **EQUAL}),
        Page("traces, first page", "traces", of_traces),
        Page("traces, last page", "traces", {**of_traces, "page": LAST_PAGE}),
        Page("traces, filtered", "traces", {**of_traces, **narrow}),
        Page("traces, longest thinking first", "traces", of_traces, {"order": "longest thinking first"}),
        Page("traces, newest first, last page", "traces", {**of_traces, "order": "newest first", "page": LAST_PAGE}),
        Page("trace", "trace", {"job": "2"}),
        Page("problem", "problem", {"problem_id": "1"}),
        Page("queue", "queue", {}),
        Page("search, of a problem", "search", {"q": "77"}),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--warm", type=int, default=WARM_VISITS, help="warm visits to each page")
    parser.add_argument("--database", help="one that has the experiment already")
    arguments = parser.parse_args()
    with running("postgres", "redis") as stack:
        url = arguments.database or stack.info.database_url
        assert url is not None
        database = connect(url)
        experiment_id = 1 if arguments.database else made(database, url, arguments.problems)
        with serving(stack, url, database) as server:
            first = server.visit(Page("experiments", "", {}))
            print(f"first visit after the server started: {first.seconds:.2f} s; {server.memory_mb:,.0f} MB")
            print(f"{'seconds':40}{'cold':>8}{'CPU':>7}{'warm p50':>11}{'p95':>7}{'CPU':>7}")
            measured = pages(experiment_id)
            for page in measured:
                measure(server, page, arguments.warm)
            print(f"{server.memory_mb:,.0f} MB after all of them")
            sessions(server, measured[1])
            while_it_runs(server, database, measured[1])
        database.dispose()


def made(database: Engine, url: str, num_problems: int) -> int:
    """Made by a process of its own, whose memory is not the pages'."""
    migrate(database)
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(1) as maker:
        experiment_id = maker.apply(make_at, (url, num_problems))
    print(f"{100 * num_problems:,} candidates made in {time.perf_counter() - started:.0f} s", flush=True)
    return experiment_id


def make_at(url: str, num_problems: int) -> int:
    return make(connect(url), num_problems)


@contextmanager
def serving(stack: Stack, url: str, database: Engine) -> Iterator[Server]:
    port = free_port()
    environment = {"OVERTHINK_DATABASE_URL": url, "OVERTHINK_REDIS_URL": str(stack.info.redis_url)}
    command = [sys.executable, "-m", "overthink", "dashboard", "--port", str(port)]
    with database.connect() as connection:
        backend = psutil.Process(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    server = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port))
        yield Server(port, psutil.Process(server.pid), backend.parent() or backend)
    finally:
        server.terminate()
        server.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
            return True
    except OSError:
        return False


def measure(server: Server, page: Page, warm_visits: int) -> None:
    cold = [timed(server, page, clear_cache=True) for _ in range(COLD_VISITS)]
    warm = [timed(server, page) for _ in range(warm_visits)]
    seconds, cpu_s = zip(*warm, strict=True)
    cold_s, cold_cpu_s = (max(each) for each in zip(*cold, strict=True))
    p95 = statistics.quantiles(seconds, n=20)[-1]
    numbers = f"{cold_s:8.2f}{cold_cpu_s:7.2f}{statistics.median(seconds):11.2f}{p95:7.2f}{statistics.mean(cpu_s):7.2f}"
    print(f"  {page.name:38}{numbers}", flush=True)


def timed(server: Server, page: Page, *, clear_cache: bool = False) -> tuple[float, float]:
    """Seconds, and CPU seconds."""
    before = server.cpu_s
    seconds = server.visit(page, clear_cache=clear_cache).seconds
    return seconds, server.cpu_s - before


def sessions(server: Server, page: Page) -> None:
    before = server.memory_mb
    for _ in range(SESSIONS):
        server.visit(page)
    print(f"{(server.memory_mb - before) / SESSIONS:.1f} MB more per session, over {SESSIONS}")


def while_it_runs(server: Server, database: Engine, page: Page) -> None:
    """Each visit finds more jobs ended than the one before, as a page does that refreshes itself."""
    with database.begin() as connection:
        connection.execute(text("UPDATE experiments SET status = 'running', finished_at = NULL"))
        connection.execute(text(f"UPDATE jobs SET status = 'running' WHERE id <= {REFRESHES}"))
    memory_mb, measured = [server.memory_mb], []
    for job_id in range(1, REFRESHES + 1):
        with database.begin() as connection:
            connection.execute(text("UPDATE jobs SET status = 'succeeded' WHERE id = :id"), {"id": job_id})
        time.sleep(2.1)  # what is kept for two seconds is asked for again
        measured.append(timed(server, page))
        memory_mb.append(server.memory_mb)
    with database.begin() as connection:
        connection.execute(text("UPDATE experiments SET status = 'succeeded', finished_at = now()"))
    seconds, cpu_s = zip(*measured, strict=True)
    print(
        f"while it runs, a job having ended before each of {REFRESHES} visits: {max(seconds):.2f} s at most, "
        f"{statistics.mean(cpu_s):.2f} CPU s a visit; from {memory_mb[0]:,.0f} MB to {memory_mb[REFRESHES // 2]:,.0f} "
        f"half-way and {memory_mb[-1]:,.0f} in the end"
    )


if __name__ == "__main__":
    main()
