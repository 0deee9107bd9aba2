"""From equal ids comes one answer, whichever chain made them and wherever one request ended and the next began."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.answers.after_thinking import after_thinking, asked
from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.strategy import Strategy
from scaling.types import THINKING_FORMATS, Candidate, GraderName, Problem, PromptFormat, Sampling, ThinkingFormat
from tests.unit.scripted_engine import END, PlainGrader, ScriptedEngine

S1, THINK, PLAIN = THINKING_FORMATS["s1"], THINKING_FORMATS["think"], THINKING_FORMATS["plain"]
BOLD = THINK.model_copy(update={"answer_opener": "</think>\n\n**Answer:**"})
LADDER = ThinkingFormat(
    start="<think>\n", stop=("</think>",), answer_opener="</think>\n", final_answer="\\boxed{", step_delimiter="\n"
)
BRACKETS = ThinkingFormat(start="[THINK]", stop=("[/THINK]",), answer_opener="[/THINK]\n", final_answer="Final Answer:")
SPOKEN = THINK.model_copy(update={"final_answer": "\n\nSo, to sum up:"})
TOKENS = ("<|im_start|>", "</think>", "<think>")


def recorder_of(engine: ScriptedEngine, thinking: ThinkingFormat, **sampling: int) -> Recorder:
    return Recorder(
        engine,
        grader=PlainGrader(),
        thinking=thinking,
        sampling=Sampling(max_answer_tokens=200).model_copy(update=sampling),
        prompt=PromptFormat(),
        seed_key="0/p/0",
    )


async def solved(
    said: str, strategy: Strategy, thinking: ThinkingFormat, problem: Problem, tokens: tuple[str, ...], **sampling: int
) -> Candidate:
    """The model means to say `said` behind the question, whoever asks for it in how many requests."""
    start = f"user: {problem.question}\n{thinking.start}"
    engine = ScriptedEngine({start: said + END}, tokens=tokens)
    outcome = await strategy.solve(problem, recorder_of(engine, thinking, **sampling))
    return outcome.candidates[0]


@pytest.mark.parametrize(
    ("thinking", "said"),
    [
        (S1, "2+3=5, 5-1=4<|im_start|>answer\nThe answer is 4."),
        (S1, "2+3=5, 5-1=4<|im_start|>answer\nFinal Answer: 4"),
        (S1, "\\boxed{5}, no<|im_start|>answer4"),
        (THINK, "2+3=5, \\boxed{5}</think>\n\n4"),
        (BOLD, "2+3=5, 5-1=4</think>\n\n**Answer:** 4"),
        (LADDER, "2+3=5\n5-1=4\n</think>\n\\boxed{4}"),
        (BRACKETS, "2+3=5, 5-1=4[/THINK]\nAnswer: 4"),
        (SPOKEN, "\\boxed{5}</think>\n\n\\boxed{3}\n\nSo, to sum up: 4"),
    ],
)
@pytest.mark.parametrize("grader", [GraderName.INTEGER, GraderName.EXACT, GraderName.MATH])
async def test_a_chain_of_thought_and_a_forced_chain_read_the_same(
    thinking: ThinkingFormat, said: str, grader: GraderName
) -> None:
    """The baseline's stop token stays in its thinking, the forced chain's does not; the ids are equal."""
    problem = Problem("p", "2+3-1", "4 apples" if grader is GraderName.EXACT else "4", grader)
    free = await solved(said, ChainOfThought(max_thinking_tokens=300), thinking, problem, TOKENS)
    forced = await solved(said, BudgetForcing(max_thinking_tokens=300), thinking, problem, TOKENS)

    assert (free.answer, free.key, free.unread) == (forced.answer, forced.key, forced.unread)
    assert free.answer == "4"
    assert free.text.strip() == forced.text.strip()


@given(
    segment_tokens=st.integers(1, 60),
    thinking=st.sampled_from([S1, THINK, BOLD, LADDER, BRACKETS]),
    has_tokens=st.booleans(),
    is_forced=st.booleans(),
)
async def test_where_a_request_ends_changes_nothing(
    segment_tokens: int, thinking: ThinkingFormat, has_tokens: bool, is_forced: bool
) -> None:
    """Delimiters of one token and of several, the border before, inside and behind them."""
    said = f"2+3=5, \\boxed{{5}}\n{thinking.answer_opener} The answer is 4 (two pairs)."
    problem = Problem("p", "2+3-1", "4", GraderName.INTEGER)
    strategy = (BudgetForcing if is_forced else ChainOfThought)(max_thinking_tokens=300)
    told = await solved(said, strategy, thinking, problem, TOKENS if has_tokens else (), segment_tokens=segment_tokens)
    assert (told.answer, told.truncated) == ("4", False)


@given(st.data())
def test_of_two_answers_the_one_behind_the_thinking_is_read_wherever_that_ends(data: st.DataObject) -> None:
    words = ["so \\boxed{5}.", "Wait,", "the answer is 6.", "2+3=5", "hmm"]
    thought = " ".join(data.draw(st.lists(st.sampled_from(words), max_size=6)))
    for thinking in (S1, THINK, BOLD, LADDER, BRACKETS):
        assert after_thinking(f"{thought}{thinking.answer_opener} 4", thinking).strip(" *\nAnswer:") == "4"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("I say \\boxed{4}.", "I say \\boxed{4}."),
        ("<think>It is \\boxed{5}.</think>It is \\boxed{4}.", "It is \\boxed{4}."),
        ("<think>It is \\boxed{5}.</think>", ""),
        ("<think>It is \\boxed{5}, and then it was cut", ""),
        ("It is \\boxed{5}.</think>\n\nIt is \\boxed{4}.", "It is \\boxed{4}."),  # the template opened it
        ("<think>a</think>First: 4.<think>b \\boxed{5}</think>Then: 4.", "Then: 4."),
        ("<think>a</think>It is 4.<think>b \\boxed{5}", "It is 4."),
        ("<think>a</think>It is 4.</think>\n", "It is 4."),
        ("[THINK]\\boxed{5}[/THINK]4", "4"),
    ],
)
def test_what_a_model_thinks_is_not_read_though_its_format_says_that_it_does_not_think(said: str, read: str) -> None:
    assert after_thinking(said, PLAIN) == read


def test_a_thinking_that_never_ends_gives_nothing_to_read() -> None:
    assert after_thinking("2+3=5 \\boxed{5}", THINK) == ""
    assert after_thinking("2+3=5 \\boxed{5}<|im_end|>", S1) == ""


def test_the_turns_of_others_are_not_read() -> None:
    said = "5-1=4<|im_start|>answer\n4<|im_end|>\n<|im_start|>user\nnext: 5 + 6?<|im_start|>answer\n11"
    assert after_thinking(said, S1).strip() == "4<|im_end|>"


def test_thinking_that_begins_again_is_not_the_answer() -> None:
    assert after_thinking("a<|im_start|>answer\n4<|im_start|>think\n\\boxed{5}", S1).strip() == "4"


@pytest.mark.parametrize(
    ("final_answer", "text", "answer"),
    [
        ("Final Answer:", "\\boxed{5}\nFinal Answer: 4", "4"),
        ("Final Answer:", "thinking was cut in \\boxed{5\nFinal Answer: 4", "4"),
        ("\n\nSo, to sum up:", "\\boxed{5}\n\nSo, to sum up: 4", "4"),
        ("\n\nSo, to sum up: \\boxed{", "\\boxed{5}\n\nSo, to sum up: \\boxed{4}", "4"),
        ("\\boxed{", "\\boxed{5} or rather \\boxed{4}", "4"),
    ],
)
async def test_what_was_forced_last_is_asked_last(final_answer: str, text: str, answer: str) -> None:
    thinking = PLAIN.model_copy(update={"final_answer": final_answer})
    for grader in (GraderName.INTEGER, GraderName.MATH):
        told = await PlainGrader().read(Problem("p", "q", "4", grader), asked(text, thinking))
        assert told.answer == answer


async def test_a_forced_final_answer_outweighs_a_box_that_the_budget_cut() -> None:
    """Eleven tokens of thinking end inside the box; then the answer is asked for."""
    problem = Problem("p", "2+3-1", "4", GraderName.MATH)
    engine = ScriptedEngine({f"user: {problem.question}\n": "so \\boxed{5}, right?" + END, "Final Answer:": " 4" + END})
    outcome = await BudgetForcing(max_thinking_tokens=11).solve(problem, recorder_of(engine, PLAIN))
    assert outcome.candidates[0].answer == "4"
    assert outcome.candidates[0].text == "so \\boxed{5\nFinal Answer: 4"
