"""vLLM's own counters, over all the lives of its server: a restart sets them to 0.

Before a server is killed its engine is stopped, and the counters are read until they stand still: nothing that it did
is missing then. A life that ended otherwise ends the comparison, and that is said.
"""

import signal
from dataclasses import dataclass

import psutil

from overthink.stack import Stack
from tests.acceptance.test_ids import counter
from tests.conftest import wait_until

PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens since a server began."""

    prompt: int = 0
    generated: int = 0

    def __add__(self, other: "Reading") -> "Reading":
        return Reading(self.prompt + other.prompt, self.generated + other.generated)


class Meter:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ended = Reading()
        self._num_ended = 0

    @property
    def knows_all_lives(self) -> bool:
        return self._stack.part("vllm").num_starts == self._num_ended + 1

    def total(self) -> Reading:
        """Of all lives, the present one until now."""
        return self._ended + self._read()

    def end_life(self) -> None:
        """Leaves the engine stopped: to be called before a kill."""
        wait_until(lambda: self._stack.part("vllm").is_ready and engine(self._stack) is not None, timeout_s=PATIENCE_S)
        running = engine(self._stack)
        assert running is not None
        running.send_signal(signal.SIGSTOP)
        seen = [self._read()]

        def stands_still() -> bool:
            seen.append(self._read())
            return seen[-1] == seen[-2]

        wait_until(stands_still, timeout_s=60, pause_s=0.1)
        self._ended += seen[-1]
        self._num_ended += 1

    def _read(self) -> Reading:
        endpoint = self._stack.vllm_endpoint
        assert endpoint is not None
        return Reading(counter(endpoint, "prompt_tokens"), counter(endpoint, "generation_tokens"))


def engine(stack: Stack) -> psutil.Process | None:
    """The process that runs the model; its server is another. None: vLLM is away."""
    try:
        children = psutil.Process(stack.part("vllm").pid).children(recursive=True)
        return next((each for each in children if "EngineCore" in " ".join((each.name(), *each.cmdline()))), None)
    except psutil.NoSuchProcess:
        return None
