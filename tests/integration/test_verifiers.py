"""What every verifier promises, whatever its kind, against a server whose verdict on the step "0.75" is 0.75."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from scaling.protocols import EngineUnavailableError, RequestRefusedError, UnscorableError
from scaling.types import Request, Sampling, Solution
from tests.integration.fake_verifier import FakeVerifier, fake_verifier
from tests.integration.fake_vllm import until
from tests.integration.test_worker_engine import PATIENT
from worker.engines.caller import Caller
from worker.engines.entry import ServerEntry
from worker.engines.vllm import VllmEngine
from worker.engines.vllm_connection import VllmConnection
from worker.verifiers.adapters import SharedVerifier, checked
from worker.verifiers.formats import PRESETS, OutcomeRm, StepPoolingPrm, TokenPrm, VerifierFormat
from worker.verifiers.prompts import FormatMismatchError

SOLUTION = Solution("What?", ("0.9", "0.25", "0.75"))


@dataclass(frozen=True)
class Case:
    """A preset, and what the fake server must be like for it."""

    preset: str
    good_and_bad: tuple[str, str] = (" +", " -")
    row_at_each_token: bool = False
    num_labels: int = 2
    uncached: int | None = 0
    """The cached tokens of a server that does not tell them; None where it may have read some."""

    @property
    def form(self) -> TokenPrm | StepPoolingPrm | OutcomeRm:
        form = PRESETS[self.preset]
        # The fake tokenizer has ids of its own.
        return form.model_copy(update={"good_id": None, "bad_id": None}) if isinstance(form, TokenPrm) else form


CASES = [
    Case("ladder"),
    Case("math-shepherd"),
    Case("rlhflow", good_and_bad=("+", "-")),
    Case("qwen2.5-math-prm"),
    Case("qwen2.5-math-rm", row_at_each_token=True),
    Case("skywork-reward-v2", uncached=None),
]


@pytest.fixture(params=CASES, ids=lambda case: case.preset)
def case(request: pytest.FixtureRequest) -> Case:
    each = request.param
    assert isinstance(each, Case)
    return each


@pytest.fixture
def server(case: Case) -> Iterator[FakeVerifier]:
    with fake_verifier(good_and_bad=case.good_and_bad, row_at_each_token=case.row_at_each_token) as fake:
        yield fake


@asynccontextmanager
async def serving(server: FakeVerifier, form: VerifierFormat, **options: object) -> AsyncIterator[SharedVerifier]:
    async with connected(server, **options) as connection:
        verifier = await checked(connection, form, "judge")
        server.bodies.clear()
        yield verifier


@asynccontextmanager
async def connected(server: FakeVerifier, **options: object) -> AsyncIterator[VllmConnection]:
    entry = ServerEntry.model_validate({"endpoint": server.endpoint, "served_as": "fake", **options})
    connection = await VllmConnection.open("judge", entry, timeout_s=5.0, wait_s=2.0, patience=PATIENT)
    try:
        yield connection
    finally:
        await connection.close()


async def test_each_step_has_the_score_that_the_model_gives_it_or_the_whole_solution_has_one(
    server: FakeVerifier, case: Case
) -> None:
    async with serving(server, case.form) as verifier:
        scores = await verifier.score(SOLUTION)

    assert scores.values == pytest.approx((0.9, 0.25, 0.75) if verifier.scores_steps else (0.75,))


async def test_only_what_is_asked_for_is_told(server: FakeVerifier, case: Case) -> None:
    async with serving(server, case.form) as verifier:
        last = await verifier.score(Solution("What?", SOLUTION.steps, first=2))
        two = await verifier.score(Solution("What?", SOLUTION.steps, first=1))

    assert last.values == pytest.approx((0.75,))
    assert two.values == pytest.approx((0.25, 0.75) if verifier.scores_steps else (0.75,))


@pytest.mark.parametrize("steps", [(), ("0.9", ""), ("0.9", " \n", "0.5")])
async def test_an_empty_step_is_never_scored(server: FakeVerifier, case: Case, steps: tuple[str, ...]) -> None:
    async with serving(server, case.form) as verifier:
        with pytest.raises(ValueError, match="scores no empty step"):
            await verifier.score(Solution("What?", steps))

    assert server.bodies == []


async def test_a_solution_that_is_longer_than_the_context_is_said_to_be_so_and_others_are_scored(
    server: FakeVerifier, case: Case
) -> None:
    async with serving(server, case.form) as verifier:
        with pytest.raises(UnscorableError, match=r"reads 512 tokens, and is shown [67]\d\d"):
            await verifier.score(Solution("What?", ("x" * 600, "0.9")))
        assert (await verifier.score(SOLUTION)).values

    assert not any(key.startswith("truncat") for body in server.bodies for key in body)


async def test_a_solution_that_fits_and_is_refused_fails_with_the_servers_words(
    server: FakeVerifier, case: Case
) -> None:
    async with serving(server, case.form) as verifier:
        server.failures = [400]
        with pytest.raises(RequestRefusedError, match="HTTP 400: told to say 400") as refusal:
            await verifier.score(SOLUTION)
    assert not isinstance(refusal.value, UnscorableError)


async def test_a_step_that_holds_the_tag_itself_cannot_be_scored_and_nothing_is_asked() -> None:
    with fake_verifier() as server:
        async with serving(server, PRESETS["qwen2.5-math-prm"]) as verifier:
            asked = server.num_asked
            with pytest.raises(UnscorableError, match="holds the text '<extra_0>' itself"):
                await verifier.score(Solution("What?", ("0.5", "so <extra_0> 0.9")))
        assert server.num_asked == asked


async def test_the_counts_are_the_servers_own(server: FakeVerifier, case: Case) -> None:
    async with serving(server, case.form) as verifier:
        untold = await verifier.score(SOLUTION)
        server.cached_tokens = 5
        told = await verifier.score(SOLUTION)

    (body, _) = server.bodies
    assert (untold.calls, untold.cached_tokens, told.cached_tokens) == (1, case.uncached, 5)
    assert untold.generated_tokens == (1 if isinstance(case.form, TokenPrm) else 0)
    assert untold.prompt_tokens == len(server.ids(server.asked(body)))
    assert untold.seconds > 0.0


async def test_what_can_pass_is_tried_again_and_patience_ends(server: FakeVerifier, case: Case) -> None:
    async with serving(server, case.form) as verifier:
        server.failures = [503, 0]
        assert (await verifier.score(SOLUTION)).calls == 1
        server.failures, server.retry_after = [503], "3600"
        with pytest.raises(EngineUnavailableError, match="told to say 503"):
            await verifier.score(SOLUTION)


async def test_the_oldest_job_goes_first_and_no_more_are_in_flight_than_allowed(
    server: FakeVerifier, case: Case
) -> None:
    async with serving(server, case.form, max_requests=1, cache_salt="salt") as verifier:
        server.delay_s = 0.02
        orders = (9, 8, 3, 7)
        asked = {order: Solution(f"Question {order}", ("0.5",)) for order in orders}
        await asyncio.gather(*(verifier.for_job(Caller((order,))).score(asked[order]) for order in orders))

    assert server.most_at_once == 1
    assert {body["cache_salt"] for body in server.bodies} == {"salt"}
    seen = [next(n for n in orders if f"Question {n}" in server.asked(body)) for body in server.bodies]
    assert seen == [9, 3, 7, 8]  # the first was let in at once


async def test_cancelling_closes_the_request(server: FakeVerifier, case: Case) -> None:
    async with serving(server, case.form) as verifier:
        server.delay_s, before = 30.0, server.num_asked
        asking = asyncio.create_task(verifier.score(SOLUTION))
        await until(lambda: server.num_asked > before)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await until(lambda: server.num_aborted >= 1)


# What only token PRMs do.

LADDER = CASES[0]


async def test_a_verdict_that_is_not_among_the_likeliest_is_asked_for_by_its_id_in_the_end() -> None:
    with fake_verifier(untold=frozenset({"0.9", "0.75"})) as server:
        async with serving(server, LADDER.form) as verifier:
            scores = await verifier.score(SOLUTION)

    assert scores.values == pytest.approx((0.9, 0.25, 0.75))
    assert scores.calls == 5  # one for all steps, and for each of the two: 20 likeliest, then by id
    assert sorted(body["logprobs"] for body in server.bodies) == [2, 2, 5, 20, 20]  # the two go on side by side
    by_id = [body["logprob_token_ids"] for body in server.bodies if body["logprobs"] == 2]
    assert by_id == [[100_001, 100_002]] * 2


async def test_one_step_alone_asks_for_no_log_probs_over_the_prompt_and_earlier_ids_never_change() -> None:
    with fake_verifier() as server:
        async with serving(server, LADDER.form) as verifier:
            for end in (1, 2, 3):
                await verifier.score(Solution("What?", SOLUTION.steps[:end], first=end - 1))

    assert not any("prompt_logprobs" in body for body in server.bodies)
    first, second, third = (server.text(body["prompt"]) for body in server.bodies)
    assert first == "<system>Grade each step.\n<user>What?\n<assistant>0.9"
    assert (second, third) == (f"{first} +\n0.25", f"{first} +\n0.25 +\n0.75")


@pytest.mark.parametrize(
    ("preset", "shown"),
    [
        ("math-shepherd", "What? 0.9 ки\n0.25 ки\n0.75 ки"),
        ("rlhflow", "<user>What? 0.9\n<assistant>+\n<user>0.25\n<assistant>+\n<user>0.75\n<assistant>"),
    ],
)
async def test_a_solution_looks_as_the_model_card_says(preset: str, shown: str) -> None:
    case = next(case for case in CASES if case.preset == preset)
    with fake_verifier(good_and_bad=case.good_and_bad) as server:
        async with serving(server, case.form) as verifier:
            await verifier.score(SOLUTION)

    assert server.text(server.bodies[0]["prompt"]) == shown


async def test_qwens_prm_is_shown_a_tag_after_each_step() -> None:
    with fake_verifier() as server:
        async with serving(server, PRESETS["qwen2.5-math-prm"]) as verifier:
            await verifier.score(SOLUTION)

    system = r"Please reason step by step, and put your final answer within \boxed{}."
    answer = "0.9<extra_0>0.25<extra_0>0.75<extra_0>"
    turns = [("system", system), ("user", "What?"), ("assistant", answer)]
    assert [(turn["role"], turn["content"]) for turn in server.bodies[0]["messages"]] == turns


# What is found out before the first job.


async def refused(server: FakeVerifier, form: VerifierFormat) -> str:
    with pytest.raises(FormatMismatchError) as caught:
        async with serving(server, form):
            pass
    return str(caught.value)


async def test_verdicts_of_several_tokens_are_refused() -> None:
    with fake_verifier(words={" -": 100_002}) as server:
        said = await refused(server, LADDER.form)

    assert "verifier 'judge': its verdicts must be one token each, and different" in said
    assert "' +' ends in (61, 51, 32, 43) and ' -' in (49, 61, 51, 100002)" in said  # "=3 +" and "1=3 -"
    assert "Mend the verifier's `format`" in said


async def test_verdicts_that_are_the_same_token_are_refused() -> None:
    with fake_verifier(words={" +": 5, " -": 5}) as server:
        assert "must be one token each, and different" in await refused(server, LADDER.form)


async def test_ids_that_are_not_those_of_the_model_card_are_refused() -> None:
    with fake_verifier() as server:
        said = await refused(server, PRESETS["math-shepherd"])

    assert "its format says that ' +' is token 648; in the tokenizer at" in said
    assert "it is token 100001" in said


@pytest.mark.parametrize("preset", ["math-shepherd", "qwen2.5-math-prm"])
async def test_a_step_tag_of_several_tokens_is_refused(preset: str) -> None:
    case = next(case for case in CASES if case.preset == preset)
    with fake_verifier(words={" +": 1, " -": 2}) as server:
        assert "the step tag" in (said := await refused(server, case.form)) and "must be one token" in said


async def test_a_pooling_server_that_does_not_read_at_the_tags_is_told_how_to_be_started() -> None:
    with fake_verifier(row_at_each_token=True) as server:
        said = await refused(server, PRESETS["qwen2.5-math-prm"])

    assert "rows of [1] numbers for 2 steps, expected 2 numbers for each" in said
    assert '"step_tag_id": 100004' in said


async def test_a_classifier_with_several_labels_is_no_outcome_reward_model() -> None:
    with fake_verifier(num_labels=3) as server:
        assert "returns 3 rows of [1] numbers for a solution, expected one number" in await refused(
            server, PRESETS["skywork-reward-v2"]
        )


# A generator beside a verifier.


async def test_log_probs_that_the_server_lost_beside_another_request_are_not_taken_for_what_was_asked() -> None:
    """Regression: vLLM 0.32 spoils a batch's log-probs when one request asks for some by id."""
    with fake_verifier(untold=frozenset({"0.9"})) as server:
        async with connected(server) as connection:
            request = Request((*map(ord, "0.9"),), 1, 0, Sampling(), top_logprobs=3)
            with pytest.raises(EngineUnavailableError, match="fewer than 3 log-probs"):
                await VllmEngine(connection).complete(request)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
