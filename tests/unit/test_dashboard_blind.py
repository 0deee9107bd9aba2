"""What a judge sees of a pair: sides that are drawn, and nothing that tells the arms."""

from dataclasses import replace

from dashboard.judge.blind import LONGEST, Blind, side_html, thinking
from db.opinions import Choice, Judgement, Shown
from db.queries import Pair, StoredStep
from scaling.types import Phase, StepKind


def pair(number: int) -> Pair:
    return Pair(2 * number, 2 * number + 1, problem=number, repeat=0)


def step(kind: StepKind, text: str, phase: Phase = Phase.THINKING) -> StoredStep:
    made = StoredStep((0,), kind, phase, text, 1, 0, 0, 0, 1, 0, 0, 1, 0.1, None, True, None)
    return replace(made, text=text)


def test_a_pair_stands_the_same_way_for_a_person_whenever_it_is_shown() -> None:
    assert Blind.of(pair(3), "ann") == Blind.of(pair(3), "ann")
    assert Blind.of(pair(3), "ann").token != Blind.of(pair(3), "bob").token


def test_sides_are_even_over_many_pairs_and_differ_between_people() -> None:
    """Of 4,000 fair coins 2,000 fall on each side, give or take 32; five times that is never met."""
    firsts_left = [[Blind.of(pair(each), who).left_job % 2 == 0 for each in range(4_000)] for who in ("ann", "bob")]
    assert all(abs(sum(left) - 2_000) < 160 for left in firsts_left)
    assert abs(sum(one == other for one, other in zip(*firsts_left, strict=True)) - 2_000) < 160


def test_what_is_judged_is_what_stood_there() -> None:
    blind = Blind(8, 5, "0123456789ab")
    assert blind.judged(Choice.LEFT, Shown.ANSWER) == Judgement(8, 5, Choice.LEFT, Shown.ANSWER)


def test_the_reasoning_has_no_prompt_no_answer_and_no_seam_where_it_was_forced() -> None:
    steps = [
        step(StepKind.PROMPT, "2+2?", Phase.PROMPT),
        step(StepKind.THINK, "4\n"),
        step(StepKind.FORCED, "Wait"),
        step(StepKind.THINK, ", 4"),
        step(StepKind.FORCED, "</think>", Phase.ANSWER),
        step(StepKind.ANSWER, "4", Phase.ANSWER),
    ]
    assert thinking(steps) == "4\nWait, 4"


def test_whether_a_model_ended_its_thinking_itself_is_not_seen() -> None:
    by_itself = [step(StepKind.THINK, "4\n</think>\n"), step(StepKind.ANSWER, "4", Phase.ANSWER)]
    for_it = [step(StepKind.THINK, "4\n"), step(StepKind.FORCED, "</think>\n\n", Phase.ANSWER)]
    assert thinking(by_itself) == thinking(for_it) == "4"


def test_texts_are_literal_and_end_somewhere() -> None:
    shown = side_html("left", "<b>x</b>\u202e", "y" * (LONGEST + 7))
    assert "&lt;b&gt;x&lt;/b&gt;[U+202E]" in shown and "… 7 characters not shown …" in shown
    assert "reasoning" not in side_html("left", None, "4")
    assert "(no text)" in side_html("left", None, " ")
