"""Every strategy against a scripted model: what is asked, what is kept, what is counted."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.chains.length_control import LengthControl
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.protocols import RequestRefusedError
from scaling.record import ContextOverflowError, Recorder
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategy import Chain
from scaling.types import (
    THINKING_FORMATS,
    Completion,
    FinishReason,
    GraderName,
    Phase,
    Problem,
    PromptFormat,
    Request,
    Sampling,
    StepKind,
    ThinkingFormat,
)
from tests.unit.scripted_engine import END, PlainGrader, ScriptedEngine

THINK = ThinkingFormat(start="<think>\n", stop=("</think>",), answer_opener="</think>\n", final_answer="\\boxed{")
PROBLEM = Problem("p1", "2+3-1", "4", GraderName.INTEGER)
SCRIPT = {
    "<think>\n": "2+3=5\n5-1=3\n</think>\n\\boxed{3}" + END,
    "Wait": ", check\n5-1=4\n</think>\n\\boxed{4}" + END,
}
CUT_SCRIPT = {**SCRIPT, "</think>\n\\boxed{": "7}" + END}


def recorder_of(engine: ScriptedEngine, thinking: ThinkingFormat = THINK, **sampling: int) -> Recorder:
    return Recorder(
        engine,
        grader=PlainGrader(),
        thinking=thinking,
        sampling=Sampling(temperature=0.8, max_answer_tokens=16).model_copy(update=sampling),
        prompt=PromptFormat(),
        seed_key="0/p1/0",
    )


def texts(recorder: Recorder) -> list[tuple[str, str]]:
    return [(str(step.kind), step.text) for step in recorder.tape.steps]


async def check_ids_are_what_the_model_saw(engine: ScriptedEngine, recorder: Recorder) -> None:
    """Every request's prompt is the ids of a step's ancestors and of its own earlier segments, in order."""
    by_path = {step.path: step for step in recorder.tape.steps}
    asked = {
        (request.prompt, completion.token_ids)
        for request, completion in zip(engine.requests, engine.completions, strict=True)
    }
    for path, step in by_path.items():
        if step.requests:
            context = tuple(token for depth in range(1, len(path)) for token in by_path[path[:depth]].ids)
            generated = step.ids + step.dropped_ids
            for prompt, token_ids in sorted(asked, key=lambda pair: len(pair[0])):
                if prompt == context and generated[: len(token_ids)] == token_ids:
                    context, generated = context + token_ids, generated[len(token_ids) :]
            assert generated == (), f"step {path} holds ids that no request made"
    assert sum(step.generated_tokens for step in recorder.tape.steps) == sum(
        c.generated_tokens for c in engine.completions
    )


async def test_chain_of_thought_continues_after_the_delimiter_that_the_model_wrote_itself() -> None:
    engine = ScriptedEngine(SCRIPT)
    recorder = recorder_of(engine)
    candidate = await ChainOfThought().reason(PROBLEM, recorder)
    assert texts(recorder) == [
        ("prompt", "user: 2+3-1\n<think>\n"),
        ("think", "2+3=5\n5-1=3\n</think>"),
        ("answer", "\n\\boxed{3}"),
    ]
    assert (candidate.answer, candidate.truncated) == ("3", False)
    assert candidate.thinking_tokens == 13  # six characters, six characters and the delimiter
    assert candidate.total_tokens == 13 + 10 + 1  # "\n\boxed{3}" and the end of the sequence
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_chain_of_thought_that_runs_out_of_tokens_is_truncated_whatever_number_stood_last() -> None:
    candidate = await ChainOfThought(max_thinking_tokens=6).reason(PROBLEM, recorder_of(ScriptedEngine(SCRIPT)))
    assert (candidate.truncated, candidate.answer) == (True, None)


async def test_budget_forcing_drops_the_stop_token_and_appends_the_wait_string() -> None:
    engine = ScriptedEngine(SCRIPT)
    recorder = recorder_of(engine)
    candidate = await BudgetForcing(max_thinking_tokens=100, waits=1).reason(PROBLEM, recorder)
    assert texts(recorder) == [
        ("prompt", "user: 2+3-1\n<think>\n"),
        ("think", "2+3=5\n5-1=3\n"),
        ("forced", "Wait"),
        ("think", ", check\n5-1=4\n"),
        ("forced", "</think>\n"),
        ("answer", "\\boxed{4}"),
    ]
    delimiter = await engine.tokenize("</think>")
    assert [step.dropped_ids for step in recorder.tape.steps if step.kind is StepKind.THINK] == [delimiter, delimiter]
    assert candidate.answer == "4"
    # thought 12 + delimiter 1 + "Wait" 4 + thought 14 + delimiter 1
    assert candidate.thinking_tokens == recorder.tape.spent.thinking_tokens == 32
    assert recorder.tape.spent.forced_tokens == 4 + 2  # "Wait" and "</think>", "\n"
    assert recorder.tape.spent.generated_tokens == 13 + 15 + 10
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_all_rounds_share_one_budget_and_forced_tokens_are_charged_to_it() -> None:
    """[s1]'s code gives every round the whole budget again."""
    recorder = recorder_of(engine := ScriptedEngine(CUT_SCRIPT))
    await BudgetForcing(max_thinking_tokens=20, waits=1).reason(PROBLEM, recorder)
    thoughts = [step for step in recorder.tape.steps if step.phase is Phase.THINKING]
    assert [step.text for step in thoughts] == ["2+3=5\n5-1=3\n", "Wait", ", c"]  # 13 + 4 + 3 = 20
    assert recorder.tape.spent.thinking_tokens == 20
    assert [request.max_tokens for request in engine.requests] == [20, 3, 16]


