"""The rule of the verdict, on worlds worked by hand."""

import numpy as np
import pytest

from scaling.arrays import Floats
from scaling.statistics.compute_optimal import CHOSEN
from scaling.statistics.estimates import Estimate
from scaling.statistics.intervals import NORMAL_975, difference_interval
from scaling.verdict.bands import Deviations
from scaling.verdict.rule import Contest, Place, Verdict, decided, problems_needed, said_by, summed

ONE = (Place("tokens", 64.0),)


def flips(gained: int, lost: int, problems: int) -> Floats:
    """Single answers: so many problems gained by the second family, so many lost, the rest alike."""
    return np.array([1.0] * gained + [-1.0] * lost + [0.0] * (problems - gained - lost))


def drawn(differences_PD: Floats) -> Deviations:
    return Deviations.drawn(differences_PD, np.zeros(differences_PD.shape[1], dtype=np.bool_))


def contest(claim: str, *columns: Floats, places: tuple[Place, ...] | None = None) -> Contest:
    differences_PD = np.stack(columns, axis=1)
    means_D = np.nanmean(differences_PD, axis=0)
    places = places or tuple(Place("tokens", 2.0**number) for number in range(len(columns)))
    return Contest(claim, places, differences_PD, np.zeros(len(places), dtype=np.bool_), means_D, means_D)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.3, Verdict.BETTER),
        (0.001, 0.019, Verdict.BETTER),  # small, and there
        (-0.3, -0.001, Verdict.WORSE),
        (-0.019, 0.019, Verdict.EQUIVALENT),
        (-0.021, 0.01, Verdict.UNDECIDED),
        (0.0, 0.3, Verdict.UNDECIDED),
    ],
)
def test_a_band_says_one_thing(low: float, high: float, verdict: Verdict) -> None:
    assert said_by(Estimate((low + high) / 2, low, high, 100), margin=0.02) is verdict


def test_the_band_of_one_difference_is_the_interval_that_it_has_alone() -> None:
    differences_P = flips(40, 10, 200)
    (band,) = drawn(differences_P[:, None]).bands()
    low, high = difference_interval(differences_P)
    assert band.value == 30 / 200
    # the sup-t of one mean is its own t, but for Student's quantile and 10,000 draws
    assert band.low == pytest.approx(low, abs=0.004) and band.high == pytest.approx(high, abs=0.004)
    assert band.low <= low and band.high >= high


def test_bands_of_many_problems_are_those_that_resamples_of_them_would_have() -> None:
    """From 1,000 problems on what means stray is drawn from the normal, with all that goes together."""
    generator = np.random.default_rng(5)
    shared_P = generator.choice([-1.0, 0.0, 1.0], p=[0.1, 0.75, 0.15], size=1000)
    own_PD = generator.choice([-1.0, 0.0, 1.0], p=[0.1, 0.8, 0.1], size=(1000, 6))
    differences_PD = np.clip(shared_P[:, None] + own_PD, -1, 1)
    many, one_less = drawn(differences_PD), drawn(differences_PD[1:])
    for alpha in (0.05, 0.0167):
        assert many.errors_away(alpha) == pytest.approx(one_less.errors_away(alpha), rel=0.02)


def test_bands_of_what_is_the_same_twice_are_no_wider_than_those_of_it_once() -> None:
    """Bonferroni would put them 2.24 errors away. Axes that measure the same thing cost nothing."""
    once = drawn(flips(40, 10, 200)[:, None])
    ten_times = drawn(np.repeat(flips(40, 10, 200)[:, None], 10, axis=1))
    assert ten_times.errors_away(0.05) == pytest.approx(once.errors_away(0.05), abs=1e-9)


def test_bands_of_what_is_unrelated_are_as_wide_as_sidak_s() -> None:
    """1 − .95^(1/10) two-sided: 2.80 standard errors of a normal."""
    differences_PD = np.random.default_rng(1).choice([-1.0, 0.0, 1.0], size=(2000, 10))
    assert drawn(differences_PD).errors_away(0.05) == pytest.approx(2.80, abs=0.06)


def test_where_nothing_differs_a_band_has_width_all_the_same() -> None:
    (band,) = drawn(np.zeros((30, 1))).bands()
    assert (band.value, band.low < -0.05, band.high > 0.05) == (0.0, True, True)
    assert drawn(np.zeros((30, 1))).errors_away(0.05) == NORMAL_975


def test_a_problem_without_a_result_leaves_that_difference_alone() -> None:
    missing = flips(40, 10, 200)
    missing[:10] = np.nan
    bands = drawn(np.stack([flips(40, 10, 200), missing], axis=1)).bands()
    assert [(band.value, band.n) for band in bands] == [(30 / 200, 200), (20 / 190, 190)]


def test_a_clear_difference_is_better_and_its_mirror_image_worse() -> None:
    (better,) = decided([contest("forcing", flips(40, 10, 200))])
    (worse,) = decided([contest("forcing", flips(10, 40, 200))])
    assert (better.verdict, worse.verdict) == (Verdict.BETTER, Verdict.WORSE)