async def test_a_score_that_is_no_number_is_an_error_that_names_the_verifier(bad: float | None) -> None:
    """A half-precision reward model can overflow; JSON has no NaN, so that servers write null or NaN."""
    rows = [[0.1, 0.9], [0.75, 0.25], [0.25, bad]]
    usage = {"prompt_tokens": 9}
    with fake_verifier() as server:
        async with serving(server, PRESETS["qwen2.5-math-prm"]) as verifier:
            server.malformed = [{"data": [{"data": rows}], "usage": usage}]
            with pytest.raises(RequestRefusedError, match=r"verifier 'judge' scored step 3 of 3 with .*no number"):
                await verifier.score(SOLUTION)


@pytest.mark.parametrize(
    "answer", [{}, {"data": [], "usage": {"prompt_tokens": 1}}, {"data": [{"data": [[0.5, 0.5]]}]}, [], None]
)
async def test_a_verifiers_answer_that_is_none_is_asked_for_again(answer: object) -> None:
    with fake_verifier() as server:
        async with serving(server, PRESETS["qwen2.5-math-prm"]) as verifier:
            server.malformed = [answer]
            assert (await verifier.score(SOLUTION)).values == pytest.approx((0.9, 0.25, 0.75))


@pytest.mark.parametrize("rows", [[], [[0.5]], [[0.1, 0.9], [0.5], [0.1, 0.9]], [0.1, 0.2, 0.3]])
async def test_rows_of_another_shape_are_refused_with_their_shape(rows: list[object]) -> None:
    with fake_verifier() as server:
        async with serving(server, PRESETS["qwen2.5-math-prm"]) as verifier:
            server.malformed = [{"data": [{"data": rows}], "usage": {"prompt_tokens": 1}}]
            with pytest.raises(RequestRefusedError, match=r"returns \d rows of .* for 3 steps, expected 2 numbers"):
                await verifier.score(SOLUTION)
