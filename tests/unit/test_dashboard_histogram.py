"""How distributions over jobs are drawn, without drawing them: where bars stand, what they open, and the file."""

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.histogram import filters, histogram_figure
from dashboard.charts.histogram_slots import Bar, Panel, Scale, bars_of, place, slots
from dashboard.charts.palette import VERMILION
from dashboard.views.curves import colours_of
from dashboard.views.token_panels import bin_rows, panels
from db.queries import Arm, JobCounts
from results import Histogram
from results.columns import csv_text
from scaling.statistics.histogram import Counted, HistogramBins
from scaling.statistics.percentiles import Percentiles, percentiles
from scaling.types import Verdict

DOUBLINGS = HistogramBins(np.array([4.0, 8.0, 32.0]), is_log=True)
LOG = Scale("thinking tokens per job", "tokens", DOUBLINGS, are_thinking=True)
LINEAR = replace(LOG, bins=HistogramBins(np.array([0.0, 10.0, 20.0]), is_log=False))
NOBODY = Counted(np.array([0, 0]), zeros=0, unknown=0)
NO_JOB = Percentiles(math.nan, math.nan, math.nan, 0)


def counts(first: int, second: int, zeros: int = 0, unknown: int = 0) -> Counted:
    return Counted(np.array([first, second]), zeros, unknown)


def by_verdict(correct: Counted, wrong: Counted = NOBODY, truncated: Counted = NOBODY) -> dict[Verdict, Counted]:
    return {
        Verdict.CORRECT: correct,
        Verdict.WRONG: wrong,
        Verdict.UNPARSED: NOBODY,
        Verdict.TRUNCATED: truncated,
    }


def panel(correct: Counted, wrong: Counted = NOBODY, truncated: Counted = NOBODY, label: str = "an arm") -> Panel:
    some = percentiles(np.array([6.0, 12.0, 12.0, 20.0]))
    return Panel(label, VERMILION, by_verdict(correct, wrong, truncated), some, some, NO_JOB)


def test_verdicts_are_stacked_and_areas_are_jobs() -> None:
    """4 jobs in one doubling are as high as 8 in two, of which 2 are wrong and stand on the 6 that are not."""
    first, second, wrong = bars_of(panel(counts(4, 6), counts(0, 2)), LOG, full_height=0.8)
    assert (first.slot.left, first.slot.right, first.height) == (2.0, 3.0, pytest.approx(0.8))
    assert (second.slot.left, second.slot.right, second.base) == (3.0, 5.0, 0)
    assert (second.height, wrong.base, wrong.height) == pytest.approx((0.6, 0.6, 0.2))
    assert wrong.verdict is Verdict.WRONG


def test_what_is_zero_stands_left_of_a_logarithmic_axis_on_its_own() -> None:
    """As wide as the widest bin, two doublings, and as far away."""
    zero, _ = slots(panel(counts(1, 0, zeros=3)), LOG)
    assert (zero.left, zero.right, zero.total) == (-2.0, 0.0, 3)
    assert place(0.0, LOG) == -1.0
    drawn = histogram_figure([panel(counts(1, 0, zeros=3))], LOG)
    assert dict(zip(drawn.layout.xaxis.tickvals, drawn.layout.xaxis.ticktext, strict=True)) == {
        2.0: "4",
        3.0: "8",
        4.0: "16",
        5.0: "32",
        -1.0: "0",
    }


def test_a_row_without_a_zero_has_no_place_for_it() -> None:
    drawn = histogram_figure([panel(counts(1, 0))], LOG)
    assert "0" not in drawn.layout.xaxis.ticktext and drawn.layout.xaxis.range[0] > 1.9


def test_the_tick_labels_of_large_numbers_are_powers_of_ten() -> None:
    flops = Scale("inference compute", "FLOPs", HistogramBins(np.array([1e9, 1e12]), is_log=True), are_whole=False)
    one = {verdict: Counted(np.array([1]), 0, 0) for verdict in Verdict}
    drawn = histogram_figure([replace(panel(counts(1, 0)), by_verdict=one)], flops)
    assert drawn.layout.xaxis.ticktext == ("1e9", "1e10", "1e11", "1e12")


def test_a_click_on_a_bar_opens_its_arms_traces_of_its_verdict_and_range() -> None:
    """More than 8 and up to 32 tokens."""
    correct, wrong, *_ = histogram_figure([panel(counts(0, 1), counts(0, 1))], LOG).data
    assert json.loads(correct.customdata[0]) == {"arm": "an arm", "verdict": "correct", "least": "9", "most": "32"}
    assert json.loads(wrong.customdata[0])["verdict"] == "wrong"


