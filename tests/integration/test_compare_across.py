"""Arms of two experiments: paired where question, answer and grader are the same, whatever the data sets call them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from overthink.cli.exits import Exit
from results import Joined, Measurements, paired, points, side_by_side
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import Cell
from scaling.statistics.sweeps import sweeps
from scaling.types import Problem, Verdict
from tests.cli import Overthink, document, overthink, service
from tests.integration.scenes import MODEL, SERVED, claimed, new_arm, new_experiment, problems, succeed

__all__ = ["overthink", "service"]
RIGHT, WRONG = Verdict.CORRECT, Verdict.WRONG
ZERO, ONE, TWO, THREE = problems(4)


def asked(engine: Engine, name: str, its: Sequence[Problem], verdicts: Sequence[Verdict], parameters: int = 1) -> int:
    """An experiment of one arm, `plain`, that answers these problems so. Jobs come in their order."""
    experiment = transitions.create_experiment(engine, new_experiment(name)).id
    transitions.begin_expansion(engine, experiment)
    served = {MODEL: replace(SERVED, parameters=parameters)}
    transitions.store_expansion(engine, experiment, [new_arm()], its, 1, f"file of {name}", served)
    for verdict in verdicts:
        succeed(engine, claimed(engine).lease, verdict=verdict)
    return experiment


def two_subsets(engine: Engine) -> tuple[int, int]:
    """`small` asks 0, 1 and 2. `large` asks 3, 2, 1 under other ids, and 0 with another answer, so not 0.

    In common are 1 and 2: `large` gains 1, and both have 2 right.
    """
    renamed = [replace(each, id=f"q{number}") for number, each in enumerate([THREE, TWO, ONE, ZERO])]
    renamed[3] = replace(renamed[3], answer="12")
    small = asked(engine, "small", [ZERO, ONE, TWO], [RIGHT, WRONG, RIGHT])
    return small, asked(engine, "large", renamed, [WRONG, RIGHT, RIGHT, RIGHT], parameters=10)


def test_arms_of_two_experiments_are_paired_by_what_was_asked(service: Overthink, engine: Engine) -> None:
    small, large = two_subsets(engine)
    said = document(service("compare", "small:plain", "large:1", "--json"))
    assert (said["first"], said["second"], said["problems"]) == ("plain", "large:plain", 2)
    assert (said["difference"], said["experiments"]) == (0.5, [small, large])
    assert said["left_out"] == {str(small): 1, str(large): 2}
    (gained,) = said["gained"]
    assert (gained["problem"], said["lost"]) == ("p1", [])
    first, second = (queries.trace(engine, gained[job]) for job in ("first_job", "second_job"))
    assert first.problem.question == second.problem.question == "1 + 1 = ?"
    own = [(arm["label"], arm["n"], arm["accuracy"]) for arm in said["arms"]]
    assert own == [("plain", 3, pytest.approx(2 / 3)), ("large:plain", 4, 0.75)]


def test_what_is_common_and_what_is_left_out_is_told(service: Overthink, engine: Engine) -> None:
    small, large = two_subsets(engine)
    said = service("compare", "small", "1", "large:plain").out
    assert f"2 problems are common to experiments {small}, {large}; 1 of experiment {small} are left out; 2 of" in said
    assert "small · experiment" in said and "large · experiment" in said
    against = document(service("compare", "small", "--against", "large:plain", "--json"))
    assert [(each["first"], each["second"], each["difference"]) for each in against] == [("large:plain", "plain", -0.5)]


def test_experiments_that_ask_nothing_alike_are_not_compared(service: Overthink, engine: Engine) -> None:
    """The same ids are not the same problems."""
    asked(engine, "sums", [ZERO], [RIGHT])
    asked(engine, "others", [replace(ZERO, question="2 + 2 = ?")], [RIGHT])
    done = service("compare", "sums:1", "others:1")
    assert done.code == Exit.BAD_INPUT
    assert "have no problem in common: none has the same question, answer and grader" in done.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("nowhere:1", "small:1"), "'nowhere:1' names no experiment before a colon"),
        (("small:1", "large:7"), "there is no arm '7'"),
        (("small:1", "nowhere:1"), "there is no arm 'nowhere:1'"),
    ],
)
def test_what_is_not_there_is_told(service: Overthink, engine: Engine, given: tuple[str, str], said: str) -> None:
    two_subsets(engine)
    done = service("compare", *given)
    assert done.code == Exit.BAD_INPUT
    assert said in done.err


def test_a_problem_that_is_asked_twice_is_paired_with_its_like(engine: Engine) -> None:
    once, twice = [ONE, TWO], [TWO, replace(TWO, id="again"), ONE]
    ids = asked(engine, "once", once, [RIGHT, WRONG]), asked(engine, "twice", twice, [RIGHT, WRONG, WRONG])
    joined = Joined(*(measured(engine, each) for each in ids[:1]), [measured(engine, ids[1])])
    assert (joined.num_common, joined.left_out) == (2, {ids[0]: 0, ids[1]: 1})
    found = paired(joined, "plain", "twice:plain")
    pairs = side_by_side(joined, "plain", "twice:plain").pairs
    assert [(flip.problem, found.second.label) for flip in pairs.inside(Cell.GAINED).flips] == [(1, "twice:plain")]
    assert [flip.problem for flip in pairs.inside(Cell.LOST).flips] == [0]


def measured(engine: Engine, experiment: int) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment))


def test_a_model_that_was_known_otherwise_keeps_its_own_parameters(engine: Engine) -> None:
    """1 and 10 parameters: 2 · parameters · (9 prompt − 3 cached + 4 generated) FLOPs, over the two common problems."""
    small, large = (measured(engine, each) for each in two_subsets(engine))
    joined = Joined(small, [large])
    drawn = points(joined, Axis.FLOPS).points
    assert [(each.arm.label, each.arm.model, each.cost, each.value.value, each.value.n) for each in drawn] == [
        ("plain", MODEL, 2 * 1 * 10, 0.5, 2),
        ("large:plain", f"{MODEL} of experiment {large.experiment.id}", 2 * 10 * 10, 1.0, 2),
    ]


def test_runs_of_one_name_are_told_apart_by_their_number(engine: Engine) -> None:
    ids = [asked(engine, "again", [ONE, TWO], [RIGHT, verdict]) for verdict in (RIGHT, WRONG)]
    joined = Joined(measured(engine, ids[0]), [measured(engine, ids[1])])
    assert [each.arm.label for each in joined.samples] == ["plain", f"{ids[1]}:plain"]


def test_a_plot_has_the_arms_of_several_experiments_over_what_all_were_asked(
    service: Overthink, engine: Engine
) -> None:
    small, large = two_subsets(engine)
    said = document(service("results", "small", "--with", "large", "--axis", "flops", "--json"))
    drawn = [(each["label"], each["value"], each["n"], each["cost"]) for each in said["figures"]]
    assert drawn == [("plain", 0.5, 2, 20.0), ("large:plain", 1.0, 2, 200.0)]
    assert (said["experiments"], said["left_out"]) == ([small, large], {str(small): 1, str(large): 2})
    shown = service("results", "small", "--with", "large").out
    assert "large:plain" in shown and f"2 problems are common to experiments {small}, {large}" in shown
    alone = document(service("results", "small", "--axis", "flops", "--json"))
    assert ([each["n"] for each in alone["figures"]], alone["left_out"]) == ([3], {str(small): 0})


def test_arms_of_two_experiments_are_on_no_line_together(engine: Engine) -> None:
    """The second experiment may sample otherwise, or have another prompt: its sweep is not the first one's."""
    both = [asked(engine, name, [ONE], []) for name in ("a", "b")]
    joined = Joined(*(measured(engine, both[0]), [measured(engine, both[1])]))
    assert [line.arms for line in sweeps([each.arm for each in joined.samples])] == [(0,), (1,)]
