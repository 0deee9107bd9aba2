"""Which arms make a line, in which order, and what it is called."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from scaling.statistics.sweeps import sweeps


class ArmKey(NamedTuple):
    model: str
    strategy: str
    params: Mapping[str, JsonValue]


def forcing(**params: int) -> ArmKey:
    return ArmKey("tiny", "budget_forcing", params)


def test_arms_that_differ_in_one_number_make_a_line_in_its_order() -> None:
    lines = sweeps([forcing(max_thinking_tokens=32), forcing(max_thinking_tokens=8), forcing(max_thinking_tokens=16)])
    assert [(line.parameter, line.arms) for line in lines] == [("max_thinking_tokens", (1, 2, 0))]
    assert lines[0].name == "budget_forcing: max_thinking_tokens"


def test_a_cut_sweep_and_a_wait_sweep_both_go_through_the_arm_they_share() -> None:
    cuts = [forcing(max_thinking_tokens=budget, waits=0) for budget in (8, 16, 800)]
    waits = [forcing(max_thinking_tokens=800, waits=number) for number in (1, 2)]
    lines = {line.parameter: line.arms for line in sweeps([*cuts, *waits])}
    assert lines == {"max_thinking_tokens": (0, 1, 2), "waits": (2, 3, 4)}


def test_a_grid_is_drawn_along_its_longer_side_only() -> None:
    grid = [forcing(max_thinking_tokens=budget, waits=waits) for waits in (0, 1) for budget in (8, 16, 32)]
    lines = sweeps(grid)
    assert [line.arms for line in lines] == [(0, 1, 2), (3, 4, 5)]
    assert [line.name for line in lines] == [
        "budget_forcing: max_thinking_tokens (waits=0)",
        "budget_forcing: max_thinking_tokens (waits=1)",
    ]


def test_an_arm_that_is_like_no_other_stands_alone() -> None:
    lines = sweeps([ArmKey("tiny", "chain_of_thought", {}), forcing(waits=0), forcing(waits=1)])
    assert [(line.parameter, line.arms) for line in lines] == [(None, (0,)), ("waits", (1, 2))]


def test_arms_on_two_models_are_never_on_one_line_and_are_told_apart_by_name() -> None:
    lines = sweeps([ArmKey(model, "budget_forcing", {"waits": waits}) for model in ("a", "b") for waits in (0, 1)])
    assert [(line.name, line.arms) for line in lines] == [
        ("budget_forcing: waits (a)", (0, 1)),
        ("budget_forcing: waits (b)", (2, 3)),
    ]


def test_texts_and_flags_are_not_swept_numbers() -> None:
    lines = sweeps([ArmKey("tiny", "x", {"wait": "Wait", "flag": True}), ArmKey("tiny", "x", {"wait": "Hmm"})])
    assert all(line.parameter is None for line in lines)
