"""The stack: every part of Overthink on one machine, started together, kept alive, and stopped together.

The order of starting follows from what each part needs, so vLLM loads while PostgreSQL is made and migrated. A guard
process ends everything if we cannot. One stack per home.
"""

import os
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from .blueprint import FIRST_DASHBOARD_PORT, SERVERS, SERVICES, Blueprint, Wishes
from .events import EventKind, StackError, StackEvent
from .family import Family
from .guard import Guard
from .home import Home
from .keeper import Keeper
from .lock import HomeLock, StackInfo
from .part import Part

LOOK_EVERY_S = 0.05


def _ignore(event: StackEvent) -> None:
    """For callers who do not care for progress."""


class Stack:
    """Start it with `start` or `with`; stop it with `stop`, which is also right after a failed start, and twice.

    `on_event` is called from other threads. `names` chooses among our parts; `models` replaces the vLLM server;
    `more` adds parts.
    """

    def __init__(
        self,
        home: Path,
        *,
        dashboard: bool = True,
        on_event: Callable[[StackEvent], None] = _ignore,
        names: Collection[str] = SERVERS | SERVICES,
        models: Path | None = None,
        more: tuple[Part, ...] = (),
    ) -> None:
        self._home = Home(home.resolve())
        self._family = Family(self._home.digest, self._home.postgres / "data")
        port = FIRST_DASHBOARD_PORT if dashboard else None
        self._wishes = Wishes(names, port, models, more)
        self._on_event = on_event
        self._lock: HomeLock | None = None
        self._blueprint: Blueprint | None = None
        self._guard: Guard | None = None
        self._keepers: dict[str, Keeper] = {}
        self._is_stopping = threading.Event()
        self._stop_lock = threading.Lock()

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def info(self) -> StackInfo:
        assert self._blueprint is not None, "the stack has not been started"
        return self._blueprint.info

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make a process use this stack."""
        return self.info.environment | {"OVERTHINK_HOME": str(self._home.root)}

    @property
    def dashboard_url(self) -> str | None:
        return self.info.dashboard_url

    @property
    def vllm_endpoint(self) -> str | None:
        """Of our vLLM server; None: there is none."""
        assert self._blueprint is not None, "the stack has not been started"
        return self._blueprint.vllm_endpoint

    @property
    def failed(self) -> tuple[str, ...]:
        """For each part that was given up: why, and the end of its log."""
        return tuple(keeper.failure for keeper in self._keepers.values() if keeper.failure is not None)

    def part(self, name: str) -> Keeper:
        """Its `pid`, its `num_starts`."""
        return self._keepers[name]

    def start(self) -> None:
        """Returns when every part is ready; raises StackError, and leaves nothing running, when one cannot be."""
        self._home.create()
        self._lock = HomeLock(self._home)
        try:
            self._start_parts()
            self._wait_until_ready()
            self.info.write(self._home.info)
        except BaseException:  # Ctrl-C too
            self.stop()
            raise

    def stop(self) -> None:
        """Stops what others need last, then lets the guard end whatever is left."""
        with self._stop_lock:
            self._is_stopping.set()
            if self._lock is not None:  # else the home is another's, and so is its stack.json
                self._home.info.unlink(missing_ok=True)
            self._stop_keepers()
            if self._guard is not None:
                self._guard.dismiss()
                self._guard = None
            if self._blueprint is not None:
                self._blueprint.close()
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _start_parts(self) -> None:
        self._family.end()  # of a stack whose supervisor and guard were both killed
        run_folder = self._home.create_run_folder()
        self._guard = self._post_guard(run_folder)
        environment = os.environ | self._family.environment
        self._blueprint = Blueprint(self._home, run_folder, environment, self._wishes)
        environment |= self.environment | {"PYTHONUNBUFFERED": "1"}
        for part in self._blueprint.parts:
            needs = [keeper for name, keeper in self._keepers.items() if name in part.needs]
            log = self._home.log(part.name)
            self._keepers[part.name] = Keeper(part, needs, environment, log, self._on_event)
        for keeper in self._keepers.values():
            keeper.start()

    def _post_guard(self, run_folder: Path) -> Guard:
        assert self._lock is not None
        remove = (self._home.info, run_folder)
        return Guard(self._family, remove, self._lock.descriptor, self._home.log("guard"))

    def _wait_until_ready(self) -> None:
        while not all(keeper.is_ready for keeper in self._keepers.values()):
            if self.failed:
                raise StackError("\n\n".join(self.failed))
            if self._is_stopping.is_set():
                raise StackError("The stack was stopped while it started.")
            time.sleep(LOOK_EVERY_S)

    def _stop_keepers(self) -> None:
        """First those that nobody needs, all at once, and so on."""
        left = dict(self._keepers)
        while left:
            needed = {name for keeper in left.values() for name in keeper.part.needs}
            wave = [keeper for name, keeper in left.items() if name not in needed]
            with ThreadPoolExecutor(len(wave)) as pool:
                list(pool.map(self._stop_keeper, wave))
            for keeper in wave:
                del left[keeper.part.name]

    def _stop_keeper(self, keeper: Keeper) -> None:
        was_running = keeper.pid is not None
        keeper.stop()
        if was_running:
            self._on_event(StackEvent(keeper.part.name, EventKind.STOPPED, "stopped"))
