"""Small experiments of every shape, handed in so that there is always work; what was accepted is remembered."""

import threading
from itertools import count
from typing import Any, LiteralString

import psycopg
from sqlalchemy import Engine

from db.settings import Settings
from scaling.spec import Submission
from tests.soak.world import World
from worker.database_outage import DATABASE_AWAY
from worker.submit import submit

JUDGE = "ladder-tiny-prm"
ARMS: tuple[dict[str, Any], ...] = (
    {"strategy": "chain_of_thought"},
    {"strategy": "budget_forcing", "waits": [0, 2], "max_thinking_tokens": 400},
    {"strategy": "majority_vote", "samples": 4},
    {"strategy": "best_of_n", "samples": 3, "verifier": JUDGE},
    {"strategy": "beam_search", "width": 4, "branches": 2, "verifier": JUDGE},
    {"strategy": "revisions", "chains": 1, "revisions": 2},
)
NUM_ARMS = 7
PROBLEMS, REPEATS = 5, 2
NUM_JOBS = NUM_ARMS * PROBLEMS * REPEATS
"""Of one experiment."""
LEAST_WAITING = 60
"""Jobs that wait for a slot, below which another experiment is handed in."""
LOOK_EVERY_S = 0.5
WAITING: LiteralString = """
SELECT (SELECT count(*) FROM jobs WHERE status = 'queued')
    + %s * (SELECT count(*) FROM experiments WHERE status IN ('queued', 'expanding'))
"""


class Work:
    """`keep_up` hands in what is missing. An experiment counts as accepted when its number was returned."""

    def __init__(self, world: World, database: Engine, seed: int) -> None:
        self.accepted: set[int] = set()
        self._world = world
        self._database = database
        self._found = Settings(redis_url=world.stack.environment["OVERTHINK_REDIS_URL"], lease_ttl_s=world.lease_ttl_s)
        self._seeds = count(seed * 1_000_000)

    def keep_up(self, is_over: threading.Event) -> None:
        """Until it is over. While PostgreSQL is away, nothing is handed in."""
        while not is_over.wait(LOOK_EVERY_S):
            self._world.meet_processes()
            try:
                if self._world.ask(WAITING, NUM_JOBS) < LEAST_WAITING:
                    self._hand_in()
            except (psycopg.OperationalError, *DATABASE_AWAY):
                continue

    def _hand_in(self) -> None:
        submission = Submission.from_data(self._spec(next(self._seeds)))
        self.accepted.add(submit(self._database, self._found, submission, owner="soak").experiment_id)

    def _spec(self, seed: int) -> dict[str, Any]:
        return {
            "name": f"soak-{seed}",
            "data_set": {"name": "ladder-test", "limit": PROBLEMS, "seed": seed},
            "models": ["ladder-tiny"],
            "arms": list(ARMS),
            "sampling": {"temperature": 0.8, "max_answer_tokens": 16},
            "repeats": REPEATS,
            "seed": seed,
        }
