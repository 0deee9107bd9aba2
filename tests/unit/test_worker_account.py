"""An attempt's account: every request is charged where its answer arrives, and none begins before it is told of."""

import asyncio
from itertools import count

import pytest

from scaling.compute.spending import Unknown
from worker.spending.account import ROOM_S, Account, Size, Telling
from worker.spending.cost import Cost, cost_of

SIZE = Size(prompt_tokens=10, generated_tokens=100)
BOUND = Unknown(requests=1, prompt_tokens=10, generated_tokens=100)


def usage(generated: int, cached: int | None = 4) -> Cost:
    return Cost(prompt_tokens=10, cached_tokens=cached, generated_tokens=generated, queue_seconds=None)


def told(account: Account) -> Telling:
    """As the teller does, with a database that takes everything."""
    telling = account.tell()
    account.told(telling)
    return telling


async def test_an_answer_is_paid_and_a_silence_is_of_unknown_cost() -> None:
    account = Account()
    with await account.begin(SIZE) as charge:
        charge.settle(usage(7))
    with (await account.begin(SIZE)).sent():
        pass  # the connection was lost
    with (await account.begin(SIZE)).sent() as charge:
        charge.nothing()  # the server could not be reached
    with await account.begin(SIZE):
        pass  # it was cancelled before its turn came

    assert (account.counts.prompt_tokens, account.counts.cached_tokens, account.counts.generated_tokens) == (10, 4, 7)
    assert account.unknown == BOUND


async def test_a_cancelled_request_is_of_unknown_cost() -> None:
    account = Account()

    async def ask() -> None:
        with (await account.begin(SIZE)).sent():
            await asyncio.Event().wait()

    asked = asyncio.create_task(ask())
    await asyncio.sleep(0)
    assert account.unknown == BOUND  # in flight
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert account.unknown == BOUND


async def test_a_verifier_is_charged_apart_and_its_whole_prompt_where_it_reads_no_cache() -> None:
    account = Account()
    size = Size(40, 1, may_read_cache=False, is_verifier=True)
    with await account.begin(size) as charge:
        charge.settle(Cost(40, None, 1, None))
    with (await account.begin(size)).sent():
        pass

    counts = account.counts
    assert (counts.verifier_tokens, counts.verifier_cached_tokens, counts.verifier_calls) == (41, 0, 1)
    assert (counts.prompt_tokens, counts.generated_tokens) == (0, 0)
    assert account.unknown == Unknown(verifier_requests=1, verifier_tokens=41)


async def test_what_one_answer_does_not_report_is_not_known_of_all() -> None:
    account = Account()
    for cached in (3, None, 5):
        with await account.begin(SIZE) as charge:
            charge.settle(usage(1, cached))

    assert account.counts.cached_tokens is None
    assert account.counts.queue_seconds is None


async def test_no_request_begins_before_it_is_told_of() -> None:
    wishes: list[str] = []
    account = Account(lambda: wishes.append("more"))
    asked = asyncio.create_task(account.begin(SIZE))
    await asyncio.sleep(0)
    assert (wishes, asked.done()) == (["more"], False)

    telling = account.tell()
    await asyncio.sleep(0)
    assert not asked.done()  # it is not stored yet
    account.told(telling)
    await asked
    assert BOUND.fits(telling.unknown)


async def test_what_was_not_told_of_does_not_begin_at_once() -> None:
    account = Account(lambda: None)
    assert account.begin_at_once(SIZE) is None
    asked = asyncio.create_task(account.begin(SIZE))
    await asyncio.sleep(0)
    told(account)
    await asked
    assert account.begin_at_once(SIZE) is not None  # as much again was told of
    assert account.begin_at_once(SIZE) is None


async def test_what_is_told_covers_what_is_open_and_for_each_one_that_goes_on_where_it_ended() -> None:
    account = Account(lambda: None, clock=count().__next__)  # a second between two tellings
    first = asyncio.create_task(account.begin(SIZE))
    await asyncio.sleep(0)
    following = Unknown(requests=1, prompt_tokens=10 + 100, generated_tokens=100)
    assert told(account).unknown == BOUND + following
    (await first).settle(usage(100))
    second = await account.begin(Size(prompt_tokens=10 + 100, generated_tokens=100))  # nothing waits
    further = Unknown(requests=1, prompt_tokens=10 + 100 + 100, generated_tokens=100)
    assert told(account).unknown == following + further
    second.settle(usage(100))
    (await account.begin(SIZE)).settle(usage(30))
    assert told(account).unknown == BOUND  # nothing is open: as much again as was asked since the last telling
    assert told(account).unknown == Unknown()


