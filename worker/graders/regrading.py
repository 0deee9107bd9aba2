"""Reading stored answers anew, by the rules of today: no model is asked, and no token spent.

What is read is what each candidate said behind its thinking, as it was found when it was made.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from db import transitions
from db.queries.regradable import Regradable, regradable
from db.transitions.regrade import Regraded
from scaling.generation import seed_key
from scaling.regrading import concluded_anew
from scaling.statistics.rollup import roll_up_candidates
from scaling.strategies import STRATEGY
from scaling.types import ThinkingFormat, Verdict
from worker.graders.grading import Grading
from worker.graders.versions import VERSIONS

SLICE = 200
"""Jobs that are stored together."""


@dataclass(slots=True)
class Changes:
    """What reading anew has changed, or would. `verdicts` counts jobs, from what to what they have."""

    jobs: int = 0
    verdicts: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    answers: int = 0
    """Candidates that answer something else than before."""
    choices: int = 0
    """Jobs for which another candidate speaks."""

    def meet(self, before: Regradable, after: Regraded) -> None:
        self.jobs += 1
        outcome = after.outcome
        old, new = before.verdicts[before.chosen], after.grades[outcome.chosen].verdict
        if old is not new:
            self.verdicts[old, new] += 1
        pairs = zip(before.candidates, outcome.candidates, strict=True)
        self.answers += sum(one.answer != other.answer for one, other in pairs)
        self.choices += before.chosen != outcome.chosen


def regrade(
    database: Engine,
    experiment_id: int,
    *,
    is_all: bool = False,
    is_dry: bool = False,
    on_slice: Callable[[Changes], None] = lambda _: None,
) -> Changes:
    """Reads the jobs anew that were graded by other rules than today's, or all of them; stores it unless `is_dry`.

    Slice by slice: stopped anywhere it has done what it has done, and goes on when it is asked again.
    """
    grading, changes, after = Grading(), Changes(), 0
    try:
        while jobs := regradable(database, experiment_id, VERSIONS, after=after, limit=SLICE, is_all=is_all):
            regraded = asyncio.run(_all(jobs, grading))
            own = {each.job_id for each in jobs}
            if not is_dry:
                own &= transitions.regrade(database, experiment_id, regraded)
            for before, now in zip(jobs, regraded, strict=True):
                if before.job_id in own:
                    changes.meet(before, now)
            after = jobs[-1].job_id
            on_slice(changes)
    finally:
        grading.close()
    return changes


async def _all(jobs: Iterable[Regradable], grading: Grading) -> list[Regraded]:
    return list(await asyncio.gather(*(_regraded(job, grading) for job in jobs)))


async def _regraded(job: Regradable, grading: Grading) -> Regraded:
    strategy = STRATEGY.validate_python(job.strategy)
    key = seed_key(job.seed, job.problem.id, job.repeat)
    thinking = job.thinking or ThinkingFormat()
    outcome = await concluded_anew(strategy, job.problem, job.candidates, grading, thinking, key)
    grades = await grading.grade(job.problem, outcome)
    rollup = roll_up_candidates(outcome.candidates, {each.path: each.verdict for each in grades}, seed=job.job_id)
    return Regraded(job.job_id, job.attempt, outcome, grades, rollup)
