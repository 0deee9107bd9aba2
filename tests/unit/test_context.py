"""How thinking and answer share a context: what has to fit, what each may take, what a chain costs at most."""

import pytest

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.context import ContextShares, most_generated
from scaling.types import Sampling
from tests.unit.scripted_engine import END, PROBLEM, ScriptedEngine, recorder_of

LONG_ANSWER = "x" * 700 + "\\boxed{4}"
THOUGHT = "2+3=5\n5-1=4\n</think>\n"


def engine_of(context_length: int, *, answer: str = LONG_ANSWER, thought: str = THOUGHT) -> ScriptedEngine:
    return ScriptedEngine({"<think>\n": thought + answer + END}, context_length=context_length)


def test_nothing_limits_an_answer_but_the_context_unless_a_spec_does() -> None:
    assert Sampling().max_answer_tokens is None


def test_a_thinking_limit_fits_where_a_token_of_an_unlimited_answer_does() -> None:
    """800 + 1 in 1,024; a limit of 300 is kept free in full: 1,100."""
    assert ContextShares(1024, None).required(800) == 801
    assert ContextShares(1024, 300).required(800) == 1100


def test_thinking_without_a_limit_leaves_an_eighth_of_a_small_context_and_512_tokens_of_a_large_one() -> None:
    assert ContextShares(1024, None).most_thinking(room=1000, thinking_limit=None) == 1000 - 128
    assert ContextShares(32_768, None).most_thinking(room=30_000, thinking_limit=None) == 30_000 - 512
    assert ContextShares(32_768, 64).most_thinking(room=30_000, thinking_limit=None) == 30_000 - 64


def test_an_answer_without_a_limit_gets_what_is_left_up_to_32768_tokens() -> None:
    assert ContextShares(1024, None).most_answer(room=177) == 177
    assert ContextShares(131_072, None).most_answer(room=100_000) == 32_768
    assert ContextShares(131_072, 64).most_answer(room=100_000) == 64


@pytest.mark.parametrize(
    ("thinking", "answer", "context", "most"),
    [
        (800, None, 1024, 1024),  # 800 + 32,768 do not fit
        (800, None, None, 33_568),
        (800, 64, 1024, 864),
        (None, None, 1024, 1024),
        (None, 64, None, None),
    ],
)
def test_a_chain_costs_its_limits_or_the_context_whichever_is_less(
    thinking: int | None, answer: int | None, context: int | None, most: int | None
) -> None:
    assert most_generated(thinking, answer, context) == most


async def test_thinking_of_800_tokens_in_a_context_of_1024_leaves_its_unused_part_to_the_answer() -> None:
    """20 of the prompt and 14 of the thought (a token each character, one for its end) leave 990."""
    engine = engine_of(1024)
    for chain in (ChainOfThought(max_thinking_tokens=800), BudgetForcing(max_thinking_tokens=800)):
        candidate = await chain.reason(PROBLEM, recorder_of(engine, max_answer_tokens=None))
        assert (candidate.answer, candidate.truncated) == ("4", False)


async def test_an_unlimited_answer_that_the_context_cuts_is_truncated_and_asks_for_no_more_than_fits() -> None:
    engine = engine_of(700)
    candidate = await ChainOfThought(max_thinking_tokens=300).reason(
        PROBLEM, recorder_of(engine, max_answer_tokens=None)
    )
    assert candidate.truncated
    assert [len(request.prompt) + request.max_tokens for request in engine.requests] == [len(PROMPT) + 300, 700]


async def test_unlimited_thinking_that_does_not_end_leaves_the_answers_share_unused() -> None:
    engine = engine_of(800, thought="1" * 900)
    candidate = await ChainOfThought().reason(PROBLEM, recorder_of(engine, max_answer_tokens=None))
    assert candidate.truncated
    assert candidate.thinking_tokens == 800 - len(PROMPT) - 100


PROMPT = "user: 2+3-1\n<think>\n"
