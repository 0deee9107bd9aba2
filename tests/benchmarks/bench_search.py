"""Beam search as the service runs it ÷ the same search in lockstep rounds, in problems per second.

Lockstep is how batch scripts do it: all beams of all problems are one batch, every beam of a round waits for the
slowest, the scores are a pass of their own, and so are the answers at the end. All sides ask the same of the model (the
same paths, hence the same seeds) through the same adapters, with the same limit on requests in flight and all problems
at once, in turns (A B C A B C ...), each turn with a fresh `cache_salt`. There are two lockstep loops: one asks the
verifier what the service asks it, which tells what waiting alone costs; the other, of the usual shape, keeps no scores
between its rounds and has every step of a beam scored each time. How busy the model server was says how much waiting
there was to save. Run it with `make bench`.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from overthink.stack import Stack
from overthink.stack.vllm import SERVED_AS, VERIFIER
from scaling.answers.voting import WEIGHTED
from scaling.protocols import Verifier
from scaling.record import Recorder
from scaling.search import Beam
from scaling.strategies.beam_search import BeamSearch
from scaling.strategy import concurrently
from scaling.tape import Node
from scaling.types import Candidate, Counts, GraderName, Outcome, Problem, PromptFormat, Sampling, Scores, Solution
from tests.conftest import family, fresh_home
from worker.engines.caller import Caller
from worker.graders.grading import Grading
from worker.registry import Registry
from worker.servers import Serving, serve

STRATEGY = BeamSearch(width=16, branches=4, verifier=VERIFIER)
SAMPLING = Sampling(temperature=0.8, max_answer_tokens=16)
DATA = Path(__file__).resolve().parents[2] / "demo" / "data" / "ladder-test.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """One turn of one side."""

    num_problems: int
    num_requests: int
    counts: Counts
    seconds: float
    server_share: float
    """CPU seconds of the model server per second."""

    @property
    def problems_per_s(self) -> float:
        return self.num_problems / self.seconds


Side = Callable[[Sequence[Problem], Sequence[Recorder]], Awaitable[list[Outcome]]]


class Paced:
    """One problem's beams, moved on by the rounds that all problems share."""

    def __init__(self, problem: Problem, recorder: Recorder) -> None:
        self.growing: list[tuple[Node, int]] = []
        """The continuations of the next round: behind which node, and the number among its siblings."""
        self._problem = problem
        self._recorder = recorder
        self._open: list[Beam] = []
        self._ended: list[Beam] = []

    async def begin(self) -> None:
        prompt = await self._recorder.ask(self._problem)
        self.growing = [(prompt, index) for index in range(STRATEGY.width)]

    async def grow(self, parent: Node, index: int) -> Node:
        return await self._recorder.step(parent, self._limit(parent), index=index)

    async def score(self, node: Node) -> Beam:
        scores = await self._recorder.scoring.verify(self._problem, node.path)
        return Beam(node, scores[-1] if scores else 0.0)

    def move_on(self, grown: Sequence[Beam]) -> None:
        """The next continuations are shared out as the strategy does it; what has ended keeps its place."""
        self._ended += [beam for beam in grown if self._has_ended(beam.node)]
        self._open = [beam for beam in grown if not self._has_ended(beam.node)]
        counts = STRATEGY.continuations([beam.score for beam in self._open])
        shares = zip(self._open, counts, strict=True)
        self.growing = [(beam.node, index) for beam, count in shares for index in range(count)]

    async def conclude(self) -> Outcome:
        answered = await concurrently(self._answered(beam) for beam in self._ended)
        broken_off = [await self._recorder.candidate(self._problem, beam.node, truncated=True) for beam in self._open]
        return WEIGHTED.concluded([*answered, *broken_off], self._recorder.draw_seed("vote"))

    async def _answered(self, beam: Beam) -> Candidate:
        is_thought_out = beam.node.stopped_at in self._recorder.thinking.stop
        leaf = await self._recorder.answer(beam.node) if is_thought_out else beam.node
        is_whole = is_thought_out and leaf.is_stopped
        candidate = await self._recorder.candidate(self._problem, leaf, truncated=not is_whole)
        return replace(candidate, score=beam.score)

    def _has_ended(self, node: Node) -> bool:
        return node.stopped_at != self._recorder.thinking.step_delimiter or self._limit(node) < 1

    def _limit(self, node: Node) -> int:
        return self._recorder.most_thinking(node, None)


@dataclass(frozen=True, slots=True)
class ScoringAnew:
    """A verifier that is asked about every step each time, as by a script that keeps no scores between its rounds."""

    verifier: Verifier

    @property
    def scores_steps(self) -> bool:
        return self.verifier.scores_steps

    async def score(self, solution: Solution) -> Scores:
        told = await self.verifier.score(replace(solution, first=0))
        return replace(told, values=told.values[solution.first :])


