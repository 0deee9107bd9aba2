"""What finished jobs are remembered by: written with the trace, made up for where it is missing, read by the curves."""

import math

import pytest
from sqlalchemy import Engine, text

from db import queries
from results import Easiness, Measurements, Metric, points
from results.difficulty import DIFFICULTY
from scaling.compute.axes import Axis
from scaling.statistics.rollup import WEIGHTED_ERROR
from tests.integration.scenes import claimed, column, running_experiment, scored_job, succeed


def measured(engine: Engine, experiment_id: int) -> Measurements:
    return Measurements(engine, queries.experiment(engine, experiment_id))


def values(engine: Engine, experiment_id: int, metric: Metric) -> list[float]:
    made = points(measured(engine, experiment_id), Axis.CANDIDATES, metric)
    return [each.value.value for each in made.points]


def test_a_job_that_succeeds_leaves_its_rollup(engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    scored_job(engine, "355", "3", [0.6, 0.5, 0.5])
    assert column(engine, "SELECT ks FROM rollups") == [[1, 2, 3]]
    assert column(engine, "SELECT pass_at_k[3] FROM rollups") == [1.0]
    assert column(engine, "SELECT mean_final_score FROM rollups") == [pytest.approx(1.6 / 3)]


def test_jobs_that_ended_before_rollups_were_kept_are_rolled_up_as_they_are_read(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=2)
    scored_job(engine, "355", "3", [0.6, 0.5, 0.5])
    scored_job(engine, "377", "7", [0.6, 0.5, 0.5])
    before = {metric: values(engine, experiment_id, metric) for metric in Metric if metric is not Metric.ACCURACY}
    assert before[Metric.MAJ] == pytest.approx([(1 / 3 + 2 / 3) / 2, (1 / 3 + 2 / 3) / 2, 1 / 2])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM rollups WHERE job_id = (SELECT max(job_id) FROM rollups)"))
    assert {metric: values(engine, experiment_id, metric) for metric in before} == before


@pytest.mark.parametrize("metric", [Metric.BEST, Metric.WEIGHTED])
def test_a_job_none_of_whose_candidates_was_scored_counts_with_its_vote(engine: Engine, metric: Metric) -> None:
    """The first problem chooses the 3, right; the second votes 7, 7, 5: right at 3, by 2/3 at 1, and of two drawn by
    (1 + ½ + ½)/3. An arm without any score has no best to choose.
    """
    experiment_id = running_experiment(engine, num_problems=2)
    scored_job(engine, "355", "3", [0.9, 0.1, 0.1])
    unscored = (None, None, None)
    scored_job(engine, "775", "7", unscored)
    assert values(engine, experiment_id, metric)[-1] == 1.0
    assert values(engine, experiment_id, metric)[0] == pytest.approx((1 / 3 + 2 / 3) / 2)
    assert values(engine, experiment_id, metric)[1] == pytest.approx((2 / 3 + 2 / 3) / 2)
    alone = running_experiment(engine, num_problems=1)
    scored_job(engine, "775", "7", unscored)
    assert all(math.isnan(value) for value in values(engine, alone, metric))


def test_only_the_k_that_all_jobs_have_are_drawn(engine: Engine) -> None:
    """As after an adaptive vote: one job made 3 candidates, the other 4."""
    experiment_id = running_experiment(engine, num_problems=2)
    for number in (3, 4):
        succeed(engine, claimed(engine).lease, num_candidates=number)
    made = points(measured(engine, experiment_id), Axis.CANDIDATES, Metric.PASS)
    assert [each.k for each in made.points] == [1, 2]


def test_few_problems_get_a_more_exact_curve_than_their_rollups_have(engine: Engine) -> None:
    """Two problems of 40 candidates: errors of .005 each would be .0035 together, above the tenth of a point drawn."""
    experiment_id = running_experiment(engine, num_problems=2)
    for _ in range(2):
        keys = "".join(str(number % 7) for number in range(40))
        scored_job(engine, keys, "0", [0.3 + 0.05 * (number % 11) for number in range(40)])
    errors = column(engine, "SELECT weighted_error FROM rollups")
    assert all(0.001 < error <= WEIGHTED_ERROR for error in errors)  # type: ignore[operator]
    made = points(measured(engine, experiment_id), Axis.CANDIDATES, Metric.WEIGHTED)
    assert 0 < max(each.monte_carlo_error for each in made.points) <= 0.001


def test_difficulty_is_read_off_the_rollups(engine: Engine) -> None:
    experiment_id = running_experiment(engine, num_problems=4)
    for right in "3355":
        scored_job(engine, "355", right, [0.9 if right == "3" else 0.1] * 3)
    found = measured(engine, experiment_id)
    oracle = DIFFICULTY.answer(found, base="1", by=Easiness.ORACLE, bins=2)
    assert oracle.base.easiness_P.tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3])
    scores = DIFFICULTY.answer(found, base="1", by=Easiness.VERIFIER, bins=2)
    assert scores.base.easiness_P.tolist() == pytest.approx([0.9, 0.9, 0.1, 0.1])
