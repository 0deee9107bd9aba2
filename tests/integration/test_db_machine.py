"""Every transition in every order that hypothesis can think of, against a model of what must be, on real PostgreSQL.

The model is a few dictionaries. After each step the tables say what it says, and at the end the audit, plain SQL that
trusts neither, finds nothing. Workers that were thought dead write late: who is not the latest attempt changes nothing.
"""

import datetime as dt
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from db.records import Lease
from db.signatures import signature
from db.status import MAX_FAILURES, MAX_LOST_LEASES, ExperimentStatus, JobStatus
from db.transitions import FencedOutError, WrongStatusError, layout
from scaling.compute.spending import Unknown
from scaling.journal.entries import Entry
from tests.integration.scenes import new_arm, new_experiment, problems, spent, succeed

E, J = ExperimentStatus, JobStatus
MODELS = (f"model-{number}" for number in count())
OPEN = {J.QUEUED, J.RUNNING}
RESULTS = "SELECT coalesce(sum(results_version), 0) AS version FROM tallies WHERE experiment_id = :n"


class KilledError(Exception):
    """The worker is gone."""


@dataclass(frozen=True)
class Job:
    experiment: int
    status: JobStatus = J.QUEUED
    attempt: int = 0
    failures: int = 0
    lost_leases: int = 0
    why: str | None = None
    """It failed, of those that did."""


WHYS = ("prompt of 3,029 tokens exceeds 1,024", "prompt of 17 tokens exceeds 8", "the server is away")
"""Two of them are alike."""


AGAIN: dict[str, Any] = {"status": J.QUEUED, "failures": 0, "lost_leases": 0, "why": None}


def is_alike(first: str | None, second: str) -> bool:
    return first is not None and ("exceeds" in first) == ("exceeds" in second)


