"""How long a large experiment takes from its submission to its first claim, and to its last job.

A real worker and a real reconciler on PostgreSQL and Redis, with a server that answers at once in a process of its own.
The times are the database's: `created_at` to the first attempt's start, and to `expanded_at`. The same is told of an
experiment of one job, which is the floor. Problems have 1,000 different references. Run it with
`python -m tests.benchmarks.bench_expansion`.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue
from sqlalchemy import Engine, text

from db.engine import connect
from db.settings import Settings
from scaling.spec import Submission
from tests.acceptance.service import Service
from tests.benchmarks.quick_service import quick_service
from worker import submit

SHAPES = {
    "1 job": (1, 1, 1, 1),
    "1,000 problems × 10 arms × 10 repeats": (1_000, 10, 10, 1_000),
    "100,000 problems × 1 arm × 1 repeat": (100_000, 1, 1, 1_000),
    "100,000 problems with references of their own": (100_000, 1, 1, 100_000),
}
"""Problems, arms, repeats, and references that differ."""

TIMES = text("""
SELECT extract(epoch FROM (SELECT min(attempts.started_at) FROM attempts JOIN jobs ON jobs.id = job_id
                           WHERE jobs.experiment_id = experiments.id) - created_at) AS first_claim_s,
    extract(epoch FROM expanded_at - created_at) AS expanded_s
FROM experiments WHERE id = :experiment_id
""")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args().turns
    with quick_service() as service:
        database = connect(service.environment["OVERTHINK_DATABASE_URL"])
        floor = 0.0
        for name, shape in SHAPES.items():
            rounds = [times(service, database, *shape) for _ in range(turns)]
            first, expanded = (sorted(each)[turns // 2] for each in zip(*rounds, strict=True))
            floor = floor or first
            print(f"{name}: first claim after {first:.2f} s ({first / floor:.1f} times one job's), "
                  f"the last job made after {expanded:.2f} s", flush=True)  # fmt: skip


def times(
    service: Service, database: Engine, num_problems: int, num_arms: int, repeats: int, references: int
) -> tuple[float, float]:
    submission = submission_of(service.logs, num_problems, num_arms, repeats, references=references)
    settings = Settings(redis_url=service.environment["OVERTHINK_REDIS_URL"])
    experiment_id = submit.submit(database, settings, submission, owner="bench", again=True).experiment_id
    while None in (found := told(database, experiment_id)):
        time.sleep(0.1)
    submit.cancel(database, experiment_id)
    return found


def told(database: Engine, experiment_id: int) -> tuple[float, float]:
    with database.connect() as connection:
        row = connection.execute(TIMES, {"experiment_id": experiment_id}).one()
    return row.first_claim_s, row.expanded_s


def submission_of(
    folder: Path,
    num_problems: int,
    num_arms: int,
    repeats: int,
    arm: Mapping[str, JsonValue] | None = None,
    references: int = 1_000,
) -> Submission:
    """`arm` None: chains of thought with limits that differ."""
    data = folder / f"{num_problems}-{references}.jsonl"
    if not data.exists():
        rows = ({"question": f"Say 12, for the {n}th time", "answer": str(n % references)} for n in range(num_problems))
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    limits = [10 + number for number in range(num_arms)]
    return Submission.from_data(
        {
            "name": "bench",
            "data_set": {"path": str(data), "grader": "integer"},
            "models": ["fake"],
            "arms": [arm or {"strategy": "chain_of_thought", "max_thinking_tokens": limits}],
            "sampling": {"max_answer_tokens": 20},
            "repeats": repeats,
        }
    )


if __name__ == "__main__":
    main()
