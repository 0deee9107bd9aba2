"""The whole service beside three clients that store nothing, on one vLLM, in turns, at 64 requests in flight and at the
cap: tokens/s of the service ÷ theirs.

The service is everything: submit, expand, claim, generate, grade, store. One bare asyncio client is given the very
bodies that the service sent (recorded in a first run through a proxy); one asks once for each chain, for as many tokens
as the service's chain has, which no client with a budget or a verifier can do; both let the oldest chain go first.
its_hub takes the same votes and scores as many chains with the same verifier, by its own algorithms; it is installed
into an environment of its own. Each turn has a fresh `cache_salt`, so that nobody finds another's prefixes in the
cache; its_hub has none, and finds its own. Run it with `make bench`.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import starmap
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import aiohttp

from overthink.stack import Stack
from overthink.stack.vllm import MAX_REQUESTS, VERIFIER, write_registry
from scaling.spec import yaml12
from scaling.types import PromptFormat
from tests.acceptance.recording_proxy import Exchange, recording
from tests.acceptance.service import CHECKOUT, Service, psql, service_on
from tests.conftest import fresh_home
from worker.engines.gate import Gate

VOTE: dict[str, Any] = {"strategy": "majority_vote", "samples": 16}
BEST: dict[str, Any] = {"strategy": "best_of_n", "samples": 8, "verifier": VERIFIER}
LONG = {**VOTE, "samples": 4, "chain": {"strategy": "budget_forcing", "waits": 64, "max_thinking_tokens": 900}}
SAMPLING = {"temperature": 0.8}
ITS_HUB, ITS_HUB_FOLDER = "its_hub[lm]==1.2.0", CHECKOUT / ".overthink" / "its_hub"


@dataclass(frozen=True)
class Rival:
    """A way to have the same chains generated: tokens/s."""

    name: str
    tokens_per_s: Callable[[], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=60)
    parser.add_argument("--turns", type=int, default=2, help="turns of each side")
    parser.add_argument("--cap", type=int, default=MAX_REQUESTS)
    arguments = parser.parse_args()
    names = ("postgres", "redis", "vllm", "migrate")
    with fresh_home() as home, Stack(home, dashboard=False, names=names) as stack:
        folder = home / "bench"
        folder.mkdir()
        problems, turns = arguments.problems, arguments.turns
        for in_flight in sorted({64, arguments.cap}):
            compare(stack, folder, "short chains", VOTE, problems, turns, in_flight)
            compare(stack, folder, "short chains, each scored", BEST, problems, turns, in_flight)
        compare(stack, folder, "chains with Waits up to the context", LONG, max(1, problems // 6), 1, arguments.cap)


def compare(
    stack: Stack, folder: Path, title: str, arm: Mapping[str, Any], num_problems: int, turns: int, in_flight: int
) -> dict[str, float]:
    """The service's tokens/s ÷ those of each rival, the median of the turns, which it prints too."""
    spec = folder / "bench.yaml"
    data_set = {"name": "ladder-test", "limit": num_problems}
    told = {"name": "bench", "models": ["ladder-tiny"], "arms": [arm], "sampling": SAMPLING, "data_set": data_set}
    spec.write_text(yaml12.dump(told))
    upstream = yaml12.load(Path(stack.environment["OVERTHINK_MODELS"]).read_text())["models"]["ladder-tiny"]["endpoint"]
    with recording(upstream) as proxy, service(stack, folder, proxy.endpoint, in_flight) as through_proxy:
        run_service(through_proxy, spec)
    chains = chains_of(proxy.exchanges)
    tokens = sum(len(exchange.token_ids) for exchange in proxy.exchanges)
    print(f"{title}, at most {in_flight} in flight: {len(proxy.exchanges)} requests in {len(chains)} chains of "
          f"{tokens / len(chains):.0f} tokens", flush=True)  # fmt: skip
    once = [[once_of(chain)] for chain in chains]
    rivals = [Rival("the same requests", lambda: asyncio.run(run_bare(upstream, chains, in_flight)))]
    if arm is not BEST:
        rivals.append(Rival("one request a chain", lambda: asyncio.run(run_bare(upstream, once, in_flight))))
    if arm is not LONG:
        rivals.append(Rival("its_hub", lambda: run_its_hub(upstream, arm, num_problems, in_flight)))
    rates = [in_turn(stack, folder, spec, upstream, in_flight, rivals) for _ in range(turns)]
    ratios = {each.name: [rate["service"] / rate[each.name] for rate in rates] for each in rivals}
    for name, each in ratios.items():
        print(f"  service ÷ {name}: {statistics.median(each):.3f} ({', '.join(f'{ratio:.3f}' for ratio in each)})")
    return {name: statistics.median(each) for name, each in ratios.items()}


