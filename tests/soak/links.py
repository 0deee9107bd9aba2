"""The second machine's ways to PostgreSQL, Redis and vLLM: relays that can be cut, or stand still, as networks do."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

CHUNK = 65_536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


class Links:
    """Relays on a loop of their own. `cut` and `standing_still` are for all of them at once, from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._thread.start()
        self._writers: set[asyncio.StreamWriter] = set()
        self._servers: list[asyncio.Server] = []
        self._may_pass = asyncio.Event()
        self._loop.call_soon_threadsafe(self._may_pass.set)

    def relay_socket(self, path: Path, upstream: Callable[[], Path]) -> None:
        """`upstream` is asked at each connection: the stack chooses its sockets when it starts."""
        connect: Connect = lambda: asyncio.open_unix_connection(upstream())  # noqa: E731
        self._serve(asyncio.start_unix_server(self._relaying(connect), path))

    def relay_port(self, upstream: Callable[[], int]) -> int:
        """The port that leads to `upstream`'s."""
        connect: Connect = lambda: asyncio.open_connection("127.0.0.1", upstream())  # noqa: E731
        server = self._serve(asyncio.start_server(self._relaying(connect), "127.0.0.1", 0))
        port: int = server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> int:
        """Breaks every connection, without a goodbye; returns how many."""
        return asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(30)

    def stand_still(self) -> None:
        """Nothing passes any more, in either direction, and nobody is told."""
        self._loop.call_soon_threadsafe(self._may_pass.clear)

    def go_on(self) -> None:
        """What was held back arrives, in order."""
        self._loop.call_soon_threadsafe(self._may_pass.set)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def _serve(self, starting: Awaitable[asyncio.Server]) -> asyncio.Server:
        async def start() -> asyncio.Server:
            return await starting

        server = asyncio.run_coroutine_threadsafe(start(), self._loop).result(30)
        self._servers.append(server)
        return server

    def _relaying(self, connect: Connect) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, upstream = await connect()
            except OSError:
                writer.transport.abort()
                return
            self._writers |= {writer, upstream}
            try:
                async with asyncio.TaskGroup() as both_ways:
                    both_ways.create_task(self._pass_on(reader, upstream))
                    both_ways.create_task(self._pass_on(there, writer))
            finally:
                self._writers -= {writer, upstream}

        return relay

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until one side is gone; then the other goes too."""
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await self._may_pass.wait()
                writer.write(chunk)
                await writer.drain()
        await self._may_pass.wait()
        writer.close()

    async def _cut(self) -> int:
        writers = list(self._writers)
        for writer in writers:
            writer.transport.abort()
        return len(writers) // 2

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        self._may_pass.set()
        await self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
