"""No error of ours ends as a traceback before a person; and what was probably meant is said in one way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from overthink.cli.exits import Exit
from overthink.cli.explain import explain
from scaling.errors import BadInputError, UnreachableError, nearest, suggestion

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("scaling", "db", "results", "worker", "dashboard", "overthink")
FOR_PEOPLE = {BadInputError.__name__, UnreachableError.__name__}
HANDED_ON = {
    "PlacedError": "pydantic catches it, as a ValueError, and SpecError is made of what it found",
    "UndeclaredParameterError": "whoever writes a page of the dashboard forgot to declare a parameter: a bug",
}


def nodes() -> Iterator[ast.AST]:
    for package in PACKAGES:
        for path in (CHECKOUT / package).rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text(), str(path)))


def names(expression: ast.expr | None) -> set[str]:
    """Of what an `except` names, or a class is made of."""
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)} if expression else set()


def test_every_error_is_told_to_people_or_caught_by_us() -> None:
    bases = {
        node.name: set().union(*map(names, node.bases))
        for node in nodes()
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }
    groups = {
        target.id: names(node.value)
        for node in nodes()
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    handled = set().union(*(names(node.type) for node in nodes() if isinstance(node, ast.ExceptHandler)))
    caught = handled.union(*(groups.get(name, set()) for name in handled))

    def kinds(name: str) -> set[str]:
        return {name}.union(*map(kinds, bases.get(name, ())))

    assert {name for name in bases if not kinds(name) & FOR_PEOPLE and name not in caught} == HANDED_ON.keys()


@pytest.mark.parametrize(
    ("error", "code"),
    [(BadInputError("no such arm"), Exit.BAD_INPUT), (UnreachableError("no such arm"), Exit.UNREACHABLE)],
)
def test_what_people_are_told_is_the_message_and_a_code(error: Exception, code: Exit) -> None:
    explanation = explain(error)
    assert explanation is not None
    assert (explanation.text, explanation.code) == ("overthink: no such arm", code)
    assert explain(ZeroDivisionError()) is None


def test_the_nearest_word_is_suggested_before_all_that_are_known() -> None:
    assert suggestion("wiats", ["waits", "samples"]) == "; did you mean waits? Known: waits, samples"
    assert suggestion("xyz", ["waits"], "Allowed") == ". Allowed: waits"
    assert suggestion("a bee", ["a b"], shown=repr) == "; did you mean 'a b'? Known: a b"
    assert suggestion("x", []) == ". Known: none"
    assert nearest("sampels", ["waits", "sample", "samples"], most=2) == ["samples", "sample"]
    assert nearest("waits" * 1_000_000, ["waits"]) == []  # an attack takes no time
