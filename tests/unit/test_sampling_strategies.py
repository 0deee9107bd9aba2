"""Votes that know when to stop, votes weighed by confidence, revisions, and chains of a wanted length."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scaling.chains.length_control import LONG, SHORT, LengthControl
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.protocols import RequestRefusedError
from scaling.record import ContextOverflowError
from scaling.strategies import STRATEGIES
from scaling.strategies.adaptive_vote import AdaptiveVote, lead_probability
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.deepconf import DeepConf, lowest_group
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategies.revisions import Revisions
from scaling.types import Path, Phase, StepKind
from tests.unit.scripted_engine import (
    END,
    PROBLEM,
    AnyScores,
    AnyTree,
    ScriptedEngine,
    ScriptedTree,
    ScriptedVerifier,
    boxed,
    recorder_of,
)


def star(*chains: tuple[str, int]) -> dict[Path, str]:
    """A chain of thought and its answer for each sample."""
    tree: dict[Path, str] = {}
    for sample, (thought, answer) in enumerate(chains):
        tree |= {(0, sample): thought + "</think>", (0, sample, 0): boxed(answer)}
    return tree


# --- adaptive vote


@pytest.mark.parametrize(
    ("top", "second", "expected"),
    [
        (3, 0, 0.9375),  # 15/16
        (4, 0, 0.96875),  # 31/32
        (0, 0, 0.5),
        (2, 2, 0.5),
        (4, 1, 57 / 64),  # (64 - 1 - 6) / 64
        (1000, 0, 1.0),
        (1000, 1000, 0.5),
    ],
)
def test_the_lead_is_as_sure_as_a_beta_distribution_says(top: int, second: int, expected: float) -> None:
    assert lead_probability(top, second) == pytest.approx(expected, abs=1e-12)


def test_votes_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="top=3, second=-1: votes are counted from 0 up"):
        lead_probability(3, -1)


async def test_sampling_stops_when_four_agree() -> None:
    engine = ScriptedTree(star(*[("a", 4)] * 20))
    outcome = await AdaptiveVote(samples=20).solve(PROBLEM, recorder_of(engine))
    assert len(outcome.candidates) == 4
    assert len(engine.requests) == 8  # a thought and an answer each


async def test_one_dissenter_costs_three_samples_more() -> None:
    """(4, 1): .891; (5, 1): 120/128 = .9375; (6, 1): 247/256 = .965, stop."""
    tree = star(("a", 4), ("a", 4), ("b", 3), *[("a", 4)] * 10)
    outcome = await AdaptiveVote(samples=20).solve(PROBLEM, recorder_of(ScriptedTree(tree)))
    assert len(outcome.candidates) == 7


@pytest.mark.parametrize("delays", [[], [9, 0, 5, 0, 7, 3]])
async def test_chains_drawn_together_are_all_counted_whichever_ends_first(delays: list[int]) -> None:
    """After four, (3, 1): 26/32; after eight, (7, 1): stop, though seven would have done."""
    tree = star(("a", 4), ("a", 4), ("b", 3), *[("a", 4)] * 10)
    recorder = recorder_of(ScriptedTree(tree, delays=delays))
    outcome = await AdaptiveVote(samples=20, at_once=4).solve(PROBLEM, recorder)
    assert [each.path[1] for each in outcome.candidates] == list(range(8))
    assert recorder.tape.spent.generated_tokens == 8 * (2 + 11)


async def test_an_undecided_vote_ends_with_its_samples() -> None:
    tree = star(("a", 4), ("b", 3), ("c", 2))
    outcome = await AdaptiveVote(samples=3, at_once=2).solve(PROBLEM, recorder_of(ScriptedTree(tree)))
    assert (len(outcome.candidates), outcome.is_tie) == (3, True)


# --- DeepConf


def test_the_lowest_group_slides_over_all_tokens() -> None:
    assert lowest_group([4, 4, 1, 3, 4], 2) == 2.0  # 4, 2.5, 2, 3.5
    assert lowest_group([4, 4, 1, 3, 4], 9) == pytest.approx(3.2)  # 16 / 5
    assert lowest_group([], 2) is None


CONFIDENCE = star(("999", 4), ("111", 5), ("111", 5), ("222", 3))
"""As sure as its digits: (3d + the delimiter 1 + ten ones + the answer) / 15 tokens: 42/15, 19/15, 19/15, 20/15."""


@pytest.mark.parametrize(
    ("keep", "answer"),
    [
        (1.0, "4"),  # 2.8 against 2.53 and 1.33: the two votes for 5 are outweighed
        (0.25, "4"),  # one chain votes
        (0.5, "4"),  # 4 and 3
    ],
)
async def test_the_confident_outvote_the_many(keep: float, answer: str) -> None:
    recorder = recorder_of(engine := ScriptedTree(CONFIDENCE))
    outcome = await DeepConf(samples=4, keep=keep).solve(PROBLEM, recorder)
    assert outcome.candidates[outcome.chosen].answer == answer
    scores = [each.score for each in outcome.candidates]
    assert scores == [pytest.approx(value) for value in (42 / 15, 19 / 15, 19 / 15, 20 / 15)]
    assert {request.top_logprobs for request in engine.requests} == {20}


async def test_chains_as_confident_as_the_last_that_is_kept_vote_too() -> None:
    """A half of four are two: the third is as sure as the second, and makes 5 the winner with 2 · 1.27 over 2.4."""
    tree = star(("777", 4), ("111", 5), ("111", 5), ("000", 3))  # 36/15, 19/15, 19/15, 14/15
    outcome = await DeepConf(samples=4, keep=0.5).solve(PROBLEM, recorder_of(ScriptedTree(tree)))
    assert outcome.candidates[outcome.chosen].answer == "5"


async def test_a_weak_group_of_tokens_tells_against_a_chain() -> None:
    """The mean of the first is higher, but its three zeros in a row are its lowest group of three."""
    tree = star(("99999999000", 4), ("222", 5))
    outcome = await DeepConf(samples=2, keep=0.5, group_tokens=3).solve(PROBLEM, recorder_of(ScriptedTree(tree)))
    assert [each.score for each in outcome.candidates] == [0.0, 1.0]
    assert outcome.candidates[outcome.chosen].answer == "5"


async def test_a_server_without_log_probs_is_refused() -> None:
    class Mute(ScriptedTree):
        def _logprobs(self, ids: tuple[int, ...], top: int | None) -> None:
            return None

    with pytest.raises(RequestRefusedError, match="returns no log-probs"):
        await DeepConf(samples=1).solve(PROBLEM, recorder_of(Mute(CONFIDENCE)))


async def test_other_strategies_ask_for_no_log_probs() -> None:
    await MajorityVote(samples=2).solve(PROBLEM, recorder_of(engine := ScriptedTree(CONFIDENCE)))
    assert {request.top_logprobs for request in engine.requests} == {None}


# --- revisions


def chain_of_attempts(start: Path, *attempts: tuple[str, int]) -> dict[Path, str]:
    """Each attempt after the first has a prompt below the answer before it."""
    tree: dict[Path, str] = {}
    for thought, answer in attempts:
        tree |= {start: thought + "</think>", (*start, 0): boxed(answer)}
        start = (*start, 0, 0, 0)
    return tree


ATTEMPTS = {
    **chain_of_attempts((0, 0), ("a", 1), ("b", 1)),
    **chain_of_attempts((0, 1), ("c", 2), ("d", 3)),
}
ATTEMPT_SCORES = {"a": 0.5, "b": 0.4, "c": 0.6, "d": 0.5}


async def test_revisions_choose_inside_a_chain_and_then_across() -> None:
    """Chain 0: 1 with .5 + .4, spoken for by .5. Chain 1: 2 with .6 before 3 with .5. Across: 2 with .6. A flat
    weighted vote would say 1."""
    recorder = recorder_of(ScriptedTree(ATTEMPTS), verifier := ScriptedVerifier(ATTEMPT_SCORES))
    outcome = await Revisions(chains=2, revisions=2, verifier="v").solve(PROBLEM, recorder)
    assert [(each.answer, each.score) for each in outcome.candidates] == [
        ("1", 0.5),
        ("1", 0.4),
        ("2", 0.6),
        ("3", 0.5),
    ]
    assert (outcome.chosen, outcome.is_tie) == (2, False)
    assert [solution.steps for solution in verifier.solutions if solution.first] == []
    assert recorder.tape.spent.generated_tokens == 4 * (2 + 11)
    assert [each.total_tokens for each in outcome.candidates] == [13] * 4  # each its own, from its prompt on


async def test_without_a_verifier_all_attempts_vote() -> None:
    outcome = await Revisions(chains=2, revisions=2).solve(PROBLEM, recorder_of(ScriptedTree(ATTEMPTS)))
    assert outcome.candidates[outcome.chosen].answer == "1"
    assert len(outcome.candidates) == 4


async def test_an_attempt_sees_the_four_latest_in_a_prompt_of_its_own() -> None:
    attempts = chain_of_attempts((0, 0), *[("a", answer) for answer in (1, 2, 3, 4, 5, 6)])
    recorder = recorder_of(engine := ScriptedTree(attempts))
    await Revisions(chains=1, revisions=6, instruction="Again!").solve(PROBLEM, recorder)
    prompts = [step for step in recorder.tape.steps if step.phase is Phase.PROMPT]
    assert [step.kind for step in prompts] == [StepKind.PROMPT] + [StepKind.REVISION] * 5
    assert prompts[1].text == "user: 2+3-1\nassistant: \\boxed{1}\nuser: Again!\n<think>\n"
    assert prompts[-1].text == (
        "user: 2+3-1\n"
        + "".join(f"assistant: \\boxed{{{answer}}}\nuser: Again!\n" for answer in (2, 3, 4, 5))
        + "<think>\n"
    )
    assert engine.requests[-2].prompt == prompts[-1].ids  # the context begins anew


async def test_an_attempt_that_came_to_no_answer_is_not_shown() -> None:
    tree = {(0, 0): "on and on and on", (0, 0, 0, 0): "b</think>", (0, 0, 0, 0, 0): boxed(2)}
    recorder = recorder_of(ScriptedTree(tree))
    outcome = await Revisions.model_validate(
        {"chains": 1, "revisions": 2, "chain": {"strategy": "chain_of_thought", "max_thinking_tokens": 5}}
    ).solve(PROBLEM, recorder)
    assert [each.truncated for each in outcome.candidates] == [True, False]
    assert [step.text for step in recorder.tape.steps if step.kind is StepKind.REVISION] == ["user: 2+3-1\n<think>\n"]


async def test_a_revision_that_overflows_the_context_leaves_the_attempts_that_were_made() -> None:
    """Prompts of 20, 54 and 88 tokens; the third does not fit into 80. Two attempts answer, and the job counts."""
    tree = chain_of_attempts((0, 0), *[("a", answer) for answer in (1, 2, 3)])
    engine = ScriptedTree(tree)
    engine.context_length = 80
    recorder = recorder_of(engine, max_answer_tokens=12)
    outcome = await Revisions(chains=1, revisions=3, instruction="Again!").solve(PROBLEM, recorder)
    assert [each.answer for each in outcome.candidates] == ["1", "2"]
    first, last = outcome.candidates
    assert first.note is None
    assert last.note == (
        "not revised: problem p1: its prompt of 88 tokens exceeds the model's context of 80; drop the problem or serve "
        "the model with a longer context"
    )


async def test_a_first_prompt_that_overflows_the_context_still_fails() -> None:
    engine = ScriptedTree(ATTEMPTS)
    engine.context_length = 20
    with pytest.raises(ContextOverflowError):
        await Revisions(chains=2, revisions=2).solve(PROBLEM, recorder_of(engine))


@pytest.mark.parametrize("select", ["naive", "weighted"])
async def test_a_chain_that_its_verifier_cannot_read_has_no_score_and_says_why(select: Any) -> None:
    """Chain 0 has two steps, and the verifier reads one. Today such a chain would fail the problem."""
    tree = {(0, 0): "a\nb</think>", (0, 0, 0): boxed(1), (0, 1): "c</think>", (0, 1, 0): boxed(2)}
    verifier = ScriptedVerifier({"c": 0.1}, num_steps=1)
    outcome = await BestOfN(samples=2, verifier="v", select=select).solve(
        PROBLEM, recorder_of(ScriptedTree(tree), verifier)
    )
    assert [(each.answer, each.score, each.note) for each in outcome.candidates] == [
        ("1", None, "not scored: it reads 1 steps, and is shown 2"),
        ("2", 0.1, None),
    ]
    assert outcome.chosen == 1


async def test_a_chain_that_shows_no_step_has_no_score_and_says_so() -> None:
    """It ended its thinking at once."""
    tree = {(0, 0): "</think>", (0, 0, 0): boxed(1)}
    outcome = await BestOfN(samples=1, verifier="v").solve(
        PROBLEM, recorder_of(ScriptedTree(tree), ScriptedVerifier({}))
    )
    (candidate,) = outcome.candidates
    assert (candidate.score, candidate.note) == (None, "not scored: it shows no step of reasoning")


async def test_first_attempts_are_those_of_the_vote() -> None:
    vote, revised = ScriptedTree(ATTEMPTS), ScriptedTree(ATTEMPTS)
    await MajorityVote(samples=2).solve(PROBLEM, recorder_of(vote))
    await Revisions(chains=2, revisions=2).solve(PROBLEM, recorder_of(revised))
    assert {request.seed for request in vote.requests} < {request.seed for request in revised.requests}


# --- length control


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"tokens": 512}, "Think for up to 512 tokens."),
        ({"steps": 8}, "Think for up to 8 steps."),
        ({"length": "short"}, SHORT),
        ({"length": "long"}, LONG),
    ],
)
async def test_the_wanted_length_is_said_behind_the_question(asked: dict[str, object], said: str) -> None:
    recorder = recorder_of(ScriptedEngine({"<think>\n": "2+3=5\n</think>\n\\boxed{5}" + END}))
    candidate = await LengthControl.model_validate(asked).reason(PROBLEM, recorder)
    assert recorder.tape.steps[0].text == f"user: 2+3-1\n\n{said}\n<think>\n"
    assert candidate.answer == "5"


async def test_an_instruction_that_is_enforced_is_budget_forcing() -> None:
    script = {"<think>\n": "2+3=5\n5-1=3\n</think>", "</think>\n\\boxed{": "7}" + END}
    recorder = recorder_of(ScriptedEngine(script))
    candidate = await LengthControl(tokens=6, max_thinking_tokens=6).reason(PROBLEM, recorder)
    assert (candidate.answer, candidate.thinking_tokens) == ("7", 6)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "give one of tokens, steps and length, got none"),
        ({"tokens": 4, "steps": 2}, "got tokens and steps"),
        ({"tokens": 4, "waits": 2}, "waits=2 need a budget that they share"),
    ],
)
def test_a_length_is_asked_for_in_one_way(asked: dict[str, int], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        LengthControl.model_validate(asked)


async def test_a_verifier_is_shown_the_question_without_the_instruction() -> None:
    engine = ScriptedEngine({"<think>\n": "2+3=5\n</think>\n\\boxed{5}" + END})
    recorder = recorder_of(engine, verifier := ScriptedVerifier({"2+3=5": 0.5}))
    await BestOfN(samples=1, verifier="v", chain=LengthControl(tokens=9)).solve(PROBLEM, recorder)
    assert verifier.solutions[0].question == "2+3-1"


# --- rejection sampling


async def test_what_does_not_fit_is_rejected_pruned_and_counted() -> None:
    """Two tries are cut at 5 tokens; the third, with its delimiter, has 3."""
    tree = {(0, 0): "much too long", (0, 1): "again too long", (0, 2): "ok</think>", (0, 2, 0): boxed(4)}
    recorder = recorder_of(ScriptedTree(tree))
    candidate = await RejectionSampling(max_thinking_tokens=5, tries=4).reason(PROBLEM, recorder)
    assert (candidate.answer, candidate.thinking_tokens, candidate.truncated) == ("4", 3, False)
    assert [step.path for step in recorder.tape.steps if not step.kept] == [(0, 0), (0, 1)]
    assert recorder.tape.spent.thinking_tokens == 5 + 5 + 3
    assert recorder.tape.spent.generated_tokens == 13 + 11


async def test_the_last_try_speaks_if_all_are_rejected() -> None:
    recorder = recorder_of(ScriptedTree({(0, 0): "much too long", (0, 1): "again too long"}))
    candidate = await RejectionSampling(max_thinking_tokens=5, tries=2).reason(PROBLEM, recorder)
    assert (candidate.path, candidate.truncated, candidate.answer) == ((0, 1), True, None)
    assert recorder.tape.spent.generated_tokens == 10


async def test_a_vote_over_rejection_samples_keeps_their_tries_apart() -> None:
    tree = {(0, 0): "too long", (0, 1): "a</think>", (0, 1, 0): boxed(4), (0, 2): "b</think>", (0, 2, 0): boxed(4)}
    vote = MajorityVote(samples=2, chain=RejectionSampling(max_thinking_tokens=5, tries=2))
    outcome = await vote.solve(PROBLEM, recorder_of(ScriptedTree(tree)))
    assert [each.path for each in outcome.candidates] == [(0, 1, 0), (0, 2, 0)]
    assert vote.num_chains == 4


# --- all of them, in any order

ANY_CHAIN = st.sampled_from(
    [
        {"strategy": "chain_of_thought", "max_thinking_tokens": 20},
        {"strategy": "budget_forcing", "max_thinking_tokens": 20, "waits": 1},
        {"strategy": "rejection_sampling", "max_thinking_tokens": 8, "tries": 3},
        {"strategy": "length_control", "steps": 3},
    ]
)
ANY_STRATEGY = st.sampled_from(
    [
        {"strategy": "majority_vote", "samples": 5},
        {"strategy": "adaptive_vote", "samples": 7, "at_once": 3},
        {"strategy": "deepconf", "samples": 5, "keep": 0.5, "group_tokens": 4},
        {"strategy": "best_of_n", "samples": 5, "verifier": "v", "select": "naive", "aggregate": "product"},
        {"strategy": "revisions", "chains": 2, "revisions": 3},
        {"strategy": "revisions", "chains": 3, "revisions": 2, "verifier": "v"},
    ]
)
DELAYS = st.lists(st.integers(0, 9), max_size=60)


@settings(max_examples=120)
@given(ANY_STRATEGY, ANY_CHAIN, DELAYS, DELAYS)
async def test_counts_add_up_and_the_order_in_which_requests_end_changes_nothing(
    written: dict[str, object], chain: dict[str, object], delays: list[int], verifier_delays: list[int]
) -> None:
    strategy = STRATEGIES[str(written["strategy"])].model_validate({**written, "chain": chain})
    recorder = recorder_of(engine := AnyTree(delays), verifier := AnyScores(verifier_delays))
    outcome = await strategy.solve(PROBLEM, recorder)
    again = recorder_of(AnyTree([]), AnyScores([]))
    assert await strategy.solve(PROBLEM, again) == outcome
    assert again.tape.steps == recorder.tape.steps
    assert recorder.tape.spent.generated_tokens == sum(each.generated_tokens for each in engine.completions)
    assert sum(step.verifier_calls for step in recorder.tape.steps) == len(verifier.solutions)
    assert len({each.path for each in outcome.candidates}) == len(outcome.candidates) <= strategy.num_chains
    limit = strategy.thinking_limit
    assert limit is None or all(each.thinking_tokens <= limit for each in outcome.candidates)
    if "verifier" not in written:
        assert verifier.solutions == []
