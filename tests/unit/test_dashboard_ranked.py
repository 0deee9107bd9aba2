"""The plot that everything is about: arms as marks that can be told apart, and the ranked list beside it."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.crowded import BESIDE_PX, CHARACTER_PX, MARK_PX, NEAR_PX, Scale, Spot, side_by_side, text_places
from dashboard.charts.curve import curves_of
from dashboard.charts.palette import Looks
from dashboard.charts.ranked import marks_of, ranked_figure
from dashboard.charts.scaling import Axes
from dashboard.experiment.tabs import Tab, tabs_html
from dashboard.views.legend import legend
from db.queries import JobCounts
from results.measured.joined import Origin
from results.measured.point import Point
from scaling.compute.axes import Axis
from scaling.statistics.estimates import Estimate
from tests.unit.told_points import NOTHING, told_arm, told_point

LOG = Axes("tokens", "tokens", is_log=True)
ARMS = [
    told_arm(1, "budget_forcing waits=1", {"waits": 1}),
    told_arm(2, "budget_forcing waits=2", {"waits": 2}),
    told_arm(3, "chain_of_thought"),
    told_arm(4, "majority_vote samples=4"),
]
NAMES = dict(zip([arm.label for arm in ARMS], ["1 Wait", "2 Waits", "one chain", "vote of 4"], strict=True))
LOOKS = replace(Looks.of(ARMS), names=NAMES)


def share(value: float) -> Estimate:
    return Estimate(value, value - 0.1, value + 0.1, 100)


def points(*, vote_cost: float = 1000.0) -> list[Point]:
    told = [(0.6, 100.0), (0.7, 200.0), (0.5, 50.0), (0.8, vote_cost)]
    return [told_point(arm, share(value), cost) for arm, (value, cost) in zip(ARMS, told, strict=True)]


def test_marks_that_would_cover_one_another_stand_side_by_side_around_their_middle() -> None:
    """At 100, 103 and 106 px: the middle is 103, and each has 10 px; the one at 200 stays."""
    assert side_by_side([100, 103, 106, 200]) == (-7, 0, 7, 0)
    assert side_by_side([106, 100]) == (2, -2)
    assert side_by_side([]) == ()


def test_an_amount_is_moved_by_pixels_on_either_scale() -> None:
    """1 to 100 over 200 px is a hundred pixels for each power of ten."""
    log = Scale(0, 2, 200, is_log=True)
    assert (log.px(10), log.moved(10, 100)) == (100, pytest.approx(100))
    linear = Scale(0, 50, 200)
    assert (linear.px(25), linear.moved(25, 20)) == (100, 30)


@given(st.lists(st.floats(0, 700), min_size=1, max_size=12))
def test_no_two_marks_of_one_place_are_nearer_than_they_can_be_told_apart(places: list[float]) -> None:
    moved = sorted(place + move for place, move in zip(places, side_by_side(places), strict=True))
    assert sum(moved) == pytest.approx(sum(places))
    if max(places) - min(places) < NEAR_PX:
        assert all(later - earlier >= BESIDE_PX - 1e-6 for earlier, later in pairwise(moved))


def test_a_name_stands_where_it_covers_nothing_and_nowhere_else() -> None:
    """Two marks 20 px apart: the left one's name would lie on the right one, so it stands to the left."""
    assert text_places([Spot(100, 100, "2 Waits"), Spot(120, 100, "4 Waits")]) == ["middle left", "middle right"]
    assert text_places([Spot(775, 100, "2 Waits")]) == ["middle left"]  # it ends at 780
    assert text_places([Spot(100, 100, "")]) == [None]
    crowd = [Spot(100 + 8 * x, 100 + 8 * y, "a long name") for x in range(6) for y in range(6)]
    assert text_places(crowd).count(None) > 10


@given(st.lists(st.tuples(st.floats(20, 760), st.floats(20, 400)), min_size=1, max_size=15))
def test_names_never_lie_on_one_another(at: list[tuple[float, float]]) -> None:
    spots = [Spot(x, y, "cut at 8") for x, y in at]
    boxes = []
    for spot, place in zip(spots, text_places(spots), strict=True):
        if place in ("middle right", "middle left"):
            left = spot.x + MARK_PX if place == "middle right" else spot.x - MARK_PX - 8 * CHARACTER_PX
            boxes.append((left, spot.y))
    for number, (left, middle) in enumerate(boxes):
        for other_left, other_middle in boxes[number + 1 :]:
            assert abs(left - other_left) >= 8 * CHARACTER_PX - 1e-6 or abs(middle - other_middle) >= 13 - 1e-6


