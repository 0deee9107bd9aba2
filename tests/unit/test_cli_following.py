"""Following an experiment: what is said at each look, and how an outage is sat out."""

from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from db.engine import DatabaseUnavailableError
from db.queries import JobCounts, Pace, Progress
from db.status import ExperimentStatus
from overthink.cli.progress import Lines
from overthink.following import Look, follow

RUNNING, SUCCEEDED = ExperimentStatus.RUNNING, ExperimentStatus.SUCCEEDED


def look(
    status: ExperimentStatus = RUNNING, *, succeeded: int = 0, failed: int = 0, queued: int = 0, tokens: int = 0
) -> Look:
    """With 10 jobs and 500 tokens ended in the last 5 s, while it runs: one in each half second."""
    jobs = JobCounts(queued=queued, running=0, succeeded=succeeded, failed=failed, cancelled=0)
    pace = Pace(5.0, (1,) * 10, 0.5, 0.5, None, 500, 5.0)
    progress = Progress(status, None, jobs, 0, pace if status is RUNNING else None, tokens)
    return Look("demo", progress, unserved=())


def looks(*seen: Look | Exception) -> Callable[[], Look]:
    """What happens at each look, in order."""
    left: Iterator[Look | Exception] = iter(seen)

    def look_now() -> Look:
        each = next(left)
        if isinstance(each, Exception):
            raise each
        return each

    return look_now


def test_a_running_experiment_says_jobs_tokens_pace_and_time_left() -> None:
    said = look(succeeded=20, failed=1, queued=60, tokens=1234).sentence
    # 60 jobs at 10 / 5 s are 30 s, or 0.55 to 2.16 times that (Fisher, 120 and 20); then half a second.
    assert said == "21/81 jobs · 1 failed · 1,234 tokens · 100 tokens/s · 16–66 s left"


def test_before_it_is_expanded_only_its_status_is_known() -> None:
    assert look(ExperimentStatus.EXPANDING).sentence == "expanding"


def test_a_paused_experiment_promises_no_end() -> None:
    assert look(ExperimentStatus.PAUSED, succeeded=1, queued=1, tokens=5).sentence == "1/2 jobs · 5 tokens · paused"


def test_following_ends_with_the_look_at_which_it_is_closed() -> None:
    seen = [look(queued=1), look(SUCCEEDED, succeeded=1)]
    assert list(follow(looks(*seen), pause_s=0.0)) == seen


def test_an_outage_is_sat_out() -> None:
    end = look(SUCCEEDED, succeeded=1)
    away = DatabaseUnavailableError("away")
    outages: list[str] = []
    assert list(follow(looks(away, away, end), 0.0, lambda: outages.append("said"))) == [end]
    assert outages == ["said"]  # once for each outage, however long


def test_a_long_outage_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overthink.following.LOST_PATIENCE_S", -1.0)
    with pytest.raises(DatabaseUnavailableError):
        list(follow(looks(DatabaseUnavailableError("away")), 0.0))


def test_without_a_terminal_a_line_is_printed_when_the_status_changes_and_now_and_then() -> None:
    console = Console(width=100)
    lines = Lines(console, every_s=3600)
    with console.capture() as captured:
        for each in (look(ExperimentStatus.QUEUED), look(queued=2), look(queued=1, succeeded=1), look(SUCCEEDED)):
            lines.show(each)
    assert captured.get().splitlines() == [
        "demo: queued",
        "demo: 0/2 jobs · 0 tokens · 100 tokens/s · 0–5 s left",
        "demo: succeeded",
    ]
