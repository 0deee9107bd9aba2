"""What the terminal shows of the engines of models."""

from dataclasses import replace

from rich.console import Console

from db.queries.fleet import Fleet
from overthink.cli.reading.fleet import fleet_document, print_fleet
from scaling.abilities import NOTHING
from tests.integration.scenes import SERVED

CHAT = replace(SERVED, name="api", engine="chat", abilities=NOTHING)


def printed(*models: object) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        print_fleet(console, Fleet(30.0, (), models))
    return capture.get()


def test_engines_are_named_where_models_have_several() -> None:
    assert "engine" in printed(SERVED, CHAT)
    assert [word for word in printed(SERVED, CHAT).split() if word in ("vllm", "chat")] == ["vllm", "chat"]


def test_one_engine_for_all_is_no_news() -> None:
    assert "engine" not in printed(SERVED) and "vllm" not in printed(SERVED)


def test_a_document_always_names_them() -> None:
    assert [each["engine"] for each in fleet_document(Fleet(30.0, (), (SERVED, CHAT)))["models"]] == ["vllm", "chat"]
