"""How large a difference an experiment can show."""

import math

from scaling.power import problems_needed


def test_the_problems_needed_grow_with_the_square_of_the_difference() -> None:
    """Ten in a hundred gained: (1.96·√.1 + .8416·√(.1 − .01))²/.01 = (.6198 + .2525)²/.01 = 76.1, so 77."""
    assert problems_needed(0.1, 0.1) == 77
    assert problems_needed(-0.1, 0.1) == 77
    assert problems_needed(0.0, 0.3) is None
    assert problems_needed(math.nan, math.nan) is None


def test_among_many_comparisons_a_difference_needs_more_problems() -> None:
    """At .05/4 the quantile is 2.4977: (2.4977·√.1 + .2525)²/.01 = (.7898 + .2525)²/.01 = 108.6, so 109."""
    assert problems_needed(0.1, 0.1, 0.05 / 4) == 109
