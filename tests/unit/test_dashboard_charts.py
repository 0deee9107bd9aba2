"""What is drawn, without drawing it: which arms make a line, where points lie, and what a figure holds."""

import csv
import io
import math

import pytest

from dashboard.charts import Curve, Dash, Point, accuracy_figure, accuracy_range, hover, left_out, x_axis
from dashboard.curves import Tokens, arm_curves, vote_curves
from dashboard.durations import duration
from dashboard.palette import family_colour
from dashboard.tables import points_csv, result_rows
from db.queries import Arm, JobCounts
from db.results import ArmResult, CandidateCurves
from scaling.curves import AtK
from scaling.estimates import Accuracy, Estimate
from scaling.types import Counts


def arm_result(position: int, label: str, params: dict[str, object], share: float, tokens: float) -> ArmResult:
    """100 jobs that succeeded; the interval is ± 0.1; 50 generated tokens a job."""
    estimate = Estimate(share, share - 0.1, share + 0.1, 100)
    return ArmResult(
        arm=Arm(position, position, label, "tiny", label.split()[0], params, {}),  # type: ignore[arg-type]
        num_problems=100,
        jobs=JobCounts(0, 0, 100, 0, 0),
        accuracy=Accuracy(estimate, 0, share, share),
        thinking_tokens=Estimate(tokens, tokens, tokens, 100),
        unparsed=2,
        truncated=1,
        ties=0,
        tokens=Counts(0, 0, 0, 300, 0, 5_000, 900, 0, 0, 0.0, 1.0),
        unrewarded=Counts(0, 0, 0, 0, 0, 70, 0, 0, 0, 0.0, 1.0),
    )


def without_result(position: int, label: str) -> ArmResult:
    nothing = Estimate(math.nan, math.nan, math.nan, 0)
    zero = Counts.of(())
    arm = Arm(position, position, label, "tiny", label, {}, {})
    return ArmResult(arm, 100, JobCounts(100, 0, 0, 0, 0), Accuracy(nothing, 0, 0, 0), nothing, 0, 0, 0, zero, zero)


def test_a_point_is_an_arms_accuracy_against_what_it_really_spent() -> None:
    arms = [
        arm_result(0, "budget_forcing a", {"max_thinking_tokens": 8}, 0.2, 7.5),
        arm_result(1, "budget_forcing b", {"max_thinking_tokens": 16}, 0.4, 15.5),
        without_result(2, "chain_of_thought"),
    ]
    (curve,) = arm_curves(arms, Tokens.THINKING)
    assert [(point.mark, point.tokens, point.accuracy) for point in curve.points] == [
        ("8", 7.5, 0.2),
        ("16", 15.5, 0.4),
    ]
    # 5,000 generated tokens over 100 jobs
    assert [point.tokens for point in arm_curves(arms, Tokens.GENERATED)[0].points] == [50.0, 50.0]
    verified = [point.tokens for point in arm_curves(arms, Tokens.VERIFIED)[0].points]
    assert verified == [59.0, 59.0]  # (5,000 + 900) / 100 jobs


def test_votes_are_read_off_the_candidates_at_k_times_the_tokens_of_one() -> None:
    half, most = Estimate(0.5, 0.4, 0.6, 100), Estimate(0.8, 0.7, 0.9, 100)
    arm = Arm(1, 0, "majority_vote samples=2", "tiny", "majority_vote", {"samples": 2}, {})
    at_k = (AtK(1, half), AtK(2, most))
    maj, any_right = vote_curves([CandidateCurves(arm, 36.0, at_k, at_k)])
    assert maj.dash is Dash.VOTE and maj.name == "maj@k · majority_vote samples=2"
    assert [(point.tokens, point.accuracy, point.mark) for point in maj.points] == [(36.0, 0.5, "1"), (72.0, 0.8, "2")]
    assert any_right.name.startswith("pass@k")


POINTS = (Point("a", "8", 8.0, 0.2, 0.1, 0.4, 100), Point("b", "16", 64.0, 0.6, 0.5, 0.7, 100, failed=3))
CURVE = Curve("budget_forcing: max_thinking_tokens", "budget_forcing", POINTS)


def test_the_figure_has_points_error_bars_and_the_familys_colour() -> None:
    (drawn,) = accuracy_figure([CURVE], "thinking tokens", is_log2=True).data
    assert list(drawn.x) == [8.0, 64.0]
    assert list(drawn.y) == [0.2, 0.6]
    assert list(drawn.error_y.array) == pytest.approx([0.2, 0.1])
    assert list(drawn.error_y.arrayminus) == pytest.approx([0.1, 0.1])
    assert drawn.line.color == family_colour("budget_forcing")


