"""What is seen of many experiments at once: pages of the list, paces, leading arms, bills, and what ended badly."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.queries import ExperimentFilter, ListOrder
from db.records import NewExperiment
from db.status import ExperimentStatus
from results import Measurements, arm_results
from results.progress.leading import leading
from results.progress.money import charged_words
from scaling.compute.model_facts import CostFacts, PricePerMillion
from scaling.types import Verdict
from tests.integration.scenes import (
    MODEL,
    SERVED,
    SPEC,
    claimed,
    new_arm,
    new_experiment,
    problems,
    running_experiment,
    spent,
    succeed,
)

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def named(name: str, owner: str = "ann", **spec: object) -> NewExperiment:
    return replace(new_experiment(name, owner), spec={**SPEC, **spec})  # type: ignore[dict-item]


def ids(page: queries.ListPage) -> list[int]:
    return [each.summary.id for each in page.listed]


def test_a_line_of_the_list_says_on_what_and_how_much_is_asked(engine: Engine) -> None:
    data_set = {"name": "ladder-test", "limit": 120}
    arms = [new_arm("a"), new_arm("b")]
    running_experiment(engine, 3, arms, new=named("demo", models=[MODEL, "large"], data_set=data_set))
    [line] = queries.list_page(engine, ExperimentFilter()).listed
    assert (line.named_models, line.data_set) == ((MODEL, "large"), "ladder-test")
    assert (line.num_problems, line.num_arms, line.summary.jobs.total) == (3, 2, 6)


def test_what_is_not_laid_out_yet_has_no_numbers(engine: Engine) -> None:
    transitions.create_experiment(engine, named("new", models=[MODEL], data_set={"path": "/data/own.csv"}))
    transitions.create_experiment(engine, new_experiment("of a version that named no models"))
    first, second = queries.list_page(engine, ExperimentFilter(), ListOrder.NAME).listed
    assert (first.num_problems, first.num_arms, first.data_set, first.named_models) == (
        None, None, "/data/own.csv", (MODEL,),
    )  # fmt: skip
    assert (second.data_set, second.named_models) == (None, ())


def test_the_list_is_filtered_ordered_and_cut_and_its_statuses_counted(engine: Engine) -> None:
    bob = running_experiment(engine, new=named("alpha", "bob", models=["large"]))
    ann = running_experiment(engine, new=named("Beta", "ann", models=[MODEL]))
    last = transitions.create_experiment(engine, named("gamma", "bob", models=[MODEL])).id
    succeed(engine, claimed(engine).lease)  # of alpha, the oldest

    def found(order: ListOrder = ListOrder.NEWEST, limit: int = 9, offset: int = 0, **wanted: object) -> list[int]:
        return ids(queries.list_page(engine, ExperimentFilter(**wanted), order, limit, offset))  # type: ignore[arg-type]

    assert found() == [last, ann, bob]
    assert found(limit=1, offset=1) == [ann]
    assert found(ListOrder.OLDEST) == [bob, ann, last]
    assert found(ListOrder.NAME) == [bob, ann, last]
    assert found(ListOrder.OWNER) == [ann, last, bob]
    assert found(ListOrder.STATUS) == [last, ann, bob]
    assert found(ListOrder.TOKENS) == [bob, last, ann]
    assert found(model="large") == [bob]
    assert found(owner="bob", status=ExperimentStatus.QUEUED) == [last]
    page = queries.list_page(engine, ExperimentFilter(owner="bob", status=ExperimentStatus.QUEUED))
    assert (page.total, page.counts) == (1, {"running": 1, "queued": 1})


def test_what_ended_since_is_found_and_comes_first_by_its_end(engine: Engine) -> None:
    first, second = running_experiment(engine, 1), running_experiment(engine, 1)
    still_open = running_experiment(engine, 1)
    transitions.cancel_experiment(engine, second)
    looked = dt.datetime.now(dt.UTC)
    transitions.cancel_experiment(engine, first)
    assert ids(queries.list_page(engine, ExperimentFilter(finished_since=looked))) == [first]
    by_end = queries.list_page(engine, ExperimentFilter(), ListOrder.FINISHED)
    assert ids(by_end) == [first, second, still_open]


def test_the_filters_offer_what_there_is(engine: Engine) -> None:
    transitions.create_experiment(engine, named("a", "zoe", models=["large", MODEL]))
    transitions.create_experiment(engine, named("b", "ann", models=[MODEL]))
    assert queries.facets(engine) == queries.Facets(("ann", "zoe"), ("demo",), ("large", MODEL))


def test_the_leading_arm_has_the_interval_of_the_table_of_arms(engine: Engine) -> None:
    """Two repeats of four problems: arm a is right in 2, 1, 0 and 2 of 2, arm b in none."""
    experiment = running_experiment(engine, 4, [new_arm("b"), new_arm("a")], repeats=2)
    right = iter("11011001")  # of arm a, repeat by repeat
    while job := transitions.claim(engine, MODEL, "host:1:a"):
        is_right = job.arm_label == "a" and next(right) == "1"
        succeed(engine, job.lease, verdict=Verdict.CORRECT if is_right else Verdict.WRONG)
    found = leading(queries.arm_scores(engine, [experiment])[experiment])
    told = arm_results(Measurements(engine, queries.experiment(engine, experiment)))[1]
    assert found is not None and told.estimate is not None
    assert (found.arm.label, found.accuracy.n, found.accuracy.value) == ("a", 4, 0.625)
    assert found.accuracy.low == pytest.approx(told.estimate.low, abs=1e-12)
    assert found.accuracy.high == pytest.approx(told.estimate.high, abs=1e-12)


def test_no_arm_leads_before_a_job_has_succeeded(engine: Engine) -> None:
    laid_out = running_experiment(engine)
    queued = transitions.create_experiment(engine, new_experiment()).id
    scores = queries.arm_scores(engine, [laid_out, queued])
    assert [leading(scores[each]) for each in (laid_out, queued)] == [None, None]


def test_what_ended_badly_says_what_most_of_its_jobs_say(engine: Engine) -> None:
    experiment = running_experiment(engine, 4)
    for error in ("away", "too long", "away"):
        transitions.fail_attempt(engine, claimed(engine).lease, error, spent(), retryable=False)
    assert queries.ended_badly(engine, LONG_AGO, 9) == ()
    succeed(engine, claimed(engine).lease)
    transitions.close_finished_experiments(engine)
    never = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, never)
    transitions.fail_expansion(engine, never, "no such file")
    succeeded = running_experiment(engine, 1)
    succeed(engine, claimed(engine).lease)
    transitions.close_finished_experiments(engine)
    last, first = queries.ended_badly(engine, LONG_AGO, 9)
    assert succeeded not in (last.summary.id, first.summary.id)
    assert (last.summary.id, last.summary.error, last.job_error, last.alike) == (never, "no such file", None, None)
    assert (first.summary.id, first.job_error, first.alike) == (experiment, "away", 2)
    assert queries.ended_badly(engine, LONG_AGO, 1) == (last,)
    assert queries.ended_badly(engine, dt.datetime.now(dt.UTC), 9) == ()


def test_what_was_charged_is_told_where_a_price_is_known(engine: Engine) -> None:
    """6 prompt tokens at a cent, 4 cached ones at half of that and 20 generated ones at 2 cents are 48 cents, twice."""
    price = PricePerMillion(input=1e4, cached_input=0.5e4, output=2e4)
    priced = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, priced)
    served = {MODEL: replace(SERVED, cost_facts=CostFacts(price_per_million=price))}
    transitions.store_expansion(engine, priced, [new_arm()], problems(1), 1, "digest", served)
    for _ in range(2):
        transitions.fail_attempt(engine, claimed(engine).lease, "away", spent(20), retryable=True, retry_in_s=0.0)
    unpriced = running_experiment(engine)
    found = queries.bills(engine, [priced, unpriced])
    assert list(found) == [priced]
    assert charged_words(found[priced]) == "$0.96"
    assert charged_words(found.get(unpriced)) == "–"


def test_paces_are_of_several_experiments_at_once(engine: Engine) -> None:
    first, second = running_experiment(engine, 2), running_experiment(engine, 2)
    untouched = running_experiment(engine, 2)
    for _ in range(3):
        succeed(engine, claimed(engine).lease)
    found = queries.paces(engine, [first, second, untouched])
    assert {each: sum(pace.ends) for each, pace in found.items()} == {first: 2, second: 1}
    assert [found[each].generated_tokens for each in (first, second)] == [8, 4]