async def test_a_wait_that_leaves_no_token_to_think_with_is_not_forced() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT))
    candidate = await BudgetForcing(max_thinking_tokens=17, waits=1).reason(PROBLEM, recorder)
    assert "Wait" not in [step.text for step in recorder.tape.steps]
    assert (candidate.answer, candidate.thinking_tokens) == ("3", 13)


@pytest.mark.parametrize(
    ("budget", "opener"),
    [
        (6, "</think>\n\\boxed{"),  # the text ends in a newline
        (5, "\n</think>\n\\boxed{"),  # it does not
        (0, "</think>\n\\boxed{"),  # no thinking at all: the prompt's newline serves
    ],
)
async def test_a_cut_appends_newline_opener_and_final_answer_text(budget: int, opener: str) -> None:
    recorder = recorder_of(engine := ScriptedEngine(CUT_SCRIPT))
    candidate = await BudgetForcing(max_thinking_tokens=budget).reason(PROBLEM, recorder)
    assert [step.text for step in recorder.tape.steps if step.is_forced] == [opener]
    assert (candidate.text, candidate.answer) == ("\\boxed{7}", "7")
    assert candidate.thinking_tokens == budget
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_an_answer_that_ends_by_length_is_truncated() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT), max_answer_tokens=4)
    candidate = await BudgetForcing(max_thinking_tokens=100).reason(PROBLEM, recorder)
    assert candidate.truncated
    assert candidate.text == "\\box"


async def test_an_empty_wait_string_asks_again_with_another_seed() -> None:
    recorder = recorder_of(engine := ScriptedEngine({**SCRIPT, "~": "so 3</think>\n\\boxed{3}" + END}))
    await BudgetForcing(max_thinking_tokens=100, waits=2, wait="").reason(PROBLEM, recorder)
    thoughts = engine.requests[:3]
    assert [len(request.prompt) - len(engine.requests[0].prompt) for request in thoughts] == [0, 12, 12 + 5]
    assert len({request.seed for request in thoughts}) == 3


async def test_a_delimiter_of_several_tokens_is_found_and_dropped() -> None:
    recorder = recorder_of(engine := ScriptedEngine(SCRIPT, tokens=()))
    await BudgetForcing(max_thinking_tokens=100, waits=1).reason(PROBLEM, recorder)
    thoughts = [step for step in recorder.tape.steps if step.kind is StepKind.THINK]
    assert [step.text for step in thoughts] == ["2+3=5\n5-1=3\n", ", check\n5-1=4\n"]
    assert all(len(step.dropped_ids) == len("</think>") for step in thoughts)
    assert engine.requests[0].stop == ("</think>",)
    await check_ids_are_what_the_model_saw(engine, recorder)


