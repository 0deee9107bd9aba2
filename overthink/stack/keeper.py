"""A keeper keeps one part alive: starts it when what it needs is ready, starts it again when it dies, and says so.

One thread each. What dies again and again before it has served is given up, not started for ever.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from pathlib import Path

from .events import EventKind, StackEvent
from .part import Part
from .process import PartProcess, describe_exit, log_tail, open_log

SERVED_FOR_A_WHILE_S = 5.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
LOOK_EVERY_S = 0.1


class End(Enum):
    """How one process of a part ended."""

    WANTED = auto()  # it was stopped, or had done its work
    DEATH = auto()  # unasked, after it had served for a while
    QUICK_DEATH = auto()  # unasked, before


class Keeper:
    def __init__(
        self,
        part: Part,
        needs: Sequence["Keeper"],
        environment: Mapping[str, str],
        log: Path,
        on_event: Callable[[StackEvent], None],
    ) -> None:
        self.part = part
        self.log = log
        self.num_starts = 0
        self.failure: str | None = None
        """Why the part was given up, with the end of its log; None while it is kept."""
        self._needs = needs
        self._environment = environment
        self._on_event = on_event
        self._is_ready = threading.Event()
        self._is_stopping = threading.Event()
        self._death = ""
        self._ready_at: float | None = None
        self._process: PartProcess | None = None
        self._process_lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=f"keeper-{part.name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process now; None when there is none."""
        process = self._process
        return process.pid if process is not None and process.exit_code is None else None

    @property
    def is_ready(self) -> bool:
        """Whether it answered when it was last started, or has done its work."""
        return self._is_ready.is_set()

    @property
    def has_served(self) -> bool:
        """Whether the process that was last started answered for a while: its death does not count against it."""
        return self._ready_at is not None and time.monotonic() - self._ready_at >= SERVED_FOR_A_WHILE_S

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the process and the keeping of it."""
        self._is_stopping.set()
        with self._process_lock:
            if self._process is not None:
                self._process.stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        num_quick_deaths = 0
        while self._wait_for_needs():
            end = self._live()
            if end is End.WANTED:
                return
            num_quick_deaths = num_quick_deaths + 1 if end is End.QUICK_DEATH else 0
            if num_quick_deaths >= self.part.max_quick_deaths:
                self._give_up(num_quick_deaths)
                return
            self._pause(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**num_quick_deaths))

    def _wait_for_needs(self) -> bool:
        """False when we are to stop."""
        while not self._is_stopping.is_set():
            if all(need.is_ready for need in self._needs):
                return True
            self._is_stopping.wait(LOOK_EVERY_S)
        return False

    def _live(self) -> End:
        """One process from start to end."""
        process = self._spawn()
        if process is None:
            return End.WANTED
        self._wait_until_ready(process)
        code = process.wait()
        assert code is not None
        process.kill()
        if self._is_stopping.is_set() or (self.part.is_ready is None and code == 0):
            return End.WANTED
        self._is_ready.clear()
        self._death = f"{describe_exit(code)} after {process.seconds:.0f} s"
        return End.DEATH if self.has_served else End.QUICK_DEATH

    def _spawn(self) -> PartProcess | None:
        """None when a stop came first."""
        if self.part.before_start is not None:
            self.part.before_start()
        with self._process_lock:
            if self._is_stopping.is_set():
                return None
            with open_log(self.log, is_new_run=self.num_starts == 0) as log:
                self._process = PartProcess(self.part, self._environment, log)
            self.num_starts += 1
        self._say(EventKind.STARTING, "is starting")
        return self._process

    def _wait_until_ready(self, process: PartProcess) -> None:
        """Until it is, or has ended, or was killed, without that."""
        self._ready_at = None
        while process.exit_code is None:
            is_settled = process.seconds >= self.part.settles_after_s
            if is_settled and self.part.is_ready is not None and self.part.is_ready():
                self._note_ready(process)
                return
            if process.seconds > self.part.ready_timeout_s:
                process.kill()
            process.wait(LOOK_EVERY_S)
        if self.part.is_ready is None and process.exit_code == 0:
            self._note_ready(process)

    def _note_ready(self, process: PartProcess) -> None:
        self._ready_at = time.monotonic()
        self._is_ready.set()
        word = "done" if self.part.is_ready is None else "ready"
        self._say(EventKind.READY, f"{word} in {process.seconds:.1f} s")

    def _give_up(self, num_deaths: int) -> None:
        times = "" if num_deaths == 1 else f", the last of {num_deaths} times in a row"
        self.failure = f"{self.part.name} {self._death}{times}. The end of {self.log}:\n{log_tail(self.log)}"
        self._say(EventKind.FAILED, f"{self._death}{times}; see {self.log}")

    def _pause(self, seconds: float) -> None:
        self._say(EventKind.DIED, f"{self._death}; starting it again in {seconds:g} s")
        self._is_stopping.wait(seconds)

    def _say(self, kind: EventKind, text: str) -> None:
        self._on_event(StackEvent(self.part.name, kind, text))
