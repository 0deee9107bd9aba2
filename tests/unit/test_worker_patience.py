"""Trying again: how long, how often, and never for what cannot pass."""

from datetime import UTC, datetime
from threading import Event

import pytest

from db.engine import DatabaseUnavailableError
from db.transitions import Need
from worker.bells.demand import free_slots
from worker.database_outage import patiently
from worker.engines.memory import Memory
from worker.engines.patience import Patience
from worker.engines.responses import retry_after_s
from worker.runner import retry_in_s


class Away:
    """A write that fails `times` times with `error` before it succeeds."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self.left = times
        self.error = error or DatabaseUnavailableError("away")
        self.num_tries = 0

    def __call__(self) -> str:
        self.num_tries += 1
        if self.left:
            self.left -= 1
            raise self.error
        return "written"


def test_a_write_is_tried_again_while_the_database_is_away() -> None:
    write = Away(times=2)

    assert patiently(write, "job 1") == "written"
    assert write.num_tries == 3


def test_patience_with_the_database_ends() -> None:
    with pytest.raises(DatabaseUnavailableError):
        patiently(Away(times=1000), "job 1", give_up_after_s=0.5)


def test_a_worker_that_stops_tries_once_and_gives_up() -> None:
    stopping = Event()
    stopping.set()
    write = Away(times=1000)

    with pytest.raises(DatabaseUnavailableError):
        patiently(write, "job 1", stop=stopping)
    assert write.num_tries == 1


def test_an_error_of_our_own_is_not_tried_again() -> None:
    write = Away(times=1000, error=ValueError("a bug"))

    with pytest.raises(ValueError, match="a bug"):
        patiently(write, "job 1")
    assert write.num_tries == 1


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    patience = Patience(first_pause_s=1.0, longest_pause_s=5.0)
    ceilings = [1.0, 2.0, 4.0, 5.0, 5.0]

    for tries, ceiling in enumerate(ceilings, start=1):
        pauses = [patience.pause_s(tries) for _ in range(100)]
        assert ceiling / 2 <= min(pauses) < max(pauses) <= ceiling
    assert patience.pause_s(10_000) <= 5.0


def test_a_failed_job_waits_longer_each_time() -> None:
    assert [retry_in_s(attempt) for attempt in (1, 2, 3, 7, 1000)] == [5.0, 10.0, 20.0, 300.0, 300.0]


def test_a_memory_forgets_what_was_not_asked_for_longest() -> None:
    memory: Memory[str, int] = Memory(size=2)
    memory.keep("a", 1)
    memory.keep("b", 2)
    memory.get("a")
    memory.keep("c", 3)

    assert [memory.get(key) for key in "abc"] == [1, None, 3]


def test_no_worker_has_no_free_slot() -> None:
    assert free_slots([], Need("tiny")) == 0


NOON = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0.0),
        ("", 0.0),
        ("7", 7.0),
        ("-7", 0.0),
        ("soon", 0.0),
        ("9" * 400, 0.0),
        ("Fri, 27 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 27 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 27 Nov 2026 12:00:30", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_else_asks_for_nothing(
    header: str | None, seconds: float
) -> None:
    assert retry_after_s(header, NOON) == seconds