@pytest.mark.parametrize("segment_tokens", [1, 3, 7, 13])
async def test_a_delimiter_that_straddles_two_segments_is_found(segment_tokens: int) -> None:
    engine = ScriptedEngine(SCRIPT, tokens=())
    recorder = recorder_of(engine, segment_tokens=segment_tokens)
    candidate = await BudgetForcing(max_thinking_tokens=100, waits=1).reason(PROBLEM, recorder)
    thoughts = [step.text for step in recorder.tape.steps if step.kind is StepKind.THINK]
    assert thoughts == ["2+3=5\n5-1=3\n", ", check\n5-1=4\n"]
    assert candidate.answer == "4"
    assert max(request.max_tokens for request in engine.requests) <= segment_tokens
    assert len({request.seed for request in engine.requests}) == len(engine.requests)
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_a_token_that_holds_the_end_of_the_thought_and_the_start_of_the_delimiter_goes_with_the_delimiter() -> (
    None
):
    engine = ScriptedEngine({**SCRIPT, "</think>\n": "\\boxed{3}" + END}, tokens=("3\n</",))
    recorder = recorder_of(engine)
    await BudgetForcing(max_thinking_tokens=100).reason(PROBLEM, recorder)
    thought = next(step for step in recorder.tape.steps if step.kind is StepKind.THINK)
    assert thought.text == "2+3=5\n5-1="
    assert await engine.detokenize(thought.dropped_ids) == "3\n</think>"
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_a_plain_model_answers_in_its_reasoning_and_waits_replace_its_end_of_sequence() -> None:
    script = {"2+3-1\n": "It is \\boxed{5}" + END, "Wait": ", no: \\boxed{4}" + END}
    engine = ScriptedEngine(script)
    recorder = recorder_of(engine, THINKING_FORMATS["plain"])
    candidate = await BudgetForcing(max_thinking_tokens=100, waits=1).reason(PROBLEM, recorder)
    assert texts(recorder)[1:] == [("think", "It is \\boxed{5}"), ("forced", "Wait"), ("think", ", no: \\boxed{4}")]
    assert candidate.answer == "4"


async def test_a_plain_model_that_is_cut_is_asked_for_its_final_answer() -> None:
    script = {"2+3-1\n": "It is well known that" + END, "Final Answer:": " 4" + END}
    recorder = recorder_of(ScriptedEngine(script), THINKING_FORMATS["plain"])
    candidate = await BudgetForcing(max_thinking_tokens=5).reason(PROBLEM, recorder)
    assert texts(recorder)[1:] == [("think", "It is"), ("forced", "\nFinal Answer:"), ("answer", " 4")]
    assert candidate.answer == "4"


async def test_s1_marks_thinking_and_answer_with_the_chat_tokens() -> None:
    script = {"<|im_start|>think": "\nhm<|im_start|>", "<|im_start|>answer": "4" + END, "Wait": " 4<|im_start|>"}
    recorder = recorder_of(ScriptedEngine(script, tokens=("<|im_start|>",)), THINKING_FORMATS["s1"])
    candidate = await BudgetForcing(max_thinking_tokens=50, waits=1).reason(PROBLEM, recorder)
    assert texts(recorder)[1:] == [
        ("think", "\nhm"),
        ("forced", "Wait"),
        ("think", " 4"),
        ("forced", "<|im_start|>answer"),
        ("answer", "4"),
    ]
    assert candidate.answer == "4"


@pytest.mark.parametrize("template", ["<think>", "<think>\n", ""])
async def test_the_thinking_start_stands_once_whatever_the_chat_template_ends_in(template: str) -> None:
    class Ends(ScriptedEngine):
        """Its template is spelled in ids of its own, one for each character."""

        async def render(self, messages: list[dict[str, str]]) -> tuple[int, ...]:
            return tuple(map(ord, messages[-1]["content"] + template))

    recorder = recorder_of(engine := Ends(SCRIPT, tokens=("</think>", "<think>\n", "<think>")))
    prompt = await recorder.ask(PROBLEM)
    assert prompt.text == "2+3-1<think>\n"
    assert await engine.detokenize(prompt.context) == prompt.text


async def test_a_problem_longer_than_the_context_is_refused_before_any_request() -> None:
    engine = ScriptedEngine(SCRIPT, context_length=20)
    with pytest.raises(ContextOverflowError, match="p1: its prompt of 20 tokens exceeds the model's context of 20"):
        await ChainOfThought().reason(PROBLEM, recorder_of(engine))
    assert engine.requests == []


