"""What many threads ask for at the same moment, done at once: the first to come does it for all that wait by then.

Nobody waits for company. While one turn is carried out the next one fills: the busier it is, the more go together.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class Together(Generic[Asked, Given]):
    """`carry_out` is given what was asked, at most `most` of it, and answers each in order; what it raises all hear."""

    def __init__(self, carry_out: Callable[[Sequence[Asked]], Sequence[Given]], most: int) -> None:
        self._carry_out = carry_out
        self._most = most
        self._turn = Lock()
        self._waiting: deque[tuple[Asked, Future[Given]]] = deque()

    def ask(self, asked: Asked) -> Given:
        """Safe across threads; blocks until it is done."""
        answer: Future[Given] = Future()
        self._waiting.append((asked, answer))
        with self._turn:
            while not answer.done():
                self._do_some()
        return answer.result()

    def _do_some(self) -> None:
        chosen = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            given = self._carry_out([asked for asked, _ in chosen])
            for (_, answer), each in zip(chosen, given, strict=True):
                answer.set_result(each)
        except BaseException as error:
            for _, answer in chosen:
                if not answer.done():
                    answer.set_exception(error)
