"""Numbers as people read them: one function for each kind, and a dash for what is not known."""

import math
from enum import StrEnum

import pytest

from results.wording import (
    accuracy,
    ago,
    amount,
    budget_shown,
    interval,
    percent,
    points,
    points_interval,
    shown,
    slope,
)
from scaling.statistics.estimates import Estimate

SHARE = Estimate(0.575, 0.486, 0.66, 120)
DIFFERENCE = Estimate(-0.017, -0.059, 0.015, 120)
UNKNOWN = Estimate.unknown()


class Fruit(StrEnum):
    PEAR = "pear"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.0"),
        (34.24, "34.2"),
        (1234.56, "1,234.6"),
        (0.01234, "0.0123"),  # three digits, where one decimal would say nothing
        (1.2345e15, "1.23e+15"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_an_amount_has_one_decimal_three_digits_where_it_is_small_and_an_exponent_where_it_is_large(
    value: float | None, said: str
) -> None:
    assert amount(value) == said


@pytest.mark.parametrize(("value", "said"), [(400.0, "400"), (56.5685, "56.6"), (2e6, "2,000,000"), (3e15, "3e+15")])
def test_a_budget_is_said_as_it_was_asked_for(value: float, said: str) -> None:
    assert budget_shown(value) == said


def test_shares_are_in_percent_and_differences_in_points_with_their_sign() -> None:
    assert (percent(SHARE), percent(0.575), interval(SHARE)) == ("57.5%", "57.5%", "48.6 … 66.0")
    assert (points(DIFFERENCE), points_interval(DIFFERENCE)) == ("-1.7", "-5.9 … +1.5")


def test_in_one_cell_the_interval_stands_behind_its_value() -> None:
    assert accuracy(SHARE) == "57.5% (48.6 … 66.0)"
    assert slope(DIFFERENCE) == "-1.7 (-5.9 … +1.5)"


def test_what_is_not_known_is_a_dash() -> None:
    words = (percent, interval, points, points_interval, accuracy, slope)
    assert {say(UNKNOWN) for say in words} == {"–"}
    assert {percent(None), interval(None), percent(math.nan), shown(None), shown(""), shown(math.nan)} == {"–"}


@pytest.mark.parametrize(
    ("value", "said"),
    [(1234, "1,234"), (0, "0"), (True, "yes"), (False, "no"), (Fruit.PEAR, "pear"), (("a", "b"), "a, b"), ("=1", "=1")],
)
def test_what_needs_no_words_of_its_own_is_said_by_its_type(value: object, said: str) -> None:
    assert shown(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "just now"), (0.4, "just now"), (59, "just now"), (60, "1 min ago"), (7300, "2 h ago"), (400_000, "4 d ago")],
)
def test_how_long_ago_something_was_takes_one_unit(seconds: float, said: str) -> None:
    assert ago(seconds) == said