@pytest.mark.parametrize("chain", [BudgetForcing(max_thinking_tokens=50), ChainOfThought(max_thinking_tokens=50)])
async def test_a_budget_that_does_not_fit_behind_the_prompt_is_cut_to_what_the_context_leaves(chain: Chain) -> None:
    """A long question is a hard one: left out, it would make the accuracy of the others the arm's."""
    at_limit = chain.model_copy(update={"at_limit": "answer"})
    engine = ScriptedEngine({**CUT_SCRIPT, "</think>\n\\boxed{": "7}" + END}, context_length=60)
    recorder = recorder_of(engine)
    candidate = await at_limit.reason(PROBLEM, recorder)
    # a prompt of 20 tokens; "\n", the delimiter, "\n" and "\\boxed{" are 10, the answer has 16: 14 of 60 are left
    assert (candidate.answer, candidate.is_cut, candidate.thinking_tokens) == ("3", False, 13)
    small = recorder_of(ScriptedEngine(CUT_SCRIPT, context_length=50))
    candidate = await at_limit.reason(PROBLEM, small)
    assert (candidate.answer, candidate.is_cut, candidate.thinking_tokens) == ("7", True, 4)
    assert candidate.note == "the context left 4 of 50 thinking tokens"


async def test_a_prompt_that_leaves_no_room_to_think_and_answer_is_refused_before_any_request() -> None:
    engine = ScriptedEngine(SCRIPT, context_length=29)
    with pytest.raises(ContextOverflowError, match="its prompt of 20 tokens, with 12 more to think and answer"):
        await BudgetForcing(max_thinking_tokens=50).reason(PROBLEM, recorder_of(engine))
    assert engine.requests == []


CHAINS_AT_THEIR_LIMIT = [
    (ChainOfThought(max_thinking_tokens=6), "truncate"),
    (RejectionSampling(max_thinking_tokens=6, tries=2), "truncate"),
    (BudgetForcing(max_thinking_tokens=6), "answer"),
    (LengthControl(steps=2, max_thinking_tokens=6), "answer"),
]


@pytest.mark.parametrize(("chain", "ending"), CHAINS_AT_THEIR_LIMIT)
async def test_what_becomes_of_a_cut_thought_is_each_papers_own_unless_the_arm_says_otherwise(
    chain: Chain, ending: str
) -> None:
    for at_limit in (None, "truncate", "answer"):
        asked = chain.model_copy(update={"at_limit": at_limit})
        outcome = await MajorityVote(samples=2, chain=asked).solve(PROBLEM, recorder_of(ScriptedEngine(CUT_SCRIPT)))
        is_forced = (at_limit or ending) == "answer"
        told = {(each.answer, each.truncated, each.is_cut) for each in outcome.candidates}
        assert told == {("7", False, True) if is_forced else (None, True, True)}
        assert MajorityVote(samples=2, chain=asked).ending == (at_limit or ending)


async def test_a_plain_model_that_is_cut_is_asked_for_its_answer_where_the_arm_says_so() -> None:
    script = {"2+3-1\n": "It is well known that" + END, "Final Answer:": " 4" + END}
    recorder = recorder_of(ScriptedEngine(script), THINKING_FORMATS["plain"])
    candidate = await ChainOfThought(max_thinking_tokens=5, at_limit="answer").reason(PROBLEM, recorder)
    assert texts(recorder)[1:] == [("think", "It is"), ("forced", "\nFinal Answer:"), ("answer", " 4")]
    assert (candidate.answer, candidate.is_cut, candidate.truncated) == ("4", True, False)


async def test_thought_and_answer_of_a_chain_that_was_not_cut_are_the_same_with_either_ending() -> None:
    made = []
    for at_limit in ("truncate", "answer"):
        recorder = recorder_of(ScriptedEngine(SCRIPT))
        made.append((await ChainOfThought(at_limit=at_limit).reason(PROBLEM, recorder), recorder.tape.steps))
    assert made[0] == made[1]


def test_what_was_submitted_before_there_was_a_choice_of_ending_has_the_same_digest() -> None:
    for chain, _ in CHAINS_AT_THEIR_LIMIT:
        assert "at_limit" not in chain.model_dump(mode="json")
        assert "at_limit" not in MajorityVote(samples=2, chain=chain).model_dump(mode="json")["chain"]
        asked = chain.model_copy(update={"at_limit": "answer"})
        assert asked.model_dump(mode="json")["at_limit"] == "answer"


