"""Who stands where in the queue, and about how long until its turn comes. Pure.

The order is the claim's as it stands now; what owners run meanwhile, new experiments and retries change it: "about".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from db.queries import OpenExperiment, Pace, QueuedJob, Standing
from db.status import ExperimentStatus
from results.progress.left import left_words
from scaling.statistics.remaining import TimeLeft, time_until


@dataclass(frozen=True, slots=True)
class Place:
    """Of an experiment whose jobs wait. `ahead` are the jobs of others that go first, on the model of its own jobs
    that comes to its turn the soonest."""

    experiment: OpenExperiment
    queued: int
    running: int
    ahead: int
    model: str | None
    """None: no job of it waits."""


def places(standing: Standing) -> tuple[Place, ...]:
    """Running experiments in the order in which they are given slots; then those that are not, by age."""
    line = standing.line()
    others = sorted(each for each in standing.experiments if each not in line)
    return tuple(_place(standing, each, line) for each in (*line, *others))


def _place(standing: Standing, experiment_id: int, line: tuple[int, ...]) -> Place:
    demands = standing.of(experiment_id)
    before = line[: line.index(experiment_id)] if experiment_id in line else ()
    waits_on = {each.model: queued_before(standing, before, each.model) for each in demands if each.queued}
    model = min(waits_on, key=lambda name: waits_on[name], default=None)
    return Place(
        standing.experiments[experiment_id],
        sum(each.queued for each in demands),
        sum(each.running for each in demands),
        0 if model is None else waits_on[model],
        model,
    )


def queued_before(standing: Standing, before: tuple[int, ...], model: str) -> int:
    return sum(each.queued for each in standing.demands if each.model == model and each.experiment_id in before)


def ahead_of(standing: Standing, job: QueuedJob) -> int:
    """All jobs that are taken before this one."""
    line = standing.line()
    before = line[: line.index(job.experiment_id)] if job.experiment_id in line else ()
    return job.before + queued_before(standing, before, job.model)


def turn(standing: Standing, model: str | None, ahead: int, paces: Mapping[str, Pace]) -> TimeLeft | None:
    """Until a job with so many ahead of it is taken: as many more are then taken, and so have ended. None: nobody takes
    any, or none has ended lately."""
    pace = paces.get(model or "")
    if model is None or not standing.fleet.num_workers(model):
        return None
    if not ahead:
        return TimeLeft(0.0, 0.0, 0.0)
    return None if pace is None or not sum(pace.ends) else time_until(ahead, pace.ends, pace.seconds)


def turn_words(place: Place, soon: TimeLeft | None) -> str:
    """`in 2–4 min`; for what is not waiting for a turn, what it does."""
    if place.experiment.status is not ExperimentStatus.RUNNING:
        return place.experiment.status.shown
    if place.running or not place.queued:
        return "now"
    return in_words(soon)


def in_words(soon: TimeLeft | None) -> str:
    if soon is None:
        return "–"
    return "next" if soon.high == 0 else f"in {left_words(soon)}"


def place_words(standing: Standing, job: QueuedJob, paces: Mapping[str, Pace]) -> str:
    """Of one job: its number in the line, what is before it, and about when its turn comes."""
    ahead = ahead_of(standing, job)
    before = {"of other experiments": ahead - job.before, "of its own": job.before}
    said = " and ".join(f"{count:,} {whose}" for whose, count in before.items() if count)
    soon = turn(standing, job.model, ahead, paces)
    return " ".join(
        [
            f"Job {job.id} ({job.problem_key}, {job.arm_label}) is number {ahead + 1:,} in line for {job.model}.",
            f"Before it: {said}." if said else "It is the next one.",
            *([] if soon is None or soon.high == 0 else [f"It is taken in about {left_words(soon)}."]),
        ]
    )