def test_an_arm_that_stands_alone_is_a_ring_on_top_of_the_lines() -> None:
    alone = Curve("chain_of_thought", "chain_of_thought", POINTS[:1])
    line, ring = accuracy_figure([alone, CURVE], "tokens", is_log2=True).data
    assert (line.name, ring.name) == (CURVE.name, "chain_of_thought")
    assert ring.marker.symbol == "circle-open" and ring.mode == "markers+text"


def test_curves_of_one_family_have_its_two_tints_in_turn() -> None:
    arms = [
        arm_result(0, "budget_forcing a", {"max_thinking_tokens": 8, "waits": 0}, 0.2, 8.0),
        arm_result(1, "budget_forcing b", {"max_thinking_tokens": 16, "waits": 0}, 0.4, 16.0),
        arm_result(2, "budget_forcing c", {"max_thinking_tokens": 16, "waits": 1}, 0.5, 20.0),
        arm_result(3, "chain_of_thought", {}, 0.5, 20.0),
    ]
    curves = arm_curves(arms, Tokens.THINKING)
    assert [(curve.family, curve.tint) for curve in curves] == [
        ("budget_forcing", 0),
        ("budget_forcing", 1),
        ("chain_of_thought", 0),
    ]
    assert curves[2].name == "chain_of_thought"  # its label
    marks = [[point.mark for point in curve.points] for curve in curves]
    assert marks == [["8", ""], ["0", "1"], [""]]  # the arm on both lines is marked once


def test_a_logarithmic_axis_has_a_tick_at_each_power_of_two() -> None:
    axis = x_axis([CURVE], is_log2=True)
    assert axis["tickvals"] == [8.0, 16.0, 32.0, 64.0]
    assert x_axis([CURVE], is_log2=False)["rangemode"] == "tozero"


def test_a_point_at_zero_tokens_leaves_a_logarithmic_axis_and_is_named() -> None:
    at_zero = Curve("cut", "budget_forcing", (Point("cut to 0", "0", 0.0, 0.1, 0.0, 0.2, 100), *POINTS))
    assert left_out([at_zero], is_log2=True) == ("cut to 0",)
    assert left_out([at_zero], is_log2=False) == ()
    assert len(accuracy_figure([at_zero], "tokens", is_log2=True).data[0].x) == 2
    assert len(accuracy_figure([at_zero], "tokens", is_log2=False).data[0].x) == 3


def test_the_accuracy_axis_holds_every_error_bar() -> None:
    assert accuracy_range([CURVE]) == pytest.approx((0.05, 0.76))  # 0.1 − 0.05 and 0.7 + 0.06
    assert accuracy_range([]) == (0.0, 1.0)


def test_a_figure_without_points_can_be_drawn() -> None:
    assert len(accuracy_figure([], "tokens", is_log2=True).data) == 0


def test_hovering_tells_the_interval_the_n_and_what_failed() -> None:
    text = hover(POINTS[1])
    assert "60.0%  [50.0%, 70.0%]" in text
    assert "n = 100 problems" in text
    assert "3 failed" in text and "truncated" not in text


def test_a_label_is_never_markup_in_the_figure() -> None:
    hostile = Curve("<b>x</b>", "f", (Point("<a href='javascript:x'>y</a>", "<i>", 1.0, 0.5, 0.4, 0.6, 9),))
    (drawn,) = accuracy_figure([hostile], "tokens", is_log2=False).data
    assert drawn.name == "&lt;b&gt;x&lt;/b&gt;"
    assert "<a" not in drawn.hovertext[0] and "<i>" not in drawn.text[0]


def test_the_csv_has_every_arm_with_a_result_and_starts_no_formula() -> None:
    arms = [arm_result(0, "=cmd|' /C calc'!A0", {}, 0.5, 10.0), without_result(1, "later")]
    (row,) = csv.DictReader(io.StringIO(points_csv(arms)))
    assert row["arm"] == "'=cmd|' /C calc'!A0"
    assert (row["accuracy"], row["ci_low"], row["problems"]) == ("0.5", "0.4", "100")
    assert (row["truncated"], row["unparsed"], row["unrewarded_generated_tokens"]) == ("1", "2", "70")
    assert row["verifier_tokens_total"] == "900"
    assert result_rows(arms)[0]["verifier_total"] == 900
    assert points_csv([]) == ""


def test_the_table_shows_arms_without_a_result_as_unknown_not_as_zero() -> None:
    waiting = result_rows([without_result(0, "later")])[0]
    assert waiting["accuracy"] is None and waiting["interval"] is None and waiting["generated"] is None
    assert waiting["done"] == "0 / 100"


def test_durations_are_said_in_at_most_two_units() -> None:
    assert [duration(seconds) for seconds in (0.4, 45, 125, 12_000, 187_200)] == [
        "0 s",
        "45 s",
        "2 min 5 s",
        "3 h 20 min",
        "2 d 4 h",
    ]
