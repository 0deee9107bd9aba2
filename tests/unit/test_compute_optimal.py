"""The two-fold choice, where the truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.statistics.compute_optimal import CHOSEN, ComputeOptimal, Trials, compute_optimal, halves, one_for_all
from scaling.statistics.difficulty import DifficultyBins, bins_of_equal_size
from scaling.statistics.estimates import share

FREE = np.zeros


def trials(correct_PS: np.ndarray, cost_PS: np.ndarray | None = None) -> Trials:
    names = tuple(f"strategy {number}" for number in range(correct_PS.shape[1]))
    costs = np.ones_like(correct_PS) if cost_PS is None else cost_PS
    return Trials(names, correct_PS, costs)


def chosen(
    offered: Trials, bins: DifficultyBins, binning_cost_P: np.ndarray, seed: int = 0
) -> tuple[ComputeOptimal, ...]:
    """Within a budget that pays for all."""
    return compute_optimal(offered, bins, binning_cost_P, [8.0], seed)


CHANCES = np.array([[0.9, 0.8], [0.8, 0.7], [0.6, 0.5], [0.3, 0.4], [0.1, 0.3]])
"""Of two strategies in each quintile: one is better on easy problems, the other on hard ones."""


def crossing_truth(generator: np.random.Generator, num_problems: int) -> tuple[np.ndarray, np.ndarray]:
    """Easiness, and the chances of the two strategies."""
    easiness_P = generator.random(num_problems)
    return easiness_P, CHANCES[bins_of_equal_size(easiness_P).bin_P]


def test_the_best_strategy_of_easy_and_of_hard_problems_is_found_and_the_oracle_not_beaten() -> None:
    """Truth: .54 for the first for all, .54 for the second, (.9 + .8 + .6 + .4 + .3)/5 = .60 for the best per bin."""
    generator = np.random.default_rng(0)
    easiness_P, chance_PS = crossing_truth(generator, 5000)
    correct_PS = (generator.random(chance_PS.shape) < chance_PS).astype(float)
    (point,) = chosen(trials(correct_PS), bins_of_equal_size(easiness_P), FREE(5000))
    assert point.choices == (("strategy 0",) * 2,) * 3 + (("strategy 1",) * 2,) * 2
    assert point.accuracy.low < 0.60 < point.accuracy.high
    assert point.accuracy.value <= point.ceiling
    assert point.against(correct_PS[:, 0]).difference.low > 0.04
    assert point.against(correct_PS[:, 1]).is_clear


def test_over_many_small_experiments_choosing_does_not_beat_knowing() -> None:
    """200 experiments of 100 problems: below the truth of the best per bin, .60, for wrong choices cost.

    The ceiling, which measures where it chose, is above the truth on average: that is why there are two folds.
    """
    points = []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        easiness_P, chance_PS = crossing_truth(generator, 100)
        correct_PS = (generator.random(chance_PS.shape) < chance_PS).astype(float)
        points += chosen(trials(correct_PS), bins_of_equal_size(easiness_P), FREE(100), seed)
    mean = np.mean([point.accuracy.value for point in points])
    assert 0.55 < mean < 0.60
    assert np.mean([point.ceiling for point in points]) > 0.60


def test_the_interval_covers_the_accuracy_of_what_was_chosen() -> None:
    """400 experiments of 200 problems. Quintiles are strata here, so it covers somewhat more than 95 %."""
    covered = []
    for seed in range(400):
        generator = np.random.default_rng([1, seed])
        easiness_P, chance_PS = crossing_truth(generator, 200)
        correct_PS = (generator.random(chance_PS.shape) < chance_PS).astype(float)
        (point,) = chosen(trials(correct_PS), bins_of_equal_size(easiness_P), FREE(200), seed)
        made = [[int(name.split()[1]) for name in halves_of_bin] for halves_of_bin in point.choices]
        truth = np.mean([CHANCES[number, of_halves].mean() for number, of_halves in enumerate(made)])
        covered.append(point.accuracy.low <= truth <= point.accuracy.high)
    assert 0.94 <= np.mean(covered) <= 1.0


def test_of_strategies_that_do_not_differ_the_choice_does_not_win() -> None:
    """Eight times the same coin of .5: two-fold stays at .5, where choosing and measuring on the same gains 10 points.

    200 experiments × 100 problems: the standard error is √(.25/20000) = .0035.
    """
    points = []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        noise_PS = generator.integers(2, size=(100, 8)).astype(float)
        points += chosen(trials(noise_PS), bins_of_equal_size(generator.random(100)), FREE(100), seed)
    assert np.mean([point.accuracy.value for point in points]) == pytest.approx(0.5, abs=0.012)
    assert np.mean([point.ceiling for point in points]) > 0.58


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(4, 40))
def test_the_ceiling_is_never_exceeded(seed: int, num_strategies: int, num_problems: int) -> None:
    """On each half, what was chosen on the other is at most the best there; so is the mean."""
    generator = np.random.default_rng(seed)
    correct_PS = generator.integers(2, size=(num_problems, num_strategies)).astype(float)
    bins = bins_of_equal_size(generator.random(num_problems), num_bins=2)
    (point,) = chosen(trials(correct_PS), bins, FREE(num_problems), seed)
    assert point.accuracy.value <= point.ceiling + 1e-12


def test_each_half_is_measured_with_what_the_other_chose() -> None:
    """One bin of four. On one half strategy 0 is right, on the other strategy 1: each chooses what fails the other."""
    bins = DifficultyBins(np.zeros(4, dtype=np.intp), 1)
    fold_P = halves(bins, seed=5)
    assert sorted(fold_P) == [0, 0, 1, 1]
    correct_PS = np.stack([fold_P == 0, fold_P == 1], axis=1).astype(float)
    (point,) = chosen(trials(correct_PS), bins, FREE(4), seed=5)
    assert point.accuracy.value == 0.0
    assert point.choices == (("strategy 1", "strategy 0"),)
    assert point.ceiling == 0.5


def test_the_cost_of_binning_is_charged_apart() -> None:
    """All choose strategy 1, which is always right and costs 3; finding out the bin costs 10 more."""
    correct_PS, cost_PS = np.tile([0.0, 1.0], (4, 1)), np.tile([2.0, 3.0], (4, 1))
    bins = DifficultyBins(np.zeros(4, dtype=np.intp), 1)
    (point,) = chosen(trials(correct_PS, cost_PS), bins, np.full(4, 10.0))
    assert (point.cost, point.cost_with_binning) == (3.0, 13.0)
    (unknown,) = chosen(trials(correct_PS, cost_PS), bins, np.full(4, math.nan))
    assert math.isnan(unknown.cost_with_binning)


def test_a_strategy_without_a_result_is_not_offered_and_a_failed_job_is_not_counted() -> None:
    correct_PS = np.array([[math.nan, 1.0], [math.nan, math.nan], [math.nan, 0.0], [math.nan, 1.0]])
    bins = DifficultyBins(np.zeros(4, dtype=np.intp), 1)
    (point,) = chosen(trials(correct_PS), bins, FREE(4))
    assert point.choices == (("strategy 1", "strategy 1"),)
    assert (point.accuracy.n, point.accuracy.value) == (3, pytest.approx(2 / 3))


def test_one_for_all_is_the_choice_without_knowing_the_difficulty() -> None:
    """Truth: .54 for either strategy, so choosing by bin is worth 6 points. Unbinned problems are in neither."""
    generator = np.random.default_rng(0)
    easiness_P, chance_PS = crossing_truth(generator, 5000)
    correct_PS = (generator.random(chance_PS.shape) < chance_PS).astype(float)
    easiness_P[:10] = math.nan
    bins = bins_of_equal_size(easiness_P)
    (simple,) = one_for_all(trials(correct_PS), bins, [8.0])
    (by_bin,) = chosen(trials(correct_PS), bins, FREE(5000))
    assert len(simple.choices) == 1 and simple.accuracy.n == by_bin.accuracy.n == 4990
    assert by_bin.against(simple.correct_P).difference.value == pytest.approx(0.06, abs=0.015)


def test_a_mean_over_subsets_has_a_difference_but_no_test_of_single_answers() -> None:
    """Right 100 times against .99: 100 problems one way, but not a hundred flips."""
    (point,) = chosen(trials(np.ones((100, 1))), bins_of_equal_size(np.arange(100.0)), FREE(100))
    of_means = point.against(np.full(100, 0.99))
    assert (of_means.p_value, of_means.warning) == (None, None)
    assert of_means.difference.value == pytest.approx(0.01)
    assert point.against(np.zeros(100)).is_clear


def test_what_a_bin_cannot_tell_apart_is_told_by_all_bins_and_then_by_the_cost() -> None:
    """On easy problems all are right: there strategy 1 is chosen, which alone is right on hard ones; 2 costs more."""
    easy, hard = [[1.0, 1.0, 1.0]] * 4, [[0.0, 1.0, 1.0]] * 4
    cost_PS = np.tile([1.0, 2.0, 3.0], (8, 1))
    bins = DifficultyBins(np.array([0] * 4 + [1] * 4), 2)
    (point,) = chosen(trials(np.array(easy + hard), cost_PS), bins, FREE(8))
    assert point.choices == (("strategy 1",) * 2,) * 2


def test_within_a_budget_is_within_it_in_every_bin() -> None:
    """A costs 100 on easy and 900 on hard problems, 500 on average: 512 does not pay for it on hard ones, however good
    it is there. B costs 500 and 480, C 50 in both. Chosen at 512: A on easy ones, B on hard ones, (100 + 480)/2 = 290.
    """
    bins = DifficultyBins(np.array([0] * 4 + [1] * 4), 2)
    cost_PS = np.array([[100.0, 500.0, 50.0]] * 4 + [[900.0, 480.0, 50.0]] * 4)
    correct_PS = np.array([[1.0, 1.0, 0.0]] * 4 + [[1.0, 1.0, 0.0]] * 2 + [[1.0, 0.0, 0.0]] * 2)
    offered = Trials(("A", "B", "C"), correct_PS, cost_PS)
    (point,) = compute_optimal(offered, bins, FREE(8), [512.0])
    assert point.choices == (("A", "A"), ("B", "B"))
    assert (point.cost, point.dearest, point.accuracy.value) == (290.0, 500.0, 0.75)
    (simple,) = one_for_all(offered, bins, [512.0])
    assert (simple.choices, simple.cost) == ((("A", "A"),), 500.0)  # for all problems together it is within the budget
    (poor,) = compute_optimal(offered, bins, FREE(8), [99.0])
    assert (poor.choices, poor.cost) == ((("C", "C"),) * 2, 50.0)
    assert compute_optimal(offered, bins, FREE(8), [49.0]) == ()


def test_budgets_are_the_powers_of_two_that_pay_for_something_more_in_some_bin() -> None:
    """Half-bin costs 100, 500, 50, 900, 480: 64, 128, 512 and 1024 pay for them."""
    bins = DifficultyBins(np.array([0] * 4 + [1] * 4), 2)
    cost_PS = np.array([[100.0, 500.0, 50.0]] * 4 + [[900.0, 480.0, 50.0]] * 4)
    points = compute_optimal(Trials(("A", "B", "C"), np.ones((8, 3)), cost_PS), bins, FREE(8))
    assert [point.budget for point in points] == [64.0, 128.0, 512.0, 1024.0]
    assert all(point.cost <= point.budget for point in points)


def test_the_other_half_may_spend_more_than_the_budget_and_is_drawn_at_what_it_spent() -> None:
    """One bin of four: on one half strategy 0 costs 4, on the other 12; strategy 1 costs 1. At 8 the half that knows
    4 chooses strategy 0 for the other, which spends 12; the other takes strategy 1: (12 + 1)/2 = 6.5 is spent.
    """
    bins = DifficultyBins(np.zeros(4, dtype=np.intp), 1)
    fold_P = halves(bins, seed=5)
    cost_PS = np.stack([np.where(fold_P == 0, 4.0, 12.0), np.ones(4)], axis=1)
    correct_PS = np.tile([1.0, 0.0], (4, 1))
    (point,) = compute_optimal(trials(correct_PS, cost_PS), bins, FREE(4), [8.0], seed=5)
    assert point.choices == (("strategy 1", "strategy 0"),)
    assert (point.cost, point.accuracy.value) == (6.5, 0.5)


def test_looking_at_costs_does_not_look_at_answers() -> None:
    """Eight times the same coin, whose wrong answers cost 20 and right ones 10, in a budget of 15: what is chosen is
    right half of the time. Had the costs of both halves to keep to 15, only lucky halves would be measured.

    200 experiments × 100 problems: the standard error is √(.25/20000) = .0035.
    """
    points = []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        noise_PS = generator.integers(2, size=(100, 8)).astype(float)
        offered = trials(noise_PS, 20 - 10 * noise_PS)
        points += compute_optimal(offered, bins_of_equal_size(generator.random(100)), FREE(100), [15.0], seed)
    assert np.mean([point.accuracy.value for point in points]) == pytest.approx(0.5, abs=0.012)


def test_a_mean_cost_is_paid_by_its_own_power_of_two_however_it_was_rounded() -> None:
    """A free strategy is paid by any budget; where no cost is known there is none."""
    bins = DifficultyBins(np.zeros(2, dtype=np.intp), 1)

    def budgets(cost_PS: np.ndarray) -> list[float]:
        return [point.budget for point in compute_optimal(trials(np.ones_like(cost_PS), cost_PS), bins, FREE(2))]

    assert budgets(np.full((2, 1), 16 * (1 + 1e-15))) == [16.0]
    assert budgets(np.array([[16.0, 0.0], [16.0, 0.0]])) == [16.0]
    assert budgets(np.zeros((2, 1))) == [1.0]
    assert budgets(np.full((2, 1), math.nan)) == []


def test_too_small_bins_and_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="bin 1 has 1 problems, too few for two halves"):
        halves(DifficultyBins(np.array([0, 0, 1]), 2), seed=0)
    with pytest.raises(ValueError, match="problems × 2 strategies expected"):
        Trials(("a", "b"), np.zeros((3, 3)), np.zeros((3, 2)))


def test_the_interval_of_a_choice_is_as_much_wider_as_choosing_makes_its_mean_vary() -> None:
    """3,000 experiments of 100 problems under three settings that are all fair coins: the mean of the chosen ones
    varies √(1 + 9/8π) = 1.165 times as much as one setting's, which an interval of 1.96 standard errors would miss."""
    generator = np.random.default_rng(0)
    one_bin = DifficultyBins(np.zeros(100, dtype=np.intp), 1)
    points = [
        chosen(trials(generator.integers(2, size=(100, 3)).astype(float)), one_bin, FREE(100), seed)[0]
        for seed in range(3000)
    ]
    spread = np.std([point.accuracy.value for point in points]) / math.sqrt(0.25 / 100)
    assert spread == pytest.approx(CHOSEN, abs=0.06)
    covered = np.mean([point.accuracy.low <= 0.5 <= point.accuracy.high for point in points])
    assert 0.94 <= covered <= 0.97


def test_what_left_no_choice_has_the_interval_of_its_problems() -> None:
    correct_PS = np.repeat([[1.0], [0.0]], 50, axis=0)
    one_bin = DifficultyBins(np.zeros(100, dtype=np.intp), 1)
    (alone,) = chosen(trials(correct_PS), one_bin, FREE(100))
    assert not alone.is_choice and alone.accuracy == share(correct_PS)
    other_P = np.roll(correct_PS[:, 0], 10)
    plain, against_a_choice = alone.against(other_P).difference, alone.against(other_P, was_chosen=True).difference
    assert against_a_choice.high - against_a_choice.value == pytest.approx(CHOSEN * (plain.high - plain.value))
