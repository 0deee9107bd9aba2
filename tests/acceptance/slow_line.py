"""The connection of a tab with its server, which can be held: what a slow server or a bad network does, without luck.

What is on its way arrives in its order once the line is let go.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, WebSocketRoute

Sent = Callable[[], None]
STREAM = re.compile(r"/_stcore/stream")


class Line:
    """Of one tab, from before it opened its first page."""

    def __init__(self, tab: Page) -> None:
        self._is_held = self._is_held_back = False
        self._lost: bytes | None = None
        self._has_lost = False
        self._tab = tab
        self._on_its_way: list[Sent] = []
        self._tab_side: WebSocketRoute | None = None
        tab.route_web_socket(STREAM, self._opened)

    def _opened(self, tab_side: WebSocketRoute) -> None:
        self._tab_side = tab_side
        server = tab_side.connect_to_server()
        server.on_message(lambda said: self._carry(said, lambda: tab_side.send(said), self._is_held_back))
        tab_side.on_message(lambda said: self._carry(said, lambda: server.send(said), self._is_held))

    def _carry(self, said: str | bytes, send: Sent, is_held: bool) -> None:
        if self._lost is not None and self._lost in (said.encode() if isinstance(said, str) else said):
            self._has_lost = True
            return
        if is_held:
            self._on_its_way.append(send)
        else:
            send()

    def hold(self, *, answers_only: bool = False) -> None:
        """What the server says does not arrive, nor, unless it is `answers_only`, what the tab says."""
        self._is_held, self._is_held_back = not answers_only, True

    def has_answers_on_its_way(self) -> None:
        """Waits until it has."""
        while not self._on_its_way:
            self._tab.wait_for_timeout(50)

    def let_go(self, *, lost: bool = False) -> None:
        """Whatever is on its way arrives now, or never."""
        self._is_held = self._is_held_back = False
        for send in self._on_its_way if not lost else ():
            send()
        self._on_its_way.clear()

    @contextmanager
    def losing(self, words: str) -> Iterator[None]:
        """Whatever has these words in it never arrives: what a run that is cut off would have said, for one."""
        self._lost, self._has_lost = words.encode(), False
        yield
        self._lost = None

    def has_lost_some(self) -> None:
        """Waits until it has."""
        while not self._has_lost:
            self._tab.wait_for_timeout(50)

    def cut(self) -> None:
        """As when the network goes: the tab connects again by itself."""
        assert self._tab_side is not None
        self._tab_side.close()
