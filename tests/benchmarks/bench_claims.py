"""How long a claim takes in a large database: jobs by the million, a thousand open experiments of fifty owners.

Each experiment has done half of its jobs; one of every second runs. The database is filled with generate_series, past
the transitions and without checking foreign keys, then claimed from by the transition itself. It prints percentiles of
a claim's time at the client, and the plan of one with --plan: the buffers that it looks at do not depend on what else
the machine does. Run it with `python -m tests.benchmarks.bench_claims`; `--jobs 10000000` is the full size.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psutil
from sqlalchemy import Engine, text

from db import transitions
from db.engine import connect
from db.migrate import migrate
from db.transitions.claim import CLAIM
from tests.conftest import running
from tests.integration.scenes import MODEL, new_arm, running_experiment

EXPERIMENTS, OWNERS, ARMS, PROBLEMS = 1_000, 50, 4, 50

FILL = [
    "SET session_replication_role = replica",
    "UPDATE experiments SET status = 'succeeded'",
    "ALTER TABLE jobs DROP CONSTRAINT uq_jobs_arm_id_problem_id_repeat",
    "{drop}",
    """INSERT INTO experiments (name, owner, spec, digest, models, status, created_at, started_at, expanded_at)
    SELECT 'large', 'owner ' || n %% {owners}, spec, 'large ' || n, models, 'running', now() - make_interval(secs => n),
        now(), now()
    FROM experiments CROSS JOIN generate_series(1, {experiments}) AS numbers (n)""",
    """INSERT INTO arms (experiment_id, position, label, model, strategy, params, strategy_spec)
    SELECT experiments.id, n, 'arm ' || n, model, strategy, params, strategy_spec
    FROM arms JOIN experiments ON name = 'large' CROSS JOIN generate_series(0, {arms} - 1) AS numbers (n)""",
    """INSERT INTO problems (experiment_id, position, key, question, answer, grader)
    SELECT id, n, 'p' || n, n || ' + 1 = ?', n + 1, 'integer'
    FROM experiments CROSS JOIN generate_series(0, {problems} - 1) AS numbers (n) WHERE name = 'large'""",
    """INSERT INTO jobs (experiment_id, arm_id, problem_id, repeat, model, status, attempt, heartbeat_at, worker)
    SELECT arms.experiment_id, arms.id, problems.id, repeat, model,
        CASE WHEN repeat < {repeats} / 2 THEN 'succeeded' WHEN repeat = {repeats} / 2 AND problems.position = 0
            AND arms.position = 0 AND arms.experiment_id %% 2 = 0 THEN 'running' ELSE 'queued' END,
        CASE WHEN repeat < {repeats} / 2 THEN 1 ELSE 0 END, now(), 'bench'
    FROM generate_series(0, {repeats} - 1) AS repeats (repeat) CROSS JOIN arms
    JOIN problems ON problems.experiment_id = arms.experiment_id JOIN experiments ON experiments.id = arms.experiment_id
    WHERE name = 'large'""",
    "ALTER TABLE jobs ADD CONSTRAINT uq_jobs_arm_id_problem_id_repeat UNIQUE (arm_id, problem_id, repeat)",
    "{create}",
    "SET session_replication_role = DEFAULT",
]


INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'jobs' AND indexname LIKE 'ix_%'"


def fill(database: Engine, num_jobs: int) -> None:
    """Through the model's own tables; indexes are made when the rows are there."""
    running_experiment(database, 1, [new_arm()])
    repeats = num_jobs // (EXPERIMENTS * ARMS * PROBLEMS)
    with database.begin() as connection:
        found = connection.execute(text(INDEXES)).all()
        sizes = {"experiments": EXPERIMENTS, "owners": OWNERS, "arms": ARMS, "problems": PROBLEMS, "repeats": repeats}
        indexes = {
            "drop": "; ".join(f"DROP INDEX {row.indexname}" for row in found),
            "create": "; ".join(row.indexdef for row in found),
        }
        for statement in FILL:
            connection.exec_driver_sql(statement.format(**sizes, **indexes))
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def claims_ms(database: Engine, number: int) -> np.ndarray:
    """Milliseconds at the client, a claim each."""
    found = []
    for _ in range(number):
        began = time.perf_counter()
        assert transitions.claim(database, MODEL, "bench") is not None
        found.append(1000 * (time.perf_counter() - began))
    return np.array(found)


def postgres_s(database: Engine) -> float:
    """CPU seconds of the session that the pool keeps."""
    with database.connect() as connection:
        times = psutil.Process(connection.execute(text("SELECT pg_backend_pid()")).scalar_one()).cpu_times()
    return times.user + times.system


def plan(database: Engine) -> str:
    """Of a claim, as PostgreSQL carries it out; rolled back."""
    values = {"model": MODEL, "worker": "bench", "verifiers": [], "now": None, "provenances": [], "thinking": None,
              "verifier_formats": "{}", "above": None}  # fmt: skip
    with database.connect() as connection:
        rows = connection.execute(text(f"EXPLAIN (ANALYZE, BUFFERS) {CLAIM}"), values).scalars().all()
        connection.rollback()
    return "\n".join(rows)


@contextmanager
def filled(num_jobs: int) -> Iterator[Engine]:
    with running("postgres") as stack:
        database = connect(stack.info.database_url)
        migrate(database)
        began = time.monotonic()
        fill(database, num_jobs)
        print(
            f"{num_jobs:,} jobs of {EXPERIMENTS:,} open experiments, filled in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        yield database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=400_000)
    parser.add_argument("--claims", type=int, default=1_000)
    parser.add_argument("--plan", action="store_true")
    arguments = parser.parse_args()
    with filled(arguments.jobs) as database:
        if arguments.plan:
            print(plan(database))
        claims_ms(database, 20)
        before, took = postgres_s(database), claims_ms(database, arguments.claims)
        cpu_ms = 1000 * (postgres_s(database) - before) / arguments.claims
        median, p99 = np.quantile(took, [0.5, 0.99])
        print(f"a claim: median {median:.2f} ms, p99 {p99:.2f} ms; {cpu_ms:.2f} ms of PostgreSQL's CPU")
        if arguments.plan:
            print(plan(database).splitlines()[-1])


if __name__ == "__main__":
    main()
