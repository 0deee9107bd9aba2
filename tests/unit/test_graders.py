"""Every grader says what it can do, and nobody else has to know its name."""

import ast
from pathlib import Path

import pytest

from scaling.answers import reading
from scaling.answers.graders import GRADERS
from scaling.spec import Submission
from scaling.spec.errors import SpecError
from scaling.types import GraderName, Problem

CHECKOUT = Path(__file__).resolve().parents[2]
MAY_NAME_ONE = {
    "scaling/answers/graders.py": "what each can do",
    "worker/graders/versions.py": "the rules of what judges beside keys",
    "worker/graders/grading.py": "who judges beside keys",
    "worker/datasets/loading.py": "the grader of a data set that comes with Overthink",
    "worker/registry.py": "the default",
    "dashboard/form/data_set.py": "the default",
}


def test_there_is_a_kind_for_every_name() -> None:
    assert GRADERS.keys() == set(GraderName)


@pytest.mark.parametrize("grader", GraderName)
def test_every_grader_reads_a_boxed_reference(grader: GraderName) -> None:
    problem = Problem("p", "2 + 1 = ?", "B" if grader is GraderName.CHOICE else "3", grader, options=("2", "3"))
    assert reading.read(problem, rf"so \boxed{{{problem.answer}}}").answer == problem.answer


@pytest.mark.parametrize("grader", [grader for grader in GraderName if not GRADERS[grader].takes_options])
def test_a_spec_gives_options_only_to_a_grader_that_takes_them(grader: GraderName) -> None:
    data_set = {"path": "a.csv", "grader": grader.value, "options": ["A", "B"]}
    spec = {"name": "a", "models": ["m"], "arms": [{"strategy": "chain_of_thought"}], "data_set": data_set}
    with pytest.raises(SpecError, match="only with grader choice"):
        Submission.from_data(spec)


def test_nobody_asks_a_grader_for_its_name() -> None:
    """`GraderName.MATH` and its like stand where a grader is made, listed or chosen by default, and nowhere else."""
    names = {grader.name for grader in GraderName}
    asking = {
        str(path.relative_to(CHECKOUT))
        for package in ("scaling", "db", "results", "worker", "dashboard", "overthink")
        for path in (CHECKOUT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in names and ast.unparse(node.value) == "GraderName"
    }
    assert asking == MAY_NAME_ONE.keys()
