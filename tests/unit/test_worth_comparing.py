"""Which pairs of arms are compared without being asked."""

from pydantic import JsonValue

from db.queries import Arm
from results.measured.worth_comparing import worth_comparing


def arm(id: int, strategy: str, model: str = "tiny", **params: JsonValue) -> Arm:
    """`samples` are of the strategy, all else of its `chain` where one is named."""
    fields: dict[str, JsonValue] = {"strategy": strategy, **params}
    if "chain" in params:
        own: dict[str, JsonValue] = {"strategy": strategy, "samples": fields.pop("samples")}
        fields = own | {"chain": fields | {"strategy": fields.pop("chain")}}
    return Arm(id, id, f"{strategy} {id}", model, strategy, params, fields)


def pairs(*arms: Arm) -> list[tuple[int, int]]:
    return [(less.id, more.id) for less, more in worth_comparing(arms)]


def test_a_sweep_is_compared_step_by_step_and_from_end_to_end() -> None:
    waits = [arm(number, "budget_forcing", waits=number, max_thinking_tokens=800) for number in (4, 0, 1)]
    assert pairs(*waits) == [(0, 1), (1, 4), (0, 4)]


def test_arms_that_differ_in_two_numbers_are_no_sweep() -> None:
    assert pairs(arm(1, "budget_forcing", waits=0, wait="Wait"), arm(2, "budget_forcing", waits=1, wait="Hmm")) == []


def test_arms_on_two_models_are_no_sweep() -> None:
    assert pairs(arm(1, "budget_forcing", "a", waits=0), arm(2, "budget_forcing", "b", waits=1)) == []


def test_an_arm_may_belong_to_two_sweeps() -> None:
    corner = arm(1, "budget_forcing", waits=0, max_thinking_tokens=800)
    cut = arm(2, "budget_forcing", waits=0, max_thinking_tokens=8)
    longer = arm(3, "budget_forcing", waits=2, max_thinking_tokens=800)
    assert sorted(pairs(corner, cut, longer)) == [(1, 3), (2, 1)]


def test_a_vote_is_compared_with_one_chain_of_its_own() -> None:
    plain = arm(1, "chain_of_thought")
    forced = arm(2, "budget_forcing", waits=2, max_thinking_tokens=800)
    vote = arm(3, "majority_vote", samples=16, chain="chain_of_thought")
    forced_vote = arm(4, "majority_vote", samples=16, chain="budget_forcing", waits=2, max_thinking_tokens=800)
    assert pairs(plain, forced, vote, forced_vote) == [(1, 3), (2, 4)]
