"""A journal beneath the Recorder: whatever an attempt was told, and whenever it was killed, the next one ends as if
nothing had happened, and asks for nothing that was kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.compute.sequence import measured
from scaling.journal.entries import bytes_of, completion_of, key_of, scores_of
from scaling.journal.fresh import fresh
from scaling.journal.replay import Journal, JournaledEngine, JournaledVerifier
from scaling.protocols import EngineUnavailableError
from scaling.record import Recorder
from scaling.strategies import STRATEGIES
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.revisions import Revisions
from scaling.strategy import Strategy
from scaling.types import (
    Completion,
    Counts,
    FinishReason,
    Phase,
    PromptFormat,
    Request,
    Sampling,
    Scores,
    Solution,
    Step,
    StepKind,
    Trace,
    Usage,
)
from tests.strategies import least
from tests.unit.scripted_engine import LINES, PROBLEM, SEED_KEY, AnyScores, PlainGrader, ScriptedEngine, boxed

SAMPLED = Sampling(temperature=0.8, max_answer_tokens=16, segment_tokens=7)
GREEDY = SAMPLED.model_copy(update={"temperature": 0.0})


@dataclass
class Life:
    """How many more responses an attempt lives to get; None: it is not killed."""

    left: int | None = None

    def take(self) -> None:
        if self.left == 0:
            raise EngineUnavailableError("killed")
        if self.left is not None:
            self.left -= 1


class AnyWords(ScriptedEngine):
    """Writes lines, ends and answers that are drawn from the seed, or where it is greedy from the context alone."""

    def __init__(self, life: Life, delays: Iterable[int]) -> None:
        super().__init__({}, delays=list(delays))
        self._life = life

    async def complete(self, request: Request) -> Completion:
        completion = await super().complete(request)
        self._life.take()
        return completion

    def _next(self, request: Request, context: str) -> str:
        random = Random(request.seed if request.sampling.temperature else context)
        if "</think>" in context:
            return boxed(random.randrange(4))
        return "".join(random.choices("abc \n", k=random.randrange(6))) + random.choice(["\n", "</think>"]) + "on" * 9


class MortalScores(AnyScores):
    def __init__(self, life: Life, delays: Iterable[int]) -> None:
        super().__init__(list(delays))
        self._life = life

    async def score(self, solution: Solution) -> Scores:
        scores = await super().score(solution)
        self._life.take()
        return scores


@dataclass
class Attempt:
    """What is run once, with a server and a verifier that know nothing of earlier attempts."""

    journal: Journal = field(default_factory=Journal)
    life: Life = field(default_factory=Life)
    order: int = 0
    sampling: Sampling = SAMPLED

    def __post_init__(self) -> None:
        delays = Random(self.order).choices(range(4), k=10_000)
        self.engine = AnyWords(self.life, delays)
        self.verifier = MortalScores(self.life, delays)
        self.recorder = Recorder(
            JournaledEngine(self.engine, self.journal),
            grader=PlainGrader(),
            thinking=LINES,
            sampling=self.sampling,
            prompt=PromptFormat(),
            seed_key=SEED_KEY,
            verifier=JournaledVerifier(self.verifier, self.journal),
        )

    async def trace(self, strategy: Strategy) -> Trace:
        outcome, longest_path = await measured(strategy.solve(PROBLEM, self.recorder))
        return Trace(self.recorder.tape.steps, outcome, longest_path)

    async def until_killed(self, strategy: Strategy) -> dict[bytes, bytes]:
        """What it was told until then."""
        with pytest.raises(EngineUnavailableError):
            await self.trace(strategy)
        return self.kept

    @property
    def kept(self) -> dict[bytes, bytes]:
        return {entry.key: entry.response for entry in self.journal.entries(self.journal.new)}

    @property
    def generated_tokens(self) -> int:
        """By the server, for this attempt."""
        return sum(each.generated_tokens or 0 for each in self.engine.completions)

    @property
    def num_responses(self) -> int:
        return len(self.journal.new)


def small(name: str) -> Strategy:
    """The strategy with small numbers, of a chain that has something to go on with."""
    strategy = least(STRATEGIES[name])
    limits = {"max_thinking_tokens": 40, "waits": 1, "max_rounds": 3}
    return strategy.model_copy(
        update={key: value for key, value in limits.items() if key in type(strategy).model_fields}
    )


@pytest.mark.parametrize("sampling", [SAMPLED, GREEDY], ids=["sampled", "greedy"])
@pytest.mark.parametrize("name", STRATEGIES)
async def test_killed_at_any_response_a_job_goes_on_and_ends_as_if_it_had_not_been(
    name: str, sampling: Sampling
) -> None:
    """The last response of the killed attempt is lost with it: the next asks for that, and for what had none."""
    strategy = small(name)
    undisturbed = Attempt(sampling=sampling)
    trace = await undisturbed.trace(strategy)
    assert undisturbed.num_responses >= 2
    for number in range(undisturbed.num_responses):
        killed = Attempt(life=Life(number), order=number + 1, sampling=sampling)
        kept = await killed.until_killed(strategy)
        assert len(kept) == number
        after = Attempt(Journal(kept), order=-number, sampling=sampling)
        assert await after.trace(strategy) == trace
        assert (after.journal.num_replayed, after.num_responses) == (number, undisturbed.num_responses - number)
        assert_pays_for_what_it_made(after)


def assert_pays_for_what_it_made(attempt: Attempt) -> None:
    """By phases, which are known of steps alone: all that its server generated, and no more."""
    own = fresh(attempt.recorder.tape.steps)
    assert Counts.of(own).generated_tokens == attempt.generated_tokens


@pytest.mark.parametrize(
    "strategy",
    [
        BeamSearch(width=16, branches=4, verifier="v", max_rounds=4),
        Revisions(chains=4, revisions=4, verifier="v"),
    ],
    ids=["beam search", "revisions"],
)
async def test_any_part_of_a_journal_is_a_journal(strategy: Strategy) -> None:
    """Sixteen beams, and four chains of four revisions, killed in the middle; some of what they were told was kept."""
    undisturbed = Attempt()
    trace = await undisturbed.trace(strategy)
    for number in (undisturbed.num_responses // 3, undisturbed.num_responses * 2 // 3):
        told = await Attempt(life=Life(number), order=1).until_killed(strategy)
        kept = {key: told[key] for key in Random(number).sample(sorted(told), number // 2)}
        after = Attempt(Journal(kept), order=2)
        assert await after.trace(strategy) == trace
        assert after.num_responses == undisturbed.num_responses - number // 2
        assert_pays_for_what_it_made(after)


async def test_a_job_whose_worker_is_killed_at_every_response_comes_to_its_end() -> None:
    strategy = small("beam_search")
    trace = await Attempt().trace(strategy)
    kept: dict[bytes, bytes] = {}
    for order in range(200):
        attempt = Attempt(Journal(kept), life=Life(1), order=order)
        try:
            assert await attempt.trace(strategy) == trace
            break
        except EngineUnavailableError:
            assert len(attempt.kept) == 1
            kept |= attempt.kept
    assert len(kept) == (await told_to(strategy)) - 1  # one response was the last attempt's own


async def told_to(strategy: Strategy) -> int:
    attempt = Attempt()
    await attempt.trace(strategy)
    return attempt.num_responses


async def test_a_chain_of_twenty_thousand_tokens_goes_on_at_its_first_missing_segment() -> None:
    """Twenty segments: 19 of 1,024 are 19,456, and the last has 544 and the delimiter. The eleventh is not kept."""
    script = {"<think>\n": "a" * 20_000 + "</think>", "</think>": boxed(4)}

    def attempt(journal: Journal) -> tuple[ScriptedEngine, Recorder]:
        engine = ScriptedEngine(script, context_length=30_000)
        return engine, Recorder(
            JournaledEngine(engine, journal),
            grader=PlainGrader(),
            thinking=LINES,
            sampling=Sampling(max_answer_tokens=16),
            prompt=PromptFormat(),
            seed_key=SEED_KEY,
        )

    chain = STRATEGIES["chain_of_thought"]()
    journal = Journal()
    _, undisturbed = attempt(journal)
    outcome = await chain.solve(PROBLEM, undisturbed)
    kept = {entry.key: entry.response for entry in journal.entries(journal.new)[:10]}
    engine, recorder = attempt(Journal(kept))
    assert await chain.solve(PROBLEM, recorder) == outcome
    assert recorder.tape.steps == undisturbed.tape.steps
    assert [len(request.prompt) - len(engine.requests[0].prompt) for request in engine.requests[:3]] == [0, 1024, 2048]
    assert [each.generated_tokens for each in engine.completions] == [1024] * 9 + [545, 11]


async def test_whoever_asks_otherwise_is_not_given_what_was_kept() -> None:
    """Segments of another length have the same seeds and prompts, at first."""
    kept = await Attempt(life=Life(5)).until_killed(small("majority_vote"))
    other = SAMPLED.model_copy(update={"segment_tokens": 8})
    after, undisturbed = Attempt(Journal(kept), sampling=other), Attempt(sampling=other)
    assert await after.trace(small("majority_vote")) == await undisturbed.trace(small("majority_vote"))
    assert (after.journal.num_replayed, after.num_responses) == (0, undisturbed.num_responses)


ASKED = Request((1, 2), 7, 3, SAMPLED, ("x",), (9,), 1, 5, (4,), ({"role": "user", "content": "?"},), (0, 1))
OTHERWISE = {
    "prompt": (1, 2, 3), "max_tokens": 8, "seed": 4, "sampling": GREEDY, "stop": (), "stop_token_ids": (9, 9),
    "min_tokens": 0, "top_logprobs": None, "logprob_token_ids": (), "messages": (), "path": (0, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", Request.__dataclass_fields__)
def test_each_field_of_a_request_is_in_its_key(name: str) -> None:
    changed = replace(ASKED, **{name: OTHERWISE[name]})
    assert key_of(changed, 0) != key_of(ASKED, 0) == key_of(replace(ASKED), 0)


def test_a_solution_has_another_key_where_it_is_shown_asked_from_or_asked_again() -> None:
    shown = Solution("q", ("a", "b"), 1)
    others = [Solution("q", ("a", "b"), 0), Solution("q", ("ab",), 1), Solution("qa", ("b",), 1)]
    keys = [key_of(each, 0) for each in (shown, *others)] + [key_of(shown, 1)]
    assert len(set(keys)) == 5


async def test_what_was_asked_twice_is_replayed_twice_each_with_its_own_cost() -> None:
    """Two candidates that say the same. The second finds the first in the server's cache, and so does the replay."""
    told = iter([Scores((0.5,), 9, 0, 1, 1, 1.0), Scores((0.5,), 9, 8, 1, 1, 1.0)])

    class Judge(AnyScores):
        async def score(self, solution: Solution) -> Scores:
            return next(told)

    solution, journal = Solution("q", ("a",)), Journal()
    judge = JournaledVerifier(Judge([]), journal)
    first, second = await judge.score(solution), await judge.score(solution)
    kept = {entry.key: entry.response for entry in journal.entries(journal.new)}
    again = JournaledVerifier(Judge([]), Journal(kept))
    assert (await again.score(solution), await again.score(solution)) == (first, second)
    assert (first.cached_tokens, second.cached_tokens) == (0, 8)


