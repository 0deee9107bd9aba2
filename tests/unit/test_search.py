"""Beam search and its kin against scripted trees: who survives, who wins, what it costs."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from scaling.protocols import UnfitVerifierError
from scaling.search import StepSearch
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.dvts import DiverseTrees
from scaling.strategies.lookahead import Lookahead
from scaling.strategies.rebase import Rebase, allocate
from scaling.types import THINKING_FORMATS, Path, Phase, Scores, Solution, StepKind, Trace
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


async def solved(strategy: StepSearch, engine: ScriptedEngine, verifier: ScriptedVerifier, **sampling: int) -> Trace:
    recorder = recorder_of(engine, verifier, **sampling)
    outcome = await strategy.solve(PROBLEM, recorder)
    return Trace(recorder.tape.steps, outcome)


def pruned(trace: Trace) -> list[Path]:
    return [step.path for step in trace.steps if not step.kept]


def answers(trace: Trace) -> list[tuple[str | None, float | None]]:
    return [(each.answer, each.score) for each in trace.outcome.candidates]


# --- beam search

BEAMS = {
    **{(0, 0): "a\n", (0, 1): "b\n", (0, 2): "c\n", (0, 3): "d\n"},
    **{(0, 0, 0): "e\n", (0, 0, 1): "</think>", (0, 1, 0): "f\n", (0, 1, 1): "g\n", (0, 0, 1, 0): boxed(1)},
    **{(0, 0, 0, 0): "h</think>", (0, 0, 0, 1): "i</think>", (0, 1, 0, 0): "j</think>"},
    **{(0, 0, 0, 0, 0): boxed(2), (0, 0, 0, 1, 0): boxed(2), (0, 1, 0, 0, 0): boxed(3)},
}
SCORES = {"a": 0.9, "b": 0.8, "c": 0.3, "d": 0.1, "e": 0.7, "f": 0.6, "g": 0.5, "h": 0.4, "i": 0.55, "j": 0.75}


async def test_beam_search_keeps_the_best_and_finished_beams_keep_their_place() -> None:
    """N = 4, M = 2. Round 1: a and b go on. Round 2: e, f, g, and a's second ends. Three places are left: e gets two,
    f one, g none. Round 3: all end. Answers: 1 with .9, 2 with .4 + .55, 3 with .75."""
    verifier = ScriptedVerifier(SCORES)
    trace = await solved(BeamSearch(width=4, branches=2, verifier="v"), ScriptedTree(BEAMS), verifier)
    assert pruned(trace) == [(0, 1, 1), (0, 2), (0, 3)]
    assert answers(trace) == [("2", 0.4), ("2", 0.55), ("1", 0.9), ("3", 0.75)]
    assert trace.outcome.chosen == 1
    assert trace.outcome.candidates[1].step_scores == (0.9, 0.7, 0.55)
    # four steps of 2; then 2 + 1 + 2 + 2; then three of 2; and four answers of 11
    assert trace.counts.generated_tokens == 8 + 7 + 6 + 44
    # calls show the question (5), one character a step, and generate 1; what only ends the thinking is not asked
    assert trace.counts.verifier_tokens == 4 * (5 + 1 + 1) + 3 * (5 + 2 + 1) + 3 * (5 + 3 + 1)
    assert sum(step.verifier_calls for step in trace.steps) == len(verifier.solutions) == 10


async def test_each_step_keeps_its_score() -> None:
    strategy = BeamSearch(width=4, branches=2, verifier="v")
    trace = await solved(strategy, ScriptedTree(BEAMS), ScriptedVerifier(SCORES))
    steps = [step for step in trace.steps if step.kind is StepKind.STEP]
    assert {step.text.strip("\n").removesuffix("</think>"): step.score for step in steps} == {**SCORES, "": 0.9}


async def test_a_continuation_is_scored_while_its_siblings_are_still_written() -> None:
    """The first request takes 50 turns of the loop. The others are each scored as they end, and it is scored last."""
    seen: list[tuple[str, int]] = []

    class Notes(ScriptedVerifier):
        async def score(self, solution: Solution) -> Scores:
            seen.append((solution.steps[-1], len(engine.completions)))
            return await super().score(solution)

    engine = ScriptedTree(BEAMS, delays=[50])
    await solved(BeamSearch(width=4, branches=2, verifier="v", max_rounds=1), engine, Notes(SCORES))
    assert seen == [("b", 1), ("c", 2), ("d", 3), ("a", 4)]


async def test_a_model_that_answers_in_its_reasoning_answers_with_its_last_step() -> None:
    tree = {**{(0, 0): "First, 5.\n\n", (0, 1): "Hm.\n\n"}, (0, 0, 0): "It is 4" + END, (0, 0, 1): "\\boxed{4}" + END}
    verifier = ScriptedVerifier({"First, 5.": 0.9, "Hm.": 0.1, "It is 4": 0.8, "\\boxed{4}": 0.7})
    recorder = recorder_of(ScriptedTree(tree), verifier, THINKING_FORMATS["plain"])
    outcome = await BeamSearch(width=2, branches=2, verifier="v").solve(PROBLEM, recorder)
    assert [(each.answer, each.truncated, each.score) for each in outcome.candidates] == [
        ("4", False, 0.8),
        ("4", False, 0.7),
    ]
    assert all(step.phase is not Phase.ANSWER for step in recorder.tape.steps)


OPENER = {(0, 0): "a\n", (0, 1): "b</think>", (0, 1, 0): boxed(3), (0, 0, 0): "c\n", (0, 0, 0, 3, 0): "4}" + END}


async def test_a_beam_that_its_verifier_cannot_read_goes_no_further_and_the_others_answer() -> None:
    """It reads one step. The second makes a beam too long for it: a limit of the method, and the job counts."""
    verifier = ScriptedVerifier({"a": 0.9, "b": 0.2}, num_steps=1)
    trace = await solved(BeamSearch(width=2, branches=2, verifier="v"), ScriptedTree(OPENER), verifier)
    unread, read = trace.outcome.candidates
    assert (unread.answer, unread.truncated, unread.is_cut, unread.score) == (None, True, True, None)
    assert unread.note == "not scored: it reads 1 steps, and is shown 2"
    assert (read.answer, read.score, read.note) == ("3", 0.2, None)
    assert trace.outcome.chosen == 1


async def test_a_beam_that_its_verifier_cannot_read_is_asked_for_its_answer_where_the_arm_says_so() -> None:
    verifier = ScriptedVerifier({"a": 0.9, "b": 0.2}, num_steps=1)
    strategy = BeamSearch(width=2, branches=2, verifier="v", at_limit="answer")
    trace = await solved(strategy, ScriptedTree(OPENER), verifier)
    assert [(each.answer, each.is_cut, each.score) for each in trace.outcome.candidates] == [
        ("4", True, None),
        ("3", False, 0.2),
    ]
    assert [step.text for step in trace.steps if step.is_forced] == ["</think>\n\\boxed{"]


async def test_a_beam_that_ends_where_its_verifier_can_read_no_more_still_answers() -> None:
    tree = {**OPENER, (0, 0, 0): "c</think>", (0, 0, 0, 0): boxed(5)}
    verifier = ScriptedVerifier({"a": 0.9, "b": 0.2}, num_steps=1)
    trace = await solved(BeamSearch(width=2, branches=2, verifier="v"), ScriptedTree(tree), verifier)
    assert answers(trace) == [("5", None), ("3", 0.2)]


async def test_a_step_whose_rollout_its_verifier_cannot_read_is_scored_by_itself() -> None:
    tree = {(0, 0): "a\n", (0, 0, 1): "x\n", (0, 0, 0): "b</think>", (0, 0, 0, 0): boxed(5)}
    verifier = ScriptedVerifier({"a": 0.9, "b": 0.2}, num_steps=1)
    trace = await solved(Lookahead(width=1, branches=1, lookahead=1, verifier="v"), ScriptedTree(tree), verifier)
    assert answers(trace) == [("5", None)]
    assert next(step for step in trace.steps if step.path == (0, 0)).score == 0.9


@pytest.mark.parametrize("strategy", [Rebase(width=2, verifier="v"), DiverseTrees(width=2, branches=1, verifier="v")])
async def test_other_searches_go_on_without_what_their_verifier_cannot_read(strategy: StepSearch) -> None:
    verifier = ScriptedVerifier({"a": 0.9, "b": 0.2}, num_steps=1)
    trace = await solved(strategy, ScriptedTree(OPENER), verifier)
    assert answers(trace) == [(None, None), ("3", 0.2)]


async def test_after_the_last_round_open_beams_answer_where_the_arm_says_so() -> None:
    strategy = BeamSearch(width=1, branches=1, verifier="v", max_rounds=1, at_limit="answer")
    tree = {(0, 0): "a\n", (0, 0, 2, 0): "4}" + END}
    trace = await solved(strategy, ScriptedTree(tree), ScriptedVerifier(SCORES))
    (candidate,) = trace.outcome.candidates
    assert (candidate.answer, candidate.truncated, candidate.is_cut, candidate.score) == ("4", False, True, 0.9)


@pytest.mark.parametrize(("at_limit", "told"), [(None, (None, True)), ("answer", ("4", False))])
async def test_a_beam_that_is_cut_ends_as_the_arm_says(at_limit: Any, told: tuple[str | None, bool]) -> None:
    strategy = BeamSearch(width=1, branches=1, verifier="v", max_thinking_tokens=3, at_limit=at_limit)
    tree = {(0, 0): "abcdef\n", (0, 0, 0, 0): "4}" + END}
    trace = await solved(strategy, ScriptedTree(tree), ScriptedVerifier({"abc": 0.5}))
    (candidate,) = trace.outcome.candidates
    assert (candidate.answer, candidate.truncated) == told
    assert (candidate.is_cut, candidate.score) == (True, 0.5)


async def test_after_the_last_round_open_beams_are_truncated_and_have_no_answer() -> None:
    strategy = BeamSearch(width=4, branches=2, verifier="v", max_rounds=2)
    trace = await solved(strategy, ScriptedTree(BEAMS), ScriptedVerifier(SCORES))
    assert [(each.answer, each.truncated) for each in trace.outcome.candidates] == [
        (None, True),
        ("1", False),
        (None, True),
        (None, True),
    ]
    assert trace.outcome.chosen == 1
    assert trace.outcome.candidates[0].step_scores == (0.9, 0.7)


async def test_a_beam_without_tokens_left_is_truncated_and_keeps_its_place() -> None:
    """Two tokens of thinking are one step: nothing may follow it."""
    strategy = BeamSearch(width=4, branches=2, verifier="v", max_thinking_tokens=2)
    trace = await solved(strategy, ScriptedTree(BEAMS), ScriptedVerifier(SCORES))
    assert [each.truncated for each in trace.outcome.candidates] == [True] * 4
    assert trace.counts.thinking_tokens == 8
    assert pruned(trace) == []


def test_a_width_that_the_branches_do_not_divide_is_refused() -> None:
    with pytest.raises(ValidationError, match="width=10 is not divisible by branches=4; give a multiple, such as 12"):
        BeamSearch(width=10, branches=4, verifier="v")


async def test_an_outcome_reward_model_is_refused_before_anything_is_asked() -> None:
    engine = ScriptedTree(BEAMS)
    with pytest.raises(UnfitVerifierError, match="outcome reward model"):
        await solved(
            BeamSearch(width=4, branches=2, verifier="v"), engine, ScriptedVerifier(SCORES, scores_steps=False)
        )
    assert engine.requests == []
    assert BeamSearch(width=4, branches=2, verifier="v").needs_step_scores


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.1, 0.9, 0.5, 0.4], [0, 2, 2, 0]),  # N/M = 2 go on
        ([0.1, 0.9, 0.5], [0, 2, 1]),  # one has finished: ⌈3/2⌉ = 2 go on, on three places
        ([0.7], [1]),
        ([0.5, 0.5, 0.5, 0.5], [2, 2, 0, 0]),  # equal scores: by place
    ],
)
def test_continuations_are_shared_out_among_the_best(scores: list[float], expected: list[int]) -> None:
    assert BeamSearch(width=4, branches=2, verifier="v").continuations(scores) == expected


# --- lookahead


async def test_lookahead_scores_a_step_by_where_it_leads() -> None:
    """N = 2, M = 2, k = 1. a looks better than b (.9, .2), but leads to x (.1), and b to y (.8): b goes on.
    Then p ends; q's rollout ends at once, so q keeps its own .6 and goes on by itself, to its end."""
    tree = {
        **{(0, 0): "a\n", (0, 0, 2): "x\n", (0, 1): "b\n", (0, 1, 2): "y\n"},
        **{(0, 1, 0): "p</think>", (0, 1, 0, 0): boxed(1)},
        **{(0, 1, 1): "q\n", (0, 1, 1, 2): "</think>", (0, 1, 1, 0): "</think>", (0, 1, 1, 0, 0): boxed(2)},
    }
    verifier = ScriptedVerifier({"a": 0.9, "x": 0.1, "b": 0.2, "y": 0.8, "p": 0.5, "q": 0.6})
    engine = ScriptedTree(tree)
    trace = await solved(Lookahead(width=2, branches=2, lookahead=1, verifier="v"), engine, verifier)
    assert pruned(trace) == [(0, 0), (0, 0, 2)]
    assert {step.path: step.score for step in trace.steps if len(step.path) == 2} == {(0, 0): 0.1, (0, 1): 0.8}
    assert answers(trace) == [("1", 0.5), ("2", 0.6)]
    assert trace.outcome.candidates[1].step_scores == (0.2, 0.6)
    assert trace.outcome.chosen == 1
    asked = [(solution.steps, solution.first) for solution in verifier.solutions]
    assert sorted(asked) == [(("a", "x"), 0), (("b", "p"), 1), (("b", "q"), 1), (("b", "y"), 0)]
    rollouts = [step for step in trace.steps if step.kind is StepKind.ROLLOUT]
    assert sum(step.generated_tokens for step in rollouts) == 2 + 2 + 1
    assert trace.counts.generated_tokens == (2 + 2) + (2 + 2) + 1 + 5 + 2 * 11
    assert Counter(request.sampling.temperature for request in engine.requests) == {0.0: 3, 0.8: 7}