def test_each_arm_is_a_mark_with_its_name_and_sweeps_are_lines_that_know_their_arms() -> None:
    figure = ranked_figure(curves_of(points()), points(), LOG, LOOKS, NAMES)
    (line,) = [each for each in figure.data if each.mode == "lines"]
    assert line.meta == {"arms": ["budget_forcing waits=1", "budget_forcing waits=2"]}
    marks = [each for each in figure.data if each.meta and "arm" in each.meta]
    assert [each.name for each in marks] == [arm.label for arm in ARMS]
    assert [each.text[0] for each in marks] == ["1 Wait", "2 Waits", "one chain", "vote of 4"]
    assert [each.x[0] for each in marks] == [100, 200, 50, 1000]
    assert not any(each.showlegend for each in (line, *marks))


def test_arms_at_one_cost_are_drawn_beside_each_other_and_say_what_they_cost() -> None:
    two = points(vote_cost=200.0)
    marks = {mark.point.arm.label: mark for mark in marks_of(two, LOG, NAMES)}
    waits, vote = marks["budget_forcing waits=2"], marks["majority_vote samples=4"]
    assert waits.x < 200 < vote.x and math.sqrt(waits.x * vote.x) == pytest.approx(200)
    figure = ranked_figure(curves_of(two), two, LOG, LOOKS, NAMES)
    (drawn,) = [each for each in figure.data if each.name == waits.point.label]
    assert "200.0 tokens per problem" in drawn.hovertext[0]


def test_what_costs_nothing_has_no_place_on_a_logarithmic_axis_and_is_in_the_list() -> None:
    free = [*points()[:3], told_point(ARMS[3], share(0.8), 0.0)]
    assert len(marks_of(free, LOG, NAMES)) == 3
    assert len(marks_of(free, replace(LOG, is_log=False), NAMES)) == 4
    assert rows_of(free)[0]["is_drawn"] is False


def rows_of(told: list[Point], looks: Looks = LOOKS) -> list[dict[str, object]]:
    marks = marks_of(told, LOG, NAMES)
    rows = legend(7, told, marks, Axis.GENERATED_BY_ALL, looks)["rows"]
    assert isinstance(rows, list)
    return rows


def test_the_list_has_the_most_accurate_arm_first_and_those_without_a_result_last() -> None:
    told = [*points()[:3], told_point(ARMS[3], NOTHING)]
    rows = rows_of(told)
    assert [each["name"] for each in rows] == ["2 Waits", "1 Wait", "one chain", "vote of 4"]
    assert (rows[0]["value"], rows[0]["interval"], rows[0]["cost"]) == ("70.0%", "60.0 … 80.0", "200")
    assert (rows[3]["value"], rows[3]["interval"], rows[3]["cost"]) == ("–", "–", "–")
    assert rows[0]["traces"] == "./traces?experiment=7&arm=budget_forcing+waits%3D2"
    best, third = "7%3Abudget_forcing+waits%3D2", "7%3Achain_of_thought"
    assert (rows[0]["compare"], rows[2]["compare"]) == (None, f"./compare?from={best}&to={third}")


def test_of_equally_accurate_arms_the_cheapest_is_first_as_in_the_finding() -> None:
    told = [told_point(arm, share(0.7), cost) for arm, cost in zip(ARMS, (200.0, 50.0, 100.0, 75.0), strict=True)]
    assert [each["cost"] for each in rows_of(told)] == ["50", "75", "100", "200"]


def test_a_row_says_what_clouds_it_and_where_an_arm_of_another_experiment_is_at_home() -> None:
    clouded = told_point(ARMS[2], share(0.5), 50.0, jobs=JobCounts(2, 0, 97, 3, 0), truncated=4, unparsed=1)
    (row,) = rows_of([clouded], Looks.of(ARMS, {3: Origin(9, "chain")}))
    assert row["note"] == "3 failed, 4 truncated, 1 unparsed, 2 to come"
    assert row["traces"] == "./traces?experiment=9&arm=chain"


def test_tabs_are_links_and_say_which_is_open_whatever_their_words_are() -> None:
    html = tabs_html("Parts", [Tab("<b>", "?tab=a"), Tab("two", "./traces", is_open=True)])
    assert '<a class="ot-tab" href="?tab=a">&lt;b&gt;</a>' in html
    assert '<a class="ot-tab" href="./traces" aria-current="page">two</a>' in html
