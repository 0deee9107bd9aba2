"""What many ask for at once is done at once, and each is given his own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from worker.together.turns import Together


class Doubling:
    """Doubles numbers; the first turn waits until it is let go."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.has_begun, self.may_go = Event(), Event()

    def __call__(self, asked: Sequence[int]) -> list[int]:
        self.turns.append(sorted(asked))
        self.has_begun.set()
        self.may_go.wait(10)
        if 13 in asked:
            raise ValueError("13")
        return [2 * each for each in asked]


def wait_until_asked(together: Together[int, int], number: int) -> None:
    while len(together._waiting) < number:
        Event().wait(0.001)


def test_who_asks_alone_is_served_at_once() -> None:
    doubling = Doubling()
    doubling.may_go.set()
    together = Together(doubling, most=3)
    assert [together.ask(1), together.ask(2)] == [2, 4]
    assert doubling.turns == [[1], [2]]


def test_those_that_come_during_a_turn_are_served_together_at_most_so_many() -> None:
    doubling = Doubling()
    together = Together(doubling, most=3)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(together.ask, 1)
        doubling.has_begun.wait(10)
        others = [pool.submit(together.ask, each) for each in (2, 3, 4, 5)]
        wait_until_asked(together, 4)
        doubling.may_go.set()
        assert [first.result(), *(each.result() for each in others)] == [2, 4, 6, 8, 10]
    assert doubling.turns[0] == [1]
    assert sorted(map(len, doubling.turns[1:])) == [1, 3]  # four waited, three went at once


def test_what_is_raised_is_heard_by_all_of_that_turn_and_by_no_other() -> None:
    doubling = Doubling()
    together = Together(doubling, most=2)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.ask, 1)
        doubling.has_begun.wait(10)
        unlucky = [pool.submit(together.ask, each) for each in (13, 2)]
        wait_until_asked(together, 2)
        doubling.may_go.set()
        assert first.result() == 2
        for each in unlucky:
            with pytest.raises(ValueError, match="13"):
                each.result()
    assert together.ask(4) == 8