def test_neither_a_thought_nor_an_answer_is_refused() -> None:
    with pytest.raises(ValidationError, match="no thought and no answer"):
        BudgetForcing(max_thinking_tokens=0, at_limit="truncate")


async def test_a_candidate_tells_how_many_waits_were_really_forced() -> None:
    """Six were asked for; after one and a second thought the budget is used up."""
    recorder = recorder_of(ScriptedEngine({**SCRIPT, **CUT_SCRIPT}))
    candidate = await BudgetForcing(max_thinking_tokens=40, waits=6).reason(PROBLEM, recorder)
    # thought and delimiter 13, "Wait" 4, thought and delimiter 15, "Wait" 4: four tokens of a third thought are left
    assert (candidate.waits, candidate.is_cut, candidate.thinking_tokens) == (2, True, 40)


async def test_majority_vote_is_a_star_whose_samples_have_seeds_of_their_own() -> None:
    recorder = recorder_of(engine := ScriptedEngine(SCRIPT))
    outcome = await MajorityVote(samples=4).solve(PROBLEM, recorder)
    assert [step.path for step in recorder.tape.steps if len(step.path) == 2] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert sum(step.kind is StepKind.PROMPT for step in recorder.tape.steps) == 1
    assert len({request.seed for request in engine.requests}) == 8
    assert (len(outcome.candidates), outcome.candidates[outcome.chosen].answer) == (4, "3")
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_a_vote_composes_with_budget_forcing() -> None:
    recorder = recorder_of(ScriptedEngine(SCRIPT))
    chain = BudgetForcing(max_thinking_tokens=100, waits=1)
    outcome = await MajorityVote(samples=2, chain=chain).solve(PROBLEM, recorder)
    assert [candidate.answer for candidate in outcome.candidates] == ["4", "4"]
    assert recorder.tape.spent.thinking_tokens == 2 * 32


async def test_a_truncated_answer_does_not_vote() -> None:
    recorder = recorder_of(ScriptedEngine(CUT_SCRIPT), max_answer_tokens=4)
    outcome = await MajorityVote(samples=3, chain=BudgetForcing(max_thinking_tokens=5)).solve(PROBLEM, recorder)
    assert all(not candidate.truncated for candidate in outcome.candidates)  # "7}" fits in four tokens
    cut = await MajorityVote(samples=3).solve(PROBLEM, recorder_of(ScriptedEngine(SCRIPT), max_answer_tokens=9))
    assert all(candidate.truncated for candidate in cut.candidates)
    assert cut.chosen == 0


async def test_the_first_failing_chain_cancels_the_others_and_fails_as_itself() -> None:
    with pytest.raises(ContextOverflowError):
        await MajorityVote(samples=4).solve(PROBLEM, recorder_of(ScriptedEngine(SCRIPT, context_length=20)))


async def test_the_same_question_under_two_arms_asks_with_the_same_seed() -> None:
    """Common random numbers: a cut chain is a prefix of the uncut one, so their difference is less noisy."""
    first, second = ScriptedEngine(CUT_SCRIPT), ScriptedEngine(SCRIPT)
    await BudgetForcing(max_thinking_tokens=5).reason(PROBLEM, recorder_of(first))
    await BudgetForcing(max_thinking_tokens=100).reason(PROBLEM, recorder_of(second))
    assert first.requests[0].seed == second.requests[0].seed


ENDS_AT_ONCE = {
    "<think>\n": "2+3=5</think>\n\\boxed{5}" + END,
    "Wait": "</think>\n\\boxed{5}" + END,
    "~": " 5-1=4</think>\n\\boxed{4}" + END,
}
"""What a model means to write that has made up its mind, and what it goes on with where it may not."""


