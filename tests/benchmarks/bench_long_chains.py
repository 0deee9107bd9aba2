"""What a request costs whose prompt has tens of thousands of ids: chains that think on, segment by segment.

A server that answers at once, in a process of its own, has each chain think until its budget runs out; the prompt of
each segment is all that was thought before. Run it with `python -m tests.benchmarks.bench_long_chains`.
"""

import argparse

from db.engine import connect
from tests.benchmarks.bench_jobs import run
from tests.benchmarks.quick_service import quick_service

SEGMENT = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=30_000, help="of thinking, of each chain")
    parser.add_argument("--jobs", type=int, default=40)
    arguments = parser.parse_args()
    room = arguments.tokens + 4 * SEGMENT
    served = {
        "answer": "a" * room,
        "context_length": room,
        "cards": [{"id": "fake", "max_model_len": room}],
    }
    arm = {"strategy": "chain_of_thought", "max_thinking_tokens": arguments.tokens, "at_limit": "answer"}
    print(f"chains of {arguments.tokens:,} tokens in segments of {SEGMENT:,}")
    with quick_service(served=served) as service:
        database = connect(service.environment["OVERTHINK_DATABASE_URL"])
        run(service, database, arm, 2)  # warm
        run(service, database, arm, arguments.jobs)
        database.dispose()


if __name__ == "__main__":
    main()
