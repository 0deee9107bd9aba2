"""Why jobs wait, in one sentence: on the pages and in the terminal alike. Pure.

Names of others stand in it as they are; whoever shows it shows it literally.
"""

from collections.abc import Callable, Iterable

from db.queries import Missing, OpenExperiment, Waiting, Why
from results.wording import duration

START = "Start one: `overthink worker`."


def sentence(waiting: Waiting) -> str:
    """`Waiting: no live worker serves ghost-7B (last seen 4 min ago). 268 jobs. Start one: ...`"""
    return " ".join(filter(None, WORDS[waiting.why](waiting)))


def cause(waiting: Waiting) -> str:
    """The first part of the sentence alone, for a cell of a table."""
    return next(iter(WORDS[waiting.why](waiting))).removeprefix("Waiting: ").removeprefix("Waiting ").rstrip(".")


def paused(waiting: Waiting) -> Iterable[str]:
    waits = f"{counted(waiting.jobs)} {verb(waiting.jobs, 'wait')}"
    yield f"Paused: {waits} until it is resumed." if waiting.jobs else "Paused."
    if waiting.running:
        yield f"{waiting.running:,} that {verb(waiting.running, 'run')} {verb(waiting.running, 'go', 'goes')} on."


def no_worker(waiting: Waiting) -> Iterable[str]:
    yield f"Waiting: no worker is alive ({last_seen(waiting.seconds)})."
    yield f"{counted(waiting.jobs)}." if waiting.jobs else ""
    yield START


def unserved(waiting: Waiting) -> Iterable[str]:
    yield f"Waiting: no live worker serves {' or '.join(map(named, waiting.missing))}."
    others = f"; {counted(waiting.running, 'other')} {verb(waiting.running, 'run')}" if waiting.running else ""
    yield f"{counted(waiting.jobs)}{others}."
    yield START


def named(missing: Missing) -> str:
    if len(missing.names) > 1:
        return f"both {' and '.join(missing.names)}"
    return f"{missing.names[0]} ({last_seen(missing.last_seen_s)})"


def last_seen(seconds: float | None) -> str:
    return "there never was one" if seconds is None else f"last seen {duration(whole_minutes(seconds))} ago"


def whole_minutes(seconds: float) -> float:
    """From a minute on: nobody cares for the seconds of what was long ago."""
    return seconds if seconds < 60 else 60 * (seconds // 60)


def altered(waiting: Waiting) -> Iterable[str]:
    names = " and ".join(missing.names[0] for missing in waiting.missing)
    yield f"Waiting: the workers' registry gives {names} another thinking format than when the jobs were laid out."
    yield f"{counted(waiting.jobs)}. Put the registry back, or submit the experiment again."


def redis_away(waiting: Waiting) -> Iterable[str]:
    yield "Waiting: Redis is away, so no worker is woken."
    yield f"{counted(waiting.jobs)}." if waiting.jobs else ""


def laying_out(waiting: Waiting) -> Iterable[str]:
    yield "Waiting for a worker to load the data set and lay out the jobs."


def retry(waiting: Waiting) -> Iterable[str]:
    yield f"Waiting for a retry in {duration(waiting.seconds or 0.0)}."
    yield f"{counted(waiting.jobs)}." if waiting.before is None and waiting.jobs > 1 else ""
    yield f"Before that: {waiting.error}" if waiting.error else ""


def behind(waiting: Waiting) -> Iterable[str]:
    first, others = waiting.ahead[0], len(waiting.ahead) - 1
    more = f" and {others} more" if others else ""
    yield f"Waiting behind {place(first)}{more}."
    yield of_its_own(waiting)


def place(other: OpenExperiment) -> str:
    return f"#{other.id} {other.name} (priority {other.priority})"


def slot(waiting: Waiting) -> Iterable[str]:
    yield "Waiting for a slot: all are busy."
    yield of_its_own(waiting)


def starting(waiting: Waiting) -> Iterable[str]:
    yield "Waiting for a worker to take it." if waiting.before is not None else "Waiting for a worker to take them."
    yield of_its_own(waiting)


def of_its_own(waiting: Waiting) -> str:
    """How many wait; for one job, how many of its experiment are taken first."""
    if waiting.before is None:
        return f"{counted(waiting.jobs)}."
    if not waiting.before:
        return "It is the next one."
    return f"{counted(waiting.before)} of this experiment {verb(waiting.before, 'go', 'goes')} first."


def stalled(waiting: Waiting) -> Iterable[str]:
    usual = "" if waiting.usual_s is None else f"; a job usually takes {took(waiting.usual_s)}"
    yield f"Stalled: nothing has ended for {duration(whole_minutes(waiting.seconds or 0.0))}{usual}."
    yield f"{counted(waiting.running)} {verb(waiting.running, 'run')}."


def took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)


def counted(number: int, noun: str = "job") -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def verb(number: int, of_many: str, of_one: str | None = None) -> str:
    return of_many if number != 1 else of_one or f"{of_many}s"


WORDS: dict[Why, Callable[[Waiting], Iterable[str]]] = {
    Why.PAUSED: paused,
    Why.NO_WORKER: no_worker,
    Why.UNSERVED: unserved,
    Why.ALTERED: altered,
    Why.REDIS_AWAY: redis_away,
    Why.LAYING_OUT: laying_out,
    Why.RETRY: retry,
    Why.BEHIND: behind,
    Why.SLOT: slot,
    Why.STARTING: starting,
    Why.STALLED: stalled,
}
