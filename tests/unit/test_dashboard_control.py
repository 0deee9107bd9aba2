"""What arms took of what they were given, without drawing it: lines, overshoot, files, and s1's numbers in words."""

import csv
import io
import json
import math
from dataclasses import replace

from dashboard.charts.control import ControlLine, ControlPoint, control_figure, hover, left_out
from dashboard.charts.palette import VERMILION
from dashboard.views.control_lines import control_lines, control_rows, sweep_file_rows, sweep_rows, without_budget
from dashboard.views.curves import colours_of
from db.queries import Arm, JobCounts
from results import ArmResult, BudgetUse, MeasuredSweep
from results.columns import csv_text
from scaling.statistics.estimates import Accuracy, Estimate
from scaling.statistics.percentiles import Percentiles
from scaling.statistics.s1_metrics import SweepMetrics
from scaling.types import Counts


def result(position: int, strategy: str, taken: float, **params: int) -> ArmResult:
    """100 jobs that took so many thinking tokens on average, give or take one."""
    arm = Arm(position, position, f"{strategy} {position}", "tiny", strategy, dict(params), {})
    share, zero = Estimate(0.5, 0.4, 0.6, 100), Counts.of(())
    tokens = Estimate(taken, taken - 1, taken + 1, 100)
    return ArmResult(arm, 100, JobCounts(0, 0, 100, 0, 0), Accuracy(share, 0, 0, 0), tokens, 0, 0, 0, zero, zero)


def use(of: ArmResult, requested: int, over: int = 0) -> BudgetUse:
    taken = of.thinking_tokens.value
    return BudgetUse(of.arm, requested, Percentiles(taken - 5, taken, taken + 5, 100), 100, over)


def point(label: str, requested: int, taken: float, over: int = 0) -> ControlPoint:
    spread = Percentiles(taken - 5, taken, taken + 5, 100)
    return ControlPoint(
        label, str(requested), VERMILION, requested, Estimate(taken, taken - 1, taken + 1, 100), spread, 100, over
    )


WITHIN, OVER = point("cut to 50", 50, 40.0), point("told 100", 100, 140.0, over=90)
LINE = ControlLine("a sweep", (WITHIN, OVER))


def test_arms_that_differ_in_their_budget_alone_are_a_line_and_the_budget_stands_beside_them() -> None:
    results = [
        result(0, "budget_forcing", 7.5, max_thinking_tokens=8),
        result(1, "budget_forcing", 15.0, max_thinking_tokens=16),
        result(2, "chain_of_thought", 40.0),
    ]
    uses = [use(results[0], 8), use(results[1], 16)]
    (line,) = control_lines(results, uses, colours_of([each.arm for each in results]))
    assert line.name == "budget_forcing: max_thinking_tokens"
    assert [(each.mark, each.requested, each.taken.value) for each in line.points] == [("8", 8, 7.5), ("16", 16, 15.0)]
    assert without_budget(results, uses) == ("chain_of_thought 2",)


def test_an_arm_without_a_result_is_on_no_line_and_has_not_lost_its_budget() -> None:
    waiting = replace(result(0, "budget_forcing", 7.5, max_thinking_tokens=8), thinking_tokens=Estimate.unknown())
    uses = [BudgetUse(waiting.arm, 8, Percentiles(math.nan, math.nan, math.nan, 0), 0, 0)]
    assert control_lines([waiting], uses, colours_of([waiting.arm])) == ()
    assert without_budget([waiting], uses) == ()


def test_a_mean_above_its_budget_is_ringed_and_the_legend_says_so() -> None:
    *_, line, rings = control_figure([LINE], is_log=True).data
    assert (list(line.x), list(line.y)) == ([50, 100], [40.0, 140.0])
    assert rings.name == "overshoot: mean above the budget"
    assert (list(rings.x), list(rings.y)) == ([100], [140.0])


