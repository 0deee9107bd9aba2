"""The connection of a tab with its server, which can be held: what a slow server or a bad network does, without luck.

What is on its way arrives in its order once the line is let go.
"""

import re
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute

Sent = Callable[[], None]
STREAM = re.compile(r"/_stcore/stream")


class Line:
    """Of one tab, from before it opened its first page."""

    def __init__(self, tab: Page) -> None:
        self._is_held = False
        self._on_its_way: list[Sent] = []
        self._tab_side: WebSocketRoute | None = None
        tab.route_web_socket(STREAM, self._opened)

    def _opened(self, tab_side: WebSocketRoute) -> None:
        self._tab_side = tab_side
        server = tab_side.connect_to_server()
        server.on_message(lambda said: self._carry(lambda: tab_side.send(said)))
        tab_side.on_message(lambda said: self._carry(lambda: server.send(said)))

    def _carry(self, send: Sent) -> None:
        if self._is_held:
            self._on_its_way.append(send)
        else:
            send()

    def hold(self) -> None:
        self._is_held = True

    def let_go(self) -> None:
        self._is_held = False
        for send in self._on_its_way:
            send()
        self._on_its_way.clear()

    def cut(self) -> None:
        """As when the network goes: the tab connects again by itself."""
        assert self._tab_side is not None
        self._tab_side.close()