# --- DVTS and REBASE


async def test_trees_know_nothing_of_each_other() -> None:
    """N = 4, M = 2: beam search would go on with c and d (.9, .8); here each tree goes on with its best, a and c."""
    tree = {
        **{(0, 0): "a\n", (0, 1): "b\n", (0, 2): "c\n", (0, 3): "d\n"},
        **{(0, 0, 0): "e</think>", (0, 0, 1): "f</think>", (0, 2, 0): "g</think>", (0, 2, 1): "h</think>"},
        **{(0, 0, 0, 0): boxed(1), (0, 0, 1, 0): boxed(1), (0, 2, 0, 0): boxed(2), (0, 2, 1, 0): boxed(3)},
    }
    scores = {"a": 0.2, "b": 0.1, "c": 0.9, "d": 0.8, "e": 0.4, "f": 0.4, "g": 0.7, "h": 0.6}
    strategy = DiverseTrees(width=4, branches=2, verifier="v")
    trace = await solved(strategy, ScriptedTree(tree), ScriptedVerifier(scores))
    assert pruned(trace) == [(0, 1), (0, 3)]
    assert answers(trace) == [("1", 0.4), ("1", 0.4), ("2", 0.7), ("3", 0.6)]
    assert trace.outcome.candidates[trace.outcome.chosen].answer == "1"  # .8 against .7 and .6


