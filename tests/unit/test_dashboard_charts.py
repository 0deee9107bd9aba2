"""What is drawn, without drawing it: which arms make a curve, where points lie, and what a figure holds."""

import csv
import io
import json
import math
from dataclasses import replace
from typing import Any

import pytest

from dashboard.charts.curve import Curve, Dash, curves_of, without_cost
from dashboard.charts.palette import CHOSEN_HUES, GREY, HUES, SPARE_HUES, VERDICT_COLOURS, VERMILION, Looks, arm_colours
from dashboard.charts.published import PUBLISHED
from dashboard.charts.scaling import Axes, accuracy_figure, hover, left_out
from dashboard.charts.theme import cost_axis, share_range
from db.queries import JobCounts
from results import ArmResult, Metric, Point, Points
from results.arms import table as arms_table
from results.points import table as points_table
from results.wording import duration
from scaling.compute.axes import Axis
from scaling.statistics.estimates import Estimate
from scaling.strategies import STRATEGIES
from scaling.types import Counts
from tests.unit.told_points import NOTHING, told_arm, told_point, told_result


def arm_result(position: int, label: str, share: float, tokens: float) -> ArmResult:
    """100 jobs that succeeded; the interval is ± 0.1; 50 generated tokens a job."""
    return told_result(
        told_arm(position, label),
        Estimate(share, share - 0.1, share + 0.1, 100),
        Estimate(tokens, tokens, tokens, 100),
        JobCounts(0, 0, 100, 0, 0),
        unparsed=2,
        truncated=1,
        tokens=Counts(0, 0, 0, 300, 0, 5_000, 900, 0, 0, 0.0, 1.0),
        unrewarded=Counts(0, 0, 0, 0, 0, 70, 0, 0, 0, 0.0, 1.0),
    )


def without_result(position: int, label: str) -> ArmResult:
    return told_result(told_arm(position, label), NOTHING, NOTHING, JobCounts(100, 0, 0, 0, 0))


def own(position: int, strategy: str, params: dict[str, object], share: float, cost: float, **more: Any) -> Point:
    """Of 100 problems; the interval is ± 0.1. An arm is labelled by its strategy and its number."""
    arm = told_arm(position, f"{strategy} {position}", params)
    return told_point(arm, Estimate(share, share - 0.1, share + 0.1, 100), cost, **more)


def test_a_point_is_an_arms_accuracy_against_what_it_really_spent() -> None:
    points = [
        own(0, "budget_forcing", {"max_thinking_tokens": 8}, 0.2, 7.5),
        own(1, "budget_forcing", {"max_thinking_tokens": 16}, 0.4, 15.5),
        told_point(told_arm(2, "chain_of_thought"), NOTHING),
    ]
    (curve,) = curves_of(points)
    assert [(mark, it.cost, it.value.value) for mark, it in zip(curve.marks, curve.points, strict=True)] == [
        ("8", 7.5, 0.2),
        ("16", 15.5, 0.4),
    ]


def test_an_arm_whose_cost_is_not_known_is_left_out_and_named() -> None:
    known, unknown = own(0, "chain_of_thought", {}, 0.5, 10.0), own(1, "best_of_n", {}, 0.7, math.nan)
    assert [curve.name for curve in curves_of([known, unknown])] == ["chain_of_thought 0"]
    assert without_cost([known, unknown]) == ("best_of_n 1",)


def test_an_arms_points_over_k_are_one_curve_with_the_k_beside_votes() -> None:
    arm, half = told_arm(0, "majority_vote 0", {"samples": 2}), Estimate(0.5, 0.4, 0.6, 100)
    of_k = [told_point(arm, half, cost, k, metric=each) for each in (Metric.MAJ, Metric.PASS) for k, cost in COSTS_OF_K]
    votes, any_right = curves_of(of_k)
    assert votes.dash is Dash.VOTE and votes.name == "maj@k · majority_vote 0"
    assert [(it.cost, mark, it.label) for it, mark in zip(votes.points, votes.marks, strict=True)] == [
        (36.0, "1", "majority_vote 0, k = 1"),
        (72.0, "2", "majority_vote 0, k = 2"),
    ]
    assert any_right.marks == ("", "")


COSTS_OF_K = ((1, 36.0), (2, 72.0))


def point(position: int, label: str, cost: float, share: float, low: float, high: float, **more: Any) -> Point:
    return told_point(told_arm(position, label), Estimate(share, low, high, 100), cost, **more)


THREE_FAILED = JobCounts(0, 0, 97, 3, 0)
POINTS = (
    point(0, "a", 8.0, 0.2, 0.1, 0.4),
    point(1, "b", 64.0, 0.6, 0.5, 0.7, jobs=THREE_FAILED, if_failed=(0.58, 0.61)),
)
CURVE = Curve("budget_forcing: max_thinking_tokens", POINTS, ("8", "16"))
LOOKS = Looks({0: VERMILION, 1: VERMILION})
LOG = Axes("thinking tokens", "tokens")
LINEAR = replace(LOG, is_log=False)


