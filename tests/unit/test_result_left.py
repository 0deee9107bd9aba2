"""How long an experiment goes on, in words."""

import pytest

from db.queries import JobCounts, Pace
from db.status import ExperimentStatus
from results.progress.left import left_of, left_words
from scaling.statistics.remaining import TimeLeft

PACE = Pace(100.0, (1,) * 10, 10.0, 20.0, None, 500, 60.0)
RUNNING = ExperimentStatus.RUNNING


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (3.2, 41.0, "3–41 s"),
        (39.9, 119.5, "39–120 s"),
        (719.0, 961.0, "11–17 min"),
        (25.0, 121.0, "25 s–3 min"),
        (0.2, 121.0, "0–3 min"),
        (3.2 * 3600, 3.9 * 3600, "3–4 h"),
        (80 * 3600.0, 100 * 3600.0, "3–5 d"),
        (7200.0, 7200.0, "about 120 min"),
        (0.0, 0.0, "–"),
        (130.0, None, "at least 2 min"),
        (0.4, None, "–"),
    ],
)
def test_a_range_is_rounded_outwards_and_has_one_unit_if_one_fits(low: float, high: float | None, said: str) -> None:
    assert left_words(TimeLeft(low, low, high)) == said


def test_what_nobody_knows_is_a_dash() -> None:
    assert left_words(None) == "–"


@pytest.mark.parametrize("status", [ExperimentStatus.PAUSED, ExperimentStatus.QUEUED, ExperimentStatus.EXPANDING])
def test_what_is_not_running_promises_no_end(status: ExperimentStatus) -> None:
    assert left_of(status, JobCounts(5, 0, 10, 0, 0), PACE) is None


def test_jobs_that_are_not_laid_out_yet_are_waited_for_too() -> None:
    """10 ended in 100 s, 5 wait and 15 are to come: 200 s, and the last takes 10 to 20 s."""
    found = left_of(RUNNING, JobCounts(5, 0, 10, 0, 0, to_come=15), PACE)
    assert found is not None and found.likely == pytest.approx(215.0)


def test_a_closed_experiment_has_nothing_left() -> None:
    assert left_of(ExperimentStatus.SUCCEEDED, JobCounts(0, 0, 10, 0, 0), None) == TimeLeft(0.0, 0.0, 0.0)
