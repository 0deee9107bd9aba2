"""A point by itself: what it comes to, with what each problem got and without."""

import numpy as np

from db.queries import Arm
from results.measured.point import Point

ARM = Arm(1, 0, "vote", "tiny", "majority_vote", {"samples": 4}, {})


def test_a_point_that_is_kept_says_the_same_without_what_each_problem_got() -> None:
    """Two of three problems have a result, one right; costs of two are known, 10 and 20."""
    whole = Point(ARM, 2, np.array([1.0, 0.0, np.nan]), np.array([10.0, np.nan, 20.0]))
    light = whole.summed()
    assert light.value_P.size == 0
    assert (light.value.value, light.value.n, light.cost, light.cost_n) == (0.5, 2, 15.0, 2)
    assert (light.value, light.cost_interval, light.label) == (whole.value, whole.cost_interval, "vote, k = 2")
