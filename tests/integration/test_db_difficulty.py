"""What a choice by difficulty is made among, and held against: votes of fewer samples, revisions, a larger model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import pytest
from sqlalchemy import Engine, text

from db import queries, transitions
from db.records import Grade, Lease, NewArm
from results import Measurements, Question
from results.choosing import CHOOSING
from results.exchange import EXCHANGE
from results.ratios import RATIOS
from scaling.compute.axes import Axis
from scaling.types import Outcome, Trace, Verdict
from tests.integration.scenes import MODEL, SERVED, claimed, new_arm, new_experiment, problems, running_experiment, star

RIGHT, WRONG = Verdict.CORRECT, Verdict.WRONG


def vote_of(samples: int) -> NewArm:
    return sampling_arm(f"vote {samples}", "majority_vote", samples=samples)


def revisions_of(chains: int, revisions: int) -> NewArm:
    return sampling_arm(f"revisions {chains} × {revisions}", "revisions", chains=chains, revisions=revisions)


def sampling_arm(label: str, strategy: str, **numbers: int) -> NewArm:
    return NewArm(label, MODEL, strategy, {**numbers, "chain": "chain_of_thought"}, {"strategy": strategy, **numbers})


def end(engine: Engine, lease: Lease, rights: Sequence[bool]) -> None:
    """A job with a candidate for each of `rights`; all right ones say one thing, all wrong ones another."""
    trace, _ = star(len(rights))
    key = {True: "7", False: "8"}
    candidates = tuple(
        replace(each, key=key[is_right]) for each, is_right in zip(trace.outcome.candidates, rights, strict=True)
    )
    chosen = list(rights).index(sum(rights) * 2 > len(rights))
    verdicts = [RIGHT if is_right else WRONG for is_right in rights]
    grades = [Grade(each.path, "integer", "1", verdict) for each, verdict in zip(candidates, verdicts, strict=True)]
    transitions.succeed(engine, lease, Trace(trace.steps, Outcome(candidates, chosen=chosen)), grades, wall_seconds=1.0)


Answer = TypeVar("Answer")


def found(engine: Engine, experiment_id: int, question: Question[Answer], **options: object) -> Answer:
    """With one bin, by the arm `base`."""
    measurements = Measurements(engine, queries.experiment(engine, experiment_id))
    return question.answer(measurements, base="base", bins=1, **options)


def test_votes_of_fewer_samples_are_settings_and_a_line_to_be_held_against(engine: Engine) -> None:
    """One bin of two problems. The vote's candidates are right 4 of 4 and 1 of 4 times: any one is right with chance
    (1 + ¼)/2 = .625, and so are two, whose ties are drawn; all four make 1 and 0, so .5."""
    made = running_experiment(engine, num_problems=2, arms=(new_arm("base"), vote_of(4), vote_of(2)))
    for rights in ((True,) * 4, (True, False, False, False)):
        end(engine, claimed(engine).lease, [True])
        end(engine, claimed(engine).lease, rights)
        end(engine, claimed(engine).lease, rights[:2])
    of_samples = found(engine, made, CHOOSING, axis=Axis.GENERATIONS)
    (curve,) = of_samples.curves  # the vote of 2 is the same curve, only shorter
    assert [(each.label, each.cost, each.value.value) for each in curve] == [
        ("vote 4, k = 1", 1.0, pytest.approx(0.625)),
        ("vote 4, k = 2", 2.0, pytest.approx(0.625)),
        ("vote 4", 4.0, 0.5),
    ]
    assert [each.optimal.budget for each in of_samples.choices] == [1.0, 2.0, 4.0]
    assert [rival.label for each in of_samples.choices for rival in each.over[1:]] == [
        "vote 4, k = 1",
        "vote 4, k = 2",
        "vote 4",
    ]


def test_seconds_of_fewer_samples_are_not_known_so_they_are_not_offered(engine: Engine) -> None:
    made = running_experiment(engine, num_problems=2, arms=(new_arm("base"), vote_of(2)))
    for _ in range(2):
        end(engine, claimed(engine).lease, [True])
        end(engine, claimed(engine).lease, [True, True])
    (choice,) = found(engine, made, CHOOSING, axis=Axis.SECONDS).choices
    assert choice.optimal.choices == (("vote 2", "vote 2"),)


def test_revisions_are_ordered_by_their_ratio_within_a_budget(engine: Engine) -> None:
    """4 attempts as 4 × 1, 1 × 4 and 2 × 2; a chain of two stands alone at its budget of 2."""
    shapes = [(1, 4), (4, 1), (2, 2), (1, 2)]
    made = running_experiment(engine, num_problems=2, arms=(new_arm("base"), *(revisions_of(*each) for each in shapes)))
    for _ in range(2):
        end(engine, claimed(engine).lease, [True])
        for chains, revisions in shapes:
            end(engine, claimed(engine).lease, [revisions == 4] * (chains * revisions))
    two, four = found(engine, made, RATIOS).curves
    assert [(each.sequential, each.parallel) for each in two] == [(2, 1)]
    assert [(each.ratio, each.accuracy.value) for each in four] == [(0.25, 0.0), (1.0, 0.0), (4.0, 1.0)]
    assert {each.attempts for each in four} == {4}


def test_a_smaller_model_is_held_against_a_larger_one_at_equal_flops(engine: Engine) -> None:
    """Twice the parameters. A scene's chain costs 2 · 680,000 · (9 − 3 + 4) FLOPs for 9 prompt tokens, 3 cached.

    With D_inf/D_pre of 22 the smaller may spend 2 + 3/22 times one chain: the vote of two, not the one of four.
    """
    large = replace(SERVED, name="large", parameters=2 * 680_000)
    arms = (new_arm("base"), vote_of(2), vote_of(4), new_arm("large", model="large"))
    made = transitions.create_experiment(engine, new_experiment()).id
    transitions.begin_expansion(engine, made)
    served = {MODEL: SERVED, "large": large}
    transitions.store_expansion(engine, made, arms, problems(2), 1, "data-digest", served)
    for is_right in (True, False):
        end(engine, claimed(engine).lease, [True])
        end(engine, claimed(engine).lease, [True] * 2)
        end(engine, claimed(engine).lease, [True] * 4)
        end(engine, claimed(engine, model="large").lease, [is_right])
    few, _, many = found(engine, made, EXCHANGE).made
    assert (many.inference_ratio, many.multiplier) == (22.0, pytest.approx(2 + 3 / 22))
    chain_flops = 2 * 680_000 * (9 - 3 + 4)
    assert many.budget == pytest.approx((2 + 3 / 22) * chain_flops)
    assert many.most_spent == pytest.approx(2 * chain_flops)
    assert few.most_spent == pytest.approx(4 * chain_flops)  # and its budget is 20.75 chains: more were not run
    assert (many.difference.difference.value, many.larger.label) == (0.5, "large")
    assert [each.difference.value for each in many.by_bin] == [0.5]
    with engine.begin() as connection:
        connection.execute(text("UPDATE experiments SET models = NULL"))
    assert found(engine, made, EXCHANGE).made == ()


def test_another_experiment_is_read_once_until_jobs_of_it_end(engine: Engine) -> None:
    made = running_experiment(engine, num_problems=2, arms=(new_arm("base"),))
    end(engine, claimed(engine).lease, [True])
    here = Measurements(engine, queries.experiment(engine, made))
    before = here.of_another("scene")
    assert here.of_another(str(made)) is before
    end(engine, claimed(engine).lease, [True])
    assert [each.of_another("scene").samples[0].jobs.succeeded for each in (before, here)] == [2, 2]
