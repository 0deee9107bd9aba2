"""Which job goes next, and that nobody gets it twice."""

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import Engine, text

from db import queries, transitions
from db.records import Formats, Lease
from db.transitions import Need
from scaling.types import THINKING_FORMATS, GraderName, Problem, PromptFormat, Sampling
from tests.integration.scenes import (
    MODEL,
    SERVED,
    WORKER,
    claimed,
    column,
    new_arm,
    new_experiment,
    running_experiment,
    spent,
)

JOBS_READ = """
SELECT pg_stat_get_tuples_returned('jobs'::regclass)
    + (SELECT sum(pg_stat_get_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = 'jobs'::regclass)
"""


def test_a_claimed_job_carries_all_that_a_run_needs(engine: Engine) -> None:
    experiment_id = running_experiment(engine)
    job = claimed(engine)
    assert (job.experiment_id, job.attempt, job.repeat, job.model, job.arm_label) == (
        experiment_id,
        1,
        0,
        MODEL,
        "plain",
    )
    assert job.problem == Problem("p0", "0 + 1 = ?", "1", GraderName.INTEGER, "level 0", "sums")
    assert job.strategy == {"strategy": "chain_of_thought"}
    assert (job.seed, job.sampling.temperature, job.sampling.max_answer_tokens) == (7, 0.8, 16)
    assert job.prompt.instruction == "Think."


def test_the_options_of_a_choice_go_with_its_job(engine: Engine) -> None:
    choice = Problem("c", "Which?\n\nA) red\nB) green", "B", GraderName.CHOICE, options=("red", "green"))
    experiment_id = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, experiment_id)
    transitions.store_expansion(engine, experiment_id, [new_arm()], [choice], 1, "data-digest", {MODEL: SERVED})
    assert claimed(engine).problem == choice


def test_a_claimed_job_asks_as_its_arm_does_and_otherwise_as_its_experiment(engine: Engine) -> None:
    own = {"sampling": {"temperature": 0.0, "top_k": None}, "prompt": {"system": "Be brief."}}
    running_experiment(engine, num_problems=1, arms=[replace(new_arm("own"), **own), new_arm("plain")])
    job, plain = claimed(engine), claimed(engine)
    assert (job.sampling, plain.sampling) == (
        Sampling(temperature=0.0, top_k=None, max_answer_tokens=16),
        Sampling(temperature=0.8, max_answer_tokens=16),
    )
    assert job.prompt == PromptFormat(system="Be brief.", instruction="Think.")
    assert plain.prompt == PromptFormat(instruction="Think.")


def test_a_claimed_job_draws_by_its_arms_seed_where_it_has_one(engine: Engine) -> None:
    """Arms that were stored before there was a choice have none, and their experiment's seed is 7."""
    largest = 2**63 - 1
    arms = [new_arm("plain"), replace(new_arm("own"), seed=0), replace(new_arm("large"), seed=largest)]
    experiment_id = running_experiment(engine, num_problems=1, arms=arms)
    assert [claimed(engine).seed for _ in arms] == [7, 0, largest]
    assert [arm.seed for arm in queries.experiment(engine, experiment_id).arms] == [None, 0, largest]


