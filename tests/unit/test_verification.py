"""What a verifier is shown of a branch, what it is asked again, and what that costs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.compute.sequence import measured
from scaling.protocols import EngineUnavailableError, UnfitVerifierError
from scaling.strategies.best_of_n import BestOfN
from scaling.types import THINKING_FORMATS, FinishReason, Scores, Solution, StepKind, ThinkingFormat, Usage
from tests.unit.scripted_engine import END, LINES, PROBLEM, ScriptedEngine, ScriptedTree, ScriptedVerifier, recorder_of

SCRIPT = {
    "<think>\n": "2+3=5\n5-1=3\n</think>\n\\boxed{3}" + END,
    "Wait": ", check\n5-1=4\n</think>\n\\boxed{4}" + END,
}


class Fair(ScriptedVerifier):
    """A longer step is a better one: a score of a hundredth for each character."""

    def __init__(self, *, scores_steps: bool = True) -> None:
        super().__init__({}, scores_steps=scores_steps)
        self._scores = _LengthScores()


class _LengthScores(dict[str, float]):
    def __missing__(self, step: str) -> float:
        return len(step) / 100


async def test_a_process_reward_model_is_shown_the_reasoning_and_not_the_answer() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT), verifier := Fair())
    candidate = await ChainOfThought().reason(PROBLEM, recorder)
    assert await recorder.scoring.verify(PROBLEM, candidate.path) == (0.05, 0.05)
    assert verifier.solutions == [Solution("2+3-1", ("2+3=5", "5-1=3"), 0)]


async def test_waits_are_shown_as_they_stand() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT), verifier := Fair())
    candidate = await BudgetForcing(max_thinking_tokens=100, waits=1).reason(PROBLEM, recorder)
    await recorder.scoring.verify(PROBLEM, candidate.path)
    assert verifier.solutions[0].steps == ("2+3=5", "5-1=3", "Wait, check", "5-1=4")


async def test_an_outcome_reward_model_is_shown_the_answer_too_and_gives_one_score() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT), verifier := Fair(scores_steps=False))
    candidate = await ChainOfThought().reason(PROBLEM, recorder)
    assert await recorder.scoring.verify(PROBLEM, candidate.path) == (0.09,)  # \boxed{3} has nine characters
    assert verifier.solutions == [Solution("2+3-1", ("2+3=5", "5-1=3", "\\boxed{3}"), 0)]


async def test_an_outcome_reward_model_is_shown_an_answer_that_was_forced_out() -> None:
    engine = ScriptedEngine({"2+3-1\n": "It is well known that" + END, "Final Answer:": " 4" + END})
    recorder = recorder_of(engine, verifier := Fair(scores_steps=False), THINKING_FORMATS["plain"])
    candidate = await BudgetForcing(max_thinking_tokens=5).reason(PROBLEM, recorder)
    await recorder.scoring.verify(PROBLEM, candidate.path)
    assert verifier.solutions[0].steps == ("It is", "Final Answer: 4")


async def test_a_model_that_answers_in_its_reasoning_shows_all_of_it() -> None:
    engine = ScriptedEngine({"2+3-1\n": "First, 5.\n\nThe answer is 4" + END})
    recorder = recorder_of(engine, verifier := Fair(), THINKING_FORMATS["plain"])
    candidate = await ChainOfThought().reason(PROBLEM, recorder)
    await recorder.scoring.verify(PROBLEM, candidate.path)
    assert verifier.solutions[0].steps == ("First, 5.", "The answer is 4")


@pytest.mark.parametrize("text", ["a\n\n\n\nb\n\n", "\n\na\n\n\nb", "a\n\n \n\nb\n\n\n"])
async def test_several_delimiters_in_a_row_make_no_empty_step(text: str) -> None:
    thinking = ThinkingFormat(start="<think>\n", stop=("</think>",), answer_opener="</think>\n")
    engine = ScriptedEngine({"<think>\n": text + "</think>\n4" + END})
    recorder = recorder_of(engine, verifier := Fair(), thinking)
    candidate = await ChainOfThought().reason(PROBLEM, recorder)
    await recorder.scoring.verify(PROBLEM, candidate.path)
    assert verifier.solutions[0].steps == ("a", "b")


async def test_a_branch_without_reasoning_has_nothing_to_score_and_asks_nothing() -> None:
    script = {**SCRIPT, "</think>\n\\boxed{": "7}" + END}
    recorder = recorder_of(ScriptedEngine(script), verifier := Fair())
    candidate = await BudgetForcing(max_thinking_tokens=0).reason(PROBLEM, recorder)
    scored = await recorder.scoring.scored(PROBLEM, candidate)
    assert (scored.score, scored.step_scores, verifier.solutions) == (None, (), [])


async def test_what_an_ancestor_was_asked_is_not_asked_again() -> None:
    tree = {(0, 0): "2+3=5\n", (0, 0, 0): "5-1=4\n", (0, 0, 0, 0): "</think>"}
    recorder = recorder_of(ScriptedTree(tree), verifier := ScriptedVerifier({"2+3=5": 0.9, "5-1=4": 0.8}))
    first = await recorder.step(await recorder.ask(PROBLEM), 50, index=0)
    assert await recorder.scoring.verify(PROBLEM, first.path) == (0.9,)
    second = await recorder.step(first, 50, index=0)
    assert await recorder.scoring.verify(PROBLEM, second.path) == (0.9, 0.8)
    end = await recorder.step(second, 50, index=0)
    assert await recorder.scoring.verify(PROBLEM, end.path) == (0.9, 0.8)  # the delimiter is no step: nothing to ask
    assert verifier.solutions == [Solution("2+3-1", ("2+3=5",)), Solution("2+3-1", ("2+3=5", "5-1=4"), first=1)]
    assert [(step.score, step.verifier_calls) for step in recorder.tape.steps[1:]] == [(0.9, 1), (0.8, 1), (0.8, 0)]
    # shown: the question's 5 characters and 5 of the first step; then 5 more; each time one token is generated
    assert [step.verifier_tokens for step in recorder.tape.steps[1:]] == [5 + 5 + 1, 5 + 10 + 1, 0]
    assert recorder.tape.spent.verifier_tokens == 11 + 16
    assert [step.verifier_seconds for step in recorder.tape.steps[1:]] == [0.5, 0.5, 0.0]


async def test_a_step_ends_behind_its_delimiter_or_where_the_thinking_ends() -> None:
    tree = {(0, 0): "2+3=5\n5-1", (0, 0, 0): "5-1=4</think>\n", (0, 1): "hm" + END, (0, 2): "on and on"}
    recorder = recorder_of(ScriptedTree(tree))
    prompt = await recorder.ask(PROBLEM)
    line = await recorder.step(prompt, 50, index=0)
    assert (line.step.text, line.stopped_at, line.step.kind) == ("2+3=5\n", "\n", StepKind.STEP)
    assert line.context == prompt.context + line.step.ids  # the delimiter stays
    last = await recorder.step(line, 50, index=0)
    assert (last.step.text, last.stopped_at) == ("5-1=4</think>", "</think>")
    ended = await recorder.step(prompt, 50, index=1)
    assert (ended.step.text, ended.stopped_at, ended.is_stopped) == ("hm", None, True)
    cut = await recorder.step(prompt, 5, index=2)
    assert (cut.step.text, cut.stopped_at, cut.step.finish_reason) == ("on an", None, FinishReason.LENGTH)


async def test_a_step_does_not_end_before_it_has_begun() -> None:
    """Blank lines come first; the server stops at each of them, and is asked to go on."""

    class Goes(ScriptedTree):
        def _next(self, request: object, context: str) -> str:
            return "\n\n2+3=5\n5-1"[len(context) - len("user: 2+3-1\n<think>\n") :]

    recorder = recorder_of(engine := Goes({}))
    step = await recorder.step(await recorder.ask(PROBLEM), 50, index=0)
    assert (step.step.text, step.stopped_at) == ("\n\n2+3=5\n", "\n")
    assert (step.step.requests, len({request.seed for request in engine.requests})) == (3, 3)
    short = await recorder_of(Goes({})).step(await recorder.ask(PROBLEM), 2, index=0)
    assert (short.step.text, short.step.finish_reason) == ("\n\n", FinishReason.LENGTH)


@pytest.mark.parametrize("last", [".\n\n", "\n\n\n", ".\n\nThen"])
async def test_a_delimiter_inside_a_token_is_found_and_the_token_kept_whole(last: str) -> None:
    """Qwen's vocabulary has tokens such as ".\\n\\n"; a server cuts its text behind the delimiter, not its ids."""
    thinking = LINES.model_copy(update={"step_delimiter": "\n\n"})
    engine = ScriptedTree({(0, 0): "so it is" + last + "more"}, tokens=[last, "\n\n"])
    recorder = recorder_of(engine, thinking=thinking)
    step = await recorder.step(await recorder.ask(PROBLEM), 50, index=0)
    assert step.step.text == "so it is" + last == await engine.detokenize(step.step.ids)
    assert step.stopped_at == "\n\n"


