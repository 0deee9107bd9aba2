"""What is expected of a spec, by what is in the database."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.problems import fingerprints
from db.records import NewArm, ServedModel
from results.forecast.before import RunBefore
from results.forecast.bill import Basis, Bill, Range, bill
from scaling.compute.model_facts import PricePerMillion
from scaling.spec import Submission
from scaling.types import Problem, ThinkingFormat
from tests.integration.scenes import claimed, new_experiment, problems, succeed

MODEL = "tiny"
SERVED = {MODEL: ServedModel(MODEL, 512, None, ThinkingFormat(), MODEL)}


def spec(*arms: dict[str, object], limit: int | None = 4, seed: int = 0, name: str = "next") -> Submission:
    return Submission.from_data(
        {
            "name": name,
            "data_set": {"name": "sums", "limit": limit} if limit else {"name": "sums"},
            "models": [MODEL],
            "arms": list(arms),
            "seed": seed,
        }  # type: ignore[arg-type]
    )


CHAIN: dict[str, object] = {"strategy": "chain_of_thought"}
VOTE: dict[str, object] = {"strategy": "majority_vote", "samples": 4}


def ran(engine: Engine, submission: Submission, num_candidates: int = 1, num_problems: int = 4) -> int:
    """All its jobs ended, each with so many candidates."""
    new = replace(new_experiment(name=submission.name), spec=submission.scientific, digest=submission.digest)
    number = transitions.create_experiment(engine, new).id
    transitions.begin_expansion(engine, number)
    arms = [
        NewArm(
            each.label, each.model, each.strategy.strategy, dict(each.params), each.strategy.model_dump(mode="json"),
            sampling=dict(each.own_sampling), prompt=dict(each.own_prompt), seed=each.own_seed,
        )
        for each in submission.expand()
    ]  # fmt: skip
    transitions.store_expansion(engine, number, arms, problems(num_problems), submission.repeats, "data", {})
    for _ in range(num_problems * len(arms)):
        succeed(engine, claimed(engine).lease, num_candidates)
    return number


def expected(
    engine: Engine,
    submission: Submission,
    price: PricePerMillion | None = None,
    asked: Sequence[Problem] | None = None,
) -> Bill:
    """`asked`: the problems, where their file is at hand."""
    known = None if asked is None else fingerprints(asked)
    found = bill(engine, submission, SERVED, {MODEL: price}, known)
    assert found is not None
    return found


def test_an_arm_that_ran_before_is_expected_to_take_what_it_took(engine: Engine) -> None:
    number = ran(engine, spec(CHAIN, name="first"))
    (per_job,) = {each.generated_mean for each in queries.ran_arms(engine, MODEL)}
    again = expected(engine, spec(CHAIN))
    assert again.arms[0].basis is Basis.ITSELF
    assert again.generated == Range(4 * per_job, 4 * per_job, 4 * per_job)  # all its jobs took as much
    assert again.before == (RunBefore(again.arms[0].label, number, "first", 4),)
    assert (again.jobs, again.jobs_before) == (4, 4)
    tenfold = expected(engine, spec(CHAIN, limit=40))
    assert tenfold.generated == Range(40 * per_job, 40 * per_job, 40 * per_job)
    assert (tenfold.jobs, tenfold.jobs_before) == (40, 4)  # subsets of one seed are nested
    fewer = expected(engine, spec(CHAIN, limit=3))
    assert fewer.before == ()  # which three is not known here


def test_what_was_done_before_is_counted_problem_by_problem_in_whatever_experiment(engine: Engine) -> None:
    """p0 to p3 in the first; in the second, from another file, p0 to p5, of which p4 and p5 are new; a p0 that asks
    something else is another problem."""
    first = ran(engine, spec(CHAIN, VOTE, name="first"))
    other = {
        "name": "other",
        "data_set": {"path": "more.jsonl", "grader": "integer"},
        "models": [MODEL],
        "arms": [CHAIN],
    }
    second = ran(engine, Submission.from_data(other), num_problems=6)  # type: ignore[arg-type]
    wanted = spec(CHAIN, VOTE, limit=None)
    seven = expected(engine, wanted, asked=problems(7))
    labels = [each.label for each in seven.arms]
    assert seven.before == (RunBefore(labels[0], second, "other", 6), RunBefore(labels[1], first, "first", 4))
    assert (seven.jobs, seven.jobs_before) == (14, 10)
    assert expected(engine, wanted, asked=problems(2)).jobs_before == 4
    another = [replace(problems(1)[0], question="Another one?")]
    assert expected(engine, wanted, asked=another).jobs_before == 0
    twice = wanted.model_copy(update={"repeats": 2})
    assert (
        expected(engine, twice, asked=problems(7)).jobs,
        expected(engine, twice, asked=problems(7)).jobs_before,
    ) == (
        28,
        10,
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE jobs SET status = 'failed' WHERE experiment_id = {second}")
    assert expected(engine, wanted, asked=problems(7)).before == tuple(
        RunBefore(label, first, "first", 4) for label in labels
    )


def test_with_another_seed_or_sampling_nothing_was_done_before(engine: Engine) -> None:
    ran(engine, spec(CHAIN, name="first"))
    other_seed = expected(engine, spec(CHAIN, seed=1))
    hotter = expected(engine, spec({**CHAIN, "sampling": {"temperature": 0.3}}))
    assert other_seed.before == hotter.before == ()
    assert other_seed.arms[0].basis is Basis.ITSELF
    assert hotter.arms[0].basis is Basis.STRATEGY


def test_one_that_did_not_is_expected_by_its_chains(engine: Engine) -> None:
    ran(engine, spec(CHAIN, name="first"))
    (per_chain,) = {each.generated_mean for each in queries.ran_arms(engine, MODEL)}
    found = expected(engine, spec(VOTE))
    assert found.arms[0].basis is Basis.MODEL
    assert found.generated == Range(16 * per_chain, 16 * per_chain, 16 * per_chain)


def test_nothing_is_expected_beyond_what_can_be(engine: Engine) -> None:
    ran(engine, spec(CHAIN, name="first"))
    short = {"strategy": "budget_forcing", "max_thinking_tokens": 1}
    submission = spec({**short, "sampling": {"max_answer_tokens": 1}})
    most = submission.size(SERVED).generated_tokens
    found = expected(engine, submission)
    assert most is not None
    assert found.generated is not None
    assert found.generated.high == most


def test_where_nothing_ran_nothing_is_expected(engine: Engine) -> None:
    found = expected(engine, spec(CHAIN))
    assert (found.generated, found.seconds, found.dollars) == (None, None, None)
    assert found.arms[0].basis is Basis.NOTHING
    assert bill(engine, spec(CHAIN, limit=None), SERVED, {}) is None


def test_its_price_has_prompts_in_it(engine: Engine) -> None:
    ran(engine, spec(CHAIN, name="first"))
    (before,) = queries.ran_arms(engine, MODEL)
    found = expected(engine, spec(CHAIN), PricePerMillion(input=1.0, output=10.0))
    assert before.prompt_mean is not None
    dollars = 4 * (before.prompt_mean * 1.0 + before.generated_mean * 10.0) / 1e6
    assert found.dollars is not None
    assert (found.dollars.low, found.dollars.likely, found.dollars.high) == pytest.approx((dollars,) * 3)


def test_the_price_of_an_arm_that_did_not_run_is_by_what_others_sent_a_chain(engine: Engine) -> None:
    ran(engine, spec(CHAIN, name="first"))
    (before,) = queries.ran_arms(engine, MODEL)
    found = expected(engine, spec(CHAIN, VOTE), PricePerMillion(input=1.0, output=10.0))
    assert before.prompt_mean is not None
    dollars = (4 + 16) * (before.prompt_mean * 1.0 + before.generated_mean * 10.0) / 1e6
    assert found.dollars is not None
    assert (found.dollars.low, found.dollars.likely, found.dollars.high) == pytest.approx((dollars,) * 3)


def test_a_pace_is_of_the_time_in_which_something_ran(engine: Engine) -> None:
    number = ran(engine, spec(CHAIN, name="first"))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"""UPDATE attempts SET generated_tokens = 100,
                started_at = timestamptz '2026-01-01' + place * interval '1 h',
                ended_at = timestamptz '2026-01-01' + place * interval '1 h' + interval '20 s'
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM jobs WHERE experiment_id = {number}) AS of
            WHERE of.id = attempts.job_id"""
        )
    assert queries.pace(engine, MODEL) == 5.0  # 4 × 100 tokens in 4 × 20 s, hours apart
    assert queries.pace(engine, "other") is None
