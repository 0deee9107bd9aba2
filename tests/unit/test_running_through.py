"""One request makes a thought and its answer where nothing is put between them and no limit can be missed, and leaves
the same steps as two requests do."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.compute.sequence import measured
from scaling.compute.work import usages_of
from scaling.generation import derive_seed
from scaling.record import Recorder
from scaling.strategies.deepconf import DeepConf
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategy import Chain, Strategy
from scaling.types import (
    THINKING_FORMATS,
    Completion,
    FinishReason,
    PromptFormat,
    Request,
    Sampling,
    StepKind,
    ThinkingFormat,
)
from tests.unit.bytewise_engine import BytewiseEngine
from tests.unit.scripted_engine import END, PROBLEM, SEED_KEY, PlainGrader, ScriptedEngine, recorder_of

SCRIPT = {"<think>\n": "2+3=5\n5-1=4\n</think>\n\\boxed{4}" + END}
"""A thought of 13 tokens, its delimiter among them, and an answer of 11, its end among them."""
THOUGHT, ANSWER = 13, 11
UNCHANGED = ("path", "kind", "phase", "ids", "dropped_ids", "text", "generated_tokens", "finish_reason", "kept")
"""Of a step, what does not depend on how many requests made it."""


def told(recorder: Recorder) -> list[tuple[object, ...]]:
    return [tuple(getattr(step, name) for name in UNCHANGED) for step in recorder.tape.steps]


async def run(
    strategy: Strategy, max_answer_tokens: int | None, engine: ScriptedEngine | None = None, **sampling: int
) -> tuple[ScriptedEngine, Recorder]:
    engine = engine or ScriptedEngine(SCRIPT)
    recorder = recorder_of(engine, max_answer_tokens=max_answer_tokens, **sampling)
    await strategy.solve(PROBLEM, recorder)
    return engine, recorder


def stops(request: Request) -> bool:
    return bool(request.stop or request.stop_token_ids)


@pytest.mark.parametrize("strategy", [ChainOfThought(), MajorityVote(samples=3), DeepConf(samples=3)])
async def test_a_chain_that_nothing_limits_is_one_request_and_the_same_steps(strategy: Strategy) -> None:
    """The context of 1,000 leaves it 855 tokens of thinking: more than an answer of 64 may have."""
    one, in_one = await run(strategy, None)
    two, in_two = await run(strategy, 64)
    assert [stops(request) for request in one.requests] == [False] * strategy.num_chains
    assert [request.seed for request in one.requests] == [
        derive_seed(SEED_KEY, (0, n), 0) for n in range(strategy.num_chains)
    ]
    assert len(two.requests) == 2 * strategy.num_chains
    assert told(in_one) == told(in_two)
    assert [in_one.tape.confidences(step.path) for step in in_one.tape.steps[1:]] == [
        in_two.tape.confidences(step.path) for step in in_two.tape.steps[1:]
    ]


async def test_a_request_that_made_two_steps_is_told_once_and_its_tokens_apart() -> None:
    engine, recorder = await run(ChainOfThought(), None)
    _, thought, answer = recorder.tape.steps
    (made,) = engine.completions
    assert (thought.generated_tokens, answer.generated_tokens) == (THOUGHT, ANSWER)
    assert (thought.prompt_tokens, answer.prompt_tokens) == (made.prompt_tokens, 0)
    assert (thought.requests, answer.requests) == (1, 0)
    assert (thought.usages, usages_of(answer)) == ((made.usage,), ())
    assert recorder.tape.spent.generated_tokens == made.generated_tokens == THOUGHT + ANSWER
    assert recorder.tape.spent.answer_tokens == ANSWER


async def test_the_longest_path_is_the_same() -> None:
    paths = []
    for max_answer_tokens in (None, 64):
        recorder = recorder_of(ScriptedEngine(SCRIPT), max_answer_tokens=max_answer_tokens)
        paths.append((await measured(ChainOfThought().solve(PROBLEM, recorder)))[1])
    assert paths == [THOUGHT + ANSWER] * 2


@pytest.mark.parametrize("chain", [ChainOfThought(max_thinking_tokens=20), RejectionSampling(max_thinking_tokens=20)])
async def test_an_answer_goes_on_behind_what_the_thinkings_limit_let_through(chain: Chain) -> None:
    """Of the 20 tokens that the thinking may take, 7 are left for the answer; the other 4 are asked for by its seed."""
    engine, recorder = await run(chain, None)
    first, second = engine.requests
    assert (first.max_tokens, stops(first)) == (20, False)
    assert second.prompt == first.prompt + engine.completions[0].token_ids
    assert second.seed == derive_seed(SEED_KEY, (0, 0, 0), 0)
    assert told(recorder) == told((await run(chain, 19))[1])


@pytest.mark.parametrize("ending", ["truncate", "answer"])
async def test_a_thought_is_cut_where_it_was_and_nothing_is_made_behind_its_limit(ending: str) -> None:
    script = {**SCRIPT, "</think>\n\\boxed{": "7}" + END}
    chain = ChainOfThought(max_thinking_tokens=12, at_limit=ending)
    engine, recorder = await run(chain, None, ScriptedEngine(script))
    assert engine.requests[0].max_tokens == 12
    assert told(recorder) == told((await run(chain, 11, ScriptedEngine(script)))[1])
    assert recorder.tape.spent.thinking_tokens == 12


@pytest.mark.parametrize("most_answer", range(1, 2 * ANSWER))
async def test_no_answer_is_longer_than_its_limit_and_none_is_shorter(most_answer: int) -> None:
    for most_thinking in (THOUGHT, 20, 40):
        chain = ChainOfThought(max_thinking_tokens=most_thinking)
        engine, recorder = await run(chain, most_answer)
        assert stops(engine.requests[0]) == (most_thinking > most_answer)
        answer = recorder.tape.steps[-1]
        assert answer.generated_tokens == min(ANSWER, most_answer)
        assert sum(each.generated_tokens or 0 for each in engine.completions) == THOUGHT + min(ANSWER, most_answer)


async def test_what_forces_words_between_thought_and_answer_keeps_their_requests_apart() -> None:
    engine, _ = await run(BudgetForcing(max_thinking_tokens=40), None)
    assert [stops(request) for request in engine.requests] == [True, False]


async def test_a_delimiter_of_several_tokens_is_stopped_at() -> None:
    engine, recorder = await run(ChainOfThought(), None, ScriptedEngine(SCRIPT, tokens=()))
    assert [request.stop for request in engine.requests] == [("</think>",), ()]
    assert [step.text for step in recorder.tape.steps[1:]] == ["2+3=5\n5-1=4\n</think>", "\n\\boxed{4}"]


async def test_a_thought_that_ends_with_the_sequence_has_no_answer_behind_it() -> None:
    engine, recorder = await run(ChainOfThought(), None, ScriptedEngine({"<think>\n": "hm" + END}))
    assert [step.text for step in recorder.tape.steps[1:]] == ["hm"]
    assert (len(engine.requests), recorder.tape.steps[-1].finish_reason) == (1, FinishReason.STOP)


async def test_a_delimiter_that_is_the_last_token_of_its_request_leaves_the_answer_to_the_next() -> None:
    engine, recorder = await run(ChainOfThought(), None, segment_tokens=THOUGHT)
    assert len(engine.requests) == 2
    assert told(recorder) == told((await run(ChainOfThought(), THOUGHT - 1, segment_tokens=THOUGHT))[1])


async def test_the_first_of_two_ends_is_the_end() -> None:
    script = {"<think>\n": "a</think>b</think>c" + END}
    _, in_one = await run(ChainOfThought(), None, ScriptedEngine(script))
    _, in_two = await run(ChainOfThought(), 64, ScriptedEngine(script))
    assert [step.text for step in in_one.tape.steps[1:]] == ["a</think>", "b</think>c"]
    assert told(in_one) == told(in_two)


async def test_s1_marks_thought_and_answer_with_one_token() -> None:
    said = "\nhm<|im_start|>answer\n4"
    engine = ScriptedEngine({"<|im_start|>think": said + END}, tokens=("<|im_start|>",))
    recorder = recorder_of(engine, thinking=THINKING_FORMATS["s1"], max_answer_tokens=None)
    candidate = await ChainOfThought().reason(PROBLEM, recorder)
    assert [step.text for step in recorder.tape.steps[1:]] == ["\nhm<|im_start|>", "answer\n4"]
    assert (candidate.answer, len(engine.requests)) == ("4", 1)


class Uncounted(ScriptedEngine):
    """It reports nothing."""

    async def complete(self, request: Request) -> Completion:
        made = await super().complete(request)
        return Completion(made.token_ids, made.text, made.finish_reason, None, None, None, made.seconds)


async def test_what_an_engine_does_not_count_is_known_of_neither_step() -> None:
    engine, recorder = await run(ChainOfThought(max_thinking_tokens=20), None, Uncounted(SCRIPT))
    thought, answer = recorder.tape.steps[1:]
    assert (thought.generated_tokens, answer.generated_tokens) == (None, None)
    assert (len(thought.ids), len(answer.ids + answer.dropped_ids)) == (THOUGHT, ANSWER)
    assert [request.max_tokens for request in engine.requests] == [20, 980 - THOUGHT - 7]


BAR = ThinkingFormat(stop=("|",), answer_opener="|")


async def thought_and_answer(engine: BytewiseEngine, segment_tokens: int, max_answer_tokens: int) -> Recorder:
    recorder = Recorder(
        engine,
        grader=PlainGrader(),
        thinking=BAR,
        sampling=Sampling(max_answer_tokens=max_answer_tokens, segment_tokens=segment_tokens),
        prompt=PromptFormat(),
        seed_key="0",
    )
    await ChainOfThought().reason(PROBLEM, recorder)
    return recorder


@st.composite
def spelled(draw: st.DrawFn) -> list[bytes]:
    """Any text in any tokens, characters cut in two as well; a bar ends the thought where it is a token of its own."""
    written = draw(st.text(alphabet="ab||\n 好😀", min_size=1, max_size=30)).encode()
    cuts = draw(st.sets(st.integers(1, len(written))))
    edges = [0, *sorted(cuts | {len(written)})]
    return [written[start:end] for start, end in pairwise(edges) if end > start]


@settings(deadline=None)
@given(spelled(), st.integers(1, 9))
async def test_however_texts_fall_on_tokens_and_tokens_on_requests_the_steps_are_those_of_two_requests(
    pieces: list[bytes], segment_tokens: int
) -> None:
    one, two = BytewiseEngine(pieces), BytewiseEngine(pieces)
    in_one = await thought_and_answer(one, segment_tokens, 10_000)
    in_two = await thought_and_answer(two, 1000, 999)
    assert told(in_one) == told(in_two)
    assert len(one.requests) == -(-len(one.script) // segment_tokens)
    assert any(step.kind is StepKind.ANSWER for step in in_one.tape.steps) == (b"|" in pieces)
