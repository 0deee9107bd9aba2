"""One attempt at one job: the strategy run on a Recorder, and the answers graded. Knows no database."""

import asyncio
from dataclasses import dataclass, replace
from time import monotonic

from pydantic import TypeAdapter

from db.records import ClaimedJob, Grade
from scaling.compute.sequence import measured
from scaling.compute.spending import Unknown
from scaling.generation import seed_key
from scaling.journal.entries import Exchange
from scaling.journal.fresh import fresh
from scaling.journal.replay import Journal, JournaledEngine, JournaledVerifier
from scaling.protocols import Engine, Verifier
from scaling.record import Recorder
from scaling.strategies import AnyStrategy
from scaling.strategy import Strategy
from scaling.types import Counts, ThinkingFormat, Trace
from worker.graders.grading import Grading
from worker.spending.account import Account, Telling

KNOWN_OF_STEPS = ("thinking_tokens", "forced_tokens", "answer_tokens")

STRATEGY: TypeAdapter[Strategy] = TypeAdapter(AnyStrategy)


@dataclass(frozen=True, slots=True)
class Solved:
    """What an attempt has to show for itself. Among `wall_seconds` are those of the attempts that it goes on from."""

    trace: Trace
    grades: tuple[Grade, ...]
    wall_seconds: float


class Attempt:
    """A claimed job on its way. `solve` runs on the shared loop; what it spent is read there, or afterwards."""

    def __init__(
        self,
        job: ClaimedJob,
        engine: Engine,
        thinking: ThinkingFormat,
        grading: Grading,
        account: Account,
        verifier: Verifier | None = None,
        journal: Journal | None = None,
        made_by: tuple[int, ...] = (),
    ) -> None:
        """`made_by` are the provenances of what `journal` has of earlier attempts."""
        self.job = job
        self.journal = journal or Journal()
        self.made_by = made_by
        self.is_released = False
        """The worker shuts down, and gives the job back."""
        self.account = account
        self._grading = grading
        self._task: asyncio.Task[Solved | None] | None = None
        self._is_solved = False
        self._has_handed_out = False
        self._num_chains = 1
        self._recorder = Recorder(
            JournaledEngine(engine, self.journal),
            grader=grading,
            thinking=thinking,
            sampling=job.sampling,
            prompt=job.prompt,
            seed_key=seed_key(job.seed, job.problem.id, job.repeat),
            verifier=verifier and JournaledVerifier(verifier, self.journal),
        )

    @property
    def task(self) -> asyncio.Task[Solved | None] | None:
        """None before it has begun."""
        return self._task

    @property
    def requests_to_come(self) -> int:
        """How many it will ask next, while it asks none: all its chains' first ones, or at least another."""
        if self._is_solved:
            return 0
        return self._num_chains if self.account.is_untouched else 1

    @property
    def spending(self) -> tuple[Counts, Unknown]:
        """What servers charged, for answers of no use too, and what was spent besides, at most. Not what was replayed.

        Which tokens were thinking is known of those in steps.
        """
        unknown = self.account.unknown  # first: a request that ends between the two is then counted in both
        return self._with_phases(self.account.counts), unknown

    @property
    def has_journal(self) -> bool:
        """Something may be kept of what this attempt at the job, or one before, was told."""
        return self.job.attempt > 1 or self._has_handed_out

    def untold(self) -> tuple[Exchange, ...]:
        """What is to be kept of it now, from its loop. Of one that has ended its end says what becomes of it."""
        new = () if self._is_solved else self.journal.new
        self._has_handed_out |= bool(new)
        return new

    def tell(self) -> Telling:
        """What is to be told of it now."""
        telling = self.account.tell()
        return replace(telling, counts=self._with_phases(telling.counts))

    def _with_phases(self, counts: Counts) -> Counts:
        tape = self._recorder.tape
        recorded = Counts.of(fresh(tape.steps)) if self.journal.num_replayed else tape.spent
        return replace(counts, **{name: getattr(recorded, name) for name in KNOWN_OF_STEPS})

    async def solve(self) -> Solved | None:
        """None if it was cancelled: its HTTP requests are closed, and the server aborts them."""
        self._task = asyncio.current_task()
        try:
            return await self._solve()
        except asyncio.CancelledError:
            return None
        finally:
            self._is_solved = True

    async def _solve(self) -> Solved:
        since = monotonic()
        strategy = STRATEGY.validate_python(self.job.strategy)
        self._num_chains = strategy.num_chains
        outcome, longest_path = await measured(strategy.solve(self.job.problem, self._recorder))
        grades = await self._grading.grade(self.job.problem, outcome)
        wall_seconds = self.journal.seconds + monotonic() - since
        return Solved(Trace(self._recorder.tape.steps, outcome, longest_path), grades, wall_seconds)
