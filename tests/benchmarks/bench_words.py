"""What searching costs: the ends of jobs while words are read beside them, and a search over a million candidates.

Ends: processes claim and succeed jobs of one chain of 9,000 characters (2,000 tokens) as fast as they can, on a
PostgreSQL that syncs its commits; alone, with the reader beside them as the reconciler runs it, and with a GIN index on
the texts themselves, which each end has to keep. In turns (A B C A B C ...). Searches: `large_experiment` with a text
for each of its candidates. Run it with `python -m tests.benchmarks.bench_words`.
"""

import argparse
import multiprocessing
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

from sqlalchemy import Engine, text

from db import transitions
from db.engine import connect
from db.migrate import migrate
from db.records import Grade
from db.search.found import find_traces
from db.search.terms import SearchError, terms_of
from scaling.types import Trace
from tests.benchmarks.large_experiment import make
from tests.conftest import running
from tests.integration.scenes import MODEL, running_experiment, star
from worker.reconciler import BUSY_READING_SHARE

PROCESSES, THREADS, JOBS, ROUNDS = 2, 4, 1600, 3
WORDS = ("wait", "let", "me", "double", "check", "the", "so", "then", "hmm", "equation", "number", "x", "we", "have")
ALONE, READ, INDEXED = "alone", "read beside", "indexed at once"
INDEX = "CREATE INDEX each_end ON steps USING gin (to_tsvector('simple', text))"
SEARCHES = ("wait", "3141", '"let me double"', "hmm 271", r"\boxed{99", "wait nowhere", '"equation number x we have"')


def thought(chance: random.Random, words: int) -> str:
    """A third of it numbers, drawn out of 10,000 unevenly."""
    return " ".join(
        str(int(10_000 ** chance.random())) if chance.random() < 0.3 else chance.choice(WORDS) for _ in range(words)
    )


def long_star(chance: random.Random) -> tuple[Trace, list[Grade]]:
    trace, grades = star()
    prompt, think, *rest = trace.steps
    return Trace((prompt, replace(think, text=thought(chance, 2_000)), *rest), trace.outcome), grades


def end_jobs(url: str, jobs: int) -> None:
    made = [long_star(random.Random(number)) for number in range(50)]
    engine = connect(url)

    def end_some(_: int) -> None:
        for number in range(jobs // THREADS):
            job = transitions.claim(engine, MODEL, "bench")
            assert job is not None
            transitions.succeed(engine, job.lease, *made[number % len(made)], wall_seconds=1.0)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(end_some, range(THREADS)))


def read_for_ever(url: str) -> None:
    """As a reconciler reads while jobs run."""
    engine, pause_s = connect(url), 3.0
    while True:
        transitions.read_words(engine, pause_s * BUSY_READING_SHARE)
        time.sleep(pause_s * (1 - BUSY_READING_SHARE))


@contextmanager
def beside(kind: str, url: str) -> Iterator[None]:
    reader = multiprocessing.Process(target=read_for_ever, args=(url,), daemon=True)
    if kind == READ:
        reader.start()
    if kind == INDEXED:
        run(connect(url), INDEX)
    yield
    if kind == READ:
        reader.terminate()
        reader.join()
    if kind == INDEXED:
        run(connect(url), "DROP INDEX each_end")


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def ends_per_s(url: str, kind: str) -> float:
    engine = connect(url)
    run(engine, "TRUNCATE experiments CASCADE")
    running_experiment(engine, num_problems=JOBS)
    workers = [multiprocessing.Process(target=end_jobs, args=(url, JOBS // PROCESSES)) for _ in range(PROCESSES)]
    with beside(kind, url):
        began = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return JOBS / (time.monotonic() - began)


def bench_ends(url: str) -> None:
    kinds = (ALONE, READ, INDEXED)
    rounds = [{kind: ends_per_s(url, kind) for kind in kinds} for _ in range(ROUNDS)]
    for kind in kinds:
        ratio = median(each[kind] / each[ALONE] for each in rounds)
        print(f"{kind:>16}: {median(each[kind] for each in rounds):6.1f} ends/s, {ratio:.3f} of alone", flush=True)


TEXTS = """
INSERT INTO steps (job_id, path, position, kind, phase, text, ids, dropped_ids, forced_tokens, verifier_calls,
    verifier_seconds, requests, seconds, kept)
SELECT candidates.job_id, candidates.path, candidates.position, 'think', 'thinking',
    (CAST(:texts AS text[]))[1 + (candidates.job_id * 97 + candidates.position) % :number] || ' ' || candidates.job_id,
    '{}', '{}', 0, 0, 0, 1, 0, true
FROM candidates
"""


def bench_searches(url: str, num_problems: int) -> None:
    engine = connect(url)
    run(engine, "TRUNCATE experiments CASCADE")
    make(engine, num_problems)
    texts = [thought(random.Random(number), 100) for number in range(5_000)]
    with engine.begin() as connection:
        connection.execute(text(TEXTS), {"texts": texts, "number": len(texts)})
    began = time.monotonic()
    while not transitions.read_words(engine, 60.0):
        pass
    print(f"words of {100 * num_problems:,} candidates read in {time.monotonic() - began:.0f} s", flush=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        size = connection.execute(text("SELECT pg_total_relation_size('trace_words'), pg_total_relation_size('steps')"))
        print("bytes of trace_words, steps: {:,}, {:,}".format(*size.one()))
    for typed in SEARCHES:
        print(f"{typed:>32}: {searched(engine, typed)}", flush=True)


def searched(engine: Engine, typed: str) -> str:
    seconds = []
    for _ in range(5):
        began = time.monotonic()
        try:
            found = find_traces(engine, terms_of(typed))
        except SearchError as error:
            return str(error)
        seconds.append(time.monotonic() - began)
    middle, most = 1000 * median(seconds), 1000 * max(seconds)
    return f"{len(found.traces)} shown, total {found.total}, {middle:.0f} ms, {most:.0f} at most"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=10_000, help="100 candidates each")
    parser.add_argument("--only", choices=("ends", "searches"))
    chosen = parser.parse_args()
    with running("postgres") as stack:
        url = stack.info.database_url
        assert url is not None
        migrate(connect(url))
        if chosen.only != "searches":
            bench_ends(url)
        if chosen.only != "ends":
            bench_searches(url, chosen.problems)


if __name__ == "__main__":
    main()
