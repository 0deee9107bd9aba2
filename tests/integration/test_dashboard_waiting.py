"""What the pages say of an experiment that waits, was stopped or was run again: the truth, and the same everywhere."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from db import queries, transitions
from db.queries import GrowingStep
from db.records import NewWorker
from results.waiting import sentence
from scaling.compute.spending import Unknown
from scaling.journal.entries import Entry, bytes_of
from scaling.types import Completion, FinishReason, Scores
from tests.integration import test_dashboard_pages as pages
from tests.integration.scenes import MODEL, WORKER, claimed, finish, new_experiment, running_experiment, spent, succeed
from tests.integration.test_dashboard_pages import html_of, opened, reader_of, said, words_of
from tests.integration.test_db_waiting import announce, last_job, shift, silence

settings_are = pages.settings_are


@pytest.fixture
def without_redis(database: str, settings_are: Callable[[str], None]) -> None:
    settings_are(database)


@pytest.fixture
def dashboard(without_redis: None, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)


def unescaped(page: str) -> str:
    """Without what keeps others' texts from being Markdown or HTML."""
    return html.unescape(page.replace(":small[]", "").replace("\\", ""))


def unserved(engine: Engine) -> int:
    announce(engine, "host:9:z", models=("other",))
    return running_experiment(engine)


def without_worker(engine: Engine) -> int:
    experiment = running_experiment(engine)
    announce(engine)
    silence(engine, 240)
    return experiment


def paused(engine: Engine) -> int:
    announce(engine)
    experiment = running_experiment(engine)
    transitions.pause_experiment(engine, experiment)
    return experiment


def retried_later(engine: Engine) -> int:
    announce(engine)
    experiment = running_experiment(engine, num_problems=1)
    transitions.fail_attempt(engine, claimed(engine).lease, "the server is away", spent(), True, retry_in_s=890.0)
    return experiment


def behind(engine: Engine) -> int:
    announce(engine, slots=1)
    running_experiment(engine, new=new_experiment("urgent", priority=5))
    claimed(engine)
    return running_experiment(engine)


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        (unserved, "no live worker serves tiny (there never was one)"),
        (without_worker, "no worker is alive (last seen 4 min ago)"),
        (paused, "Paused"),
        (retried_later, "a retry in 14 min"),
        (behind, "behind #1 urgent (priority 5)"),
    ],
)
def test_every_page_says_why_it_waits(
    dashboard: None, engine: Engine, scene: Callable[[Engine], int], expected: str
) -> None:
    experiment = scene(engine)
    seen = [
        said(opened("experiments")),
        said(opened("experiment", id=experiment)),
        said(opened("trace", job=last_job(engine, experiment))),
    ]
    assert [expected in unescaped(page) for page in seen] == [True] * 3


def test_a_redis_that_is_away_is_why_it_waits(without_redis: None, engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine)
    for page in (opened("experiment", id=experiment), opened("trace", job=last_job(engine, experiment))):
        assert "Redis is away, so no worker is woken" in unescaped(said(page))


def test_no_green_dot_stands_over_an_experiment_that_nobody_can_run(dashboard: None, engine: Engine) -> None:
    announce(engine)
    running_experiment(engine, num_problems=1)
    claimed(engine)
    assert 'ot-dot good"></span>1 worker' in html_of(opened("experiments"))
    unserved(engine)
    silence(engine, 240)
    pages.st.cache_data.clear()
    assert "ot-dot bad" in html_of(opened("experiments"))


def test_a_cancelled_experiment_is_as_far_as_it_came(dashboard: None, engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, num_problems=4)
    succeed(engine, claimed(engine).lease)
    transitions.cancel_experiment(engine, experiment)
    page = opened("experiment", id=experiment)
    assert re.search(r"Cancelled (just now|\d+ s ago): 1 of 4 jobs done, 3 cancelled", html_of(page))
    assert "1 / 4" in html_of(page)


def test_a_paused_experiment_promises_neither_an_end_nor_a_pace(dashboard: None, engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, num_problems=4)
    succeed(engine, claimed(engine).lease)
    assert promised(html_of(opened("experiment", id=experiment)))  # one job has ended: a pace, and no end yet
    transitions.pause_experiment(engine, experiment)
    pages.st.cache_data.clear()
    assert not promised(html_of(opened("experiment", id=experiment)))


def promised(page: str) -> set[str]:
    """In the sentence that says how it stands."""
    [sentence] = re.findall(r'<p class="ot-standing">(.*?)</p>', page)
    return {words for words in (" left;", " a second") if words in sentence}