def test_nothing_waits_means_none(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    assert transitions.claim(engine, "another model", WORKER) is None
    assert transitions.claim(engine, MODEL, WORKER) is not None
    assert transitions.claim(engine, MODEL, WORKER) is None


def test_concurrent_claims_never_hand_out_a_job_twice(engine: Engine) -> None:
    for _ in range(3):
        running_experiment(engine, num_problems=50, arms=[new_arm("a"), new_arm("b")])

    def claim_all(worker: int) -> list[Lease]:
        leases = []
        while job := transitions.claim(engine, MODEL, f"host:{worker}:x"):
            leases.append(job.lease)
        return leases

    with ThreadPoolExecutor(12) as pool:
        leases = [lease for found in pool.map(claim_all, range(12)) for lease in found]
    # 3 experiments × 50 problems × 2 arms. A claim that finds every last job just being taken may go home early, so
    # what it left is claimed after it.
    leases += claim_all(99)
    assert len(leases) == len({lease.job_id for lease in leases}) == 300
    assert {lease.attempt for lease in leases} == {1}
    assert column(engine, "SELECT count(*) FROM attempts WHERE outcome = 'running'") == [300]


def test_jobs_go_problem_by_problem_and_the_first_repeat_before_the_second(engine: Engine) -> None:
    running_experiment(engine, num_problems=2, arms=[new_arm("a"), new_arm("b")], repeats=2)
    order = [(job.repeat, job.problem.id, job.arm_label) for job in (claimed(engine) for _ in range(8))]
    assert order[:4] == [(0, "p0", "a"), (0, "p0", "b"), (0, "p1", "a"), (0, "p1", "b")]
    assert order[4:] == [(1, "p0", "a"), (1, "p0", "b"), (1, "p1", "a"), (1, "p1", "b")]


def test_only_what_is_more_urgent_is_claimed_where_that_is_asked_for(engine: Engine) -> None:
    running_experiment(engine, new=new_experiment(priority=1))
    assert transitions.claim(engine, MODEL, WORKER, above=1) is None
    urgent = running_experiment(engine, new=new_experiment(priority=2))
    job = transitions.claim(engine, MODEL, WORKER, above=1)
    assert job is not None and job.experiment_id == urgent


def test_priority_goes_before_fair_share(engine: Engine) -> None:
    running_experiment(engine, new=new_experiment(owner="bob"))
    urgent = running_experiment(engine, new=new_experiment(owner="ann", priority=1))
    assert [claimed(engine).experiment_id for _ in range(2)] == [urgent, urgent]


def test_fair_share_goes_before_age(engine: Engine) -> None:
    running_experiment(engine, num_problems=9, new=new_experiment(owner="ann"))
    running_experiment(engine, num_problems=9, new=new_experiment(owner="ann"))
    bobs = running_experiment(engine, num_problems=9, new=new_experiment(owner="bob"))
    taken = Counter(claimed(engine).experiment_id for _ in range(8))
    assert taken[bobs] == 4  # half of the slots for each owner, not a third for each experiment


def test_only_jobs_running_on_the_same_model_count_as_a_share(engine: Engine) -> None:
    running_experiment(engine, num_problems=3, arms=[new_arm("on other", "other")], new=new_experiment(owner="ann"))
    for _ in range(3):
        claimed(engine, "other")
    anns = running_experiment(engine, num_problems=1, new=new_experiment(owner="ann"))
    running_experiment(engine, num_problems=1, new=new_experiment(owner="bob"))
    assert claimed(engine).experiment_id == anns


def test_age_decides_between_one_owners_experiments(engine: Engine) -> None:
    first = running_experiment(engine, num_problems=2)
    second = running_experiment(engine, num_problems=2)
    assert [claimed(engine).experiment_id for _ in range(4)] == [first, first, second, second]


def test_a_job_that_backs_off_lets_others_go_first(engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    first = claimed(engine)
    transitions.fail_attempt(engine, first.lease, "server away", spent(), retryable=True, retry_in_s=60)
    assert claimed(engine).problem.id == "p1"
    assert transitions.claim(engine, MODEL, WORKER) is None
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=61)
    again = transitions.claim(engine, MODEL, WORKER, now=later)
    assert again is not None
    assert again.lease == Lease(first.job_id, 2)


def test_a_paused_experiment_gives_no_jobs_until_it_is_resumed(engine: Engine) -> None:
    experiment_id = running_experiment(engine)
    transitions.pause_experiment(engine, experiment_id)
    assert transitions.claim(engine, MODEL, WORKER) is None
    assert transitions.waiting_by_need(engine) == {}
    transitions.resume_experiment(engine, experiment_id)
    assert transitions.waiting_by_need(engine) == {Need(MODEL): 2}
    claimed(engine)


def test_a_job_that_asks_a_verifier_goes_to_a_worker_that_serves_it(engine: Engine) -> None:
    arms = [new_arm("judged", verifier="prm"), new_arm("plain"), new_arm("judged too", verifier="other prm")]
    running_experiment(engine, num_problems=2, arms=arms)
    assert transitions.waiting_by_need(engine) == {Need(MODEL): 2, Need(MODEL, "prm"): 2, Need(MODEL, "other prm"): 2}
    without = [transitions.claim(engine, MODEL, WORKER) for _ in range(3)]
    assert [job and (job.arm_label, job.verifier) for job in without] == [("plain", None), ("plain", None), None]
    one = [transitions.claim(engine, MODEL, WORKER, ["prm", "unasked"]) for _ in range(3)]
    assert [job and (job.problem.id, job.verifier) for job in one] == [("p0", "prm"), ("p1", "prm"), None]
    both = transitions.claim(engine, MODEL, WORKER, ["prm", "other prm"])
    assert both is not None and both.verifier == "other prm"


def test_a_job_goes_to_no_worker_whose_registry_has_another_thinking_format(engine: Engine) -> None:
    """The snapshot is what the arms were planned with: a registry that was edited meanwhile would mix two formats."""
    running_experiment(engine, num_problems=2)
    stops = Formats(thinking={MODEL: SERVED.thinking.model_copy(update={"stop": ("</think>",)})})
    starts = Formats(thinking={MODEL: SERVED.thinking.model_copy(update={"start": "<think>\n"})})
    assert transitions.claim(engine, MODEL, WORKER, formats=stops) is None
    assert transitions.claim(engine, MODEL, WORKER, formats=starts) is None
    same = Formats(thinking={MODEL: SERVED.thinking, "another model": THINKING_FORMATS["s1"]})
    job = transitions.claim(engine, MODEL, WORKER, formats=same)
    assert job is not None and job.thinking == SERVED.thinking
    assert transitions.claim(engine, MODEL, WORKER) is not None  # one that tells no formats


def test_an_experiment_from_before_a_field_of_the_format_is_still_claimed(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE experiments SET models = models #- '{tiny,thinking,step_delimiter}'"))
    formats = Formats(thinking={MODEL: SERVED.thinking.model_copy(update={"step_delimiter": "\n"})})
    job = transitions.claim(engine, MODEL, WORKER, formats=formats)
    assert job is not None and job.thinking == SERVED.thinking  # by the default, as it was run before


def test_an_experiment_that_knows_nothing_of_its_model_is_claimed_by_whoever_serves_it(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE experiments SET models = '{}'"))
    job = transitions.claim(engine, MODEL, WORKER, formats=Formats(thinking={MODEL: SERVED.thinking}))
    assert job is not None and job.thinking is None


def test_a_job_that_asks_a_verifier_goes_to_no_worker_that_reads_it_in_another_format(engine: Engine) -> None:
    running_experiment(engine, num_problems=1, arms=[new_arm("judged", verifier="prm")])
    agreed = '{"prm": {"facts": {"format": {"kind": "token_prm", "tag": "+"}}}}'
    with engine.begin() as connection:
        connection.execute(text("UPDATE experiments SET models = models || CAST(:agreed AS jsonb)"), {"agreed": agreed})
    other, same = (Formats(verifiers={"prm": {"kind": "token_prm", "tag": tag}}) for tag in ("-", "+"))
    assert transitions.claim(engine, MODEL, WORKER, ["prm"], formats=other) is None
    assert transitions.claim(engine, MODEL, WORKER, ["prm"], formats=same) is not None


def test_the_first_claim_starts_the_experiment(engine: Engine) -> None:
    running_experiment(engine)
    assert column(engine, "SELECT started_at FROM experiments") == [None]
    claimed(engine)
    [started_at] = column(engine, "SELECT started_at FROM experiments")
    claimed(engine)
    assert column(engine, "SELECT started_at FROM experiments") == [started_at]
    assert started_at is not None


def test_a_claim_among_100_000_jobs_reads_few_of_them_before_and_after_a_cancel(engine: Engine) -> None:
    """Regression: with no statistics yet, the planner sorted all queued jobs for each claim, 48 ms."""
    arms = [new_arm(f"arm {number}") for number in range(20)]
    large = running_experiment(engine, num_problems=5_000, arms=arms)
    assert jobs_read_by_a_claim(engine) < 1_000
    transitions.cancel_experiment(engine, large)
    assert transitions.retry_experiment(engine, large) == 100_000
    assert jobs_read_by_a_claim(engine) < 1_000


def test_a_claim_among_100_000_jobs_reads_few_of_them_where_the_planner_takes_them_for_none(engine: Engine) -> None:
    """As after an ANALYZE that came while the first were being laid out: all were read for each claim."""
    arms = [new_arm(f"arm {number}") for number in range(20)]
    running_experiment(engine, num_problems=5_000, arms=arms)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE pg_class SET reltuples = 0, relpages = 2000 WHERE relname IN ('jobs', 'problems')")
        )
    engine.dispose()  # the statements that were planned before
    assert jobs_read_by_a_claim(engine) < 1_000


def test_a_claim_among_100_000_jobs_reads_few_of_them_where_arms_ask_verifiers(engine: Engine) -> None:
    arms = [new_arm(f"arm {number}", verifier="prm" if number % 2 else None) for number in range(20)]
    running_experiment(engine, num_problems=5_000, arms=arms)
    assert jobs_read_by_a_claim(engine, "prm") < 1_000
    assert jobs_read_by_a_claim(engine) < 1_000  # every second queued job is passed over


def jobs_read_by_a_claim(engine: Engine, *verifiers: str) -> float:
    """Rows and entries of indexes, dead ones too, on average over 50 claims.

    About 30 where the first in line is free, and 300,000 where all are sorted.
    """
    before = jobs_read(engine)
    for _ in range(50):
        assert transitions.claim(engine, MODEL, WORKER, verifiers) is not None
    return (jobs_read(engine) - before) / 50


def jobs_read(engine: Engine) -> int:
    """So far, by this process's connection: it tells as soon as it is asked to."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    [read] = column(engine, JOBS_READ)
    return int(str(read))
