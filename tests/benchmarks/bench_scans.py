"""How many traces a second rules look through, in a worker's own way: read, looked at in a process, told in slices.

Each trace is one chain of 400 words and its answer. Beside each rule stands what reading the texts alone takes; and the
milliseconds of the processor, ours and the rule's, that a trace took, which say the same on a busy machine; those of
PostgreSQL are not among them. Run it with `python -m tests.benchmarks.bench_scans`.
"""

import argparse
from collections.abc import Callable
from functools import partial
from threading import Event
from time import perf_counter

import psutil
from sqlalchemy import Engine

from db import transitions
from db.engine import connect
from db.migrate import migrate
from db.queries.scanning import traces_to_scan, unscanned
from db.transitions.scans import NewScan
from scaling.scanners import Rule, read_scanner
from tests.conftest import running
from tests.integration.scenes import claimed, running_experiment, succeed
from tests.many_traces import copy_trace
from worker.scanning.looking import ByRule, look_through, slices
from worker.scanning.rules import RuleProcess

THOUGHT = "Let me see: 17 and 25 are 42, so wait, is that right? " * 33
SCANNERS = (
    {"scanner": "text", "text": "is that right"},
    {"scanner": "regex", "pattern": r"(\d+) and (\d+) are \d+"},
    {"scanner": "wait_count"},
    {"scanner": "own_check"},
    {"scanner": "gave_up"},
    {"scanner": "loop"},
    {"scanner": "language_switch"},
    {"scanner": "cut_thought"},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=100_000)
    num_traces = parser.parse_args().traces
    with running("postgres") as stack:
        url = stack.info.database_url
        assert url is not None
        database = connect(url)
        migrate(database)
        bench(database, num_traces)


def bench(database: Engine, num_traces: int) -> None:
    experiment = running_experiment(database, num_problems=num_traces)
    first = claimed(database)
    succeed(database, first.lease)
    copy_trace(database, first.job_id, thought=THOUGHT)
    process = RuleProcess()
    print(f"{num_traces:,} traces of {len(THOUGHT.split())} words: a second, and ms of the processor each")
    tell("reading alone", num_traces, lambda: read_all(database, experiment))
    for number, fields in enumerate(SCANNERS):
        rule = read_scanner(fields)
        assert isinstance(rule, Rule)
        tell(rule.scanner, num_traces, partial(scan, database, process, experiment, rule, number))
    process.close()


def tell(name: str, num_traces: int, work: Callable[[], None]) -> None:
    since, spent = perf_counter(), processor_s()
    work()
    took, spent = perf_counter() - since, processor_s() - spent
    print(f"{name:18}{num_traces / took:10,.0f}{spent / num_traces * 1e3:10.2f}", flush=True)


def processor_s() -> float:
    """Ours, and that of the rules' process."""
    ours = psutil.Process()
    return sum(sum(each.cpu_times()[:2]) for each in (ours, *ours.children(recursive=True)))


def read_all(database: Engine, experiment: int) -> None:
    for slice_ in slices(unscanned(database, 0, experiment), ByRule.most_traces):
        traces_to_scan(database, [each.job_id for each in slice_])


def scan(database: Engine, process: RuleProcess, experiment: int, rule: Rule, number: int) -> None:
    new = NewScan(experiment, rule.words, rule.scanner, rule.model_dump(mode="json"), "v", str(number), "bench")
    transitions.create_scan(database, new)
    claimed_scan = transitions.claim_scan(database, "bench", [], {rule.scanner: "v"})
    assert claimed_scan is not None
    status = look_through(database, claimed_scan, ByRule(database, process, rule), Event())
    transitions.end_scan(database, claimed_scan.lease, status)


if __name__ == "__main__":
    main()