@pytest.mark.parametrize("segment_tokens", [1, 2, 3])
async def test_a_step_delimiter_that_straddles_two_segments_is_found(segment_tokens: int) -> None:
    class Goes(ScriptedTree):
        def _next(self, request: object, context: str) -> str:
            return "ab\n\ncd\n\n"[len(context) - len("user: 2+3-1\n<think>\n") :]

    thinking = LINES.model_copy(update={"step_delimiter": "\n\n"})
    recorder = recorder_of(Goes({}), thinking=thinking, segment_tokens=segment_tokens)
    step = await recorder.step(await recorder.ask(PROBLEM), 50, index=0)
    assert (step.step.text, step.stopped_at) == ("ab\n\n", "\n\n")
    assert step.step.generated_tokens == len(step.step.ids) + len(step.step.dropped_ids)


async def test_a_rollout_is_greedy_and_counted() -> None:
    recorder = recorder_of(engine := ScriptedTree({(0, 0): "2+3=5\n"}))
    node = await recorder.rollout(await recorder.ask(PROBLEM), 50, index=0)
    assert node.step.kind is StepKind.ROLLOUT
    assert [request.sampling.temperature for request in engine.requests] == [0.0]
    assert recorder.tape.spent.generated_tokens == 6


async def test_a_strategy_without_its_verifier_is_refused_with_a_reason() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT))
    with pytest.raises(UnfitVerifierError, match="asks a verifier, and this job has none"):
        await BestOfN(samples=1, verifier="v").solve(PROBLEM, recorder)
    with pytest.raises(UnfitVerifierError, match="scores whole solutions only"):
        recorder_of(ScriptedEngine(SCRIPT), Fair(scores_steps=False)).scoring.require_steps()


