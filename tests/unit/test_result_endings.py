"""Plots and tables that mix two endings of a cut thought say so."""

import pytest
from pydantic import JsonValue

from db.queries import Arm, JobCounts
from results import cut, ending_note
from scaling.statistics.estimates import Estimate
from tests.unit.told_points import told_result

FORCING: dict[str, JsonValue] = {"strategy": "budget_forcing", "max_thinking_tokens": 8}
PLAIN: dict[str, JsonValue] = {"strategy": "chain_of_thought", "max_thinking_tokens": 8}
SEARCH: dict[str, JsonValue] = {"strategy": "beam_search", "width": 4, "branches": 2, "verifier": "v"}


def vote(chain: JsonValue) -> dict[str, JsonValue]:
    return {"strategy": "majority_vote", "samples": 4, "chain": chain}


def note(*strategies: dict[str, JsonValue]) -> str | None:
    return ending_note(map(_arm, strategies))


def _arm(strategy: dict[str, JsonValue]) -> Arm:
    return Arm(1, 0, "an arm", "tiny", "", {}, strategy)


@pytest.mark.parametrize("first", [FORCING, vote(FORCING), {**PLAIN, "at_limit": "answer"}])
@pytest.mark.parametrize("second", [PLAIN, vote(PLAIN), SEARCH, {**FORCING, "at_limit": "truncate"}])
def test_arms_that_end_cut_thoughts_in_two_ways_are_told_apart(
    first: dict[str, JsonValue], second: dict[str, JsonValue]
) -> None:
    said = note(first, second)
    assert said is not None and "`at_limit`" in said
    assert note(first, first) is None
    assert note(second, second) is None


def test_with_one_ending_for_all_nothing_is_to_be_said() -> None:
    alike = [{**each, "at_limit": "answer"} for each in (PLAIN, SEARCH, FORCING)]
    assert note(*alike, vote(alike[0])) is None


def test_arms_of_strategies_that_are_not_known_here_say_nothing() -> None:
    assert note({"strategy": "imported"}, PLAIN) is None


@pytest.mark.parametrize(("cuts", "is_said"), [(3, True), (None, True), (0, False)])
def test_how_cut_thoughts_end_matters_only_where_some_were_cut(cuts: int | None, is_said: bool) -> None:
    half = Estimate(0.5, 0.4, 0.6, 10)
    results = [
        told_result(arm, half, half, JobCounts(0, 0, 10, 0, 0), cuts=each)
        for arm, each in ((_arm(FORCING), 5), (_arm(PLAIN), cuts))
    ]
    assert (ending_note(cut(results)) is not None) is is_said
