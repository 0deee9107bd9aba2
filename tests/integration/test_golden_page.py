"""The files that the page's buttons save hold what they held before.

Their columns may come to be called as the command calls them; then the files are remade, and the diff is read.
"""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine

from dashboard import download
from dashboard.compare.chosen import once_on_the_experiments_page
from db import queries
from tests.integration.golden import FOLDER, require_as_before, require_no_others
from tests.integration.golden_world import populate
from tests.integration.test_dashboard_pages import opened, settings_are

__all__ = ["settings_are"]
AGAINST = {"view": "arm against arm", "from": "chain_of_thought", "to": "majority_vote samples=4"}
EQUAL = {
    "view": "arm against arm", "from": "majority_vote samples=4", "to": "best_of_n samples=4 verifier=judge",
    "part": "at equal compute",
}  # fmt: skip
ADDRESSES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("reasoning", {"x": "FLOPs by weights", "k": "maj@k"}),
    ("reasoning", {"view": "of k candidates"}),
    ("reasoning", {"view": "thinking against budget"}),
    ("before", {"view": "tokens per job"}),
    ("later", {**AGAINST, "cell": "lost"}),
    ("later", {**EQUAL, "compute": "generated tokens of all models"}),
    ("later", {**AGAINST, "part": "all against the first"}),
    ("shared", {"view": "by difficulty", "bins": "2", "withall": "true"}),
    ("badly", {"view": "arm against arm"}),
    ("untouched", {}),
)


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each button of the pages that are opened would save, by the file's name."""
    files: dict[str, str] = {}

    def button(
        label: str, text: str | Callable[[], str], file_name: str, key: str, media_type: str = "text/csv"
    ) -> None:
        if file_name.endswith(".csv"):
            files[file_name] = text() if callable(text) else text

    monkeypatch.setattr(download, "button", button)
    return files


def test_what_the_page_saves_is_what_it_saved_before(
    database: str, engine: Engine, settings_are: Callable[[str], None], saved: dict[str, str]
) -> None:
    ids = populate(engine, digest="that of a spec")
    settings_are(database)
    for name, address in ADDRESSES:
        if address.get("view") == "arm against arm":
            opened("compare", **compared(engine, ids[name], address))
            address = {}
        opened("experiment", id=ids[name], **address)
    assert len(saved) > len(ADDRESSES)
    for file_name, text in saved.items():
        require_as_before(f"page/{file_name}", text)
    require_no_others(FOLDER / "page", set(saved))


def compared(engine: Engine, experiment: int, address: Mapping[str, str]) -> dict[str, list[str]]:
    """As an old address of the experiment's page is said now."""
    labels = [arm.label for arm in queries.experiment(engine, experiment).arms]
    return parse_qs(urlsplit(once_on_the_experiments_page(experiment, labels, address)).query)
