"""The figures of a scan: which arms have a mark, where it stands, and what it opens."""

import json
from collections.abc import Mapping

import pytest

from dashboard.charts.hits import correct_figure, hits_figure, numbers_figure
from dashboard.charts.palette import Looks
from db.queries import Arm
from results.scans.question import ArmHits
from scaling.statistics.estimates import Estimate

ARMS = [
    Arm(7, 0, "plain <b>", "tiny", "chain_of_thought", {}, {}),
    Arm(8, 1, "waits", "tiny", "budget_forcing", {}, {}),
]
SCAN = "3 · wait_count"
NONE = Estimate.unknown()
ESTIMATES = ("correct_with", "correct_without", "within", "thinking_log_prob", "answer_log_prob")


def found(label: str, hit: Estimate, **estimates: Estimate) -> ArmHits:
    told: Mapping[str, Estimate] = dict.fromkeys(ESTIMATES, NONE) | {"value": hit} | estimates
    return ArmHits(label, None, 10, 0, hit, by_verdict=(), **told)  # type: ignore[arg-type]


ROWS = [
    (ARMS[0], found(ARMS[0].label, Estimate(0.0, 0.0, 0.25, 10), correct_without=Estimate(0.5, 0.2, 0.8, 10))),
    (ARMS[1], found(ARMS[1].label, Estimate(0.9, 0.7, 1.0, 10), correct_with=Estimate(0.8, 0.5, 0.9, 9))),
]
LOOKS = Looks.of(ARMS)


def test_a_share_stands_with_its_interval_and_opens_the_arms_traces_with_a_hit() -> None:
    """Over plain's hits: .25 up and 0 down; over waits': .1 up and .2 down."""
    (marks,) = hits_figure(ROWS, LOOKS, SCAN).data
    assert (list(marks.x), list(marks.y)) == ([0.0, 0.9], [0, 1])
    assert list(marks.error_x.array) == pytest.approx([0.25, 0.1])
    assert list(marks.error_x.arrayminus) == pytest.approx([0.0, 0.2])
    assert [json.loads(each) for each in marks.customdata] == [
        {"arm": "plain <b>", "hit": SCAN},
        {"arm": "waits", "hit": SCAN},
    ]


def test_an_arm_without_such_traces_has_no_mark_and_the_others_stay_in_their_rows() -> None:
    with_hit, without = correct_figure(ROWS, LOOKS, SCAN).data
    assert (list(with_hit.x), list(with_hit.y)) == ([0.8], [1])
    assert (list(without.x), list(without.y)) == ([0.5], [0])
    assert json.loads(without.customdata[0]) == {"arm": "plain <b>"}


def test_the_first_arm_stands_on_top_and_names_are_literal() -> None:
    figure = numbers_figure(ROWS, LOOKS, SCAN)
    low, high = figure.layout.yaxis.range
    assert low > high
    assert not any("<b>" in each for each in figure.layout.yaxis.ticktext)
