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


def _paused(waiting: Waiting) -> Iterable[str]:
    waits = f"{_counted(waiting.jobs)} {_verb(waiting.jobs, 'wait')}"
    yield f"Paused: {waits} until it is resumed." if waiting.jobs else "Paused."
    if waiting.running:
        yield f"{waiting.running:,} that {_verb(waiting.running, 'run')} {_verb(waiting.running, 'go', 'goes')} on."


def _no_worker(waiting: Waiting) -> Iterable[str]:
    yield f"Waiting: no worker is alive ({_last_seen(waiting.seconds)})."
    yield f"{_counted(waiting.jobs)}." if waiting.jobs else ""
    yield START


def _unserved(waiting: Waiting) -> Iterable[str]:
    yield f"Waiting: no live worker serves {' or '.join(map(named, waiting.missing))}."
    others = f"; {_counted(waiting.running, 'other')} {_verb(waiting.running, 'run')}" if waiting.running else ""
    yield f"{_counted(waiting.jobs)}{others}."
    yield START


def named(missing: Missing) -> str:
    if len(missing.names) > 1:
        return f"both {' and '.join(missing.names)}"
    return f"{missing.names[0]} ({_last_seen(missing.last_seen_s)})"


def _last_seen(seconds: float | None) -> str:
    return "there never was one" if seconds is None else f"last seen {duration(_whole_minutes(seconds))} ago"


def _whole_minutes(seconds: float) -> float:
    """From a minute on: nobody cares for the seconds of what was long ago."""
    return seconds if seconds < 60 else 60 * (seconds // 60)


def _altered(waiting: Waiting) -> Iterable[str]:
    names = " and ".join(missing.names[0] for missing in waiting.missing)
    yield f"Waiting: the workers' registry gives {names} another thinking format than when the jobs were laid out."
    yield f"{_counted(waiting.jobs)}. Put the registry back, or submit the experiment again."


def _redis_away(waiting: Waiting) -> Iterable[str]:
    yield "Waiting: Redis is away, so no worker is woken."
    yield f"{_counted(waiting.jobs)}." if waiting.jobs else ""


def _laying_out(waiting: Waiting) -> Iterable[str]:
    yield "Waiting for a worker to load the data set and lay out the jobs."


def _retry(waiting: Waiting) -> Iterable[str]:
    yield f"Waiting for a retry in {duration(waiting.seconds or 0.0)}."
    yield f"{_counted(waiting.jobs)}." if waiting.before is None and waiting.jobs > 1 else ""
    yield f"Before that: {waiting.error}" if waiting.error else ""


def _behind(waiting: Waiting) -> Iterable[str]:
    first, others = waiting.ahead[0], len(waiting.ahead) - 1
    more = f" and {others} more" if others else ""
    yield f"Waiting behind {_place(first)}{more}."
    yield _of_its_own(waiting)


def _place(other: OpenExperiment) -> str:
    return f"#{other.id} {other.name} (priority {other.priority})"


def _slot(waiting: Waiting) -> Iterable[str]:
    yield "Waiting for a slot: all are busy."
    yield _of_its_own(waiting)


def _starting(waiting: Waiting) -> Iterable[str]:
    yield "Waiting for a worker to take it." if waiting.before is not None else "Waiting for a worker to take them."
    yield _of_its_own(waiting)


def _of_its_own(waiting: Waiting) -> str:
    """How many wait; for one job, how many of its experiment are taken first."""
    if waiting.before is None:
        return f"{_counted(waiting.jobs)}."
    if not waiting.before:
        return "It is the next one."
    return f"{_counted(waiting.before)} of this experiment {_verb(waiting.before, 'go', 'goes')} first."


def _stalled(waiting: Waiting) -> Iterable[str]:
    usual = "" if waiting.usual_s is None else f"; a job usually takes {_took(waiting.usual_s)}"
    yield f"Stalled: nothing has ended for {duration(_whole_minutes(waiting.seconds or 0.0))}{usual}."
    yield f"{_counted(waiting.running)} {_verb(waiting.running, 'run')}."


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)


def _counted(number: int, noun: str = "job") -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _verb(number: int, of_many: str, of_one: str | None = None) -> str:
    return of_many if number != 1 else of_one or f"{of_many}s"


WORDS: dict[Why, Callable[[Waiting], Iterable[str]]] = {
    Why.PAUSED: _paused,
    Why.NO_WORKER: _no_worker,
    Why.UNSERVED: _unserved,
    Why.ALTERED: _altered,
    Why.REDIS_AWAY: _redis_away,
    Why.LAYING_OUT: _laying_out,
    Why.RETRY: _retry,
    Why.BEHIND: _behind,
    Why.SLOT: _slot,
    Why.STARTING: _starting,
    Why.STALLED: _stalled,
}