@pytest.mark.parametrize("tokens", [("</think>",), (), ("</",)], ids=["one token", "characters", "two tokens or more"])
@pytest.mark.parametrize("segment_tokens", [1, 7, 1024])
@pytest.mark.parametrize("wait", ["Wait", ""])
async def test_no_thought_behind_a_wait_is_empty(tokens: tuple[str, ...], segment_tokens: int, wait: str) -> None:
    """Without [s1]'s min_tokens=1 the model ends again at once, and every Wait buys nothing."""
    engine = ScriptedEngine(ENDS_AT_ONCE, tokens=tokens)
    recorder = recorder_of(engine, segment_tokens=segment_tokens)
    candidate = await BudgetForcing(max_thinking_tokens=200, waits=2, wait=wait).reason(PROBLEM, recorder)
    thoughts = [step.text for step in recorder.tape.steps if step.kind is StepKind.THINK]
    assert thoughts == ["2+3=5", "~ 5-1=4", "~ 5-1=4"]
    assert candidate.answer == "4"
    first = [request for request in engine.requests if request.min_tokens]
    assert [request.min_tokens for request in first] == [1, 1]  # with the first request behind each Wait, and no other
    await check_ids_are_what_the_model_saw(engine, recorder)


async def test_a_first_token_that_begins_the_delimiter_in_another_spelling_is_drawn_again_and_counted() -> None:
    """Of `</` `think` `>` the first is masked; a model that is set on ending writes `<` then."""
    engine = ScriptedEngine(ENDS_AT_ONCE, tokens=("</",), instead=("<", "~"))
    recorder = recorder_of(engine)
    await BudgetForcing(max_thinking_tokens=200, waits=1).reason(PROBLEM, recorder)
    thought = [step for step in recorder.tape.steps if step.kind is StepKind.THINK][-1]
    assert thought.text == "~ 5-1=4"
    assert await engine.detokenize(thought.dropped_ids) == "<" + "</think>"
    assert thought.generated_tokens == len(thought.ids) + len(thought.dropped_ids) == 1 + 7 + 7  # "<", text, delimiter
    opening, again, rest = engine.requests[1:4]
    assert (opening.max_tokens, again.max_tokens, opening.prompt) == (1, 1, again.prompt)
    assert again.stop_token_ids == (*opening.stop_token_ids, ord("<"))
    assert opening.seed != again.seed
    assert rest.prompt == again.prompt + await engine.tokenize("~")
    assert sum(step.generated_tokens for step in recorder.tape.steps) == sum(
        c.generated_tokens for c in engine.completions
    )


async def test_tokens_drawn_again_are_taken_from_the_budget() -> None:
    engine = ScriptedEngine(ENDS_AT_ONCE, tokens=("</",), instead=("<", "~"))
    recorder = recorder_of(engine)
    budget = 5 + 7 + 4 + 1  # a thought, its delimiter, "Wait", and the one token that is left is drawn in vain
    engine.script = {**ENDS_AT_ONCE, "</think>\n\\boxed{": "5}" + END}
    candidate = await BudgetForcing(max_thinking_tokens=budget, waits=1).reason(PROBLEM, recorder)
    assert candidate.thinking_tokens == budget
    assert candidate.answer == "5"


async def test_a_server_that_masks_nothing_is_not_asked_for_ever() -> None:
    class MasksNothing(ScriptedEngine):
        async def complete(self, request: Request) -> Completion:
            return await super().complete(replace(request, min_tokens=0))

    recorder = recorder_of(engine := MasksNothing(ENDS_AT_ONCE, tokens=()))
    await BudgetForcing(max_thinking_tokens=200, waits=1).reason(PROBLEM, recorder)
    assert len(engine.requests) <= 5


class Mute(ScriptedEngine):
    """Answers its first `times` requests with nothing, and says that they ended by their length."""

    def __init__(self, times: int) -> None:
        super().__init__(SCRIPT)
        self.left = times

    async def complete(self, request: Request) -> Completion:
        if not self.left:
            return await super().complete(request)
        self.left -= 1
        return Completion((), "", FinishReason.LENGTH, len(request.prompt), None, 0, 0.0)


async def test_a_server_that_answers_with_nothing_once_is_asked_again() -> None:
    outcome = await ChainOfThought().solve(PROBLEM, recorder_of(Mute(times=4)))
    assert outcome.candidates[0].answer == "3"


async def test_a_server_that_answers_with_nothing_is_not_asked_for_ever() -> None:
    with pytest.raises(RequestRefusedError, match=r"5 times in a row without a token, after 0 of at most \d+"):
        await ChainOfThought().solve(PROBLEM, recorder_of(Mute(times=1000)))