def test_rebase_shares_slots_out_by_the_softmax_of_the_scores() -> None:
    """16 · e^4.5 / (e^4.5 + e^2.5 + e^0.5) = 16 · .8668 = 13.9, so 14; 2 · .8808 = 1.8, so 2; nothing is left."""
    assert allocate([0.9, 0.5, 0.1], 16) == [14, 2, 0]
    assert allocate([0.1, 0.9, 0.5], 16, temperature=0.2) == [0, 14, 2]
    assert allocate([0.5] * 4, 4) == [1, 1, 1, 1]
    assert allocate([0.5] * 3, 4) == [2, 1, 1]  # ⌈4/3⌉, then ⌈2/2⌉, then 1
    assert allocate([0.3], 5) == [5]
    assert allocate([], 5) == []
    assert allocate([1.0, 0.0], 2, temperature=0.001) == [2, 0]
    with pytest.raises(ValueError, match="temperature above 0"):
        allocate([0.5], 1, temperature=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(0, 64), st.floats(0.01, 10))
def test_rebase_shares_out_all_slots_and_the_better_never_get_fewer(
    scores: list[float], width: int, temperature: float
) -> None:
    shares = allocate(scores, width, temperature)
    assert sum(shares) == width
    assert min(shares) >= 0
    ranked = [share for _, share in sorted(zip(scores, shares, strict=True), key=lambda pair: -pair[0])]
    assert all(first >= second for first, second in pairwise(ranked) if width >= len(scores))


