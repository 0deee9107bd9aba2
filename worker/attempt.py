"""One attempt at one job: the strategy run on a Recorder, and the answers graded. Knows no database."""

import asyncio
from dataclasses import dataclass
from time import monotonic

from pydantic import TypeAdapter

from db.records import ClaimedJob, Grade
from scaling.protocols import Engine, Verifier
from scaling.record import Recorder
from scaling.sequence import measured
from scaling.strategies import AnyStrategy
from scaling.strategy import Strategy
from scaling.types import Counts, ThinkingFormat, Trace
from worker.grading import Grading

STRATEGY: TypeAdapter[Strategy] = TypeAdapter(AnyStrategy)


@dataclass(frozen=True, slots=True)
class Solved:
    """What an attempt has to show for itself."""

    trace: Trace
    grades: tuple[Grade, ...]
    wall_seconds: float


class Attempt:
    """A claimed job on its way. `solve` runs on the shared loop; `spent` may be read from any thread."""

    def __init__(
        self,
        job: ClaimedJob,
        engine: Engine,
        thinking: ThinkingFormat,
        grading: Grading,
        verifier: Verifier | None = None,
    ) -> None:
        self.job = job
        self.is_released = False
        """The worker shuts down, and gives the job back."""
        self._grading = grading
        self._task: asyncio.Task[Solved | None] | None = None
        self._recorder = Recorder(
            engine,
            grader=grading,
            thinking=thinking,
            sampling=job.sampling,
            prompt=job.prompt,
            seed_key=f"{job.seed}/{job.problem.id}/{job.repeat}",
            verifier=verifier,
        )

    @property
    def task(self) -> asyncio.Task[Solved | None] | None:
        """None before it has begun."""
        return self._task

    @property
    def spent(self) -> Counts:
        return self._recorder.spent

    async def solve(self) -> Solved | None:
        """None if it was cancelled: its HTTP requests are closed, and the server aborts them."""
        self._task = asyncio.current_task()
        try:
            return await self._solve()
        except asyncio.CancelledError:
            return None

    async def _solve(self) -> Solved:
        since = monotonic()
        strategy = STRATEGY.validate_python(self.job.strategy)
        outcome, longest_path = await measured(strategy.solve(self.job.problem, self._recorder))
        grades = await self._grading.grade(self.job.problem, outcome)
        return Solved(Trace(self._recorder.steps, outcome, longest_path), grades, monotonic() - since)
