"""What arms took of what they were given, without drawing it: lines, overshoot, files, and s1's numbers in words."""

import csv
import io
import json
import math
from dataclasses import replace

from dashboard.charts.control import control_figure, hover, left_out
from dashboard.charts.palette import VERMILION, Looks
from db.queries import Arm
from results import Budgets, BudgetUse, MeasuredSweep
from results.budgets import BUDGETS
from results.sweeps import SWEEPS
from scaling.statistics.estimates import Estimate
from scaling.statistics.percentiles import Percentiles
from scaling.statistics.s1_metrics import SweepMetrics


def use(label: str, requested: int, taken: float, over: int = 0, position: int = 0, **params: int) -> BudgetUse:
    """Of 100 jobs that took so many thinking tokens on average, give or take one; problems, give or take five."""
    arm = Arm(position, position, label, "tiny", "budget_forcing", dict(params), {})
    spread = Percentiles(taken - 5, taken, taken + 5, 100)
    return BudgetUse(arm, requested, Estimate(taken, taken - 1, taken + 1, 100), spread, 100, over, failed=0)


WITHIN = use("cut to 50", 50, 40.0, max_thinking_tokens=50)
OVER = use("told 100", 100, 140.0, over=90, position=1, max_thinking_tokens=100)
LOOKS = Looks(dict.fromkeys((0, 1, 2), VERMILION), names={"told 100": "told, 100"})


def test_arms_that_differ_in_their_budget_alone_are_a_line_and_the_budget_stands_beside_them() -> None:
    *_, line, _ = control_figure([WITHIN, OVER], LOOKS, is_log=True).data
    assert line.name == "budget_forcing: max_thinking_tokens"
    assert list(zip(line.text, line.x, line.y, strict=True)) == [("50", 50, 40.0), ("100", 100, 140.0)]


def test_a_mean_above_its_budget_is_ringed_and_the_legend_says_so() -> None:
    *_, line, rings = control_figure([WITHIN, OVER], LOOKS, is_log=True).data
    assert (list(line.x), list(line.y)) == ([50, 100], [40.0, 140.0])
    assert rings.name == "overshoot: mean above the budget"
    assert (list(rings.x), list(rings.y)) == ([100], [140.0])


def test_a_mean_that_is_just_the_budget_is_no_overshoot() -> None:
    """s1's limits belong to the interval."""
    drawn = control_figure([use("cut", 50, 50.0)], LOOKS, is_log=True)
    assert not any("overshoot" in trace.name for trace in drawn.data)


def test_the_region_of_overshoot_ends_at_the_diagonal_and_both_axes_are_the_same() -> None:
    drawn = control_figure([WITHIN, OVER], LOOKS, is_log=False)
    region, diagonal, *_ = drawn.data
    high = 1.06 * 145  # the 90th percentile of the second arm's problems is the most
    assert (list(region.x), list(region.y)) == ([0, high, 0], [0, high, high])
    assert list(diagonal.x) == list(diagonal.y) == [0, high]
    assert drawn.layout.xaxis.range == drawn.layout.yaxis.range == (0, high)


def test_an_arm_that_stands_alone_goes_by_its_name_and_by_its_label_where_it_is_pointed_at() -> None:
    alone = control_figure([OVER], LOOKS, is_log=True).data[-2]
    assert alone.name == "told, 100" and alone.hovertext[0].startswith("<b>told 100</b>")


def test_strips_go_from_the_tenth_to_the_ninetieth_percentile_and_end_at_the_axis() -> None:
    """Its lower end, 4 − 5 = −1, has no place on a logarithmic axis."""
    _, diagonal, strip, _ = control_figure([use("cut to 50", 50, 4.0)], LOOKS, is_log=True).data
    assert (list(strip.x), list(strip.y)) == ([50, 50], [diagonal.y[0], 9.0])


def test_a_click_opens_the_arms_traces() -> None:
    line = control_figure([WITHIN, OVER], LOOKS, is_log=True).data[-2]
    assert [json.loads(each) for each in line.customdata] == [{"arm": "cut to 50"}, {"arm": "told 100"}]


def test_an_arm_that_took_nothing_leaves_logarithmic_axes_and_is_named() -> None:
    nothing = use("silent", 50, 0.0, position=2)
    assert left_out([nothing, WITHIN, OVER], is_log=True) == ("silent",)
    assert left_out([nothing, WITHIN, OVER], is_log=False) == ()


def test_hovering_tells_how_many_jobs_were_over_and_quotes_no_markup() -> None:
    said = hover(use("<b>told</b>", 100, 140.0, over=90))
    assert "90 of 100 jobs over budget" in said and "took 140.0  [139.0, 141.0]" in said
    assert "&lt;b&gt;told" in said


def test_the_file_has_each_arm_with_what_it_was_given_and_took() -> None:
    rows = list(csv.DictReader(io.StringIO(BUDGETS.table(Budgets((WITHIN, OVER), ())).csv)))
    assert [row["label"] for row in rows] == ["cut to 50", "told 100"]
    told = rows[1]
    assert (told["requested"], told["thinking_tokens_mean"], told["is_over"]) == ("100", "140.0", "True")
    assert (told["percentile_10"], told["percentile_90"], told["jobs_over"], told["jobs"]) == (
        "135.0", "145.0", "90", "100",
    )  # fmt: skip


def test_who_took_too_much_and_who_was_given_nothing_is_told() -> None:
    over, unlimited = BUDGETS.table(Budgets((WITHIN, OVER), ("chain_of_thought",))).notes
    assert over.startswith("1 of 2 arms took more on average than they were given; 90 of their 200 jobs did.")
    assert unlimited == "Given no number of thinking tokens, and so not here: chain_of_thought."


SWEEP = MeasuredSweep(
    "cuts",
    ("cut to 50", "cut to 100"),
    SweepMetrics(0.5, Estimate(0.2, 0.12, 0.28, 100), Estimate.unknown(), Estimate(0.5, 0.4, 0.6, 100), best=1),
)


def cells(sweep: MeasuredSweep) -> dict[str, str]:
    table = SWEEPS.table([sweep])
    return dict(zip([column.name for column in table.shown], table.cells[0], strict=True))


def test_a_sweep_in_words_has_percent_points_and_intervals() -> None:
    row = cells(SWEEP)
    assert (row["control"], row["scaling_per_doubling"], row["scaling_per_1k_tokens"]) == (
        "50%", "+20.0 (+12.0 … +28.0)", "–",
    )  # fmt: skip
    assert (row["performance"], row["best"], row["n"]) == ("50.0% (40.0 … 60.0)", "cut to 100", "100")
    assert cells(replace(SWEEP, metrics=replace(SWEEP.metrics, control=math.nan)))["control"] == "–"


def test_a_sweep_in_a_file_has_shares_and_nothing_where_nothing_is_known() -> None:
    (row,) = SWEEPS.table([SWEEP]).flat
    assert (row["control"], row["scaling_per_doubling_ci_low"], row["scaling_per_1k_tokens"]) == (0.5, 0.12, None)