@dataclass(frozen=True, slots=True)
class Bench:
    """What all sides share: the problems, and the stack whose server they ask."""

    problems: tuple[Problem, ...]
    registry: Registry
    home: Path

    def server_cpu_s(self) -> float:
        times = [process.cpu_times() for process in family(self.home)]
        return sum(each.user + each.system for each in times)

    def salted(self) -> Registry:
        entry = self.registry.model(SERVED_AS).model_copy(update={"cache_salt": secrets.token_hex(8)})
        return self.registry.model_copy(update={"models": {SERVED_AS: entry}})

    async def measure(self, side: Side, *, is_anew: bool = False) -> Run:
        serving = await serve(self.salted(), [SERVED_AS], timeout_s=600)
        recorders = [self._recorder(serving, place, is_anew) for place in range(len(self.problems))]
        try:
            since, cpu_s = time.monotonic(), self.server_cpu_s()
            await side(self.problems, recorders)
            seconds = time.monotonic() - since
            server_share = (self.server_cpu_s() - cpu_s) / seconds
        finally:
            await serving.close()
        steps = [step for recorder in recorders for step in recorder.tape.steps]
        num_requests = sum(step.requests + step.verifier_calls for step in steps)
        return Run(len(self.problems), num_requests, Counts.of(steps), seconds, server_share)

    def _recorder(self, serving: Serving, place: int, is_anew: bool) -> Recorder:
        caller = Caller((place,))
        verifier = serving.verifier(VERIFIER, caller)
        assert verifier is not None
        return Recorder(
            serving.engines[SERVED_AS].for_job(caller),
            grader=Grading(),
            thinking=self.registry.model(SERVED_AS).thinking,
            sampling=SAMPLING,
            prompt=PromptFormat(),
            seed_key=f"0/{self.problems[place].id}/0",
            verifier=ScoringAnew(verifier) if is_anew else verifier,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=24)
    parser.add_argument("--turns", type=int, default=3, help="turns of each side")
    arguments = parser.parse_args()
    with fresh_home() as home, Stack(home, dashboard=False, names=("vllm",)) as stack:
        registry = Registry.load(Path(stack.environment["OVERTHINK_MODELS"]))
        asyncio.run(compare(Bench(load_problems(arguments.problems), registry, home), arguments.turns))


def load_problems(limit: int) -> tuple[Problem, ...]:
    rows = [json.loads(line) for line in DATA.read_text().splitlines()[:limit]]
    return tuple(Problem(row["id"], row["question"], row["answer"], GraderName.INTEGER) for row in rows)


async def compare(bench: Bench, turns: int) -> None:
    await bench.measure(run_freely)  # warm-up
    runs: dict[str, list[Run]] = {"continuous": [], "lockstep": [], "lockstep, scoring anew": []}
    for turn in range(turns):
        runs["continuous"].append(await bench.measure(run_freely))
        runs["lockstep"].append(await bench.measure(run_in_lockstep))
        runs["lockstep, scoring anew"].append(await bench.measure(run_in_lockstep, is_anew=True))
        for name, of_side in runs.items():
            print(f"turn {turn + 1}: {name} {said(of_side[-1])}", flush=True)
    free, *others = runs.items()
    for name, of_side in others:
        pairs = zip(free[1], of_side, strict=True)
        ratios = [first.problems_per_s / second.problems_per_s for first, second in pairs]
        shown = ", ".join(f"{ratio:.3f}" for ratio in ratios)
        print(f"continuous ÷ {name}: median {statistics.median(ratios):.3f} of {shown}")


def said(run: Run) -> str:
    counts = run.counts
    return (
        f"{run.problems_per_s:.2f} problems/s ({run.num_requests} requests, {counts.generated_tokens} tokens, "
        f"{counts.verifier_tokens} of the verifier; the server used {run.server_share:.2f} cores)"
    )


async def run_freely(problems: Sequence[Problem], recorders: Sequence[Recorder]) -> list[Outcome]:
    return await concurrently(map(STRATEGY.solve, problems, recorders))


async def run_in_lockstep(problems: Sequence[Problem], recorders: Sequence[Recorder]) -> list[Outcome]:
    searches = list(map(Paced, problems, recorders))
    await concurrently(search.begin() for search in searches)
    for _ in range(STRATEGY.max_rounds):
        batch = [(search, parent, index) for search in searches for parent, index in search.growing]
        nodes = await concurrently(search.grow(parent, index) for search, parent, index in batch)
        beams = await concurrently(search.score(node) for (search, *_), node in zip(batch, nodes, strict=True))
        grown = iter(beams)
        for search in searches:
            search.move_on([next(grown) for _ in search.growing])
    return await concurrently(search.conclude() for search in searches)


if __name__ == "__main__":
    main()
