"""What went wrong with an experiment, in one sentence."""

import datetime as dt

import pytest

from db.queries import EndedBadly, JobCounts
from db.status import ExperimentStatus
from results.progress.needs import MOST_CHARACTERS, what_happened
from tests.summaries import summary_of

FAILURES, CAPPED, FAILED = (
    ExperimentStatus.FINISHED_WITH_FAILURES,
    ExperimentStatus.CAPPED,
    ExperimentStatus.FAILED,
)


def ended(
    status: ExperimentStatus,
    failed: int = 0,
    cancelled: int = 0,
    *,
    error: str | None = None,
    job_error: str | None = None,
    alike: int | None = None,
) -> EndedBadly:
    """1,440 jobs, of which the others succeeded."""
    jobs = JobCounts(0, 0, 1440 - failed - cancelled, failed, cancelled)
    now = dt.datetime.now(dt.UTC)
    summary = summary_of(status=status, error=error, token_cap=5000, jobs=jobs, finished_at=now, created_at=now)
    return EndedBadly(summary, job_error, alike)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (ended(FAILED, error="aime.csv: no such file"), "Could not begin: aime.csv: no such file"),
        (ended(FAILURES, 3, job_error="too long", alike=3), "3 of 1,440 jobs failed: too long"),
        (
            ended(FAILURES, 3, job_error="too\nlong", alike=1),
            "3 of 1,440 jobs failed (2 for other reasons): too long",
        ),
        (ended(FAILURES, 3), "3 of 1,440 jobs failed."),
        (ended(FAILURES, 0, 2), "2 jobs were cancelled."),
        (ended(CAPPED, 0, 300), "Stopped at its cap of 5,000 tokens: 300 of 1,440 jobs not run."),
    ],
)
def test_one_sentence_says_what_happened(what: EndedBadly, said: str) -> None:
    assert what_happened(what) == said


def test_a_long_error_is_cut() -> None:
    said = what_happened(ended(FAILED, error="x" * 1000))
    assert said == f"Could not begin: {'x' * MOST_CHARACTERS} …"
