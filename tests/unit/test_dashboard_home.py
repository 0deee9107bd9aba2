"""The words of home: bars of jobs, what waits for the same, what a browser has seen."""

import datetime as dt
from urllib.parse import quote

import pytest

from dashboard.home.jobs_bar import jobs_bar, jobs_words
from dashboard.home.needs_you import together
from dashboard.seen import Seen, _name, _read
from db.queries import ExperimentSummary, JobCounts, Missing, Waiting, Why
from db.status import ExperimentStatus
from tests.summaries import summary_of

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


def summary(number: int, finished_at: dt.datetime | None = None) -> ExperimentSummary:
    status = ExperimentStatus.RUNNING if finished_at is None else ExperimentStatus.SUCCEEDED
    return summary_of(id=number, status=status, created_at=NOW, finished_at=finished_at)


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        (JobCounts(0, 0, 12, 0, 0), "12 of 12 jobs done"),
        (
            JobCounts(400, 16, 1020, 3, 1, to_come=1000),
            "1,023 of 2,440 jobs done, 3 of them failed, 1 cancelled, 16 running, 1,400 waiting",
        ),
    ],
)
def test_a_bar_says_what_it_is_made_of(jobs: JobCounts, said: str) -> None:
    assert jobs_words(jobs) == said
    assert f'aria-label="{said}"' in jobs_bar(jobs)


def test_a_bar_has_a_part_for_whatever_there_is() -> None:
    """A failed job is no succeeded one, and stands beside it."""
    bar = jobs_bar(JobCounts(4, 0, 3, 2, 0))
    assert '"done" style="flex-grow:3"' in bar and '"failed" style="flex-grow:2"' in bar
    assert '"waiting" style="flex-grow:4"' in bar and "running" not in bar.partition(">")[2]
    assert jobs_bar(JobCounts(0, 0, 0, 0, 0)) == ""


def test_experiments_that_the_same_keeps_are_one_line() -> None:
    ghost = (Missing(("ghost-7B",), 240.0),)
    first, second, third = summary(1), summary(2), summary(3)
    found = together(
        [
            (first, Waiting(Why.UNSERVED, 10, 1, ghost)),
            (second, Waiting(Why.STALLED, 5, 4)),
            (third, Waiting(Why.UNSERVED, 7, 2, ghost)),
        ]
    )
    assert found == [
        ((first, third), Waiting(Why.UNSERVED, 17, 3, ghost)),
        ((second,), Waiting(Why.STALLED, 5, 4)),
    ]


def test_what_ended_since_one_looked_is_new() -> None:
    known = Seen(until=int(NOW.timestamp()))
    assert known.is_new(summary(1, NOW + dt.timedelta(seconds=2)))
    assert not known.is_new(summary(1, NOW - dt.timedelta(seconds=2)))
    assert not known.is_new(summary(1))
    assert not Seen().is_new(summary(1, NOW))


def test_what_was_put_aside_comes_back_when_it_ends_anew() -> None:
    known = Seen(aside=(_name(summary(7, NOW)),))
    assert known.is_aside(summary(7, NOW))
    assert not known.is_aside(summary(7, NOW + dt.timedelta(minutes=1)))
    assert not known.is_aside(summary(8, NOW))


@pytest.mark.parametrize("cookie", ["", "nonsense", quote('{"until": "tomorrow"}'), quote('{"aside": [1]}'), "%ff"])
def test_a_cookie_that_is_not_ours_counts_as_nothing(cookie: str) -> None:
    assert _read(cookie) == Seen()


def test_a_cookie_is_read_as_it_was_kept() -> None:
    assert _read(quote('{"until": 5, "aside": ["7.1"]}')) == Seen(5, ("7.1",))