def test_many_problems_that_agree_are_equivalent_and_few_are_undecided() -> None:
    """10,000 problems of which 100 and 100 flip: .0014 the standard error, and the band ±.0028. Of 100, one and one."""
    (many,) = decided([contest("forcing", flips(100, 100, 10_000))])
    (few,) = decided([contest("forcing", flips(1, 1, 100))])
    assert (many.verdict, few.verdict) == (Verdict.EQUIVALENT, Verdict.UNDECIDED)


def test_what_failures_could_turn_round_is_not_claimed() -> None:
    clear = contest("forcing", flips(40, 10, 200))
    spoilt = Contest(
        "forcing", clear.places, clear.differences_PD, clear.is_chosen_D, np.array([-0.01]), np.array([0.3])
    )
    (cell,) = decided([spoilt])[0].cells
    assert (cell.verdict, cell.could_turn, cell.problems_needed) == (Verdict.UNDECIDED, True, None)


def test_an_undecided_cell_says_how_many_problems_would_do() -> None:
    """.04 with a band of ±.08 among 100: half as wide and it excludes 0, which takes four times the problems. .005 with
    ±.03: it would fit into ±.02 at half, .015. And .02 at a margin of .02 excludes 0 when ±.02."""
    assert problems_needed(Estimate(0.04, -0.04, 0.12, 100), margin=0.02) == 400
    assert problems_needed(Estimate(0.005, -0.025, 0.035, 100), margin=0.02) == 400
    assert problems_needed(Estimate(0.02, -0.02, 0.06, 100), margin=0.02) == 400
    assert problems_needed(Estimate(0.0, -0.02, 0.02, 100), margin=0.0) is None


def test_the_clearest_claim_is_held_to_the_strictest_level_and_the_next_to_a_less_strict_one() -> None:
    """Holm: 5 %/3 for the first. It says something, so the other two share 5 %: 2.5 %, and so on."""
    claims = [
        contest("training", flips(60, 10, 200)),
        contest("forcing", flips(5, 5, 200)),
        contest("families", flips(5, 6, 200)),
    ]
    assert [each.level for each in decided(claims)] == [0.05 / 3, 0.05 / 2, 0.05 / 2]
    assert [each.level for each in decided(claims[1:])] == [0.05 / 2, 0.05 / 2]


def test_a_claim_is_what_most_axes_say() -> None:
    places = (Place("tokens", 64.0), Place("tokens", 128.0), Place("flops", 1e9), Place("seconds", 2.0))
    better, alike = flips(40, 10, 200), flips(10, 10, 200)
    (two_of_three,) = decided([contest("forcing", alike, better, better, alike, places=places)])
    (one_of_three,) = decided([contest("forcing", alike, better, alike, alike, places=places)])
    assert [two_of_three.on(axis) for axis in two_of_three.axes] == ["better", "better", "undecided"]
    assert (two_of_three.verdict, one_of_three.verdict) == (Verdict.BETTER, Verdict.UNDECIDED)


def test_an_axis_on_which_curves_cross_is_mixed() -> None:
    assert summed([Verdict.BETTER, Verdict.WORSE, Verdict.EQUIVALENT]) is Verdict.MIXED
    assert summed([Verdict.BETTER, Verdict.EQUIVALENT]) is Verdict.BETTER
    assert summed([Verdict.EQUIVALENT, Verdict.UNDECIDED]) is Verdict.UNDECIDED
    assert summed([Verdict.EQUIVALENT, Verdict.EQUIVALENT]) is Verdict.EQUIVALENT


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2 places need as many differences and bounds, got \[1, 2\]"):
        Contest("forcing", (*ONE, Place("flops", 1.0)), np.zeros((3, 1)), np.array([False]), np.zeros(2), np.zeros(2))
    with pytest.raises(ValueError, match="claims have names of their own"):
        decided([contest("forcing", flips(1, 1, 9)), contest("forcing", flips(1, 1, 9))])
    with pytest.raises(ValueError, match="each with a problem"):
        drawn(np.full((3, 1), np.nan))


def test_what_was_chosen_two_fold_has_a_wider_band() -> None:
    """Three settings that tie, coins each: the mean of what two halves choose for one another has 1.165 times the
    standard error of the coins. 4,000 experiments of 100 problems know it to 1 %."""
    generator = np.random.default_rng(3)
    halves = generator.integers(2, size=(4000, 2, 50, 3)).mean(axis=2)
    chosen = np.take_along_axis(halves, halves[:, ::-1].argmax(axis=2)[..., None], axis=2).mean(axis=(1, 2))
    assert pytest.approx(1.165, abs=0.001) == CHOSEN
    assert chosen.std() / 0.05 == pytest.approx(CHOSEN, abs=0.04)

    differences_PD = np.tile(flips(40, 10, 200)[:, None], 2)
    alone, chosen_too = Deviations.drawn(differences_PD, np.array([False, True])).bands()
    assert chosen_too.high - chosen_too.low == pytest.approx(CHOSEN * (alone.high - alone.low), rel=0.03)
