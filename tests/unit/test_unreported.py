"""What an engine does not report is not known, from the completion to every sum: it is never 0."""

from dataclasses import replace
from itertools import count

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.compute.sequence import measured
from scaling.compute.spending import Unknown
from scaling.compute.work import longest_of_k, work_of
from scaling.record import Recorder
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategy import Strategy
from scaling.types import Completion, Request, Scores, Solution, Trace
from tests.unit.scripted_engine import PROBLEM, ScriptedEngine, ScriptedVerifier, recorder_of
from worker.spending.account import Account, Size
from worker.spending.cost import UNTOLD, Cost

SCRIPT = {"<think>\n": "2+3=5\n5-1=4\n</think>", "</think>": "\n\\boxed{4}<|im_end|>", "Wait": ", 4\n</think>"}


class SilentEngine(ScriptedEngine):
    """Generates as scripted, and counts nothing."""

    async def complete(self, request: Request) -> Completion:
        told = await super().complete(request)
        return replace(told, prompt_tokens=None, cached_tokens=None, generated_tokens=None)


class SilentVerifier(ScriptedVerifier):
    """Scores, and counts nothing."""

    async def score(self, solution: Solution) -> Scores:
        told = await super().score(solution)
        return replace(told, prompt_tokens=None, cached_tokens=None, generated_tokens=None, usages=())


async def traced(strategy: Strategy, recorder: Recorder) -> Trace:
    outcome, longest_path = await measured(strategy.solve(PROBLEM, recorder))
    return Trace(recorder.tape.steps, outcome, longest_path)


async def test_no_count_of_a_chain_is_known() -> None:
    trace = await traced(ChainOfThought(), recorder_of(SilentEngine(SCRIPT)))
    counts, (candidate,) = trace.counts, trace.outcome.candidates
    assert (counts.prompt_tokens, counts.cached_tokens, counts.generated_tokens) == (None, None, None)
    assert (counts.thinking_tokens, counts.answer_tokens) == (None, None)
    assert (candidate.answer, candidate.thinking_tokens, candidate.total_tokens) == ("4", None, None)
    assert (counts.forced_tokens, counts.verifier_tokens) == (0, 0)  # nothing was forced or verified: that is known


async def test_nothing_that_follows_from_counts_is_known_either() -> None:
    trace = await traced(MajorityVote(samples=2), recorder_of(SilentEngine(SCRIPT)))
    work = work_of(trace)
    assert work.chains == 2
    assert (work.longest_path, work.attended, work.kv_read) == (None, None, None)
    assert longest_of_k(trace, (1, 2)) is None


async def test_a_verifier_that_counts_nothing_leaves_the_generator_known() -> None:
    verifier = SilentVerifier({"2+3=5": 0.5, "5-1=4": 0.5})
    strategy = BestOfN(samples=1, verifier="judge")
    trace = await traced(strategy, recorder_of(ScriptedEngine(SCRIPT), verifier))
    assert trace.counts.generated_tokens is not None
    assert (trace.counts.verifier_tokens, trace.counts.verifier_generated_tokens) == (None, None)
    assert (trace.counts.verifier_calls, work_of(trace).verifier_attended) == (1, None)
    assert trace.longest_path is None  # the verifier's tokens are on it


async def test_a_budget_is_charged_the_ids_where_nobody_counts() -> None:
    """20 tokens in all: "2+3=5\\n5-1=4\\n" and its end are 13, Wait is 4, 3 are left."""
    recorder = recorder_of(SilentEngine(SCRIPT), max_answer_tokens=16)
    trace = await traced(BudgetForcing(max_thinking_tokens=20, waits=1), recorder)
    thoughts = [step for step in trace.steps if step.kind == "think"]
    assert [step.text for step in thoughts] == ["2+3=5\n5-1=4\n", ", 4"]
    assert [step.charged_tokens for step in thoughts] == [13, 3]
    assert trace.counts.thinking_tokens is None


async def test_a_request_whose_server_tells_no_cost_is_bounded_and_in_no_count() -> None:
    account = Account(clock=count().__next__)
    with await account.begin(Size(10, 100)) as charge:
        charge.settle(Cost(10, 4, 7, None))
    assert (account.counts.generated_tokens, account.unknown) == (7, Unknown())
    with await account.begin(Size(10, 100)) as charge:
        charge.settle(UNTOLD)
    assert (account.counts.prompt_tokens, account.counts.generated_tokens) == (None, None)
    assert account.unknown == Unknown(requests=1, prompt_tokens=10, generated_tokens=100)
    account.tell()  # with room for as much as was asked since the last time: nothing since
    assert account.tell().unknown == account.unknown