class Machine(RuleBasedStateMachine):
    """One model's queue: experiments come, jobs are claimed and end somehow, people steer, leases end."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.model = next(MODELS)
        self.experiments: dict[int, ExperimentStatus] = {}
        self.priorities: dict[int, int] = {}
        self.caps: dict[int, float] = {}
        self.jobs: dict[int, Job] = {}
        self.leases: list[Lease] = []
        self.seen: dict[int, tuple[object, int]] = {}
        self.kept: dict[int, set[bytes]] = {}
        self.num_problems: dict[int, int] = {}
        self.laid_out: dict[int, int] = {}
        self.later = dt.datetime.now(dt.UTC)

    @precondition(lambda self: len(self.experiments) < 2)
    @rule(
        num_problems=st.integers(1, 3),
        priority=st.integers(-1, 1),
        slices=st.integers(1, 3),
        cap=st.none() | st.integers(5, 30),
    )
    def an_experiment_is_submitted_and_expanded(
        self, num_problems: int, priority: int, slices: int, cap: int | None
    ) -> None:
        """By a worker that may die after each slice, of one job."""
        new = replace(new_experiment(priority=priority), token_cap=cap)
        number = transitions.create_experiment(self.engine, new).id
        assert transitions.begin_expansion(self.engine, number) is not None
        self.experiments[number], self.priorities[number] = E.RUNNING, priority
        self.caps[number] = math.inf if cap is None else cap
        self.num_problems[number] = num_problems
        self.lay_out(number, slices)

    def lay_out(self, number: int, slices: int) -> None:
        arms, asked, left = [new_arm(model=self.model)], problems(self.num_problems[number]), iter(range(slices - 1))

        def die_after_the_last() -> None:
            if next(left, None) is None:
                raise KilledError

        with suppress(KilledError):
            transitions.store_expansion(
                self.engine, number, arms, asked, 1, "digest", {}, after_slice=die_after_the_last
            )
        ids = [row.id for row in self.rows("SELECT id FROM jobs WHERE experiment_id = :n", n=number)]
        self.jobs |= {n: Job(number) for n in ids if n not in self.jobs}
        laid_out = sum(job.experiment == number for job in self.jobs.values())
        assert laid_out == min(self.num_problems[number], self.laid_out.get(number, 0) + slices)
        self.laid_out[number] = laid_out

    @precondition(lambda self: self.experiments)
    @rule(data=st.data(), slices=st.integers(1, 2))
    def another_worker_goes_on_expanding(self, data: st.DataObject, slices: int) -> None:
        """Where the one before died, unless somebody stopped it; and that one wakes, and does nothing."""
        number = data.draw(st.sampled_from(sorted(self.experiments)))
        is_left = not self.is_laid_out(number) and self.experiments[number] in {E.RUNNING, E.PAUSED}
        self.later += dt.timedelta(hours=1)  # since the last one began
        assert (transitions.begin_expansion(self.engine, number, self.later) is not None) == is_left
        before = self.laid_out[number]
        if is_left:
            self.lay_out(number, slices)
            late = layout.Layout(number, [new_arm()], problems(self.num_problems[number]), 1, "digest")
            with pytest.raises(WrongStatusError):
                layout.make_slice(self.engine, late, layout.Slice(before, before + 1, slice(before, before + 1)))

    def is_laid_out(self, number: int) -> bool:
        return self.laid_out[number] == self.num_problems[number]

    @rule(times=st.integers(1, 3))
    def jobs_are_claimed(self, times: int) -> None:
        for _ in range(times):
            self.claim()

    def claim(self) -> None:
        """The oldest job of the most urgent experiment that runs, and of two as urgent of the older; nothing of one
        that is paused or closed."""
        waiting = [n for n, job in self.jobs.items() if job.status is J.QUEUED and self.of(job) is E.RUNNING]
        best = max((self.priorities[self.jobs[n].experiment] for n in waiting), default=None)
        claimed = transitions.claim(self.engine, self.model, "host:1:x")
        if claimed is None:
            assert not waiting
            return
        urgent = [(self.jobs[n].experiment, n) for n in waiting if self.priorities[self.jobs[n].experiment] == best]
        assert (claimed.experiment_id, claimed.job_id) == min(urgent)
        job = self.jobs[claimed.job_id]
        self.jobs[claimed.job_id] = replace(job, status=J.RUNNING, attempt=job.attempt + 1)
        assert claimed.attempt == job.attempt + 1
        self.leases.append(claimed.lease)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def an_attempt_succeeds(self, data: st.DataObject) -> None:
        lease = data.draw(self.some_lease)
        self.end(lease, lambda: succeed(self.engine, lease), lambda job: replace(job, status=J.SUCCEEDED))

    @precondition(lambda self: self.leases)
    @rule(
        data=st.data(),
        retryable=st.sampled_from([False, True, True]),
        counts=st.sampled_from([False, True, True]),
        why=st.sampled_from(WHYS),
    )
    def an_attempt_fails(self, data: st.DataObject, retryable: bool, counts: bool, why: str) -> None:
        lease = data.draw(self.some_lease)

        def failed(job: Job) -> Job:
            failures = job.failures + counts
            is_last = not retryable or failures >= MAX_FAILURES
            return replace(
                job, failures=failures, status=J.FAILED if is_last else J.QUEUED, why=why if is_last else None
            )

        self.end(
            lease,
            lambda: transitions.fail_attempt(self.engine, lease, why, spent(3), retryable, counts=counts),
            failed,
        )

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def an_attempt_is_given_back(self, data: st.DataObject) -> None:
        lease = data.draw(self.some_lease)
        self.end(
            lease, lambda: transitions.release(self.engine, lease, spent(2)), lambda job: replace(job, status=J.QUEUED)
        )

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), tokens=st.integers(1, 9), is_last_word=st.booleans())
    def an_attempt_tells_what_it_spent(self, data: st.DataObject, tokens: int, is_last_word: bool) -> None:
        lease = data.draw(self.some_lease)
        if is_last_word and not self.owns(lease):
            transitions.settle_spending(self.engine, lease, spent(tokens))
        else:
            entry = Entry(bytes([tokens]), None, b"told", None)
            transitions.tell_spending(self.engine, {lease: (spent(tokens), Unknown(requests=1))}, {lease: [entry]})
            if self.owns(lease):
                self.kept.setdefault(lease.job_id, set()).add(entry.key)

    @rule()
    def a_heart_beats(self) -> None:
        owned = {lease for lease in self.leases if self.owns(lease)}
        assert transitions.heartbeat(self.engine, "host:1:x", self.leases) == owned

    @precondition(lambda self: any(map(self.owns, self.leases)))
    @rule(data=st.data())
    def a_lease_ends(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from([each for each in self.leases if self.owns(each)]))
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE jobs SET heartbeat_at = now() - interval '1 h' WHERE id = :n"), {"n": lease.job_id}
            )
        (lost,) = transitions.free_expired_leases(self.engine, lease_ttl_s=60)
        job = self.jobs[lease.job_id]
        status = J.FAILED if job.lost_leases + 1 >= MAX_LOST_LEASES else J.QUEUED
        assert (lost.lease, lost.status) == (lease, status)
        self.jobs[lease.job_id] = replace(job, lost_leases=job.lost_leases + 1, status=status)

    @precondition(lambda self: self.experiments)
    @rule(data=st.data(), verb=st.sampled_from(["retry", "cancel", "pause", "resume"]))
    def somebody_steers(self, data: st.DataObject, verb: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.experiments)))
        getattr(self, verb)(number, self.experiments[number])

    def cancel(self, number: int, before: ExperimentStatus) -> None:
        if before is E.CANCELLED:
            assert transitions.cancel_experiment(self.engine, number) is False
        elif self.steered(number, transitions.cancel_experiment, {E.RUNNING, E.PAUSED}, E.CANCELLED):
            self.change_jobs(number, OPEN, status=J.CANCELLED)

    def retry(self, number: int, before: ExperimentStatus) -> None:
        after = before if before in {E.RUNNING, E.PAUSED} else E.RUNNING
        has_room = self.spent(number) < self.caps[number]
        allowed = set(E) - {E.SUCCEEDED} if has_room else set()
        if self.steered(number, transitions.retry_experiment, allowed, after):
            self.change_jobs(number, {J.FAILED, J.CANCELLED}, **AGAIN)

    @precondition(lambda self: any(job.status is J.FAILED for job in self.jobs.values()))
    @rule(data=st.data(), why=st.sampled_from(WHYS))
    def somebody_retries_what_failed_in_one_way(self, data: st.DataObject, why: str) -> None:
        """Nothing else moves; and where nothing failed so, nothing at all."""
        number = data.draw(st.sampled_from(sorted(self.experiments)))
        before = self.experiments[number]
        alike = {n for n, job in self.jobs.items() if job.experiment == number and is_alike(job.why, why)}
        is_open = before in {E.RUNNING, E.PAUSED}
        can = self.spent(number) < self.caps[number] and (is_open or self.is_laid_out(number))
        after = before if is_open or not alike else E.RUNNING
        allowed = set(E) - {E.SUCCEEDED} if can else set()

        def retried(engine: Engine, its: int) -> int:
            return transitions.retry_failures(engine, its, signature(why))

        if self.steered(number, retried, allowed, after):
            self.jobs |= {n: replace(self.jobs[n], **AGAIN) for n in alike}

    def pause(self, number: int, before: ExperimentStatus) -> None:
        self.steered(number, transitions.pause_experiment, {E.RUNNING}, E.PAUSED)

    def resume(self, number: int, before: ExperimentStatus) -> None:
        self.steered(number, transitions.resume_experiment, {E.PAUSED}, E.RUNNING)

    @rule()
    def experiments_that_spent_their_cap_are_stopped(self) -> None:
        """By the attempts' own counts; one that has nothing left to do is not."""
        at_cap = []
        for number, status in self.experiments.items():
            its_jobs = [job for job in self.jobs.values() if job.experiment == number]
            has_more = not self.is_laid_out(number) or any(job.status in OPEN for job in its_jobs)
            if status in {E.RUNNING, E.PAUSED} and has_more and self.spent(number) >= self.caps[number]:
                at_cap.append(number)
        assert transitions.stop_at_cap(self.engine) == tuple(sorted(at_cap))
        for number in at_cap:
            self.experiments[number] = E.CAPPED
            self.change_jobs(number, OPEN, status=J.CANCELLED)

    def spent(self, number: int) -> int:
        statement = """SELECT coalesce(sum(generated_tokens), 0) AS tokens
            FROM attempts JOIN jobs ON jobs.id = job_id WHERE experiment_id = :n"""
        (tokens,) = (row.tokens for row in self.rows(statement, n=number))
        return int(tokens)

    @rule()
    def experiments_that_are_done_are_closed(self) -> None:
        done = {}
        for number, status in self.experiments.items():
            statuses = {job.status for job in self.jobs.values() if job.experiment == number}
            if status in {E.RUNNING, E.PAUSED} and self.is_laid_out(number) and not statuses & OPEN:
                done[number] = E.SUCCEEDED if statuses == {J.SUCCEEDED} else E.FINISHED_WITH_FAILURES
        assert transitions.close_finished_experiments(self.engine) == done
        self.experiments |= done

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        jobs = self.rows("SELECT * FROM jobs WHERE model = :model", model=self.model)
        told = {
            row.id: Job(
                row.experiment_id, J(row.status), row.attempt, row.failures, row.lost_leases,
                row.error if row.status == "failed" and row.error in WHYS else None,
            )
            for row in jobs
        }  # fmt: skip
        assert told == self.jobs
        experiments = self.rows("SELECT id, status FROM experiments WHERE id = ANY (:ids)", ids=list(self.experiments))
        assert {row.id: E(row.status) for row in experiments} == self.experiments

    @invariant()
    def open_jobs_have_the_journals_of_all_that_owned_them_and_others_none(self) -> None:
        rows = self.rows(
            "SELECT job_id, unnest(keys) AS key FROM journal JOIN jobs ON jobs.id = job_id WHERE model = :model",
            model=self.model,
        )
        self.kept = {n: keys for n, keys in self.kept.items() if self.jobs[n].status in OPEN}
        assert {(row.job_id, bytes(row.key)) for row in rows} == {
            (n, key) for n, keys in self.kept.items() for key in keys
        }

    @invariant()
    def whoever_kept_the_results_sees_that_they_have_moved(self) -> None:
        """Nothing that results are made of changes under one version of them."""
        for number in self.experiments:
            traces = self.rows(
                "SELECT job_id FROM traces JOIN jobs ON jobs.id = job_id WHERE experiment_id = :n ORDER BY 1",
                n=number,
            )
            ended = sorted(
                (n, job.status) for n, job in self.jobs.items() if job.experiment == number and job.status not in OPEN
            )
            results = ([tuple(row) for row in traces], ended, self.experiments[number])
            (version,) = (row.version for row in self.rows(RESULTS, n=number))
            before, before_version = self.seen.get(number, (results, version))
            assert version >= before_version
            assert version > before_version or results == before
            self.seen[number] = results, version

    def teardown(self) -> None:
        """Nothing is left for the next one to claim, and nothing is wrong."""
        for number, status in self.experiments.items():
            if status in {E.RUNNING, E.PAUSED}:
                transitions.cancel_experiment(self.engine, number)
        assert audit(self.engine) == {}

    def rows(self, statement: str, **values: object) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def of(self, job: Job) -> ExperimentStatus:
        return self.experiments[job.experiment]

    @property
    def some_lease(self) -> st.SearchStrategy[Lease]:
        """Rather one that still owns its job than one that does not."""
        owning = [lease for lease in self.leases if self.owns(lease)]
        return st.sampled_from(owning * len(self.leases) + self.leases)

    def owns(self, lease: Lease) -> bool:
        job = self.jobs[lease.job_id]
        return job.status is J.RUNNING and job.attempt == lease.attempt

    def end(self, lease: Lease, write: Callable[[], object], ended: Callable[[Job], Job]) -> None:
        """As its owner, or too late: then it is fenced out."""
        if self.owns(lease):
            write()
            self.jobs[lease.job_id] = ended(self.jobs[lease.job_id])
            return
        with pytest.raises(FencedOutError):
            write()

    def steered(
        self,
        number: int,
        verb: Callable[[Engine, int], object],
        allowed: set[ExperimentStatus],
        after: ExperimentStatus,
    ) -> bool:
        """Whether it could be."""
        if self.experiments[number] not in allowed:
            with pytest.raises(WrongStatusError):
                verb(self.engine, number)
            return False
        verb(self.engine, number)
        self.experiments[number] = after
        return True

    def change_jobs(self, number: int, statuses: set[JobStatus], **changes: Any) -> None:
        its = {n: job for n, job in self.jobs.items() if job.experiment == number and job.status in statuses}
        self.jobs |= {n: replace(job, **changes) for n, job in its.items()}


def test_no_order_of_transitions_loses_doubles_or_halves_anything(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "FIRST_SLICE", 1)
    monkeypatch.setattr(layout, "SLICE", 1)
    machine: Callable[[], RuleBasedStateMachine] = lambda: Machine(engine)  # noqa: E731
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
