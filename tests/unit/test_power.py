"""How large a difference an experiment can show."""

import math

import numpy as np
import pytest

from results.wording import power_words
from scaling.statistics.comparisons import paired_difference
from scaling.statistics.power import STEADY, power_of, problems_needed, smallest_difference


def test_the_problems_needed_grow_with_the_square_of_the_difference() -> None:
    """Ten in a hundred gained: (1.96·√.1 + .8416·√(.1 − .01))²/.01 = (.6198 + .2525)²/.01 = 76.1, so 77."""
    assert problems_needed(0.1, 0.1) == 77
    assert problems_needed(-0.1, 0.1) == 77
    assert problems_needed(0.0, 0.3) is None
    assert problems_needed(math.nan, math.nan) is None


def test_among_many_comparisons_a_difference_needs_more_problems() -> None:
    """At .05/4 the quantile is 2.4977: (2.4977·√.1 + .2525)²/.01 = (.7898 + .2525)²/.01 = 108.6, so 109."""
    assert problems_needed(0.1, 0.1, 0.05 / 4) == 109


@pytest.mark.parametrize(("num_problems", "discordant"), [(30, 0.5), (120, 0.1), (120, 0.5), (500, 0.1), (500, 0.3)])
def test_the_smallest_difference_is_found_four_times_in_five(num_problems: int, discordant: float) -> None:
    """1,000 experiments each, decided as all comparisons are. A standard error is .013; few problems jump over .8.

    A difference smaller by a fifth is found less often than that.
    """
    difference = smallest_difference(num_problems, discordant)
    found = share_found(num_problems, discordant, difference)
    assert 0.77 <= found <= 0.93
    assert share_found(num_problems, discordant, 0.8 * difference) < min(0.8, found)


def share_found(num_problems: int, discordant: float, difference: float, num_experiments: int = 1000) -> float:
    generator = np.random.default_rng(num_problems)
    gained, lost = (discordant + difference) / 2, (discordant - difference) / 2
    drawn_EP = generator.choice(
        [1.0, -1.0, 0.0], p=[gained, lost, 1 - discordant], size=(num_experiments, num_problems)
    )
    pairs = ((np.maximum(-each, 0)[:, None], np.maximum(each, 0)[:, None]) for each in drawn_EP)
    return float(np.mean([paired_difference(first, second).is_clear for first, second in pairs]))


def test_repeats_average_out_what_flips_by_chance_and_no_more() -> None:
    """Half of the disagreement is by chance: four repeats leave ½ + ½/4 = .625 of the mean square, and many leave ½."""
    one, four, many = (smallest_difference(200, 0.4, repeats) for repeats in (1, 4, 10_000))
    assert four == pytest.approx(math.sqrt(0.625) * one, rel=0.06)
    assert many == pytest.approx(math.sqrt(STEADY) * one, rel=0.06)
    assert one > four > many


def test_with_repeats_too_it_is_found_four_times_in_five() -> None:
    """150 problems × 4. On a quarter the arms always differ, one way or the other: 200 of 1,000 answers. The other
    half of the disagreement is two coins of one half on four tenths of the problems, .4 · ½ = .2 of all answers."""
    difference, num_problems, repeats = smallest_difference(150, 0.4, 4), 150, 4
    generator = np.random.default_rng(1)
    found = []
    for _ in range(400):
        kind_P = generator.choice(4, p=[0.1 + difference / 2, 0.1 - difference / 2, 0.4, 0.4], size=num_problems)
        chance_2P = np.array([[0.0, 1.0, 0.5, 0.0], [1.0, 0.0, 0.5, 0.0]])[:, kind_P]
        first, second = (generator.random((2, num_problems, repeats)) < chance_2P[:, :, None]).astype(float)
        found.append(paired_difference(first, second).is_clear)
    assert 0.74 <= np.mean(found) <= 0.93


def test_a_difference_is_made_of_as_many_answers_at_least() -> None:
    """Of 30 problems a tenth are 3, and 3 : 0 is p = .25: it takes more. 8 : 0 of 30 is .008; a difference of .33 has
    that or more flips with chance .83. Of 4 problems not even 4 : 0, p = .125, shows anything."""
    assert smallest_difference(30, 0.1) == pytest.approx(0.266, abs=0.07)
    assert share_found(30, smallest_difference(30, 0.1), smallest_difference(30, 0.1)) >= 0.77
    assert math.isnan(smallest_difference(4, 0.5))


def test_what_an_experiment_can_show_is_said_before_it_runs() -> None:
    """Connor's with 120 problems: .0801 and .1791 without the correction of 1/120 = .0083."""
    power = power_of(num_problems=120, repeats=1, num_arms=12)
    assert power is not None
    assert power.alone == (pytest.approx(0.0882, abs=2e-4), pytest.approx(0.1872, abs=2e-4))
    assert power.among[0] > power.alone[0]
    said = power_words(power)
    assert "120 problems can show a difference of 8.8 to 18.7 points between two arms" in said
    assert "four times in five" in said and "if 10 to 50 % of their answers differ" in said
    assert "among 11 arms against one" in said
    assert power_of(num_problems=120, repeats=1, num_arms=1) is None


def test_where_nothing_can_be_shown_that_is_said() -> None:
    power = power_of(num_problems=4, repeats=1, num_arms=2)
    assert power is not None and math.isnan(power.alone[0])
    said = power_words(power)
    assert "a difference of more than 100 points" in said and "among" not in said


def test_without_a_number_of_problems_nothing_is_said() -> None:
    assert power_of(num_problems=None, repeats=1, num_arms=3) is None


def test_a_difference_that_is_the_same_however_many_answers_differ_is_said_once() -> None:
    power = power_of(num_problems=10, repeats=1, num_arms=2)
    assert power is not None and f"{power.alone[0]:.3f}" == f"{power.alone[1]:.3f}"
    assert f"10 problems can show a difference of {100 * power.alone[0]:.1f} points between" in power_words(power)
