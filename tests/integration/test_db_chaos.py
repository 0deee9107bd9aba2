"""Workers, reconcilers and people all at once, at random: in the end every job was done exactly once."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sqlalchemy import Engine

from db import transitions
from db.audit import audit
from db.queries import progress
from db.records import ClaimedJob
from db.status import ExperimentStatus
from db.transitions import FencedOutError, WrongStatusError
from scaling.compute.spending import Unknown
from tests.integration.scenes import MODEL, column, finish, new_arm, running_experiment, spent, succeed


def end_somehow(engine: Engine, job: ClaimedJob, worker: str, dice: random.Random) -> None:
    """Most jobs succeed; some fail, are given back, or are abandoned as by a kill -9. Being fenced out is fine."""
    transitions.heartbeat(engine, worker, {job.lease})
    transitions.tell_spending(engine, {job.lease: (spent(1), Unknown(requests=1))})
    try:
        match dice.randrange(10):
            case 0:
                transitions.release(engine, job.lease, spent(2))
            case 1:
                transitions.fail_attempt(engine, job.lease, "time-out", spent(3), retryable=True)
            case 2:
                pass
            case _:
                succeed(engine, job.lease, num_candidates=2)
    except FencedOutError:
        transitions.settle_spending(engine, job.lease, spent(4))


def work(engine: Engine, seed: int, is_over: Event) -> None:
    dice, worker = random.Random(seed), f"host:{seed}:x"
    while not is_over.is_set():
        if job := transitions.claim(engine, MODEL, worker):
            end_somehow(engine, job, worker, dice)


def reconcile(engine: Engine, is_over: Event) -> None:
    while not is_over.is_set():
        transitions.free_expired_leases(engine, lease_ttl_s=0.05)
        transitions.close_finished_experiments(engine)


def meddle(engine: Engine, experiment_id: int, seed: int, times: int) -> None:
    dice = random.Random(seed)
    steer = (
        transitions.cancel_experiment,
        transitions.retry_experiment,
        transitions.pause_experiment,
        transitions.resume_experiment,
    )
    for _ in range(times):
        try:
            dice.choice(steer)(engine, experiment_id)
        except WrongStatusError:
            continue


def test_nothing_is_lost_doubled_or_half_written_whoever_does_what_when(engine: Engine) -> None:
    steered, left_alone = (running_experiment(engine, 60, [new_arm("a"), new_arm("b")]) for _ in range(2))
    is_over = Event()
    with ThreadPoolExecutor(10) as pool:
        others = [pool.submit(work, engine, seed, is_over) for seed in range(6)]
        others += [pool.submit(reconcile, engine, is_over) for _ in range(2)]
        meddlers = [pool.submit(meddle, engine, steered, seed, 60) for seed in (1, 2)]
        for each in meddlers:
            each.result()
        is_over.set()
        for each in others:
            each.result()
    transitions.free_expired_leases(engine, lease_ttl_s=-1)
    assert audit(engine) == {}

    for experiment_id in (steered, left_alone):
        reopen(engine, experiment_id)
    finish(engine)
    assert audit(engine) == {}
    assert column(engine, "SELECT count(*) FROM traces") == [240]  # 2 experiments × 60 problems × 2 arms
    assert progress(engine, steered).status is progress(engine, left_alone).status is ExperimentStatus.SUCCEEDED


def reopen(engine: Engine, experiment_id: int) -> None:
    """Whatever was left of the experiment can run."""
    status = progress(engine, experiment_id).status
    if status is ExperimentStatus.PAUSED:
        transitions.resume_experiment(engine, experiment_id)
    if status is not ExperimentStatus.SUCCEEDED:
        transitions.retry_experiment(engine, experiment_id)
