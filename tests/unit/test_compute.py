"""What a job spent, on each axis."""

import math

import numpy as np
import pytest

from scaling.compute import Axis, Parameters, Spent

NAN = math.nan

# Three jobs: plain; with a verifier; one whose engine does not report what was cached.
SPENT = Spent(
    thinking_tokens=np.array([40.0, 50.0, 60.0]),
    prompt_tokens=np.array([100.0, 300.0, 100.0]),
    cached_tokens=np.array([0.0, 200.0, NAN]),
    generated_tokens=np.array([50.0, 60.0, 70.0]),
    verifier_tokens=np.array([0.0, 80.0, 0.0]),
    verifier_cached_tokens=np.array([0.0, 30.0, 0.0]),
    wall_s=np.array([1.5, 2.5, NAN]),
    samples=np.array([1.0, 4.0, 1.0]),
)


def test_each_axis_counts_its_own() -> None:
    both = Parameters(10, 3)
    assert SPENT.on(Axis.THINKING, both).tolist() == [40, 50, 60]
    assert SPENT.on(Axis.GENERATED, both).tolist() == [50, 60, 70]
    assert SPENT.on(Axis.WITH_VERIFIER, both).tolist() == [50, 140, 70]
    assert SPENT.on(Axis.SAMPLES, both).tolist() == [1, 4, 1]
    np.testing.assert_array_equal(SPENT.on(Axis.SECONDS, both), [1.5, 2.5, NAN])


def test_flops_are_of_generator_and_verifier_and_cached_tokens_are_free() -> None:
    """10 parameters: 2·10·(100 + 50) = 3000; 2·10·160 + 2·3·(80 − 30) = 3200 + 300; cached unknown: NaN."""
    np.testing.assert_array_equal(SPENT.on(Axis.FLOPS, Parameters(10, 3)), [3000, 3500, NAN])


def test_unknown_parameters_make_unknown_flops_only_where_they_are_needed() -> None:
    np.testing.assert_array_equal(SPENT.on(Axis.FLOPS, Parameters(10)), [3000, NAN, NAN])
    assert np.isnan(SPENT.on(Axis.FLOPS, Parameters(None, 3))).all()


@pytest.mark.parametrize("axis", Axis)
def test_every_axis_has_a_label_and_a_unit(axis: Axis) -> None:
    assert axis.label
    assert axis.unit in ("tokens", "FLOPs", "s", "samples")
