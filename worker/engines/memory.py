"""The newest answers of a server to questions that are asked again and again."""

import asyncio
from collections import OrderedDict
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """At most `size` answers; what was not asked for longest is forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[K, V] = OrderedDict()
        self._asking: WeakValueDictionary[K, asyncio.Lock] = WeakValueDictionary()

    def get(self, key: K) -> V | None:
        if key not in self._answers:
            return None
        self._answers.move_to_end(key)
        return self._answers[key]

    def asking(self, key: K) -> asyncio.Lock:
        """To be held while the answer is looked for: whoever asks the same meanwhile waits, and then finds it kept.

        A lock, not a shared task: if the one who asks is cancelled or fails, the next asks.
        """
        return self._asking.setdefault(key, asyncio.Lock())

    def keep(self, key: K, answer: V) -> V:
        self._answers[key] = answer
        if len(self._answers) > self._size:
            self._answers.popitem(last=False)
        return answer
