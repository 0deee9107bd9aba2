"""Tokens on the longest sequential path, and generations, of what strategies really do."""

import asyncio

import pytest

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.compute.sequence import measured, pass_tokens
from scaling.compute.work import Work, work_of
from scaling.strategies.adaptive_vote import AdaptiveVote
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.dvts import DiverseTrees
from scaling.strategies.lookahead import Lookahead
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategies.revisions import Revisions
from scaling.strategy import Strategy, concurrently
from scaling.types import Path, Trace
from tests.unit.scripted_engine import PROBLEM, ScriptedEngine, ScriptedTree, ScriptedVerifier, boxed, recorder_of
from tests.unit.test_sampling_strategies import ATTEMPT_SCORES, ATTEMPTS, star
from tests.unit.test_search import BEAMS, SCORES

ANSWER = 11
"""Tokens of `boxed`."""


async def work(strategy: Strategy, engine: ScriptedEngine, verifier: ScriptedVerifier | None = None) -> Work:
    recorder = recorder_of(engine, verifier)
    outcome, longest_path = await measured(strategy.solve(PROBLEM, recorder))
    return work_of(Trace(recorder.tape.steps, outcome, longest_path))


async def path(strategy: Strategy, tree: dict[Path, str], verifier: ScriptedVerifier | None = None) -> int | None:
    return (await work(strategy, ScriptedTree(tree), verifier)).longest_path


async def test_what_is_awaited_in_turn_adds_up_and_of_what_is_done_at_once_the_longest_counts() -> None:
    async def generating(*numbers: int) -> None:
        for number in numbers:
            await asyncio.sleep(0)
            pass_tokens(number)

    async def both() -> None:
        await generating(5)
        await concurrently([generating(1, 1, 1), generating(7), generating()])
        await concurrently([])
        await generating(2)

    assert await measured(both()) == (None, 5 + 7 + 2)
    assert await measured(generating(3)) == (None, 3)  # a path of its own


async def test_a_vote_is_as_long_as_its_longest_chain() -> None:
    """Thoughts of 1, 3 and 2 tokens, the delimiter, and the answer."""
    assert await path(MajorityVote(samples=3), star(("a", 1), ("abc", 2), ("ab", 3))) == 3 + 1 + ANSWER


async def test_a_verifier_s_token_stands_on_the_path_of_the_chain_that_it_scores() -> None:
    verifier = ScriptedVerifier({"a": 0.5, "abc": 0.5})
    chains = star(("a", 1), ("abc", 2))
    assert await path(BestOfN(samples=2, verifier="v"), chains, verifier) == 3 + 1 + ANSWER + 1


async def test_an_adaptive_vote_waits_for_each_of_its_draws() -> None:
    """Two at a time: (3, 1), then (2, 1); one at a time: all four. Four equal answers decide."""
    chains = star(("abc", 4), ("a", 4), ("ab", 4), ("a", 4))
    assert await path(AdaptiveVote(samples=8, at_once=2), chains) == (3 + 1 + ANSWER) + (2 + 1 + ANSWER)
    assert await path(AdaptiveVote(samples=8), chains) == 3 + 1 + 2 + 1 + 4 * (1 + ANSWER)


async def test_tries_that_were_rejected_stand_on_the_path_and_are_generations() -> None:
    tree = {(0, 0): "much too long", (0, 1): "again too long", (0, 2): "ok</think>", (0, 2, 0): boxed(4)}
    made = await work(RejectionSampling(max_thinking_tokens=5, tries=4), ScriptedTree(tree))
    assert (made.longest_path, made.chains) == (5 + 5 + 3 + ANSWER, 3)


async def test_budget_forcing_is_one_chain_and_a_forced_wait_takes_no_turn() -> None:
    script = {"<think>\n": "2+3=5</think>", "Wait": ", ok</think>", "</think>\n": "\\boxed{5}<|im_end|>"}
    made = await work(BudgetForcing(max_thinking_tokens=100, waits=1), ScriptedEngine(script))
    assert (made.longest_path, made.chains) == (6 + 5 + 10, 1)


