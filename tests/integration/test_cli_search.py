"""`overthink search`: what it prints, to people and to machines, and what it says of what cannot be searched for."""

import pytest
from sqlalchemy import Engine

from db import transitions
from overthink.cli.exits import Exit
from tests.cli import Overthink, document, overthink, service
from tests.integration.dashboard_world import populate

__all__ = ["overthink", "service"]


@pytest.fixture
def filled(engine: Engine) -> dict[str, int]:
    made = populate(engine, num_problems=2)
    transitions.read_words(engine, within_s=60)
    return made


def test_machines_get_every_key(service: Overthink, filled: dict[str, int]) -> None:
    found = document(service("search", '", check"', "--in", "demo", "--limit", "1", "--json"))
    (trace,) = found["traces"]
    assert found["experiments"] == [] and found["problems"] == []
    assert (found["total_traces"], found["are_all_traces_searchable"]) == (None, True)
    assert trace.keys() == {"job", "experiment", "arm", "problem", "repeat", "answer", "verdict", "hit"}
    assert (trace["experiment"], trace["arm"]) == (filled["demo"], "budget_forcing waits=2 max_thinking_tokens=800")
    assert trace["hit"]["said"] == ", check" and trace["hit"]["before"] == ""
    assert trace["hit"].keys() == {"step", "kind", "before", "said", "after"}


def test_people_get_tables_and_how_to_see_more(service: Overthink, filled: dict[str, int]) -> None:
    out = service("search", "ok", "--limit", "2").out
    assert "budget_forcing waits=" in out and ", check 20+" in out
    assert "The newest 2 traces; 4 in all." in out
    out = service("search", "demo").out
    assert f"#{filled['demo']}" in out and "0 traces." in out
    assert service("search", "nowhereatall").out == "Nothing was found.\n"


def test_what_is_not_read_yet_is_said(service: Overthink, engine: Engine) -> None:
    populate(engine, num_problems=2)
    assert "Some traces cannot be found yet" in service("search", "ok").out


@pytest.mark.parametrize(("typed", "said"), [("==", "no letter and no digit"), ('"let me', "opened and not closed")])
def test_what_cannot_be_searched_for_is_explained(
    service: Overthink, filled: dict[str, int], typed: str, said: str
) -> None:
    done = service("search", typed)
    assert (done.code, done.out) == (Exit.BAD_INPUT, "")
    assert said in done.err


def test_an_experiment_that_is_not_there_is_said(service: Overthink, filled: dict[str, int]) -> None:
    assert service("search", "ok", "--in", "dem").code == Exit.BAD_INPUT


def test_traces_are_listed_by_what_they_are(service: Overthink, engine: Engine, filled: dict[str, int]) -> None:
    listed = document(service("traces", "demo", "--verdict", "correct", "--arm", "1", "--json"))
    assert listed["rows"] and {row["verdict"] for row in listed["rows"]} == {"correct"}
    assert {row["label"] for row in listed["rows"]} == {"chain_of_thought"}
    assert listed["notes"] == [f"{len(listed['rows'])} traces."]
    out = service("traces", "demo", "--limit", "1", "--says", "check").out
    assert "1 of 4 traces" in out and ", check 20+" in out


def test_a_kind_of_error_is_named_by_a_part_of_it(service: Overthink, filled: dict[str, int]) -> None:
    failed = document(service("traces", str(filled["running"]), "--error", "ladder-tiny", "--json"))["rows"]
    assert failed and all(row["status"] == "failed" for row in failed)
    unknown = service("traces", str(filled["running"]), "--error", "never seen")
    assert (unknown.code, "no job failed with 'never seen'; say one of these:" in unknown.err) == (2, True)


def test_a_value_that_means_nothing_is_refused_with_what_may_be_said(
    service: Overthink, filled: dict[str, int]
) -> None:
    done = service("traces", "demo", "--verdict", "superb")
    assert done.code == Exit.BAD_INPUT and "'correct', 'wrong', 'unparsed' or 'truncated'" in done.err
