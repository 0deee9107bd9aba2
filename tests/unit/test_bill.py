"""What an experiment will probably cost, in numbers and in words."""

import math

from results.forecast.before import RunBefore
from results.forecast.bill import ArmBill, Basis, Bill, Range, predicted
from results.forecast.words import bill_words


def test_a_sum_is_predicted_from_the_mean_and_is_as_unsure_as_what_was_seen() -> None:
    """100 jobs of mean 50 and sd 10, from 100 seen: 5,000 ± 1.96 · 10 · √(100 + 100) = 277.2."""
    expected = predicted(50.0, 10.0, seen=100, jobs=100)
    assert expected.likely == 5000.0
    assert math.isclose(expected.high - 5000.0, 277.186, abs_tol=0.001)
    assert math.isclose(5000.0 - expected.low, 277.186, abs_tol=0.001)


def test_of_what_was_seen_once_the_spread_is_its_size_and_nothing_falls_below_none() -> None:
    assert predicted(50.0, None, seen=1, jobs=1) == Range(0.0, 50.0, 50.0 + 1.96 * 50.0 * math.sqrt(2))


def test_a_bound_cuts_all_three() -> None:
    assert Range(10, 20, 30).at_most(15) == Range(10, 15, 15)
    assert Range(10, 20, 30).at_most(None) == Range(10, 20, 30)


def line(basis: Basis, generated: Range | None, *before: RunBefore, model: str = "m") -> ArmBill:
    return ArmBill("arm", model, basis, generated, None, before)


def test_it_is_said_by_what_and_what_is_there_already() -> None:
    before = RunBefore("arm", 7, "demo", 118)
    arms = (
        line(Basis.ITSELF, Range(1, 2, 3), before),
        line(Basis.ITSELF, Range(1, 2, 3)),
        line(Basis.MODEL, Range(1, 2, 3)),
    )
    bill = Bill(arms, 360, Range(123_456, 200_049, 1_000_000), Range(60, 90, 3600), Range(0.1, 0.125, 2.0))
    assert list(bill_words(bill)) == [
        "Likely 200,000 (123,000 … 1,000,000) generated tokens, by what its arms took before (2 of 3), "
        "what other arms on the model took (1 of 3).",
        "Likely 1 min 30 s (1 min … 1 h) at the pace of what ran before.",
        "Likely $0.12 (0.10 … 2.00), prompts included.",
        "118 of 360 jobs were done before, in the same way: #7 demo.",
    ]


def test_of_a_model_on_which_nothing_ran_it_is_said_that_nothing_is_known() -> None:
    arms = (line(Basis.ITSELF, Range(1, 2, 3)), line(Basis.NOTHING, None, model="new"))
    assert list(bill_words(Bill(arms, 2, None, None, None))) == [
        "How many tokens is not known: nothing ran on new yet."
    ]