def test_the_figure_has_points_error_bars_and_the_arms_colours() -> None:
    (drawn,) = accuracy_figure([CURVE], LOG, LOOKS).data
    assert list(drawn.x) == [8.0, 64.0]
    assert list(drawn.y) == [0.2, 0.6]
    assert list(drawn.error_y.array) == pytest.approx([0.2, 0.1])
    assert list(drawn.error_y.arrayminus) == pytest.approx([0.1, 0.1])
    assert list(drawn.marker.color) == [VERMILION, VERMILION]


def test_a_click_on_a_point_opens_the_traces_of_its_arm() -> None:
    (drawn,) = accuracy_figure([CURVE], LOG, LOOKS).data
    assert [json.loads(each) for each in drawn.customdata] == [{"arm": "a"}, {"arm": "b"}]


def test_an_arm_that_stands_alone_is_a_ring_on_top_of_the_lines() -> None:
    alone = Curve("chain_of_thought", POINTS[:1], ("",))
    line, ring = accuracy_figure([alone, CURVE], LOG, LOOKS).data
    assert (line.name, ring.name) == (CURVE.name, "chain_of_thought")
    assert ring.marker.symbol == "circle-open" and ring.mode == "markers+text"


def test_an_arm_has_one_colour_lighter_the_earlier_it_comes_among_those_of_its_strategy() -> None:
    first, alone, middle, last = arm_colours(["budget_forcing", "chain_of_thought", "budget_forcing", "budget_forcing"])
    assert (alone, last) == (HUES["chain_of_thought"], HUES["budget_forcing"])
    # three of a strategy: 40 %, 20 % and no white; amber is C2 7C 0E, and 124 + .2 · 131 = 150 = 96
    assert middle == "#CE963E" and first == "#DAB06E"


def test_every_strategy_has_a_hue_of_its_own_and_one_that_is_not_known_here_is_grey() -> None:
    assert len({HUES[name] for name in STRATEGIES}) == len(STRATEGIES)
    assert not set(SPARE_HUES) & set(CHOSEN_HUES.values())


def test_no_arm_has_the_colour_of_a_verdict() -> None:
    assert not {*SPARE_HUES, *CHOSEN_HUES.values()} & set(VERDICT_COLOURS.values())
    for hue in (*SPARE_HUES, *CHOSEN_HUES.values()):
        red, green, blue = (int(hue[at : at + 2], 16) for at in (1, 3, 5))
        assert not (green > 1.25 * red and green > 1.25 * blue), f"{hue} is green"
        assert not (red > 1.9 * green and red > 1.9 * blue), f"{hue} is red"
    assert arm_colours(["forgotten"]) == (GREY,)


def test_an_arm_on_two_lines_is_marked_once_and_has_one_colour() -> None:
    points = [
        own(0, "budget_forcing", {"max_thinking_tokens": 8, "waits": 0}, 0.2, 8.0),
        own(1, "budget_forcing", {"max_thinking_tokens": 16, "waits": 0}, 0.4, 16.0),
        own(2, "budget_forcing", {"max_thinking_tokens": 16, "waits": 1}, 0.5, 20.0),
        own(3, "chain_of_thought", {}, 0.5, 20.0),
    ]
    cuts, waits, alone = curves_of(points)
    assert alone.name == "chain_of_thought 3"  # its label
    assert [curve.marks for curve in (cuts, waits)] == [("8", ""), ("0", "1")]
    drawn = accuracy_figure([cuts, waits], LOG, Looks.of([each.arm for each in points])).data
    assert drawn[0].marker.color[1] == drawn[1].marker.color[0]


def test_a_logarithmic_axis_has_a_tick_at_each_power_of_two_and_of_ten_where_numbers_are_large() -> None:
    axis = cost_axis("tokens", [8.0, 64.0], is_log=True)
    assert axis["tickvals"] == [8.0, 16.0, 32.0, 64.0]
    alone, exact = (cost_axis("tokens", [cost], is_log=True) for cost in (190.3, 256.0))
    assert alone["ticktext"] == ["128", "256"] and exact["ticktext"] == ["128", "256", "512"], "never fewer than two"
    assert alone["range"] == pytest.approx((math.log10(128) - 0.06, math.log10(256) + 0.06))
    assert "tickvals" not in cost_axis("FLOPs", [1e9, 1e12], is_log=True)
    assert cost_axis("tokens", [8.0], is_log=False)["rangemode"] == "tozero"


def test_a_point_at_zero_tokens_leaves_a_logarithmic_axis_and_is_named() -> None:
    at_zero = Curve("cut", (point(0, "cut to 0", 0.0, 0.1, 0.0, 0.2), *POINTS), ("0", "8", "16"))
    assert left_out([at_zero], LOG) == ("cut to 0",)
    assert left_out([at_zero], LINEAR) == ()
    assert len(accuracy_figure([at_zero], LOG, LOOKS).data[0].x) == 2
    assert len(accuracy_figure([at_zero], LINEAR, LOOKS).data[0].x) == 3