async def test_rebase_gives_up_the_slots_of_finished_leaves() -> None:
    """W = 4. Shares of .9 .8 .1 .1: 4/(1 + .6065 + 2 · .0183) = 2.4, so 3; 1/(1 + 2 · .0302) = .94, so 1; 0; 0.
    a's first two end. Two slots are left for g (.3) and h (.2): 2/(1 + .6065) = 1.2, so 2, and none for h."""
    tree = {
        **{(0, 0): "a\n", (0, 1): "b\n", (0, 2): "c\n", (0, 3): "d\n"},
        **{(0, 0, 0): "e</think>", (0, 0, 1): "f</think>", (0, 0, 2): "g\n", (0, 1, 0): "h\n"},
        **{(0, 0, 0, 0): boxed(1), (0, 0, 1, 0): boxed(2)},
        **{(0, 0, 2, 0): "</think>", (0, 0, 2, 1): "</think>", (0, 0, 2, 0, 0): boxed(2), (0, 0, 2, 1, 0): boxed(3)},
    }
    scores = {"a": 0.9, "b": 0.8, "c": 0.1, "d": 0.1, "e": 0.7, "f": 0.5, "g": 0.3, "h": 0.2}
    trace = await solved(Rebase(width=4, verifier="v"), ScriptedTree(tree), ScriptedVerifier(scores))
    assert pruned(trace) == [(0, 1, 0), (0, 2), (0, 3)]
    assert answers(trace) == [("1", 0.7), ("2", 0.5), ("2", 0.3), ("3", 0.3)]
    assert trace.outcome.candidates[trace.outcome.chosen].answer == "2"  # .8 against .7 and .3


