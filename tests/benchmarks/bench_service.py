"""Tokens/s through the whole service ÷ tokens/s of a bare asyncio client that sends the same requests.

The service is everything: submit, expand, claim, generate, grade, store. The bare client is given the very bodies that
the service sent (recorded in a first run through a proxy) and has the same limit on requests in flight and the same
policy: the oldest chain goes first. Both speak to one vLLM, in turns (A B A B ...), each turn with a fresh
`cache_salt`, so that neither finds the other's prefixes in the cache. Run it with `make bench`.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path

import aiohttp

from overthink.stack import Stack
from overthink.stack.vllm import MAX_REQUESTS, write_registry
from scaling.spec import yaml12
from tests.acceptance.recording_proxy import Exchange, recording
from tests.acceptance.service import Service, psql, service_on
from tests.conftest import fresh_home
from worker.engines.gate import Gate

SPEC = {
    "name": "bench",
    "models": ["ladder-tiny"],
    "arms": [
        {"strategy": "majority_vote", "samples": 8},
        {
            "strategy": "majority_vote",
            "samples": 8,
            "chain": {"strategy": "budget_forcing", "waits": 2, "max_thinking_tokens": 600},
        },
    ],
    "sampling": {"temperature": 0.8, "max_answer_tokens": 16},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=150)
    parser.add_argument("--turns", type=int, default=3, help="turns of each side")
    arguments = parser.parse_args()
    names = ("postgres", "redis", "vllm", "migrate")
    with fresh_home() as home, Stack(home, dashboard=False, names=names) as stack:
        folder = home / "bench"
        folder.mkdir()
        compare(stack, folder, arguments.problems, arguments.turns)


def compare(stack: Stack, folder: Path, num_problems: int, turns: int) -> None:
    spec = folder / "bench.yaml"
    spec.write_text(yaml12.dump(SPEC | {"data_set": {"name": "ladder-test", "limit": num_problems}}))
    upstream = yaml12.load(Path(stack.environment["OVERTHINK_MODELS"]).read_text())["models"]["ladder-tiny"]["endpoint"]
    with recording(upstream) as proxy, service(stack, folder, proxy.endpoint) as through_proxy:
        run_service(through_proxy, spec)
    chains = chains_of(proxy.exchanges)
    print(f"{len(proxy.exchanges)} requests in {len(chains)} chains, at most {MAX_REQUESTS} in flight")
    rates: dict[str, list[float]] = {"service": [], "bare": []}
    for turn in range(turns):
        with service(stack, folder, upstream) as worker:
            rates["service"].append(run_service(worker, spec))
        rates["bare"].append(asyncio.run(run_bare(upstream, chains)))
        print(
            f"turn {turn + 1}: service {rates['service'][-1]:.0f} tokens/s, bare {rates['bare'][-1]:.0f} tokens/s",
            flush=True,
        )
    ratios = [service / bare for service, bare in zip(rates["service"], rates["bare"], strict=True)]
    print(f"service ÷ bare: median {statistics.median(ratios):.3f} of {', '.join(f'{ratio:.3f}' for ratio in ratios)}")


@contextmanager
def service(stack: Stack, folder: Path, endpoint: str) -> Iterator[Service]:
    """A worker and a reconciler of the stack's database that generate with a cache of their own."""
    registry = folder / "models.yaml"
    write_registry(registry, endpoint)
    known = yaml12.load(registry.read_text())
    known["models"]["ladder-tiny"]["cache_salt"] = secrets.token_hex(8)
    registry.write_text(yaml12.dump(known))
    (folder / "worker.log").write_text("")
    with service_on(
        stack.environment["OVERTHINK_DATABASE_URL"], stack.environment["OVERTHINK_REDIS_URL"], registry, folder
    ) as started:
        yield started


def run_service(worker: Service, spec: Path) -> float:
    """Generated tokens/s from the experiment's submission to the last stored trace."""
    done = worker.overthink("submit", str(spec), "--wait", "--again", timeout_s=900)
    assert done.returncode == 0, done.stdout + done.stderr
    with psql(worker.environment["OVERTHINK_DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT sum(t.generated_tokens), extract(epoch FROM max(j.finished_at) - min(e.created_at))"
            " FROM experiments e JOIN jobs j ON j.experiment_id = e.id JOIN traces t ON t.job_id = j.id"
            " WHERE e.id = (SELECT max(id) FROM experiments)"
        ).fetchone()
    assert row is not None
    return float(row[0]) / float(row[1])


def chains_of(exchanges: list[Exchange]) -> list[list[dict]]:
    """The recorded bodies as chains: a request follows the one whose prompt and ids its own prompt begins with."""
    by_context: dict[tuple[int, ...], list[list[dict]]] = defaultdict(list)
    chains = []
    for exchange in sorted(exchanges, key=lambda exchange: len(exchange.prompt)):
        chain = next(
            (by_context[context].pop() for context in prefixes(exchange.prompt) if by_context.get(context)), None
        )
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(exchange.body)
        stop = exchange.body.get("stop_token_ids", [])
        kept = exchange.token_ids[:-1] if exchange.token_ids[-1] in stop else exchange.token_ids
        by_context[exchange.prompt + kept].append(chain)
    return chains


def prefixes(prompt: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The prompt without its last tokens, longest first: what is forced between two requests is short."""
    for length in range(len(prompt), max(len(prompt) - 12, 0), -1):
        yield prompt[:length]


async def run_bare(endpoint: str, chains: list[list[dict]]) -> float:
    salt = secrets.token_hex(8)
    gate = Gate(MAX_REQUESTS)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)  # vLLM closes idle connections after 5 s
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=900)) as session:

        async def run(order: int, chain: list[dict]) -> int:
            own = str(chain[0].get("cache_salt", ""))  # the job's, as the service sent it
            return sum([await send(order, body | {"cache_salt": salt + own}) for body in chain])

        async def send(order: int, body: dict) -> int:
            """The tokens generated. Sent again, as the worker does, if the server just closed the connection."""
            try:
                async with gate.turn((order,)), session.post(f"{endpoint}/v1/completions", json=body) as reply:
                    return json.loads(await reply.read())["usage"]["completion_tokens"]
            except aiohttp.ServerDisconnectedError:
                return await send(order, body)

        since = time.monotonic()
        tokens = sum(await asyncio.gather(*starmap(run, enumerate(chains))))
        return tokens / (time.monotonic() - since)


if __name__ == "__main__":
    main()