async def test_what_is_stored_is_not_stored_again_and_what_came_meanwhile_is() -> None:
    journal = Journal(cache_salt="salt")
    judge = JournaledVerifier(AnyScores([]), journal)
    await judge.score(Solution("q", ("a",)))
    before = journal.new
    await judge.score(Solution("q", ("b",)))
    journal.stored(len(before))
    (left,) = journal.new
    assert left.asked == Solution("q", ("b",))
    assert [(entry.path, entry.cache_salt) for entry in journal.entries(before)] == [(None, "salt")]


COUNTS = st.none() | st.integers(0, 2**31 - 1)
SECONDS = st.floats(0.0, 1e9)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS)
IDS = st.lists(st.integers(0, 2**31 - 1)).map(tuple)
LOGPROBS = st.none() | st.lists(st.dictionaries(st.integers(0, 2**31 - 1), st.floats(allow_nan=False))).map(tuple)
COMPLETIONS = st.builds(
    Completion,
    token_ids=IDS,
    text=st.text(st.characters(exclude_categories=()), max_size=30),
    finish_reason=st.sampled_from(FinishReason),
    **dict.fromkeys(("prompt_tokens", "cached_tokens", "generated_tokens"), COUNTS),
    **dict.fromkeys(("seconds", "gate_seconds", "retry_seconds"), SECONDS),
    queue_seconds=st.none() | SECONDS,
    logprobs=LOGPROBS,
)