async def test_revisions_are_as_long_as_their_longest_chain_of_attempts_and_each_is_a_generation() -> None:
    made = await work(Revisions(chains=2, revisions=2), ScriptedTree(ATTEMPTS))
    assert (made.longest_path, made.chains) == (2 * (2 + ANSWER), 4)
    verifier = ScriptedVerifier(ATTEMPT_SCORES)
    verified = await work(Revisions(chains=2, revisions=2, verifier="v"), ScriptedTree(ATTEMPTS), verifier)
    assert verified.longest_path == 2 * (2 + ANSWER + 1)


async def test_beam_search_waits_for_the_longest_step_of_each_round() -> None:
    """Round 1: a step of 2 and its score. Round 2: a beam ends its thinking and answers. Round 3: 2, score, answer."""
    made = await work(BeamSearch(width=4, branches=2, verifier="v"), ScriptedTree(BEAMS), ScriptedVerifier(SCORES))
    assert made.longest_path == (2 + 1) + (1 + ANSWER) + (2 + 1 + ANSWER)
    assert made.chains == 4  # N, however many steps there were


async def test_a_rollout_stands_on_the_path_of_the_step_that_it_scores() -> None:
    """N = 2, k = 1. Round 1: 2, its rollout's 2, the score. Round 2: p, its score and answer. Round 3: 1 and answer."""
    tree = {
        **{(0, 0): "a\n", (0, 0, 2): "x\n", (0, 1): "b\n", (0, 1, 2): "y\n"},
        **{(0, 1, 0): "p</think>", (0, 1, 0, 0): boxed(1)},
        **{(0, 1, 1): "q\n", (0, 1, 1, 2): "</think>", (0, 1, 1, 0): "</think>", (0, 1, 1, 0, 0): boxed(2)},
    }
    verifier = ScriptedVerifier({"a": 0.9, "x": 0.1, "b": 0.2, "y": 0.8, "p": 0.5, "q": 0.6})
    strategy = Lookahead(width=2, branches=2, lookahead=1, verifier="v")
    made = await work(strategy, ScriptedTree(tree), verifier)
    assert made.longest_path == (2 + 2 + 1) + (2 + 1 + ANSWER) + (1 + ANSWER)
    assert made.chains * strategy.generations_per_chain == 2 * (1 + 1)


async def test_trees_that_know_nothing_of_each_other_do_not_wait_for_each_other() -> None:
    """Tree 1: 8 and a score, then 2, a score and an answer. Tree 2: 2 and a score, then 4, a score and an answer."""
    tree = {
        **{(0, 0): "long way\n", (0, 1): "b\n", (0, 2): "c\n", (0, 3): "d\n"},
        **{(0, 0, 0): "e</think>", (0, 0, 1): "f</think>", (0, 2, 0): "ggg</think>", (0, 2, 1): "h</think>"},
        **{(0, 0, 0, 0): boxed(1), (0, 0, 1, 0): boxed(1), (0, 2, 0, 0): boxed(2), (0, 2, 1, 0): boxed(3)},
    }
    scores = {"long way": 0.2, "b": 0.1, "c": 0.9, "d": 0.8, "e": 0.4, "f": 0.4, "ggg": 0.7, "h": 0.6}
    strategy = DiverseTrees(width=4, branches=2, verifier="v")
    assert await path(strategy, tree, ScriptedVerifier(scores)) == (9 + 1) + (2 + 1 + ANSWER)


@pytest.mark.parametrize(
    ("strategy", "side_by_side", "generations_per_chain"),
    [
        (MajorityVote(samples=5), 5, 1),
        (BestOfN(samples=5, verifier="v"), 5, 1),
        (AdaptiveVote(samples=5, at_once=2), 2, 1),
        (Revisions(chains=3, revisions=1), 3, 1),
        (Revisions(chains=3, revisions=2), None, 1),
        (BeamSearch(width=4, branches=2, verifier="v"), None, 1),
        (Lookahead(width=4, branches=2, lookahead=3, verifier="v"), None, 4),
    ],
)
def test_each_strategy_says_how_its_candidates_depend_on_each_other_and_what_a_chain_costs(
    strategy: Strategy, side_by_side: int | None, generations_per_chain: int
) -> None:
    assert (strategy.side_by_side, strategy.generations_per_chain) == (side_by_side, generations_per_chain)