# --- any search, in any order


LIMITS = st.one_of(st.none(), st.integers(1, 30))


@st.composite
def searches(draw: st.DrawFn) -> StepSearch:
    kind = draw(st.sampled_from([BeamSearch, DiverseTrees, Lookahead, Rebase]))
    branches, trees = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    numbers: dict[str, Any] = {"width": branches * trees, "max_thinking_tokens": draw(LIMITS), "verifier": "v"}
    numbers["max_rounds"] = draw(st.integers(1, 8))
    if kind is not Rebase:
        numbers["branches"] = branches
    if kind is Lookahead:
        numbers["lookahead"] = draw(st.integers(0, 3))
    return kind(**numbers)


DELAYS = st.lists(st.integers(0, 9), max_size=80)


@settings(max_examples=150)
@given(searches(), DELAYS, DELAYS, st.integers(1, 20))
async def test_budgets_and_width_are_never_exceeded_and_counts_add_up(
    strategy: StepSearch, delays: list[int], verifier_delays: list[int], segment_tokens: int
) -> None:
    engine, verifier = AnyTree(delays), AnyScores(verifier_delays)
    trace = await solved(strategy, engine, verifier, segment_tokens=segment_tokens)
    assert len(trace.outcome.candidates) == strategy.width
    assert trace.counts.generated_tokens == sum(each.generated_tokens for each in engine.completions)
    assert trace.counts.prompt_tokens == sum(each.prompt_tokens for each in engine.completions)
    assert sum(step.verifier_calls for step in trace.steps) == len(verifier.solutions)
    limit = strategy.max_thinking_tokens
    assert limit is None or all(each.thinking_tokens <= limit for each in trace.outcome.candidates)
    by_depth = Counter(len(step.path) for step in trace.steps if step.kind is StepKind.STEP)
    assert max(by_depth.values()) <= strategy.width
    assert max(by_depth) - 1 <= strategy.max_rounds
    kept = {step.path for step in trace.steps if step.kept}
    assert all(each.path in kept for each in trace.outcome.candidates)


@settings(max_examples=60)
@given(searches(), DELAYS, DELAYS)
async def test_the_same_seed_makes_the_same_tree_in_whatever_order_requests_end(
    strategy: StepSearch, delays: list[int], verifier_delays: list[int]
) -> None:
    late = await solved(strategy, AnyTree(delays), AnyScores(verifier_delays))
    assert late == await solved(strategy, AnyTree([]), AnyScores([]))


@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(1, 3), DELAYS)
async def test_without_lookahead_the_requests_are_those_of_beam_search(
    kept: int, branches: int, delays: list[int]
) -> None:
    beams, ahead = AnyTree([]), AnyTree(delays)
    numbers: dict[str, Any] = {"width": kept * branches, "branches": branches, "verifier": "v", "max_rounds": 8}
    first = await solved(BeamSearch(**numbers), beams, AnyScores([]))
    second = await solved(Lookahead(**numbers, lookahead=0), ahead, AnyScores([]))
    assert sorted(map(repr, beams.requests)) == sorted(map(repr, ahead.requests))
    assert first == second
