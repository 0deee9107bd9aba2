"""Who stands where in the line, in numbers and words, worked out by hand."""

import datetime as dt

import pytest

from db.queries import Demand, Fleet, OpenExperiment, Pace, QueuedJob, Standing, Worker
from db.status import ExperimentStatus
from results.progress.places import place_words, places, turn, turn_words
from scaling.statistics.remaining import TimeLeft

RUNNING, PAUSED = ExperimentStatus.RUNNING, ExperimentStatus.PAUSED
NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
EVEN = Pace(100.0, (4,) * 10, 10.0, 20.0, None, 500, 60.0)


def worker(*models: str) -> Worker:
    return Worker("host:1:a", "host", 1, models, (), 64, 4, 1.0, NOW, NOW, None)


def experiment(number: int, priority: int = 0, status: ExperimentStatus = RUNNING) -> OpenExperiment:
    return OpenExperiment(number, f"e{number}", "ann", status, priority, NOW + dt.timedelta(seconds=number))


def standing(*demands: Demand, served: tuple[str, ...] = ("tiny", "large")) -> Standing:
    """Experiment 1 is the oldest, 2 more urgent, 3 paused."""
    found = {1: experiment(1), 2: experiment(2, priority=5), 3: experiment(3, status=PAUSED)}
    return Standing(found, demands, Fleet(30.0, (worker(*served),), ()), {}, 1.0)


QUEUE = standing(
    Demand(1, "tiny", None, 10, 0),
    Demand(1, "large", None, 7, 0),
    Demand(2, "tiny", None, 32, 4),
    Demand(3, "tiny", None, 5, 0),
)


def test_the_more_urgent_stands_first_and_what_is_paused_last() -> None:
    assert [(each.experiment.id, each.queued, each.running) for each in places(QUEUE)] == [
        (2, 32, 4),
        (1, 17, 0),
        (3, 5, 0),
    ]


def test_ahead_are_the_jobs_of_others_on_the_model_that_comes_to_its_turn_soonest() -> None:
    """Before experiment 1 there are 32 jobs on tiny, and none on large."""
    assert [(each.ahead, each.model) for each in places(QUEUE)] == [(0, "tiny"), (0, "large"), (0, "tiny")]
    crowded = standing(Demand(1, "tiny", None, 10, 0), Demand(2, "tiny", None, 32, 4))
    assert [(each.ahead, each.model) for each in places(crowded)][:2] == [(0, "tiny"), (32, "tiny")]


def test_a_turn_comes_when_as_many_as_are_ahead_have_ended() -> None:
    """40 ended in 100 s, evenly; 32 are ahead: 80 s."""
    found = turn(QUEUE, "tiny", 32, {"tiny": EVEN})
    assert found is not None and found.likely == pytest.approx(80.0)
    assert turn(QUEUE, "tiny", 0, {}) == TimeLeft(0.0, 0.0, 0.0)


def test_nobody_knows_a_turn_that_nobody_gives_or_that_no_job_went_before() -> None:
    assert turn(standing(served=("large",)), "tiny", 32, {"tiny": EVEN}) is None
    assert turn(QUEUE, "tiny", 32, {}) is None
    assert turn(QUEUE, None, 0, {"tiny": EVEN}) is None


def test_a_turn_is_said_in_a_word() -> None:
    second, first, third = places(QUEUE)
    assert turn_words(second, None) == "now"
    assert turn_words(first, TimeLeft(51.0, 80.0, 124.0)) == "in 51 s–3 min"
    assert turn_words(first, TimeLeft(0.0, 0.0, 0.0)) == "next"
    assert turn_words(first, None) == "–"
    assert turn_words(third, None) == "paused"


def test_the_place_of_one_job_counts_what_is_before_it() -> None:
    job = QueuedJob(77, 1, "tiny", None, "plain", "p3", before=3)
    assert place_words(QUEUE, job, {}) == (
        "Job 77 (p3, plain) is number 36 in line for tiny. Before it: 32 of other experiments and 3 of its own."
    )
    # 35 at 40 in 100 s are 87.5 s, times 0.63 to 1.57: Fisher's, 70 and 80 degrees of freedom.
    assert place_words(QUEUE, job, {"tiny": EVEN}).endswith("It is taken in about 55 s–3 min.")


def test_the_first_in_line_is_the_next() -> None:
    job = QueuedJob(77, 2, "tiny", None, "plain", "p3", before=0)
    assert (
        place_words(QUEUE, job, {"tiny": EVEN})
        == "Job 77 (p3, plain) is number 1 in line for tiny. It is the next one."
    )