@given(COMPLETIONS)
def test_a_completion_comes_back_from_its_bytes_as_it_was_and_says_that_it_is_replayed(told: Completion) -> None:
    """Lone surrogates in its text, infinite log-probs and counts that were not told included."""
    back = completion_of(bytes_of(told))
    assert back == told
    assert (back.is_replayed, back.usage.is_replayed, told.is_replayed) == (True, True, False)
    assert isinstance(back.finish_reason, FinishReason)


@given(st.builds(Scores, st.lists(st.floats(0, 1)).map(tuple), COUNTS, COUNTS, COUNTS, st.integers(0, 9), SECONDS,
                 st.lists(USAGES).map(tuple), SECONDS, SECONDS))  # fmt: skip
def test_scores_come_back_from_their_bytes_as_they_were(told: Scores) -> None:
    assert scores_of(bytes_of(told)) == told


def test_what_was_replayed_of_a_request_that_ran_on_into_the_next_step_is_taken_off_that() -> None:
    """A thought of 6 and the first 4 tokens of its answer were one request, and were replayed; 3 more were not. Then a
    thought of 5 of its own, behind which words were forced."""
    replayed, own = Usage(3, 0, 10, is_replayed=True), Usage(13, 0, 3)
    steps = [
        Step((0,), StepKind.PROMPT, Phase.PROMPT, (1,), "?"),
        Step((0, 0), StepKind.THINK, Phase.THINKING, (1,) * 6, "so", generated_tokens=6, usages=(replayed,)),
        Step((0, 0, 0), StepKind.ANSWER, Phase.ANSWER, (1,) * 7, "4", generated_tokens=7, usages=(own,)),
        Step((0, 1), StepKind.THINK, Phase.THINKING, (1,) * 5, "so", generated_tokens=5, usages=(Usage(3, 0, 5),)),
        Step((0, 1, 0), StepKind.FORCED, Phase.THINKING, (7, 7), "Wait"),
    ]
    counts = Counts.of(fresh(steps))
    assert (counts.thinking_tokens, counts.answer_tokens, counts.forced_tokens) == (0 + 5 + 2, 7 - 4, 2)


def test_words_that_stand_before_what_was_replayed_were_an_earlier_attempts() -> None:
    steps = [
        Step((0, 0), StepKind.FORCED, Phase.THINKING, (7,), "Wait"),
        Step((0, 0, 0), StepKind.THINK, Phase.THINKING, (1,), "a", generated_tokens=1,
             usages=(Usage(1, 0, 1, is_replayed=True),)),
        Step((0, 0, 0, 0), StepKind.FORCED, Phase.ANSWER, (8, 8), "Final"),
    ]  # fmt: skip
    assert [step.path for step in fresh(steps) if step.is_forced] == [(0, 0, 0, 0)]
