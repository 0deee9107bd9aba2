"""A job whose answers are spelled in several ways, from its requests to what is stored and drawn of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import transitions
from scaling.strategies.majority_vote import MajorityVote
from scaling.types import GraderName, Problem, Sampling
from tests.integration.scenes import claimed, column, running_experiment
from tests.unit.scripted_engine import LINES, Alternating
from worker.attempt import Attempt
from worker.graders.grading import Grading
from worker.graders.mathematics import MathGrader
from worker.spending.account import Account


@pytest.fixture(scope="module")
def grading() -> Iterator[Grading]:
    grading = Grading(MathGrader(processes=1))
    yield grading
    grading.close()


def test_a_vote_is_stored_and_drawn_among_answers_and_not_spellings(engine: Engine, grading: Grading) -> None:
    """Three spellings of the square root of 2 and two 1s: by spelling the 1s win, and the vote is wrong."""
    running_experiment(engine, num_problems=1)
    said = [r"\boxed{\frac{2}{\sqrt{2}}}", r"\boxed{1}", r"\boxed{\sqrt{2}}", r"\boxed{1}", r"\boxed{2^{1/2}}"]
    job = replace(
        claimed(engine),
        problem=Problem("p", "q", r"\sqrt{2}", GraderName.MATH),
        strategy=MajorityVote(samples=5).model_dump(mode="json"),
        sampling=Sampling(),
    )
    solved = asyncio.run(Attempt(job, Alternating(*said), LINES, grading, Account()).solve())
    assert solved is not None
    transitions.succeed(engine, job.lease, solved.trace, solved.grades, wall_seconds=1.0)
    assert column(engine, "SELECT verdict FROM traces") == ["correct"]
    assert column(engine, "SELECT maj_at_k[array_length(ks, 1)] FROM rollups") == [1.0]
    keys = "SELECT count(*) FROM candidates GROUP BY key ORDER BY count(*)"
    assert column(engine, keys) == [2, 3]
    assert column(engine, "SELECT count(DISTINCT answer) FROM candidates") == [4]
