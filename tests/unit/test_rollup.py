"""What a finished job is remembered by, worked by hand."""

import math

import pytest

from scaling.statistics.at_k import JobBallot, best_of_k_mean
from scaling.statistics.rollup import WEIGHTED_ERROR, roll_up
from scaling.types import Verdict

CORRECT, WRONG, TRUNCATED = Verdict.CORRECT, Verdict.WRONG, Verdict.TRUNCATED


def test_a_jobs_chances_are_kept_for_each_power_of_two() -> None:
    """Answers 3 (right), 5, 5: 2 of 3 pairs hold the right one, and there a vote of two is a draw."""
    made = roll_up(JobBallot.of("p", ["3", "5", "5"], [CORRECT, WRONG, WRONG], [math.nan] * 3), [(), (), ()])
    assert made.ks == (1, 2, 3)
    assert made.pass_at_k == pytest.approx((1 / 3, 2 / 3, 1))
    assert made.maj_at_k == pytest.approx((1 / 3, 1 / 2 * 2 / 3, 0))
    assert made.share_correct == pytest.approx(1 / 3)
    assert (made.best_of_k, made.weighted_of_k, made.mean_final_score) == (None, None, None)


def test_scored_candidates_are_chosen_among_as_well() -> None:
    """The right answer has the higher score, .6 against .5, but two of .5 weigh more: weighted loses with all three."""
    ballot = JobBallot.of("p", ["3", "5", "5"], [CORRECT, WRONG, WRONG], [0.6, 0.5, 0.5])
    made = roll_up(ballot, [(0.1, 0.6), (0.5,), ()])
    assert made.best_of_k == pytest.approx((1 / 3, 2 / 3, 1))
    assert made.weighted_of_k == pytest.approx((1 / 3, 2 / 3, 0))
    assert made.weighted_error == 0.0  # exact for so few
    assert made.mean_final_score == pytest.approx((0.6 + 0.5) / 2)  # the third was not looked at


def test_a_truncated_candidate_has_a_place_among_the_k_and_no_vote() -> None:
    made = roll_up(JobBallot.of("p", ["3", "5"], [CORRECT, TRUNCATED], [math.nan] * 2), [(), ()])
    assert made.maj_at_k == pytest.approx((1 / 2, 1))
    assert made.pass_at_k == pytest.approx((1 / 2, 1))


def test_many_scored_candidates_are_drawn_within_the_error_that_is_kept() -> None:
    keys = [str(number % 7) for number in range(40)]
    verdicts = [CORRECT if key == "0" else WRONG for key in keys]
    scores = [0.3 + 0.5 * (number % 11) / 10 for number in range(40)]
    ballot = JobBallot.of("p", keys, verdicts, scores)
    made = roll_up(ballot, [(score,) for score in scores], seed=5)
    assert 0 < made.weighted_error <= WEIGHTED_ERROR
    assert made.weighted_of_k is not None
    finer = best_of_k_mean(scores, keys, ballot.correct, 16, "weighted", seed=1, standard_error=0.0005).value
    assert made.weighted_of_k[made.ks.index(16)] == pytest.approx(finer, abs=4 * WEIGHTED_ERROR)
    assert made == roll_up(ballot, [(score,) for score in scores], seed=5)