def in_turn(
    stack: Stack, folder: Path, spec: Path, upstream: str, in_flight: int, rivals: Sequence[Rival]
) -> dict[str, float]:
    """Tokens/s of each, one after another."""
    with service(stack, folder, upstream, in_flight) as worker:
        rates = {"service": run_service(worker, spec)}
    rates |= {each.name: each.tokens_per_s() for each in rivals}
    print("  tokens/s: " + ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()), flush=True)
    return rates


def once_of(chain: list[Exchange]) -> Exchange:
    """One request that generates as many tokens as the chain has."""
    body = {name: value for name, value in chain[0].body.items() if not name.startswith("stop")}
    tokens = sum(len(each.token_ids) for each in chain)
    return replace(chain[0], body=body | {"max_tokens": tokens, "ignore_eos": True})


def run_its_hub(endpoint: str, arm: Mapping[str, Any], num_problems: int, in_flight: int) -> float:
    """Tokens/s, as the server counts them."""
    rows = (CHECKOUT / "demo" / "data" / "ladder-test.jsonl").read_text().splitlines()[:num_problems]
    messages = [PromptFormat().messages(json.loads(row)["question"])[-1]["content"] for row in rows]
    asked = {**arm, "endpoint": endpoint, "model": "ladder-tiny", "messages": messages,
             "in_flight": in_flight, "max_tokens": 600}  # fmt: skip
    python, client = its_hub_python(), Path(__file__).with_name("its_hub_client.py")
    before = generated(endpoint)
    done = subprocess.run([python, client], input=json.dumps(asked), capture_output=True, text=True, check=True)
    return (generated(endpoint) - before) / float(done.stdout)


def generated(endpoint: str) -> float:
    with urlopen(f"{endpoint}/metrics") as told:
        lines = told.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vllm:generation_tokens_total{"))


def its_hub_python() -> Path:
    """The interpreter of an environment that has its_hub, made the first time."""
    python = ITS_HUB_FOLDER / "bin" / "python"
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", ITS_HUB_FOLDER], check=True)
        subprocess.run([*uv, "pip", "install", "-q", "--python", python, ITS_HUB], check=True)
    return python


@contextmanager
def service(stack: Stack, folder: Path, endpoint: str, in_flight: int) -> Iterator[Service]:
    """A worker and a reconciler of the stack's database that generate with a cache of their own."""
    registry = folder / "models.yaml"
    write_registry(registry, endpoint)
    known = yaml12.load(registry.read_text())
    for model in known["models"].values():
        model |= {"cache_salt": secrets.token_hex(8), "max_requests": in_flight}
    registry.write_text(yaml12.dump(known))
    (folder / "worker.log").write_text("")
    with service_on(
        stack.environment["OVERTHINK_DATABASE_URL"], stack.environment["OVERTHINK_REDIS_URL"], registry, folder
    ) as started:
        yield started


def run_service(worker: Service, spec: Path) -> float:
    """Generated tokens/s, a verifier's among them, from the experiment's submission to the last stored trace."""
    done = worker.overthink("submit", str(spec), "--wait", "--again", timeout_s=900)
    assert done.returncode == 0, done.stdout + done.stderr
    with psql(worker.environment["OVERTHINK_DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT sum(t.generated_tokens + t.verifier_generated_tokens),"
            " extract(epoch FROM max(j.finished_at) - min(e.created_at))"
            " FROM experiments e JOIN jobs j ON j.experiment_id = e.id JOIN traces t ON t.job_id = j.id"
            " WHERE e.id = (SELECT max(id) FROM experiments)"
        ).fetchone()
    assert row is not None
    return float(row[0]) / float(row[1])


def chains_of(exchanges: list[Exchange]) -> list[list[Exchange]]:
    """What was recorded as chains: a request follows the one whose prompt and ids its own prompt begins with."""
    by_context: dict[tuple[int, ...], list[list[Exchange]]] = defaultdict(list)
    chains = []
    for exchange in sorted(exchanges, key=lambda exchange: len(exchange.prompt)):
        chain = next(
            (by_context[context].pop() for context in prefixes(exchange.prompt) if by_context.get(context)), None
        )
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(exchange)
        stop = exchange.body.get("stop_token_ids", [])
        kept = exchange.token_ids[:-1] if exchange.token_ids[-1] in stop else exchange.token_ids
        by_context[exchange.prompt + kept].append(chain)
    return chains


def prefixes(prompt: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The prompt without its last tokens, longest first: what is forced between two requests is short."""
    for length in range(len(prompt), max(len(prompt) - 12, 0), -1):
        yield prompt[:length]


async def run_bare(endpoint: str, chains: list[list[Exchange]], in_flight: int) -> float:
    salt = secrets.token_hex(8)
    gate = Gate(in_flight)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)  # vLLM closes idle connections after 5 s
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=900)) as session:

        async def run(order: int, chain: list[Exchange]) -> int:
            own = str(chain[0].body.get("cache_salt", ""))  # the job's, as the service sent it
            return sum([await send(order, each.body | {"cache_salt": salt + own}) for each in chain])

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