def test_a_mean_that_is_just_the_budget_is_no_overshoot() -> None:
    """s1's limits belong to the interval."""
    drawn = control_figure([ControlLine("one", (point("cut", 50, 50.0),))], is_log=True)
    assert not any("overshoot" in trace.name for trace in drawn.data)


def test_the_region_of_overshoot_ends_at_the_diagonal_and_both_axes_are_the_same() -> None:
    drawn = control_figure([LINE], is_log=False)
    region, diagonal, *_ = drawn.data
    high = 1.06 * 145  # the 90th percentile of the second arm's problems is the most
    assert (list(region.x), list(region.y)) == ([0, high, 0], [0, high, high])
    assert list(diagonal.x) == list(diagonal.y) == [0, high]
    assert drawn.layout.xaxis.range == drawn.layout.yaxis.range == (0, high)


def test_strips_go_from_the_tenth_to_the_ninetieth_percentile_and_end_at_the_axis() -> None:
    """Its lower end, 4 − 5 = −1, has no place on a logarithmic axis."""
    low = ControlLine("low", (point("cut to 50", 50, 4.0),))
    _, diagonal, strip, _ = control_figure([low], is_log=True).data
    assert (list(strip.x), list(strip.y)) == ([50, 50], [diagonal.y[0], 9.0])


def test_a_click_opens_the_arms_traces() -> None:
    line = control_figure([LINE], is_log=True).data[-2]
    assert [json.loads(each) for each in line.customdata] == [{"arm": "cut to 50"}, {"arm": "told 100"}]


def test_an_arm_that_took_nothing_leaves_logarithmic_axes_and_is_named() -> None:
    nothing = ControlLine("none", (point("silent", 50, 0.0),))
    assert left_out([nothing, LINE], is_log=True) == ("silent",)
    assert left_out([nothing, LINE], is_log=False) == ()


def test_hovering_tells_how_many_jobs_were_over_and_quotes_no_markup() -> None:
    said = hover(replace(OVER, arm="<b>told</b>"))
    assert "90 of 100 jobs over budget" in said and "took 140.0  [139.0, 141.0]" in said
    assert "&lt;b&gt;told" in said


def test_the_file_has_each_arm_once_though_it_lies_on_two_lines() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(list(control_rows([LINE, ControlLine("other", (OVER,))]))))))
    assert [row["arm"] for row in rows] == ["cut to 50", "told 100"]
    told = rows[1]
    assert (told["requested_thinking_tokens"], told["thinking_tokens_mean"], told["is_over"]) == (
        "100",
        "140.0",
        "True",
    )
    assert (told["percentile_10"], told["percentile_90"], told["jobs_over"], told["jobs"]) == (
        "135.0",
        "145.0",
        "90",
        "100",
    )


SWEEP = MeasuredSweep(
    "cuts",
    ("cut to 50", "cut to 100"),
    SweepMetrics(0.5, Estimate(0.2, 0.12, 0.28, 100), Estimate.unknown(), Estimate(0.5, 0.4, 0.6, 100), best=1),
)


def test_a_sweep_in_words_has_percent_points_and_intervals() -> None:
    (row,) = sweep_rows([SWEEP])
    assert (row["control"], row["per doubling"], row["per 1k tokens"]) == ("50%", "+20.0 (+12.0 … +28.0)", None)
    assert (row["performance"], row["best setting"], row["n"]) == ("50.0% (40.0 … 60.0)", "cut to 100", 100)
    (unlimited,) = sweep_rows([replace(SWEEP, metrics=replace(SWEEP.metrics, control=math.nan))])
    assert unlimited["control"] is None


def test_a_sweep_in_a_file_has_shares_and_nothing_where_nothing_is_known() -> None:
    (row,) = sweep_file_rows([SWEEP])
    assert (row["control"], row["scaling_per_doubling_low"], row["scaling_per_1k_tokens"]) == (0.5, 0.12, None)
