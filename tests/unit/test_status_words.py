"""How an experiment stands, in one sentence without zeros."""

import datetime as dt
from dataclasses import replace

import pytest

from db.queries import ExperimentSummary, JobCounts, Pace, Progress
from db.status import ExperimentStatus
from results.words.status import ago, status_words

NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)
S = ExperimentStatus


PACE = Pace(60.0, (10,), 4.0, 9.0, 1.0, generated_tokens=71_400, recent_s=60.0)
"""1,190 tokens a second."""


def minutes_ago(minutes: float) -> dt.datetime:
    return NOW - dt.timedelta(minutes=minutes)


def words(
    status: ExperimentStatus,
    jobs: JobCounts,
    *,
    left: str = "–",
    worked_s: float | None = None,
    cap: int | None = None,
    **more: object,
) -> str:
    """Submitted an hour ago, begun 20 minutes ago, and ended 12 minutes ago if it has."""
    finished_at = minutes_ago(12) if status.is_closed else None
    started_at = minutes_ago(20) if jobs.ended or jobs.running else None
    summary = ExperimentSummary(
        1, "demo", 0, "me", status, None, 0, cap, (), "", "d", None, jobs, minutes_ago(60), started_at, finished_at, 0,
        None,
    )  # fmt: skip
    return status_words(summary, made(status, jobs, **more), worked_s, left, NOW)


def made(status: ExperimentStatus, jobs: JobCounts, **more: object) -> Progress:
    nothing = Progress(status, None, jobs, 0, None, None)
    return replace(nothing, **more)  # type: ignore[arg-type]


def test_what_finished_says_when_and_what_it_took() -> None:
    clean = words(S.SUCCEEDED, JobCounts(0, 0, 1440, 0, 0), worked_s=242, spent_tokens=206_412)
    assert clean == "Finished 12 min ago: 1,440 jobs; took 4 min 2 s; 206,000 tokens."
    failures = words(S.FINISHED_WITH_FAILURES, JobCounts(0, 0, 1437, 3, 0), worked_s=242, lost_attempts=1)
    assert failures == (
        "Finished 12 min ago: 1,440 jobs, 3 failed; took 4 min 2 s; 1 attempt was lost with a worker and made again."
    )


def test_a_cap_is_said_beside_what_it_caps() -> None:
    capped = words(S.CAPPED, JobCounts(0, 0, 800, 0, 640), cap=50_000, spent_tokens=50_012)
    assert capped == (
        "Stopped at its cap 12 min ago: 800 of 1,440 jobs done, 640 cancelled; 50,000 of at most 50,000 tokens."
    )


def test_what_was_cancelled_says_how_far_it_came() -> None:
    assert words(S.CANCELLED, JobCounts(0, 0, 800, 0, 640), worked_s=61) == (
        "Cancelled 12 min ago: 800 of 1,440 jobs done, 640 cancelled; took 1 min 1 s."
    )


def test_what_runs_says_what_is_left_and_how_fast_it_goes() -> None:
    running = words(
        S.RUNNING, JobCounts(1085, 5, 347, 3, 0), left="4–6 min", spent_tokens=52_049,
        pace=PACE,
    )  # fmt: skip
    assert running == (
        "Running, started 20 min ago: 350 of 1,440 jobs done, 3 failed, 5 running; 4–6 min left; "
        "52,000 tokens so far, 1,190 a second."
    )


def test_what_is_paused_has_no_time_left_and_no_speed() -> None:
    paused = words(
        S.PAUSED, JobCounts(1000, 0, 440, 0, 0), left="4–6 min", worked_s=61, spent_tokens=900,
        pace=PACE,
    )  # fmt: skip
    assert paused == "Paused, started 20 min ago: 440 of 1,440 jobs done; ran for 1 min 1 s; 900 tokens."


def test_what_waits_says_since_when() -> None:
    assert words(S.QUEUED, JobCounts(0, 0, 0, 0, 0)) == "Queued, submitted 1 h ago."
    assert words(S.FAILED, JobCounts(0, 0, 0, 0, 0)) == "Failed 12 min ago."


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "just now"), (0.5, "30 s ago"), (59.9, "59 min ago"), (60 * 47, "1 d ago"), (-5, "just now")],
)
def test_an_age_is_told_in_its_largest_unit(minutes: float, said: str) -> None:
    assert ago(minutes_ago(minutes), NOW) == said
