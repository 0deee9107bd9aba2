"""Rollups of jobs, kept and made anew, put together in the order of an arm's jobs."""

import numpy as np
import pytest

from results.measured.rollups import columns_of, together
from scaling.statistics.rollup import Rollup


def rollup(ks: tuple[int, ...], right: float, *, is_scored: bool = False) -> Rollup:
    """All shares are the same at every k."""
    shares = (right,) * len(ks)
    scored = shares if is_scored else None
    return Rollup(ks, shares, shares, scored, scored, 0.004 if is_scored else 0.0, 0.5 if is_scored else None)


def test_each_job_is_in_its_place_whatever_part_it_comes_from() -> None:
    parts = [columns_of(job_id, rollup((1, 2), job_id / 10)) for job_id in (5, 3, 8)]
    made = together(np.array([3, 8, 5]), parts)
    assert made.pass_JK[:, 0].tolist() == pytest.approx([0.3, 0.8, 0.5])
    assert made.job_id_J.tolist() == [3, 8, 5]


def test_only_the_ks_that_all_jobs_have_are_left_and_jobs_of_others_do_not_matter() -> None:
    """Candidates: 3, 4, and 1 of a job that ended meanwhile. 1 and 2 are the ks of both that count."""
    parts = [
        columns_of(1, rollup((1, 2, 3), 0.5)),
        columns_of(2, rollup((1, 2, 4), 0.5)),
        columns_of(9, rollup((1,), 1)),
    ]
    made = together(np.array([1, 2]), parts)
    assert (made.ks, made.maj_JK.shape) == ((1, 2), (2, 2))


def test_what_was_not_scored_is_nan_beside_what_was() -> None:
    made = together(
        np.array([1, 2]), [columns_of(1, rollup((1, 2), 0.5)), columns_of(2, rollup((1, 2), 0.25, is_scored=True))]
    )
    assert np.isnan(made.best_JK[0]).all()
    assert made.weighted_JK[1].tolist() == [0.25, 0.25]
    assert np.isnan(made.mean_final_score_J).tolist() == [True, False]
    assert made.weighted_error_J.tolist() == [0.0, 0.004]


def test_an_arm_without_jobs_has_no_ks() -> None:
    made = together(np.array([], dtype=np.int64), [])
    assert (made.ks, made.shares_JMK.shape) == ((), (0, 5, 0))
