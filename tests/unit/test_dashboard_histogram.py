"""How distributions over jobs are drawn, without drawing them: where bars stand, what they open, and the file."""

import csv
import io
import json
import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.histogram import filters, histogram_figure
from dashboard.charts.histogram_slots import Bar, Scale, bars_of, place, slots
from dashboard.charts.palette import VERMILION, Looks
from db.queries import Arm, JobCounts
from results import Histogram, Histograms
from results.histograms import table
from scaling.compute.axes import Axis
from scaling.statistics.histogram import Counted, HistogramBins
from scaling.statistics.percentiles import Percentiles, percentiles
from scaling.types import Verdict
from tests.unit.told_points import told_arm

DOUBLINGS = HistogramBins(np.array([4.0, 8.0, 32.0]), is_log=True)
LOG = Scale(Axis.THINKING, DOUBLINGS)
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


def row(correct: Counted, wrong: Counted = NOBODY, truncated: Counted = NOBODY, label: str = "an arm") -> Histogram:
    some = percentiles(np.array([6.0, 12.0, 12.0, 20.0]))
    verdicts = by_verdict(correct, wrong, truncated)
    return Histogram(told_arm(0, label), NO_JOBS, None, DOUBLINGS, verdicts, some, some, NO_JOB)


NO_JOBS = JobCounts(0, 0, 0, 0, 0)
LOOKS = Looks(defaultdict(lambda: VERMILION))


def drawn_of(*rows: Histogram, axis: Axis = Axis.THINKING) -> go.Figure:
    return histogram_figure(Histograms(axis, rows), LOOKS)


def test_verdicts_are_stacked_and_areas_are_jobs() -> None:
    """4 jobs in one doubling are as high as 8 in two, of which 2 are wrong and stand on the 6 that are not."""
    first, second, wrong = bars_of(row(counts(4, 6), counts(0, 2)), LOG, full_height=0.8)
    assert (first.slot.left, first.slot.right, first.height) == (2.0, 3.0, pytest.approx(0.8))
    assert (second.slot.left, second.slot.right, second.base) == (3.0, 5.0, 0)
    assert (second.height, wrong.base, wrong.height) == pytest.approx((0.6, 0.6, 0.2))
    assert wrong.verdict is Verdict.WRONG


def test_what_is_zero_stands_left_of_a_logarithmic_axis_on_its_own() -> None:
    """As wide as the widest bin, two doublings, and as far away."""
    zero, _ = slots(row(counts(1, 0, zeros=3)), LOG)
    assert (zero.left, zero.right, zero.total) == (-2.0, 0.0, 3)
    assert place(0.0, LOG) == -1.0
    drawn = drawn_of(row(counts(1, 0, zeros=3)))
    assert dict(zip(drawn.layout.xaxis.tickvals, drawn.layout.xaxis.ticktext, strict=True)) == {
        2.0: "4",
        3.0: "8",
        4.0: "16",
        5.0: "32",
        -1.0: "0",
    }


def test_a_row_without_a_zero_has_no_place_for_it() -> None:
    drawn = drawn_of(row(counts(1, 0)))
    assert "0" not in drawn.layout.xaxis.ticktext and drawn.layout.xaxis.range[0] > 1.9


def test_the_tick_labels_of_large_numbers_are_powers_of_ten() -> None:
    one = {verdict: Counted(np.array([1]), 0, 0) for verdict in Verdict}
    wide = HistogramBins(np.array([1e9, 1e12]), is_log=True)
    drawn = drawn_of(replace(row(counts(1, 0)), by_verdict=one, bins=wide), axis=Axis.FLOPS)
    assert drawn.layout.xaxis.ticktext == ("1e9", "1e10", "1e11", "1e12")


def test_a_click_on_a_bar_opens_its_arms_traces_of_its_verdict_and_range() -> None:
    """More than 8 and up to 32 tokens."""
    correct, wrong, *_ = drawn_of(row(counts(0, 1), counts(0, 1))).data
    assert json.loads(correct.customdata[0]) == {"arm": "an arm", "verdict": "correct", "least": "9", "most": "32"}
    assert json.loads(wrong.customdata[0])["verdict"] == "wrong"


def test_where_the_axis_is_not_thinking_a_click_opens_all_of_the_arm_and_verdict() -> None:
    generated = replace(LOG, axis=Axis.GENERATED)
    assert filters(first_bar(row(counts(1, 0)), generated), generated) == {"verdict": "correct"}


def test_the_first_linear_bin_and_the_zeros_of_a_logarithmic_one_open_traces_from_zero_tokens_on() -> None:
    assert filters(first_bar(row(counts(1, 0)), LINEAR), LINEAR) == {"verdict": "correct", "least": 0, "most": 10}
    assert filters(first_bar(row(counts(0, 0, zeros=1)), LOG), LOG) == {"verdict": "correct", "least": 0, "most": 0}


def first_bar(of: Histogram, scale: Scale) -> Bar:
    return next(bars_of(of, scale, 1.0))


def test_rows_stand_above_one_another_the_first_on_top_each_as_high_as_its_highest_bar() -> None:
    (bars, *_) = drawn_of(row(counts(4, 0)), row(counts(0, 80))).data
    assert list(bars.base) == [1.0, 0.0]
    assert bars.y[0] == pytest.approx(bars.y[1])


def test_the_median_the_ninetieth_percentile_and_the_budget_are_marked() -> None:
    """Of 6, 12, 12, 20: 12, and 12 + .7 · 8 = 17.6."""
    *_, median, ninetieth, budget = drawn_of(replace(row(counts(1, 3)), requested=16)).data
    assert (median.name, ninetieth.name, budget.name) == ("median", "90th percentile", "budget given")
    assert 2 ** median.x[0] == pytest.approx(12) and 2 ** ninetieth.x[0] == pytest.approx(17.6)
    assert (budget.x[0], budget.marker.symbol[0]) == (4.0, "line-ns-open")


def test_a_budget_beyond_the_axis_is_an_arrow_at_its_end() -> None:
    *_, budget = drawn_of(replace(row(counts(1, 3)), requested=800)).data
    assert (budget.x[0], budget.marker.symbol[0]) == (5.0, "triangle-right")
    assert "given 800 tokens a job" in budget.hovertext[0]


def test_hovering_over_the_median_names_what_is_in_no_bar() -> None:
    partly = replace(row(counts(1, 0, unknown=2), truncated=counts(0, 1)), jobs=JobCounts(0, 0, 0, 3, 0))
    said = drawn_of(partly).data[-2].hovertext[0]
    assert "1 truncated" in said and "3 failed" in said and "2 of unknown tokens" in said


def test_a_label_is_never_markup_in_the_figure() -> None:
    drawn = drawn_of(row(counts(1, 0), label="<a href='x'>y</a>"))
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
    found = Histograms(Axis.THINKING, (known, unknown))
    assert len(histogram_figure(found, Looks.of([known.arm, unknown.arm])).layout.annotations) == 2  # of one row
    rows = list(csv.DictReader(io.StringIO(table(found).csv)))
    assert [(it["low"], it["high"], it["jobs"], it["correct"]) for it in rows[:4]] == [
        ("0.0", "0.0", "4", "4"),
        ("4.0", "8.0", "1", "1"),
        ("8.0", "32.0", "2", "2"),
        ("", "", "0", "0"),
    ]
    assert (rows[7]["label"], rows[7]["low"], rows[7]["jobs"]) == ("arm 1", "", "5")
