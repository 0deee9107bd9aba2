"""The report as the command writes it: whole, alone, and with nothing in it that others wrote for a browser."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import Engine

from overthink.cli.exits import Exit
from tests.cli import Overthink, overthink, service
from tests.integration.dashboard_world import ArmPlan, announce, cut, expanded, finish, ladder, vote, waiting

pytest.importorskip("matplotlib", reason="matplotlib draws the report's plots; `make install` brings it")

__all__ = ["overthink", "service"]
SCRIPT = "<script>alert('owned')</script>"
NAME = f"{SCRIPT} <img src=x onerror=alert(1)> {{{{ 7 * 7 }}}}"
LABELLED = ArmPlan(
    f'majority_vote samples=8 "><img src=x>{SCRIPT}', "majority_vote", {"samples": 8, "chain": "chain_of_thought"},
    0.6, 36, 8,
)  # fmt: skip
PLAIN = ArmPlan("chain_of_thought", "chain_of_thought", {"max_thinking_tokens": None}, 0.5, 36)
ARMS = (PLAIN, cut(16, 0.2), waiting(1, 0.7), waiting(2, 0.9), vote(4, 0.6), LABELLED)
FAMILIES = ("--family", f"votes {SCRIPT}=majority_vote*", "--family", "$forcing$=strategy=budget_forcing")


class Html(HTMLParser):
    """Tags and attributes as a browser finds them, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attributes]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def experiment(engine: Engine) -> Iterator[int]:
    announce(engine)
    made = expanded(engine, NAME, ladder(20), ARMS)
    finish(engine, made, ARMS)
    yield made


def test_what_others_wrote_stands_in_the_report_literally(service: Overthink, experiment: int, tmp_path: Path) -> None:
    file = tmp_path / "verdict.html"
    answer = service("verdict", str(experiment), "--report", str(file), *FAMILIES)
    assert (answer.code, answer.out) == (Exit.OK, "")
    read = Html(file.read_text())
    assert not set(read.tags) & {"script", "img", "iframe", "link", "object", "embed", "base", "form"}
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("src", "action", "srcset")]
    assert all(value.startswith("#") for name, value in read.attributes if name.endswith("href"))
    for written in (NAME, LABELLED.label, f"votes {SCRIPT}", "$forcing$"):
        assert written in read.text
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in read.attributes


def test_the_report_has_all_that_it_takes_to_judge_it(service: Overthink, experiment: int, tmp_path: Path) -> None:
    file = tmp_path / "verdict.html"
    service("verdict", str(experiment), "--report", str(file), "--margin", "3")
    text = Html(file.read_text()).text
    for part in (
        "Instrument check.",
        "Do Waits and cuts on ladder-tiny beat spending the same on votes?",
        "read it as exploratory",
        "may have been chosen after the results were seen: margin.",
        "the margin of ±3 points",
        "What the axes count, and where they disagree",
        "What is missing for a full answer",
        "Every arm was asked the same 20 problems",
        "Tango’s score interval [3]",
        "@misc{muennighoff2025s1",
        "data_set_digest:",
        "strategy: chain_of_thought",
    ):
        assert part in text, part
    assert "rebase" not in text and "Holm’s procedure" not in text  # none was run; one claim was asked


def test_a_report_replaces_the_one_before_and_leaves_nothing_beside_it(
    service: Overthink, experiment: int, tmp_path: Path
) -> None:
    file = tmp_path / "verdict.html"
    file.write_text("old")
    service("verdict", str(experiment), "--report", str(file))
    assert file.read_text().startswith("<!doctype html>")
    assert [each.name for each in tmp_path.iterdir()] == ["verdict.html"]


def test_a_path_that_cannot_be_written_is_refused_before_anything_is_computed(
    service: Overthink, experiment: int, tmp_path: Path
) -> None:
    refused = service("verdict", str(experiment), "--report", str(tmp_path / "nowhere" / "verdict.html"))
    assert refused.code == Exit.BAD_INPUT
    assert "there is no folder" in refused.err and "Give --report a file" in refused.err
