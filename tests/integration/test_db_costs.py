"""What was stored of jobs, on every axis: a vote's first candidate lies on the arm of single chains."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.records import Grade, NewArm, ServedModel
from results import Measurements, Metric, points
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.compute.axes import Axis
from scaling.compute.model_facts import Architecture, CostFacts, PricePerMillion
from scaling.compute.sequence import measured
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategy import Strategy
from scaling.types import Completion, Ids, Request, ThinkingFormat, Trace, Verdict
from tests.integration import scenes
from tests.integration.scenes import MODEL, claimed, running_experiment
from tests.unit.scripted_engine import PROBLEM, ScriptedEngine, recorder_of
from tests.unit.test_cost_of_k import shared

SCRIPT = {"<think>\n": "2+3=5\n5-1=4\n</think>", "</think>": "\n\\boxed{4}<|im_end|>"}
FACTS = CostFacts(
    architecture=Architecture(layers=2, heads=2, kv_heads=1, head_size=4),
    gpus=1,
    price_per_million=PricePerMillion(input=10, cached_input=1, output=100),
)


class CachingEngine(ScriptedEngine):
    """Every chain says the same, and finds the blocks of 4 tokens cached that a request before it had or made."""

    def __init__(self) -> None:
        super().__init__(SCRIPT)
        self._seen: list[Ids] = []

    async def complete(self, request: Request) -> Completion:
        cached = max((shared(request.prompt[:-1], seen) for seen in self._seen), default=0)
        completion = await super().complete(request)
        self._seen.append(request.prompt + completion.token_ids)
        return replace(completion, cached_tokens=cached)


def run(engine: Engine, strategy: Strategy) -> None:
    """The next job, under this strategy, on a server that holds nothing yet."""

    async def made() -> Trace:
        recorder = recorder_of(CachingEngine(), segment_tokens=6)
        outcome, longest_path = await measured(strategy.solve(PROBLEM, recorder))
        return Trace(recorder.tape.steps, outcome, longest_path)

    trace = asyncio.run(made())
    grades = [Grade(each.path, "integer", "1", Verdict.CORRECT) for each in trace.outcome.candidates]
    transitions.succeed(engine, claimed(engine).lease, trace, grades, wall_seconds=1.0)


def arm_of(label: str, strategy: Strategy) -> NewArm:
    return NewArm(label, MODEL, strategy.strategy, {}, strategy.model_dump(mode="json"))


@pytest.mark.parametrize("axis", [axis for axis in Axis if axis is not Axis.SECONDS])
def test_one_of_a_vote_s_candidates_lies_on_the_arm_that_made_the_same_chain(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, axis: Axis
) -> None:
    served = ServedModel(MODEL, 2048, 680_000, ThinkingFormat(), MODEL, cost_facts=FACTS)
    monkeypatch.setattr(scenes, "SERVED", served)
    chain, vote = ChainOfThought(max_thinking_tokens=50), MajorityVote(samples=4)
    experiment_id = running_experiment(engine, 1, (arm_of("chain", chain), arm_of("vote", vote)))
    run(engine, chain)
    run(engine, vote)
    measurements = Measurements(engine, queries.experiment(engine, experiment_id))
    alone, whole = points(measurements, axis).points
    one, *_, all_of_them = points(measurements, axis, Metric.MAJ).points
    assert one.cost == pytest.approx(alone.cost)
    assert all_of_them.cost == whole.cost
    assert whole.cost > alone.cost or axis is Axis.LONGEST_PATH
