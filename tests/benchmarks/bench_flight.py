"""How many requests are in flight while work waits, of those that one server may have.

The whole service against a server that speaks vLLM's protocol, computes nothing and paces: each request takes a time by
its tokens, however many there are. So nothing but the service decides how many are in flight. Measured from the moment
when as many were asked as may be in flight, until as few are left. Run it with `make bench`.
"""

import argparse
import json
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web

from scaling.spec import yaml12
from tests.acceptance.service import Service, psql, service_on
from tests.conftest import fresh_home
from tests.conftest import running as services
from tests.integration.fake_vllm import FakeVllm, running

ANSWER = "so it must be \\boxed{12}".ljust(40)
CHAINS = {"strategy": "chain_of_thought"}
VOTES = {"strategy": "majority_vote", "samples": 16}


@dataclass
class PacedVllm(FakeVllm):
    """Knows when how many requests were in flight."""

    changes: list[tuple[float, int, int]] = field(default_factory=list)
    """When, how many were in flight from then on, and how many had been asked."""

    async def _complete(self, request: web.Request) -> web.Response:
        self._note(+1)
        try:
            return await super()._complete(request)
        finally:
            self._note(-1)

    def _note(self, change: int) -> None:
        _, before, asked = self.changes[-1] if self.changes else (0.0, 0, 0)
        self.changes.append((time.monotonic(), before + change, asked + (change > 0)))

    def mean_in_flight(self, cap: int) -> float:
        total = self.changes[-1][2]
        waiting = [change for change in self.changes if cap <= change[2] <= total - cap]
        area = sum((after[0] - before[0]) * before[1] for before, after in pairwise(waiting))
        return area / (waiting[-1][0] - waiting[0][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cap", type=int, default=128, help="requests that the server may have in flight")
    parser.add_argument("--token-s", type=float, default=0.01, help="pace of the server: a request makes 41 tokens")
    parser.add_argument("--turns", type=int, default=12, help="how often the flight is filled")
    arguments = parser.parse_args()
    with services("postgres", "redis", "migrate") as stack, fresh_home() as folder:
        for name, arm in (("one chain a job", CHAINS), ("votes of 16", VOTES)):
            requests = arguments.cap * arguments.turns
            server = PacedVllm(answer=ANSWER, delay_s=(len(ANSWER) + 1) * arguments.token_s)
            run(stack.environment, folder / name.replace(" ", "-"), arm, requests, arguments.cap, server)
            mean = server.mean_in_flight(arguments.cap)
            print(f"{name}: {mean:.1f} of {arguments.cap} in flight while work waits ({mean / arguments.cap:.3f})")


def run(
    environment: dict[str, str], folder: Path, arm: dict[str, Any], requests: int, cap: int, server: PacedVllm
) -> None:
    folder.mkdir()
    with running(server):
        registry = folder / "models.yaml"
        registry.write_text(yaml12.dump({"models": {"fake": {"endpoint": server.endpoint, "max_requests": cap}}}))
        addresses = environment["OVERTHINK_DATABASE_URL"], environment["OVERTHINK_REDIS_URL"]
        with service_on(*addresses, registry, folder) as service:
            submit(service, folder, arm, requests // arm.get("samples", 1))


def submit(service: Service, folder: Path, arm: dict[str, Any], num_problems: int) -> None:
    problems = folder / "problems.jsonl"
    rows = ({"question": f"Say 12, {number}", "answer": "12"} for number in range(num_problems))
    problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = folder / "spec.yaml"
    spec.write_text(
        yaml12.dump(
            {
                "name": folder.name,
                "models": ["fake"],
                "data_set": {"path": str(problems), "grader": "integer"},
                "arms": [arm],
            }
        )
    )
    done = service.overthink("submit", str(spec), "--wait", "--again", timeout_s=600)
    assert done.returncode == 0, done.stdout + done.stderr
    with psql(service.environment["OVERTHINK_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM jobs WHERE status <> 'succeeded'").fetchone() == (0,)


if __name__ == "__main__":
    main()
