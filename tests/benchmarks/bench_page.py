"""Seconds in which the page of an experiment with a million candidates answers, cold and warm, and the memory it takes.

The page is the real one over a real PostgreSQL, run by Streamlit's own script runner without a browser: from the
request to the last element handed over. *Cold*: nothing cached by the dashboard (a first visit after it was started, or
after results changed). *Warm*: visits in new sessions afterwards. Run it with
`python -m tests.benchmarks.bench_page [--problems 10000]`.
"""

import argparse
import os
import resource
import statistics
import time
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from db.engine import connect
from db.migrate import migrate
from tests.benchmarks.large_experiment import make
from tests.conftest import running

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
VIEWS: dict[str, dict[str, str]] = {
    "accuracy against thinking tokens": {},
    "accuracy against FLOPs, with maj@k, Pareto front": {"x": "inference compute", "k": "maj@k", "front": "true"},
    "of k candidates, all metrics": {"view": "of k candidates"},
    "by difficulty": {"view": "by difficulty"},
    "thinking against budget": {"view": "thinking against budget"},
    "tokens per job": {"view": "tokens per job"},
    "arm against arm": {"view": "arm against arm"},
}
COLD_VISITS, WARM_VISITS = 3, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--warm", type=int, default=WARM_VISITS, help="warm visits to each view")
    arguments = parser.parse_args()
    with running("postgres") as stack:
        url = stack.info.database_url
        assert url is not None
        os.environ["OVERTHINK_DATABASE_URL"], os.environ["OVERTHINK_REDIS_URL"] = url, "redis://127.0.0.1:1/0"
        database = connect(url)
        migrate(database)
        started = time.perf_counter()
        experiment_id = make(database, arguments.problems)
        print(f"{100 * arguments.problems:,} candidates made in {time.perf_counter() - started:.0f} s", flush=True)
        visit(experiment_id, {})  # what Python imports once is no part of it
        print(f"{'seconds':52}{'cold':>8}{'warm p50':>10}{'warm p95':>10}")
        for name, address in VIEWS.items():
            measure(name, experiment_id, address, arguments.warm)
        database.dispose()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak_mb:,.0f} MB at most in this process, the making of the experiment included")


def measure(name: str, experiment_id: int, address: dict[str, str], warm_visits: int) -> None:
    cold = []
    for _ in range(COLD_VISITS):
        st.cache_data.clear()
        st.cache_resource.clear()
        cold.append(visit(experiment_id, address))
    warm = [visit(experiment_id, address) for _ in range(warm_visits)]
    p95 = statistics.quantiles(warm, n=20)[-1]
    print(f"  {name:50}{max(cold):8.2f}{statistics.median(warm):10.2f}{p95:10.2f}", flush=True)


def visit(experiment_id: int, address: dict[str, str]) -> float:
    app = AppTest.from_file(str(APP), default_timeout=600)
    for name, value in {"id": str(experiment_id), **address}.items():
        app.query_params[name] = value
    app.switch_page("app_pages/experiment.py")
    started = time.perf_counter()
    app.run()
    seconds = time.perf_counter() - started
    if app.exception:
        raise RuntimeError(f"the page failed: {app.exception[0].value}")
    return seconds


if __name__ == "__main__":
    main()