def test_the_time_between_the_end_and_a_retry_is_not_counted(dashboard: None, engine: Engine) -> None:
    """Two jobs of 5 s each, side by side, 46 minutes ago; one failed, and its retry took 3 s."""
    announce(engine)
    experiment = running_experiment(engine, num_problems=2)
    first, second = claimed(engine).lease, claimed(engine).lease
    succeed(engine, first)
    transitions.fail_attempt(engine, second, "no", spent(), retryable=False)
    transitions.close_finished_experiments(engine)
    shift(
        engine, "UPDATE attempts SET started_at = CAST(:at AS timestamptz), "
        "ended_at = CAST(:at AS timestamptz) + interval '5 s'", 46 * 60,
    )  # fmt: skip
    shift(engine, "UPDATE experiments SET started_at = :at", 46 * 60)
    transitions.retry_experiment(engine, experiment)
    finish(engine)
    again = (
        "UPDATE attempts SET started_at = :at, ended_at = CAST(:at AS timestamptz) + interval '3 s' WHERE attempt = 2"
    )
    shift(engine, again, 10)
    assert queries.worked_s(engine, experiment) == pytest.approx(8.0, abs=0.01)
    assert "; took 8 s" in html_of(opened("experiment", id=experiment))


def test_attempts_side_by_side_are_counted_once(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2)
    for start, end in ((0, 10), (4, 6)):
        lease = claimed(engine).lease
        succeed(engine, lease)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE attempts SET started_at = '2026-01-01'::timestamptz + make_interval(secs => :start), "
                    "ended_at = '2026-01-01'::timestamptz + make_interval(secs => :end) WHERE job_id = :job"
                ),
                {"start": start, "end": end, "job": lease.job_id},
            )
    assert queries.worked_s(engine, experiment) == pytest.approx(10.0)


def test_an_experiment_that_nobody_began_took_no_time(engine: Engine) -> None:
    assert queries.worked_s(engine, running_experiment(engine)) is None


def test_a_job_that_is_run_says_so_and_of_a_stalled_experiment_that_it_is(dashboard: None, engine: Engine) -> None:
    transitions.announce_worker(engine, NewWorker(WORKER, "host", 1, (MODEL,), 64, ()))
    experiment = running_experiment(engine, num_problems=1)
    claimed(engine)
    job = last_job(engine, experiment)
    assert "is being run" in said(opened("trace", job=job)) and "Stalled" not in said(opened("trace", job=job))
    shift(engine, "UPDATE jobs SET started_at = :at", 700)
    pages.st.cache_data.clear()
    assert "Stalled: nothing has ended for 11 min" in unescaped(said(opened("trace", job=job)))


def test_of_a_job_that_is_run_one_reads_what_was_generated_so_far(dashboard: None, engine: Engine) -> None:
    """Two segments of one step, of 7 and 2 tokens, and one of another, of 1; a verifier's scores are nobody's text."""
    experiment = running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    told = [((0, 1), "2+3 <b>", 7), ((0, 10), "so\udc80", 1), ((0, 1), " = 5", 2)]
    entries = [
        Entry(bytes([number]), path, bytes_of(Completion((), text, FinishReason.LENGTH, 1, 0, tokens, 1.0)), None)
        for number, (path, text, tokens) in enumerate(told)
    ]
    scores = Entry(b"scores", None, bytes_of(Scores((0.5,), 1, 0, 1, 1, 1.0)), None)
    transitions.tell_spending(engine, {lease: (spent(), Unknown())}, {lease: [*entries, scores]})
    assert queries.growing_steps(engine, lease.job_id) == (
        GrowingStep((0, 1), "2+3 <b> = 5", 9),
        GrowingStep((0, 10), "so\N{REPLACEMENT CHARACTER}", 1),
    )
    app = opened("trace", job=last_job(engine, experiment))
    assert "So far 10 tokens in 2 steps" in said(app)
    assert "path 0.1 · 9 tokens generated so far" in words_of(app)
    assert "2+3 <b> = 5" in words_of(app) and reader_of(app)["outline"]["names"] == ["0.1", "0.10"]


def test_the_command_line_says_it_in_the_same_words(engine: Engine) -> None:
    experiment = unserved(engine)
    said_here = sentence(queries.waiting(engine, 30.0)[experiment])
    assert (
        said_here == "Waiting: no live worker serves tiny (there never was one). 2 jobs. Start one: `overthink worker`."
    )
