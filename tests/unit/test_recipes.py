"""The recipes of CONTRIBUTING.md are how everything was made that is there; no document names a file that is not."""

import re
from collections.abc import Iterable
from inspect import getfile
from pathlib import Path

import pytest

from results import QUESTIONS
from scaling.answers.graders import GRADERS
from scaling.scanners import RULES
from scaling.strategies import STRATEGIES
from worker.datasets.sources import DATA_SOURCES
from worker.engines.kinds import ENGINES
from worker.listeners import LISTENERS
from worker.verifiers.adapters import ADAPTERS

CHECKOUT = Path(__file__).resolve().parents[2]
CONTRIBUTING = CHECKOUT / "CONTRIBUTING.md"
DOCUMENTS = [CONTRIBUTING, CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
PATH = re.compile(r"`((?:scaling|db|results|worker|dashboard|overthink|demo|specs|tests|docs)/[\w./<>-]*)`")
NAME = "<name>"
MADE_BY = {
    "A strategy": STRATEGIES.values(),
    "A question about results, with its plot": [question.ask for question in QUESTIONS.values()],
    "An engine": ENGINES.values(),
    "A kind of verifier": [kind.check for kind in ADAPTERS.values()],
    "A grader": [module for kind in GRADERS.values() for module in kind.modules],
    "A scanner": RULES.values(),
    "A source of data sets": DATA_SOURCES.values(),
    "A metric, or whatever else listens": [type(listener) for listener in LISTENERS],
}
"""What each recipe has made by now."""


def recipes() -> dict[str, list[str]]:
    """The paths that each names, as written: `scaling/strategies/<name>.py`."""
    _, *parts = re.split(r"^### (.+)$", CONTRIBUTING.read_text(), flags=re.M)
    return {title: PATH.findall(body) for title, body in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("title", MADE_BY)
def test_what_a_recipe_has_made_stands_where_it_says(title: str) -> None:
    places = [re.escape(path).replace(NAME, "[a-z0-9_]+") for path in recipes()[title] if NAME in path]
    made: Iterable[object] = MADE_BY[title]
    files = {str(Path(getfile(each)).resolve().relative_to(CHECKOUT)) for each in made}  # type: ignore[arg-type]
    strays = {file for file in files if not any(re.fullmatch(place, file) for place in places)}
    assert files and strays == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_no_file_that_is_not_there(document: Path) -> None:
    named = [path for path in PATH.findall(document.read_text()) if NAME not in path]
    assert [path for path in named if not (CHECKOUT / path).exists() and not (CHECKOUT / f"{path}.py").exists()] == []


def test_every_registry_has_a_recipe() -> None:
    assert set(MADE_BY) <= set(recipes())