# --- best of N


CHAINS = {
    (0, 0): "2+3=6\n6-1=5\n</think>",
    (0, 1): "2+3=5\n5-1=4\n</think>",
    (0, 2): "2+3=6\n6-1=7\n</think>",
    (0, 3): "2+3=5\n5-1=4\n</think>",
    (0, 0, 0): "\n\\boxed{5}" + END,
    (0, 1, 0): "\n\\boxed{4}" + END,
    (0, 2, 0): "\n\\boxed{7}" + END,
    (0, 3, 0): "\n\\boxed{4}" + END,
}
SCORES = {"2+3=6": 0.2, "6-1=5": 0.6, "2+3=5": 0.9, "5-1=4": 0.5, "6-1=7": 0.7}


def best_of_4(**settings: str) -> BestOfN:
    return BestOfN.model_validate({"samples": 4, "verifier": "v", **settings})


@pytest.mark.parametrize(
    ("select", "aggregate", "answer"),
    [
        ("naive", "last", "7"),  # .6, .5, .7, .5
        ("weighted", "last", "4"),  # 5: .6, 4: 1.0, 7: .7
        ("naive", "min", "4"),  # .2, .5, .2, .5
        ("naive", "product", "4"),  # .12, .45, .14, .45
        ("naive", "mean", "4"),  # .4, .7, .45, .7
    ],
)
async def test_best_of_n_chooses_by_the_scores_of_whole_chains(select: str, aggregate: str, answer: str) -> None:
    recorder = recorder_of(ScriptedTree(CHAINS), verifier := ScriptedVerifier(SCORES))
    outcome = await best_of_4(select=select, aggregate=aggregate).solve(PROBLEM, recorder)
    assert outcome.candidates[outcome.chosen].answer == answer
    assert [each.step_scores for each in outcome.candidates] == [(0.2, 0.6), (0.9, 0.5), (0.2, 0.7), (0.9, 0.5)]
    assert len(verifier.solutions) == 3  # the second and the fourth are equal
    assert not outcome.is_tie
    assert recorder.tape.spent.generated_tokens == 4 * (13 + 11)  # 12 characters and the delimiter; 10 and the end
    assert recorder.tape.spent.verifier_tokens == 3 * (5 + 10 + 1)  # question, two steps, one generated


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=8), st.lists(st.integers(0, 9), max_size=3))
async def test_equal_candidates_are_verified_once_and_the_lowest_bears_the_cost_whichever_came_first(
    delays: list[int], verifier_delays: list[int]
) -> None:
    verifier = ScriptedVerifier(SCORES, delays=verifier_delays)
    recorder = recorder_of(ScriptedTree(CHAINS, delays=delays), verifier)
    _, longest_path = await measured(best_of_4().solve(PROBLEM, recorder))
    leaves = {step.path: step for step in recorder.tape.steps if step.kind is StepKind.ANSWER}
    assert [leaves[0, number, 0].verifier_calls for number in range(4)] == [1, 1, 1, 0]
    assert [leaves[0, number, 0].verifier_tokens for number in range(4)] == [16, 16, 16, 0]
    assert [leaves[0, number, 0].score for number in range(4)] == [0.6, 0.5, 0.7, 0.5]
    assert leaves[0, 3, 0].verifier_spared_usages == leaves[0, 1, 0].verifier_usages == (Usage(15, 0, 1),)
    assert longest_path == 13 + 11 + 1  # the last waited for the verdict as well