async def test_what_a_killed_worker_had_told_is_true_at_every_moment() -> None:
    """A server that answers with any number of tokens up to the limit, and an attempt that asks in bursts."""
    account, served = Account(lambda: None), 0
    stored = told(account)
    for burst in (1, 4, 2, 8, 1, 1, 0, 3):
        asked = [asyncio.create_task(account.begin(SIZE)) for _ in range(burst)]
        await asyncio.sleep(0)
        stored = told(account)
        for number, charge in enumerate(await asyncio.gather(*asked)):
            generated = (0, 100, 37)[number % 3]
            served += generated
            assert stored.counts.generated_tokens <= served  # killed here, before anything more was told
            assert served <= stored.counts.generated_tokens + stored.unknown.generated_tokens
            charge.settle(usage(generated))


async def test_tellings_that_follow_closely_make_room_for_as_much_as_was_asked_before_all_of_them() -> None:
    now = [0.0]
    account = Account(lambda: None, clock=lambda: now[0])
    for number in range(3):
        charge = asyncio.create_task(account.begin(SIZE))
        await asyncio.sleep(0)
        told(account)
        (await charge).settle(usage(1))
        now[0] = (number + 1) * ROOM_S / 4
    assert told(account).unknown == BOUND + BOUND + BOUND  # of the three before
    now[0] = ROOM_S * 1.3
    assert told(account).unknown == BOUND  # the first two are too long ago


async def test_room_that_the_database_will_not_know_of_is_given_up_before_it_is_told() -> None:
    account = Account(lambda: None, clock=count().__next__)
    first = asyncio.create_task(account.begin(SIZE))
    await asyncio.sleep(0)
    told(account)
    (await first).settle(usage(30))
    told(account)  # one more may begin still
    telling = account.tell()  # nothing was asked since: no more may begin
    late = asyncio.create_task(account.begin(SIZE))
    await asyncio.sleep(0)
    assert not late.done()
    account.told(telling)
    await asyncio.sleep(0)
    assert not late.done()
    told(account)
    await late


async def test_cancelling_who_waits_or_who_was_just_let_in_charges_nothing() -> None:
    account = Account(lambda: None)
    waiting, just_let_in, last = (asyncio.create_task(account.begin(SIZE)) for _ in range(3))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    told(account)
    just_let_in.cancel()
    await asyncio.gather(waiting, just_let_in, return_exceptions=True)
    (await last).nothing()

    assert account.unknown == Unknown()
    assert account.counts.prompt_tokens == 0


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "usage",
        {},
        {"usage": None},
        {"usage": []},
        {"usage": {"prompt_tokens": "7"}},
        {"usage": {"prompt_tokens": -1, "completion_tokens": 2}},
        {"usage": {"prompt_tokens": True, "completion_tokens": 2}},
        {"usage": {"prompt_tokens": 3.5, "completion_tokens": 2}},
        {"usage": {"completion_tokens": 2}},
        {"usage": {"prompt_tokens": 7}, "choices": []},
    ],
)
def test_an_answer_that_does_not_say_what_it_cost_is_not_taken_for_one_that_does(answer: object) -> None:
    assert cost_of(answer) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"usage": {"prompt_tokens": 7, "completion_tokens": 2}, "choices": []}, Cost(7, None, 2, None)),
        ({"usage": {"prompt_tokens": 7}, "data": []}, Cost(7, None, 0, None)),
        (
            {
                "error": {"message": "aborted"},
                "usage": {
                    "prompt_tokens": 7,
                    "completion_tokens": 2,
                    "prompt_tokens_details": {"cached_tokens": 5},
                },
                "metrics": {"queue_time_ms": 250.0},
            },
            Cost(7, 5, 2, 0.25),
        ),
    ],
)
def test_what_an_answer_cost_is_read_wherever_it_is_told(answer: object, expected: Cost) -> None:
    assert cost_of(answer) == expected
