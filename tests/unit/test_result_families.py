"""Which curve goes through an arm when two are compared at equal compute."""

import pytest
from pydantic import JsonValue

from db.queries import Arm
from results import NoResultsError
from results.measured.families import Family, sweep_through


def arm(id: int, strategy: str, **params: JsonValue) -> Arm:
    return Arm(id, id, f"{strategy} {id}", "tiny", strategy, params, {"strategy": strategy})


CUT_8, CUT_16 = (arm(number, "budget_forcing", max_thinking_tokens=number, waits=0) for number in (8, 16))
WAIT_1, WAIT_2, WAIT_4 = (arm(number, "budget_forcing", max_thinking_tokens=16, waits=number) for number in (1, 2, 4))
VOTE = arm(99, "majority_vote", samples=16)
ARMS = (WAIT_4, CUT_8, CUT_16, WAIT_1, WAIT_2, VOTE)


def test_an_arm_is_compared_along_its_longest_sweep_in_the_order_of_its_number() -> None:
    """The arm cut at 16 without Waits lies on a sweep of two cuts and on one of four Waits."""
    assert sweep_through(ARMS, CUT_16, VOTE) == Family("the sweep of 4 from budget_forcing 16", (16, 1, 2, 4))


def test_a_line_does_not_go_through_the_arm_that_it_is_compared_with() -> None:
    assert sweep_through(ARMS, CUT_16, WAIT_4).arms == (8, 16)


def test_an_arm_that_stands_alone_is_its_own_line() -> None:
    assert sweep_through(ARMS, VOTE, CUT_8) == Family("majority_vote 99", (99,))


def test_two_settings_of_one_sweep_have_no_two_lines() -> None:
    with pytest.raises(NoResultsError, match="'budget_forcing 1' and 'budget_forcing 4' are settings of one sweep"):
        sweep_through(ARMS, WAIT_1, WAIT_4)
