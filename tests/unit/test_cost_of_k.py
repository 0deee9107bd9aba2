"""What k of n candidates cost, against chains that were really made alone, over an engine with a prefix cache."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.compute.axes import Axis
from scaling.compute.costs import Facts, Spent, Used
from scaling.compute.model_facts import Architecture, ModelFacts, PricePerMillion
from scaling.compute.sequence import measured
from scaling.compute.work import longest_of_k, work_of
from scaling.record import Recorder
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategy import Chain, Strategy
from scaling.types import Completion, Ids, Outcome, Problem, Request, Trace
from tests.unit.scripted_engine import PROBLEM, AnyTree, recorder_of

SHAPE = Architecture(layers=2, heads=2, kv_heads=1, head_size=4)
PRICE = PricePerMillion(input=10, cached_input=1, output=100)
FACTS = Facts(ModelFacts(parameters=7, architecture=SHAPE, gpus=1, price_per_million=PRICE))
BLOCK = 4


class CachingTree(AnyTree):
    """Finds the whole blocks of a prompt cached that an earlier request of the same job began with, or made.

    Each piece of text begins with a character of its own, so that chains have nothing in common but the prompt.
    """

    def __init__(self, delays: list[int]) -> None:
        super().__init__(delays)
        self._seen: list[Ids] = []

    async def complete(self, request: Request) -> Completion:
        cached = max((shared(request.prompt[:-1], seen) for seen in self._seen), default=0)
        completion = await super().complete(request)
        self._seen.append(request.prompt + completion.token_ids)
        return replace(completion, cached_tokens=cached)

    def _next(self, request: Request, context: str) -> str:
        return chr(0x4E00 + request.seed % 20_000) + super()._next(request, context)


def shared(first: Ids, second: Ids) -> int:
    """Tokens in common, in whole blocks."""
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return common // BLOCK * BLOCK


async def spent_by(strategy: Strategy, delays: Sequence[int] = ()) -> tuple[Spent, Trace]:
    """On a server whose cache is cold."""
    recorder = recorder_of(CachingTree(list(delays)), segment_tokens=5)
    outcome, longest_path = await measured(strategy.solve(PROBLEM, recorder))
    trace = Trace(recorder.tape.steps, outcome, longest_path)
    return spent_of(trace, strategy), trace


def spent_of(trace: Trace, strategy: Strategy) -> Spent:
    counts, work = trace.counts, work_of(trace)

    def one(number: float | None) -> np.ndarray:
        return np.array([np.nan if number is None else float(number)])

    return Spent(
        generator=Used(
            *map(one, (counts.prompt_tokens, counts.cached_tokens, counts.generated_tokens, work.attended)),
            *map(one, (work.kv_read, counts.seconds, work.spared_tokens, work.spared_attended)),
        ),
        verifier=Used(*[one(0)] * 8),
        thinking_tokens=one(counts.thinking_tokens),
        wall_s=one(None),
        candidates=one(len(trace.outcome.candidates)),
        generations=one(work.chains * strategy.generations_per_chain),
        longest_path=one(work.longest_path),
    )


class Alone(Strategy):
    """One of a vote's chains by itself: what an arm of single chains would have made of the same draws."""

    strategy: str = "alone"
    chain: Chain
    sample: int

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        return Outcome((await self.chain.reason(problem, recorder, self.sample),), chosen=0)


CHAINS = [
    ChainOfThought(max_thinking_tokens=20),
    BudgetForcing(max_thinking_tokens=20, waits=1),
    RejectionSampling(max_thinking_tokens=8, tries=3),
]
KNOWN = [axis for axis in Axis if axis is not Axis.SECONDS]


@pytest.mark.parametrize("chain", CHAINS)
@settings(max_examples=25)
@given(delays=st.lists(st.integers(0, 9), max_size=40), samples=st.integers(2, 5))
async def test_one_of_n_costs_on_every_axis_what_the_chains_cost_that_were_made_alone(
    chain: Chain, delays: list[int], samples: int
) -> None:
    """In whatever order the vote's requests came, and whatever they found cached of one another."""
    vote = MajorityVote(samples=samples, chain=chain)
    spent, trace = await spent_by(vote, delays)
    of_1 = longest_of_k(trace, (1,))
    assert of_1 is not None
    one = spent.of_k(1, vote.side_by_side, lambda k: np.array(of_1))
    alone = [(await spent_by(Alone(chain=chain, sample=sample)))[0] for sample in range(samples)]
    for axis in KNOWN:
        mean = np.mean([each.on(axis, FACTS) for each in alone])
        assert one.on(axis, FACTS)[0] == pytest.approx(mean), axis


@pytest.mark.parametrize("axis", KNOWN)
async def test_costs_of_k_rise_from_one_chain_to_the_whole_job(axis: Axis) -> None:
    vote = MajorityVote(samples=5, chain=CHAINS[0])
    spent, trace = await spent_by(vote)
    assert spent.generator.spared_tokens[0] > 0
    ks = range(1, 6)
    longest = dict(zip(ks, longest_of_k(trace, ks) or (), strict=True))
    costs = [spent.of_k(k, 5, lambda k: np.array([longest[k]])).on(axis, FACTS)[0] for k in ks]
    assert costs == sorted(costs)
    assert costs[-1] == spent.on(axis, FACTS)[0]