def test_where_the_axis_is_not_thinking_a_click_opens_all_of_the_arm_and_verdict() -> None:
    generated = replace(LOG, are_thinking=False)
    assert filters(first_bar(panel(counts(1, 0)), generated), generated) == {"verdict": "correct"}


def test_the_first_linear_bin_and_the_zeros_of_a_logarithmic_one_open_traces_from_zero_tokens_on() -> None:
    assert filters(first_bar(panel(counts(1, 0)), LINEAR), LINEAR) == {"verdict": "correct", "least": 0, "most": 10}
    assert filters(first_bar(panel(counts(0, 0, zeros=1)), LOG), LOG) == {"verdict": "correct", "least": 0, "most": 0}


def first_bar(of: Panel, scale: Scale) -> Bar:
    return next(bars_of(of, scale, 1.0))


def test_rows_stand_above_one_another_the_first_on_top_each_as_high_as_its_highest_bar() -> None:
    (bars, *_) = histogram_figure([panel(counts(4, 0)), panel(counts(0, 80))], LOG).data
    assert list(bars.base) == [1.0, 0.0]
    assert bars.y[0] == pytest.approx(bars.y[1])


def test_the_median_the_ninetieth_percentile_and_the_budget_are_marked() -> None:
    """Of 6, 12, 12, 20: 12, and 12 + .7 · 8 = 17.6."""
    *_, median, ninetieth, budget = histogram_figure([replace(panel(counts(1, 3)), requested=16)], LOG).data
    assert (median.name, ninetieth.name, budget.name) == ("median", "90th percentile", "budget given")
    assert 2 ** median.x[0] == pytest.approx(12) and 2 ** ninetieth.x[0] == pytest.approx(17.6)
    assert (budget.x[0], budget.marker.symbol[0]) == (4.0, "line-ns-open")


def test_a_budget_beyond_the_axis_is_an_arrow_at_its_end() -> None:
    *_, budget = histogram_figure([replace(panel(counts(1, 3)), requested=800)], LOG).data
    assert (budget.x[0], budget.marker.symbol[0]) == (5.0, "triangle-right")
    assert "given 800 tokens a job" in budget.hovertext[0]


def test_hovering_over_the_median_names_what_is_in_no_bar() -> None:
    partly = replace(panel(counts(1, 0, unknown=2), truncated=counts(0, 1)), failed=3)
    said = histogram_figure([partly], LOG).data[-2].hovertext[0]
    assert "1 truncated" in said and "3 failed" in said and "2 of unknown tokens" in said


def test_a_label_is_never_markup_in_the_figure() -> None:
    drawn = histogram_figure([panel(counts(1, 0), label="<a href='x'>y</a>")], LOG)
    said = [each.text for each in drawn.layout.annotations] + list(drawn.data[0].hovertext)
    assert not any("<a" in each for each in said)


def histogram(position: int, correct: Counted, everything: Percentiles) -> Histogram:
    arm = Arm(position, position, f"arm {position}", "tiny", "chain_of_thought", {}, {})
    jobs = JobCounts(0, 0, 2, 1, 0)
    return Histogram(arm, jobs, None, DOUBLINGS, by_verdict(correct), everything, everything, NO_JOB)


def test_an_arm_whose_costs_are_not_known_has_no_row_but_its_count_is_in_the_file() -> None:
    """Three rows of bins with that of what is 0, and one for what is not known."""
    known = histogram(0, counts(1, 2, zeros=4), Percentiles(4, 8, 16, 7))
    unknown = histogram(1, counts(0, 0, unknown=5), NO_JOB)
    made = panels([known, unknown], colours_of([known.arm, unknown.arm]))
    assert [(each.arm, each.failed) for each in made] == [("arm 0", 1)]
    rows = list(csv.DictReader(io.StringIO(csv_text(list(bin_rows([known, unknown]))))))
    assert [(row["low"], row["high"], row["jobs"], row["correct"]) for row in rows[:4]] == [
        ("0.0", "0.0", "4", "4"),
        ("4.0", "8.0", "1", "1"),
        ("8.0", "32.0", "2", "2"),
        ("", "", "0", "0"),
    ]
    assert (rows[7]["arm"], rows[7]["low"], rows[7]["jobs"]) == ("arm 1", "", "5")
