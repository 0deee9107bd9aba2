"""No text is lost, however its characters fall on tokens, its tokens on segments, and its delimiter on both."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling.decoding import complete, text_behind
from scaling.record import Recorder
from scaling.types import GraderName, Problem, PromptFormat, Sampling, ThinkingFormat
from tests.unit.bytewise_engine import BytewiseEngine
from tests.unit.scripted_engine import PlainGrader

PROBLEM = Problem("p1", "?", "4", GraderName.INTEGER)


def recorder_of(engine: BytewiseEngine, stop: str, segment_tokens: int, step_delimiter: str = "\n\n") -> Recorder:
    return Recorder(
        engine,
        grader=PlainGrader(),
        thinking=ThinkingFormat(stop=(stop,), answer_opener=stop, step_delimiter=step_delimiter),
        sampling=Sampling(max_answer_tokens=10_000, segment_tokens=segment_tokens),
        prompt=PromptFormat(),
        seed_key="0",
    )


async def test_a_character_that_splits_at_a_border_before_a_delimiter_of_several_tokens_is_kept() -> None:
    """Two of the bytes of 好 end the first segment; `[` begins both the text and the delimiter."""
    thought = "先算[1]，再看看，很好[2]"
    engine = BytewiseEngine([bytes([value]) for value in f"{thought}[/THINK]四".encode()])
    recorder = recorder_of(engine, "[/THINK]", 7)
    prompt = await recorder.ask(PROBLEM)
    node = await recorder.think(prompt, 1000)
    assert node.step.text == thought
    assert engine.text(node.step.dropped_ids).startswith("[/THINK]")


async def test_behind_a_delimiter_that_straddles_two_segments_hardly_anything_is_generated() -> None:
    """No server sees it. A whole segment more would be thrown away, and be missing from the budget behind a Wait."""
    pieces = [bytes([value]) for value in b"x" * 98 + b"[/THINK]" + b"y" * 500]
    engine = BytewiseEngine(pieces)
    recorder = recorder_of(engine, "[/THINK]", 100)
    step = (await recorder.think(await recorder.ask(PROBLEM), 1000)).step
    assert step.text == "x" * 98
    assert [request.max_tokens for request in engine.requests] == [100, 8]
    assert engine.text(step.dropped_ids) == "[/THINK]yy"


async def test_ids_behind_a_stop_string_are_dropped_and_counted() -> None:
    engine = BytewiseEngine([b"so 4", b"[/", b"TH", b"INK]", b"A", b"B", b"[/THINK]"], behind=3)
    recorder = recorder_of(engine, "[/THINK]", 1000)
    node = await recorder.think(await recorder.ask(PROBLEM), 1000)
    assert (node.step.text, engine.text(node.step.dropped_ids)) == ("so 4", "[/THINK]AB[/THINK]")
    assert node.step.generated_tokens == 7


async def test_a_kept_stop_string_is_where_the_next_step_begins() -> None:
    engine = BytewiseEngine([b"one.", b"\n\n", b"two", b".\n\n", b"three"], behind=3)
    recorder = recorder_of(engine, "</think>", 1000)
    first = await recorder.step(await recorder.ask(PROBLEM), 1000, index=0)
    second = await recorder.step(first, 1000, index=0)
    assert (first.step.text, second.step.text) == ("one.\n\n", "two.\n\n")
    assert engine.text(first.step.dropped_ids) == "two.\n\nthree"


async def test_a_blank_line_in_front_ends_no_step_though_ids_come_behind_it() -> None:
    engine = BytewiseEngine([b"\n\n", b"one", b".\n\n", b"two"], behind=1)
    recorder = recorder_of(engine, "</think>", 1000)
    first = await recorder.step(await recorder.ask(PROBLEM), 1000, index=0)
    assert first.step.text == "\n\none.\n\n"
    assert first.stopped_at == "\n\n"


@pytest.mark.parametrize("broken", [b"", b"\xe5", b"\xe5\xa5", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"])
async def test_bytes_that_never_become_a_character_are_told_with_what_follows_them(broken: bytes) -> None:
    engine = BytewiseEngine([])
    ids = tuple(b"ab" + broken + b"c")
    pieces = [await text_behind(ids[:place], ids[place : place + 1], engine.detokenize) for place in range(len(ids))]
    assert "".join(map(complete, pieces)) == engine.text(ids)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str, str, list[bytes]]:
    """A thought, a delimiter, what follows it, and all of it cut into tokens anywhere, characters included."""
    stop = draw(st.sampled_from(["[/THINK]", "</think>", "思考完毕", "ab"]))
    text = st.text(alphabet="ab[/THINK <\n好。😀é", max_size=30)
    thought = draw(text.filter(lambda each: stop not in each + stop[:-1]))
    after = draw(text)
    spelled = f"{thought}{stop}{after}".encode()
    cuts = draw(st.sets(st.integers(1, len(spelled) - 1)))
    edges = [0, *sorted(cuts), len(spelled)]
    return thought, stop, after, [spelled[start:end] for start, end in pairwise(edges)]


@settings(deadline=None)
@given(written(), st.integers(1, 9), st.integers(0, 5))
async def test_a_dropped_delimiter_takes_no_more_with_it_than_shares_a_token_with_it(
    case: tuple[str, str, str, list[bytes]], segment_tokens: int, behind: int
) -> None:
    thought, stop, _, pieces = case
    engine = BytewiseEngine(pieces, behind)
    recorder = recorder_of(engine, stop, segment_tokens)
    step = (await recorder.think(await recorder.ask(PROBLEM), 1000)).step
    handed = step.ids + step.dropped_ids
    assert handed == engine.script[: len(handed)]
    assert step.generated_tokens == len(handed) == engine.generated_tokens
    assert step.text == complete(engine.text(step.ids))
    assert thought.startswith(engine.text(step.ids))
    reach = [engine.text(engine.script[:count]) for count in range(len(step.ids) + 1, len(pieces) + 1)]
    assert not any(thought.startswith(text) for text in reach)


@settings(deadline=None)
@given(written(), st.integers(1, 9), st.integers(0, 5))
async def test_texts_of_a_chain_put_together_are_the_decoding_of_all_its_ids(
    case: tuple[str, str, str, list[bytes]], segment_tokens: int, behind: int
) -> None:
    thought, stop, after, pieces = case
    engine = BytewiseEngine(pieces, behind)
    recorder = recorder_of(engine, stop, segment_tokens)
    node = await recorder.think(await recorder.ask(PROBLEM), 1000, keep_delimiter=True)
    assert node.stopped_at == stop
    assert stop not in engine.text(node.step.ids[:-1])
    steps = (node.step, (await recorder.answer(node)).step)
    assert "".join(step.text for step in steps) == thought + stop + after
    assert engine.text(tuple(token for step in steps for token in step.ids)) == thought + stop + after
    assert sum(step.generated_tokens for step in steps) == engine.generated_tokens


@settings(deadline=None)
@given(written(), st.integers(1, 9), st.integers(0, 5))
async def test_steps_of_a_search_lose_nothing_either(
    case: tuple[str, str, str, list[bytes]], segment_tokens: int, behind: int
) -> None:
    thought, stop, after, pieces = case
    engine = BytewiseEngine(pieces, behind)
    recorder = recorder_of(engine, stop, segment_tokens, step_delimiter="。")
    node = await recorder.ask(PROBLEM)
    texts, is_over = [], False
    while not is_over:
        node = await recorder.step(node, 1000, index=0)
        texts.append(node.step.text)
        is_over = node.stopped_at is None
    assert "".join(texts) == thought + stop + after
    assert engine.text(node.context).endswith(thought + stop + after)
    assert all("。" in text or stop in text for text in texts[:-1])
