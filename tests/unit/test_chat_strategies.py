"""Strategies on an engine that takes messages and gives text: whole chains work, and what forces a word is refused."""

from collections.abc import Sequence
from itertools import cycle

import pytest

from scaling.abilities import NOTHING
from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.chains.length_control import SHORT, LengthControl
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.compute.sequence import measured
from scaling.protocols import RequestRefusedError
from scaling.record import Recorder
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategies.revisions import Revisions
from scaling.strategy import Strategy
from scaling.types import THINKING_FORMATS, Completion, FinishReason, Ids, Phase, PromptFormat, Request, Sampling, Trace
from tests.unit.scripted_engine import PROBLEM, SEED_KEY, PlainGrader, ScriptedVerifier

THOUGHT = "<think>\n2+3=5, or 6?\n</think>\n\n"
LIMIT = FinishReason.LENGTH


class Talker:
    """Says the next of its texts, in two tokens a word, to whatever is asked; as any server behind chat completions."""

    abilities = NOTHING
    context_length = 1000

    def __init__(self, *texts: str, ends: Sequence[FinishReason] = (FinishReason.STOP,)) -> None:
        self._texts, self._ends = cycle(texts), cycle(ends)
        self.requests: list[Request] = []

    async def render(self, messages: list[dict[str, str]]) -> Ids:
        raise RequestRefusedError("it takes no ids")

    async def tokenize(self, text: str) -> Ids:
        raise RequestRefusedError("it takes no ids")

    async def detokenize(self, ids: Ids) -> str:
        assert ids == ()
        return ""

    async def complete(self, request: Request) -> Completion:
        self.requests.append(request)
        text = next(self._texts)
        return Completion((), text, next(self._ends), 10, None, 2 * len(text.split()), 1.0)

    @property
    def asked(self) -> list[list[str]]:
        """What each request's conversation says."""
        return [[message["content"] for message in request.messages] for request in self.requests]


async def traced(strategy: Strategy, engine: Talker, verifier: ScriptedVerifier | None = None) -> Trace:
    recorder = Recorder(
        engine,
        grader=PlainGrader(),
        thinking=THINKING_FORMATS["plain"],
        sampling=Sampling(segment_tokens=4),
        prompt=PromptFormat(system="Be brief."),
        seed_key=SEED_KEY,
        verifier=verifier,
    )
    outcome, longest_path = await measured(strategy.solve(PROBLEM, recorder))
    return Trace(recorder.tape.steps, outcome, longest_path)


async def test_a_chain_is_one_request_with_the_conversation_and_no_ids() -> None:
    """ "so \\boxed{4}" is two words, four tokens: of no segment length, though segments are of four."""
    engine = Talker(r"so \boxed{4}")
    trace = await traced(ChainOfThought(max_thinking_tokens=50), engine)
    (request,), (prompt, said) = engine.requests, trace.steps
    assert request.messages == ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "2+3-1"})
    assert (request.prompt, request.max_tokens) == ((), 50)
    assert (prompt.text, said.text) == ("system: Be brief.\n\nuser: 2+3-1", r"so \boxed{4}")
    assert (prompt.ids, said.ids) == ((), ())
    assert trace.outcome.candidates[0].answer == "4"
    assert (trace.counts.prompt_tokens, trace.counts.cached_tokens, trace.counts.generated_tokens) == (10, None, 4)
    assert trace.longest_path == 4


async def test_what_the_server_tells_apart_as_a_thought_is_not_read_for_an_answer() -> None:
    trace = await traced(ChainOfThought(), Talker(THOUGHT + r"\boxed{4}"))
    (candidate,) = trace.outcome.candidates
    assert (candidate.text, candidate.answer) == (r"\boxed{4}", "4")


async def test_a_chain_that_its_limit_cuts_is_asked_once_and_truncated() -> None:
    engine = Talker(r"\boxed{4} and", ends=[LIMIT])
    trace = await traced(ChainOfThought(max_thinking_tokens=5), engine)
    (candidate,) = trace.outcome.candidates
    assert (len(engine.requests), candidate.truncated, candidate.is_cut) == (1, True, True)


async def test_every_chain_of_a_vote_has_a_seed_of_its_own() -> None:
    engine = Talker(r"\boxed{4}", r"\boxed{5}", r"\boxed{4}")
    trace = await traced(MajorityVote(samples=3), engine)
    assert trace.outcome.candidates[trace.outcome.chosen].answer == "4"
    assert len({request.seed for request in engine.requests}) == 3
    assert len({request.messages[-1]["content"] for request in engine.requests}) == 1


async def test_a_revision_is_asked_with_the_attempts_before_it_as_turns() -> None:
    engine = Talker(THOUGHT + r"\boxed{5}", r"\boxed{4}")
    trace = await traced(Revisions(chains=1, revisions=2, instruction="Again."), engine)
    assert engine.asked == [["Be brief.", "2+3-1"], ["Be brief.", "2+3-1", r"\boxed{5}", "Again."]]
    assert [step.phase for step in trace.steps] == [Phase.PROMPT, Phase.THINKING, Phase.PROMPT, Phase.THINKING]


async def test_a_verifier_reads_what_was_said() -> None:
    verifier = ScriptedVerifier({r"\boxed{4}": 0.9, r"\boxed{5}": 0.2})
    trace = await traced(BestOfN(samples=2, verifier="judge"), Talker(r"\boxed{5}", r"\boxed{4}"), verifier)
    assert [each.score for each in trace.outcome.candidates] == [0.2, 0.9]
    assert trace.outcome.candidates[trace.outcome.chosen].answer == "4"


async def test_a_length_is_asked_for_in_words() -> None:
    engine = Talker(r"\boxed{4}")
    await traced(LengthControl(length="short"), engine)
    assert engine.asked[0][-1] == f"2+3-1\n\n{SHORT}"


async def test_a_try_that_does_not_fit_is_made_again() -> None:
    engine = Talker("well", r"\boxed{4}", ends=[LIMIT, FinishReason.STOP])
    trace = await traced(RejectionSampling(max_thinking_tokens=9, tries=4), engine)
    assert [step.kept for step in trace.steps] == [True, False, True]
    assert trace.outcome.candidates[0].answer == "4"


@pytest.mark.parametrize(
    "strategy",
    [
        BudgetForcing(max_thinking_tokens=8, waits=1),
        ChainOfThought(at_limit="answer"),
        BeamSearch(width=2, branches=2, verifier="judge"),
    ],
)
async def test_what_forces_or_goes_on_is_refused_where_it_was_let_through(strategy: Strategy) -> None:
    with pytest.raises(RequestRefusedError, match="it takes no ids"):
        await traced(strategy, Talker("so"), ScriptedVerifier({}))
