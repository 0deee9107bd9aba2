"""Why jobs wait: every kind, from the database to the sentence."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from db import queries, transitions
from db.queries import Why
from db.records import NewWorker
from db.status import ExperimentStatus
from results.waiting import sentence
from tests.integration.scenes import (
    MODEL,
    SERVED,
    VERIFIER,
    WORKER,
    claimed,
    new_arm,
    new_experiment,
    running_experiment,
    spent,
    succeed,
)

ALIVE_S = 30.0
MINUTE_S = 60.0


def announce(
    engine: Engine, name: str = WORKER, models: tuple[str, ...] = (MODEL,), verifiers: tuple[str, ...] = (),
    slots: int = 64,
) -> None:  # fmt: skip
    transitions.announce_worker(engine, NewWorker(name, "host", 1, models, slots, verifiers))


def shift(engine: Engine, statement: str, seconds: float, **values: object) -> None:
    """Runs a statement with `:at`, a moment so long ago."""
    at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)
    with engine.begin() as connection:
        connection.execute(text(statement), {"at": at, **values})


def silence(engine: Engine, seconds: float, name: str = WORKER) -> None:
    shift(engine, "UPDATE workers SET heartbeat_at = :at WHERE id = :name", seconds, name=name)


def said(engine: Engine, experiment: int, redis: str | None = None) -> str | None:
    found = queries.waiting(engine, ALIVE_S, lambda: redis).get(experiment)
    return None if found is None else sentence(found)


def said_of_job(engine: Engine, job: int, redis: str | None = None) -> str | None:
    found = queries.waiting_of_job(engine, job, ALIVE_S, lambda: redis)
    return None if found is None else sentence(found)


def last_job(engine: Engine, experiment: int) -> int:
    with engine.connect() as connection:
        query = text("SELECT max(id) FROM jobs WHERE experiment_id = :id")
        return int(connection.execute(query, {"id": experiment}).scalar_one())


def test_nothing_is_said_of_what_goes_on(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine)
    claimed(engine)
    assert said(engine, experiment) is None


def test_without_any_worker(engine: Engine) -> None:
    experiment = running_experiment(engine)
    never = "Waiting: no worker is alive (there never was one). 2 jobs. Start one: `overthink worker`."
    assert said(engine, experiment) == said_of_job(engine, last_job(engine, experiment), None).replace(  # type: ignore[union-attr]
        "1 job.", "2 jobs."
    )
    assert said(engine, experiment) == never
    announce(engine)
    silence(engine, 4 * MINUTE_S)
    assert said(engine, experiment) == never.replace("there never was one", "last seen 4 min ago")


def test_a_worker_that_said_goodbye_was_seen_too(engine: Engine) -> None:
    experiment = running_experiment(engine)
    announce(engine)
    silence(engine, 2 * MINUTE_S)
    transitions.retire_worker(engine, WORKER)
    assert "no worker is alive (last seen 2 min ago)" in str(said(engine, experiment))


def test_a_model_that_nobody_serves_any_more(engine: Engine) -> None:
    announce(engine)
    silence(engine, 4 * MINUTE_S)
    announce(engine, "host:2:b", models=("other",))
    experiment = running_experiment(engine)
    expected = "Waiting: no live worker serves tiny (last seen 4 min ago)."
    assert said(engine, experiment) == f"{expected} 2 jobs. Start one: `overthink worker`."
    assert str(said_of_job(engine, last_job(engine, experiment))).startswith(expected)


def test_a_model_that_nobody_ever_served(engine: Engine) -> None:
    announce(engine, models=("other",))
    experiment = running_experiment(engine)
    assert "no live worker serves tiny (there never was one)" in str(said(engine, experiment))


def test_a_verifier_that_nobody_serves_holds_its_own_arm_only(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, arms=[new_arm(), new_arm("judged", verifier=VERIFIER)])
    claimed(engine)
    assert said(engine, experiment) == (
        "Waiting: no live worker serves judge (there never was one). 2 jobs; 1 other runs. "
        "Start one: `overthink worker`."
    )
    assert "judge" in str(said_of_job(engine, last_job(engine, experiment)))


def test_a_model_and_its_verifier_on_different_workers(engine: Engine) -> None:
    announce(engine)
    announce(engine, "host:2:b", models=("other",), verifiers=(VERIFIER,))
    experiment = running_experiment(engine, arms=[new_arm("judged", verifier=VERIFIER)])
    assert "no live worker serves both tiny and judge" in str(said(engine, experiment))
    announce(engine, "host:3:c", verifiers=(VERIFIER,))
    assert "no live worker" not in str(said(engine, experiment))


def test_a_model_that_is_served_in_another_thinking_format(engine: Engine) -> None:
    announce(engine)
    transitions.announce_model(engine, SERVED)
    experiment = running_experiment(engine)
    assert "thinking format" not in str(said(engine, experiment))
    transitions.announce_model(engine, replace(SERVED, thinking=SERVED.thinking.model_copy(update={"start": "<t>"})))
    assert said(engine, experiment) == (
        "Waiting: the workers' registry gives tiny another thinking format than when the jobs were laid out. 2 jobs. "
        "Put the registry back, or submit the experiment again."
    )


def test_a_paused_experiment_says_how_many_wait_and_how_many_go_on(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, num_problems=5)
    claimed(engine)
    transitions.pause_experiment(engine, experiment)
    assert said(engine, experiment) == "Paused: 4 jobs wait until it is resumed. 1 that runs goes on."
    assert str(said_of_job(engine, last_job(engine, experiment))).startswith("Paused")


def test_redis_is_the_reason_only_where_nothing_runs(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine)
    assert said(engine, experiment, "away") == "Waiting: Redis is away, so no worker is woken. 2 jobs."
    claimed(engine)
    assert said(engine, experiment, "away") is None


def test_an_experiment_that_is_not_laid_out_yet(engine: Engine) -> None:
    experiment = transitions.create_experiment(engine, new_experiment()).id
    assert said(engine, experiment) == (
        "Waiting: no worker is alive (there never was one). Start one: `overthink worker`."
    )
    announce(engine)
    assert said(engine, experiment) == "Waiting for a worker to load the data set and lay out the jobs."
    assert said(engine, experiment, "away") == "Waiting: Redis is away, so no worker is woken."


def test_jobs_that_are_tried_again_later_say_when_and_after_what(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    transitions.fail_attempt(engine, lease, "the server is away", spent(), retryable=True, retry_in_s=90.4)
    expected = "Waiting for a retry in 1 min 30 s. Before that: the server is away"
    assert said(engine, experiment) == expected
    assert said_of_job(engine, last_job(engine, experiment)) == expected


def test_the_later_experiment_waits_behind_the_one_that_is_given_slots_first(engine: Engine) -> None:
    announce(engine, slots=1)
    first = running_experiment(engine, new=new_experiment("old"))
    second = running_experiment(engine, new=new_experiment("young"))
    claimed(engine)
    assert said(engine, first) is None
    assert said(engine, second) == f"Waiting behind #{first} old (priority 0). 2 jobs."
    urgent = running_experiment(engine, new=new_experiment("urgent", priority=5))
    assert said(engine, second) == f"Waiting behind #{urgent} urgent (priority 5) and 1 more. 2 jobs."
    assert said(engine, urgent) == "Waiting for a slot: all are busy. 2 jobs."
    assert said_of_job(engine, last_job(engine, urgent)) == (
        "Waiting for a slot: all are busy. 1 job of this experiment goes first."
    )


def test_nobody_waits_behind_an_experiment_on_another_model(engine: Engine) -> None:
    announce(engine, models=(MODEL, "other"))
    running_experiment(engine, arms=[new_arm(model="other")], new=new_experiment("old"))
    second = running_experiment(engine)
    assert said(engine, second) == "Waiting for a worker to take them. 2 jobs."


def test_a_free_slot_is_a_moment_away(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, num_problems=1)
    assert said_of_job(engine, last_job(engine, experiment)) == "Waiting for a worker to take it. It is the next one."


@pytest.mark.parametrize(("running_for_s", "is_stalled"), [(59, False), (100, True)])
def test_stalled_is_three_times_the_slowest_of_the_last_and_a_minute_at_least(
    engine: Engine, running_for_s: float, is_stalled: bool
) -> None:
    announce(engine)
    experiment = running_experiment(engine, num_problems=3)
    done = claimed(engine).lease
    succeed(engine, done)
    ended = """
        UPDATE jobs SET started_at = CAST(:at AS timestamptz), finished_at = CAST(:at AS timestamptz) + interval '4 s'
        WHERE id = :id
    """
    shift(engine, ended, running_for_s + 10, id=done.job_id)
    running = claimed(engine).lease
    shift(engine, "UPDATE jobs SET started_at = :at WHERE id = :id", running_for_s, id=running.job_id)
    expected = "Stalled: nothing has ended for 1 min; a job usually takes 4.0 s. 1 job runs."
    assert said(engine, experiment) == (expected if is_stalled else None)


def test_slow_is_not_stalled(engine: Engine) -> None:
    """The last job took five minutes; ten more are nothing to worry about."""
    announce(engine)
    experiment = running_experiment(engine, num_problems=3)
    done = claimed(engine).lease
    succeed(engine, done)
    ended = "UPDATE jobs SET started_at = CAST(:at AS timestamptz) - interval '5 min', finished_at = :at WHERE id = :id"
    shift(engine, ended, 10 * MINUTE_S, id=done.job_id)
    running = claimed(engine).lease
    shift(engine, "UPDATE jobs SET started_at = :at WHERE id = :id", 10 * MINUTE_S, id=running.job_id)
    assert said(engine, experiment) is None


def test_a_closed_experiment_waits_for_nothing(engine: Engine) -> None:
    experiment = running_experiment(engine)
    transitions.cancel_experiment(engine, experiment)
    assert queries.waiting(engine, ALIVE_S) == {}
    assert said_of_job(engine, last_job(engine, experiment)) is None
    assert queries.experiment(engine, experiment).summary.status is ExperimentStatus.CANCELLED


def test_all_jobs_that_wait_are_counted_paused_ones_too(engine: Engine) -> None:
    announce(engine)
    running_experiment(engine, num_problems=1_200)
    paused = running_experiment(engine, num_problems=300)
    transitions.pause_experiment(engine, paused)
    now = queries.standing(engine, ALIVE_S)
    assert (now.waiting_jobs, now.paused_jobs) == (1_500, 300)


def test_what_mends_itself_is_no_trouble(engine: Engine) -> None:
    experiment = running_experiment(engine)
    assert queries.waiting(engine, ALIVE_S)[experiment].is_trouble
    announce(engine)
    found = queries.waiting(engine, ALIVE_S)[experiment]
    assert found.why is Why.STARTING and not found.is_trouble
