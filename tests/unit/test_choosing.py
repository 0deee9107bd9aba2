"""The choice by difficulty among points, and what it is held against."""

import numpy as np
import pytest

from db.queries import Arm
from results.choosing import choices
from results.measured.point import Point
from scaling.statistics.difficulty import DifficultyBins


def point(id: int, name: str, correct_P: np.ndarray, cost_P: np.ndarray) -> Point:
    return Point(Arm(id, id, name, "tiny", name, {}, {}), None, correct_P, cost_P)


def of_bins(easy: float, hard: float, num_problems: int = 16) -> np.ndarray:
    return np.repeat([easy, hard], num_problems // 2)


BINS = DifficultyBins(np.array([0] * 8 + [1] * 8), 2)
FREE = np.zeros(16)


def test_no_setting_is_chosen_where_it_costs_more_than_the_budget() -> None:
    """At 512: A at 100 on easy problems, B at 480 on hard ones, (100 + 480)/2 = 290. A costs 500 on average, and was
    chosen for the hard ones too, where it costs 900."""
    offered = [
        point(1, "A", of_bins(1, 1), of_bins(100, 900)),
        point(2, "B", of_bins(0, 1), of_bins(500, 480)),
        point(3, "C", of_bins(0, 0), of_bins(50, 50)),
    ]
    at = {each.optimal.budget: each for each in choices(offered, (), BINS, FREE)}
    assert at[512].optimal.choices == (("A", "A"), ("B", "B"))
    assert at[512].optimal.cost == 290
    assert all(each.optimal.cost <= budget and each.one_for_all.cost <= budget for budget, each in at.items())


def test_a_line_is_held_against_at_what_it_costs_the_problems_that_are_in_a_bin() -> None:
    """Of 17 problems the last is in no bin, and costs 1000: within 64 the line is offered at 64 a problem."""
    bins = DifficultyBins(np.append(BINS.bin_P, -1), 2)
    line = (point(1, "vote", np.ones(17), np.append(np.full(16, 64.0), 1000.0)),)
    (choice,) = choices(line, [line], bins, np.zeros(17))
    _, rival = choice.over
    assert (choice.optimal.budget, rival.cost, rival.value.n) == (64.0, 64.0, 16)


def test_all_that_is_compared_at_all_budgets_is_adjusted_together() -> None:
    """At 16 and at 64 the choice is held against one for all and a line: of four tests two have p = 1. On hard problems
    only the dear setting is right, so at 64 the choice is right on 8 problems more than the cheap line: p = 2/2⁸."""
    cheap, dear = (
        point(1, "cheap", of_bins(1, 0), np.full(16, 16.0)),
        point(2, "dear", of_bins(0, 1), np.full(16, 64.0)),
    )
    few, many = choices([cheap, dear], [(cheap,)], BINS, FREE)
    assert (few.optimal.accuracy.value, many.optimal.accuracy.value) == (0.5, 1.0)
    _, against_cheap = (rival.difference for rival in many.over)
    assert against_cheap.p_value == pytest.approx(2 / 2**8)
    assert (against_cheap.together, against_cheap.adjusted_p_value) == (4, pytest.approx(4 * 2 / 2**8))
