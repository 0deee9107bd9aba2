"""What is known of an arm's cost from how it was stored: parameters from the snapshot, the budget from its strategy."""

from pydantic import JsonValue

from db.queries import Arm
from db.results.costs import num_chains, parameters_of, requested_thinking, without_parameters
from scaling.compute import Parameters

MODELS: dict[str, JsonValue] = {"small": {"parameters": 7}, "prm": {"parameters": 3}, "unknown": {"parameters": None}}


def arm(model: str = "small", verifier: str | None = None, **strategy: JsonValue) -> Arm:
    params = {name: value for name, value in strategy.items() if name not in ("strategy", "chain")}
    return Arm(1, 0, "an arm", model, str(strategy.get("strategy")), params, dict(strategy), verifier)


def test_parameters_are_those_of_generator_and_verifier_and_unknown_is_none() -> None:
    assert parameters_of(arm("small", "prm"), MODELS) == Parameters(7, 3)
    assert parameters_of(arm("unknown"), MODELS) == Parameters(None, None)
    assert parameters_of(arm("gone", "prm"), MODELS) == Parameters(None, 3)
    assert parameters_of(arm("small"), None) == Parameters(None, None)


def test_models_without_parameters_are_named_once() -> None:
    assert without_parameters([arm("unknown", "prm"), arm("unknown"), arm("small", "gone")], MODELS) == (
        "gone",
        "unknown",
    )


def test_the_budget_of_a_vote_is_that_of_all_its_chains() -> None:
    chain: dict[str, JsonValue] = {"strategy": "budget_forcing", "max_thinking_tokens": 100}
    vote = arm(strategy="majority_vote", samples=4, chain=chain)
    assert (requested_thinking(vote), num_chains(vote)) == (4 * 100, 4)
    assert requested_thinking(arm(strategy="chain_of_thought")) is None


def test_a_length_that_is_only_asked_for_is_the_budget_that_was_requested() -> None:
    assert requested_thinking(arm(strategy="length_control", tokens=50)) == 50
    assert requested_thinking(arm(strategy="length_control", tokens=50, max_thinking_tokens=80)) == 50  # told
    assert requested_thinking(arm(strategy="length_control", steps=4, max_thinking_tokens=80)) == 80
    assert requested_thinking(arm(strategy="length_control", length="short")) is None
