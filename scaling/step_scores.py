"""One score for a candidate out of the verifier's scores after each of its steps [Snell §5.1, appendix E]."""

import math
from collections.abc import Sequence
from enum import StrEnum


class StepAggregation(StrEnum):
    """How the scores of a candidate's steps become its own."""

    LAST = "last"  # the score after the last step: Snell's choice
    MIN = "min"  # a chain is as strong as its weakest step (Lightman et al., arXiv 2305.20050)
    PRODUCT = "product"  # the chance that every step is right, were they independent
    MEAN = "mean"


def aggregate(step_scores: Sequence[float], how: StepAggregation) -> float:
    """NaN without a step: nothing was scored."""
    if not step_scores:
        return math.nan
    if how is StepAggregation.LAST:
        return step_scores[-1]
    if how is StepAggregation.MIN:
        return min(step_scores)
    if how is StepAggregation.PRODUCT:
        return math.prod(step_scores)
    return sum(step_scores) / len(step_scores)