def test_a_budget_that_was_given_stands_beside_what_was_taken() -> None:
    over = Curve("asked", (point(0, "asked for 50", 64.0, 0.6, 0.5, 0.7, requested=50),), ("",))
    ring, budget = accuracy_figure([over], LOG, LOOKS, has_budgets=True).data
    assert (list(ring.x), list(budget.x), list(budget.y)) == ([64.0], [50], [0.6])


def test_the_front_is_drawn_in_steps_below_the_points() -> None:
    steps, line = accuracy_figure([CURVE], LOG, LOOKS, has_front=True).data
    assert (steps.line.shape, list(steps.x), list(steps.y)) == ("hv", [8.0, 64.0], [0.2, 0.6])
    assert line.name == CURVE.name


def test_published_marks_are_lines_that_say_so() -> None:
    drawn = accuracy_figure([CURVE], LOG, LOOKS, PUBLISHED["AIME24"])
    texts = [each.text for each in drawn.layout.annotations]
    assert len(texts) == 4 and all(text.startswith("published: ") for text in texts)
    assert [shape.y0 for shape in drawn.layout.shapes] == [0.267, 0.5, 0.533, 0.567]


def test_the_accuracy_axis_holds_every_error_bar() -> None:
    assert share_range([each.value for each in POINTS]) == pytest.approx((0.05, 0.76))  # 0.1 − 0.05 and 0.7 + 0.06
    assert share_range([]) == (0.0, 1.0)


def test_a_figure_without_points_can_be_drawn() -> None:
    assert len(accuracy_figure([], LOG, LOOKS).data) == 0


def test_hovering_tells_the_interval_the_n_and_what_failed() -> None:
    text = hover(POINTS[1], LOG)
    assert "60.0%  [50.0%, 70.0%]" in text
    assert "n = 100 problems" in text
    assert "3 failed" in text and "truncated" not in text
    assert "<br>64.0 tokens per problem" in text
    assert "at most 64.0 tokens per problem" in hover(replace(POINTS[1], is_bound=True), LOG)
    assert "ties" not in text and "ties: the mean over all draws" in hover(replace(POINTS[1], metric=Metric.MAJ), LOG)
    assert "1.25e-05 $ per problem" in hover(point(1, "b", 1.25e-5, 0.6, 0.5, 0.7), Axes("price", "$"))


def test_the_csv_of_a_plot_has_every_point_and_both_bounds_of_failed_jobs() -> None:
    hostile = point(0, "=x", 8.0, 0.2, 0.1, 0.4, if_failed=(0.2, 0.2))
    found = Points(Axis.THINKING, Metric.ACCURACY, (hostile, POINTS[1]))
    first, second = csv.DictReader(io.StringIO(points_table(found).csv))
    assert (first["label"], first["cost"], first["value"], first["if_missing_wrong"]) == ("'=x", "8.0", "0.2", "0.2")
    assert (second["failed"], second["if_missing_wrong"], second["if_missing_right"]) == ("3", "0.58", "0.61")


def test_a_label_is_never_markup_in_the_figure() -> None:
    hostile = Curve("<b>x</b>", (point(0, "<a href='javascript:x'>y</a>", 1.0, 0.5, 0.4, 0.6),), ("<i>",))
    (drawn,) = accuracy_figure([hostile], LINEAR, LOOKS).data
    assert drawn.name == "&lt;b&gt;x&lt;/b&gt;"
    assert "<a" not in drawn.hovertext[0] and "<i>" not in drawn.text[0]


def test_the_csv_has_every_arm_and_starts_no_formula() -> None:
    arms = [arm_result(0, "=cmd|' /C calc'!A0", 0.5, 10.0), without_result(1, "later")]
    row, waiting = csv.DictReader(io.StringIO(arms_table(arms).csv))
    assert row["label"] == "'=cmd|' /C calc'!A0"
    assert (row["accuracy"], row["ci_low"], row["n"]) == ("0.5", "0.4", "100")
    assert (row["truncated"], row["unparsed"], row["unrewarded_generated_tokens"]) == ("1", "2", "70")
    assert row["verifier_tokens_total"] == "900"
    assert (waiting["label"], waiting["accuracy"], waiting["n"]) == ("later", "", "0")


def test_the_table_shows_arms_without_a_result_as_unknown_not_as_zero() -> None:
    table = arms_table([without_result(0, "later")])
    waiting = dict(zip((column.title for column in table.shown), table.cells[0], strict=True))
    assert waiting["accuracy"] == waiting["95 % interval"] == waiting["thinking"] == waiting["generated / job"] == "–"
    assert waiting["jobs"] == "0 / 100"


def test_durations_are_said_in_at_most_two_units() -> None:
    assert [duration(seconds) for seconds in (0.4, 45, 125, 12_000, 187_200)] == [
        "0 s",
        "45 s",
        "2 min 5 s",
        "3 h 20 min",
        "2 d 4 h",
    ]