async def test_what_cannot_be_read_is_asked_once_and_both_are_told_why() -> None:
    verifier = ScriptedVerifier(SCORES, num_steps=1)
    outcome = await best_of_4().solve(PROBLEM, recorder_of(ScriptedTree(CHAINS), verifier))
    assert len(verifier.solutions) == 3
    assert {each.note for each in outcome.candidates} == {"not scored: it reads 1 steps, and is shown 2"}


class Failing(ScriptedVerifier):
    """Its server is away, once."""

    async def score(self, solution: Solution) -> Scores:
        if not self.solutions:
            self.solutions.append(solution)
            raise EngineUnavailableError("away")
        return await super().score(solution)


async def test_what_was_not_answered_is_asked_again_by_the_next_that_shows_it() -> None:
    recorder = recorder_of(ScriptedTree(CHAINS), verifier := Failing(SCORES))
    twins = [await ChainOfThought().reason(PROBLEM, recorder, sample) for sample in (1, 3)]
    with pytest.raises(EngineUnavailableError):
        await recorder.scoring.verify(PROBLEM, twins[0].path)
    assert await recorder.scoring.verify(PROBLEM, twins[1].path) == (0.9, 0.5)
    assert len(verifier.solutions) == 2


async def test_best_of_n_takes_any_chain_and_pairs_with_the_vote() -> None:
    engine = ScriptedEngine(SCRIPT)
    chain = BudgetForcing(max_thinking_tokens=100, waits=1)
    outcome = await BestOfN(samples=2, verifier="v", chain=chain).solve(PROBLEM, recorder_of(engine, Fair()))
    assert [each.answer for each in outcome.candidates] == ["4", "4"]
    assert all(len(each.step_scores) == 4 for each in outcome.candidates)


def test_a_strategy_says_what_it_asks() -> None:
    assert best_of_4().verifier_name == "v"
    assert not best_of_4().needs_step_scores
    assert BestOfN(samples=4, verifier="v", chain=BudgetForcing(max_thinking_tokens=9)).thinking_limit == 9
