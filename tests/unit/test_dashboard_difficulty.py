"""What is drawn and told of easy and hard problems: bars, the choice as curves, ratios, tables and files."""

import csv
import io
import json
import math

import numpy as np
import pytest

from dashboard.charts.bars import bars_figure, bin_names
from dashboard.charts.choosing import CHARGED, choice_curves
from dashboard.charts.curve import Dash
from dashboard.charts.palette import BLUE, MAGENTA, Looks
from dashboard.charts.ratio import ratio_figure
from dashboard.charts.scaling import Axes, accuracy_figure
from db.queries import Arm, JobCounts
from results import (
    Choices,
    Choosing,
    Difficulty,
    Easiness,
    Exchange,
    Exchanges,
    Point,
    RatioPoint,
    Ratios,
    choosing,
    difficulty,
    exchange,
    ratios,
)
from results.choosing import ONE_FOR_ALL, OPTIMAL, Rival
from results.columns import Record
from results.difficulty import ArmByBin, best_of_bins
from results.easiness import BaseArm, bins_table
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import paired_difference
from scaling.statistics.compute_optimal import ComputeOptimal
from scaling.statistics.difficulty import DifficultyBins
from scaling.statistics.estimates import Estimate, share

CHAIN, VOTE = (
    Arm(number, number, label, "tiny", label.split()[0], {}, {})
    for number, label in enumerate(("chain_of_thought", "majority_vote samples=2"))
)
HALF = Estimate(0.5, 0.3, 0.7, 2)
ONE = Estimate(1.0, 0.8, 1.0, 2)
NONE = Estimate(0.0, 0.0, 0.4, 2)
NAN_P = np.full(4, math.nan)
BASE = BaseArm(
    VOTE, 1, True, Easiness.ORACLE, Axis.GENERATED, np.array([1.0, 0.75, 0.25, 0.0]), np.full(4, 40.0), 1e9,
    DifficultyBins(np.array([0, 0, 1, 1]), 2),
)  # fmt: skip
LOOKS = Looks.of([CHAIN, VOTE])
PAIRED = paired_difference(np.array([[0.0], [1.0], [1.0], [1.0]]), np.ones((4, 1)))
"""Of four problems one flipped: 25 points, and p of 1 flip is 1."""


def test_the_best_arm_of_each_bin_is_drawn_unless_more_are_asked_for() -> None:
    """The chain is best in the easy bin, where the vote is level; in the hard one the vote is; one arm has nothing."""
    chain, vote = (Point(arm, None, np.ones(4), np.ones(4)) for arm in (CHAIN, VOTE))
    nothing = ArmByBin(Point(CHAIN, None, NAN_P, NAN_P), (Estimate.unknown(),) * 2)
    arms = nothing, ArmByBin(chain, (ONE, NONE)), ArmByBin(vote, (ONE, HALF))
    assert best_of_bins(Difficulty(BASE, arms)) == arms[1:]
    assert best_of_bins(Difficulty(BASE, (arms[0], arms[2]))) == (arms[2],)
    assert best_of_bins(Difficulty(BASE, (nothing,))) == ()


def optimal(share: Estimate, cost: float, with_binning: float, *choices: tuple[str, str]) -> ComputeOptimal:
    return ComputeOptimal(
        16.0, share, 0.9, cost, with_binning, 14.0, choices, np.ones(4), np.zeros(4, dtype=np.intp), True
    )


def of_vote(k: int | None, cost: float) -> Point:
    return Point(VOTE, k, np.array([1.0, 1.0, 0.0, 0.0]), np.full(4, cost))


def by_difficulty() -> Difficulty:
    """The chain is correct on the two easy problems only; the vote has no result yet."""
    right = Point(CHAIN, None, np.array([1.0, 1, 0, 0]), np.full(4, 10.0), jobs=JobCounts(0, 0, 4, 1, 0), truncated=2)
    arms = ArmByBin(right, (ONE, NONE)), ArmByBin(Point(VOTE, None, NAN_P, NAN_P), (Estimate.unknown(),) * 2)
    return Difficulty(BASE, arms)


def chosen(binning: float = 40.0) -> Choosing:
    """Two bins of two problems; one budget of 16, within which the vote of 1 is the dearest that is affordable."""
    made = Choices(
        optimal(ONE, 12.0, 12.0 + binning, ("chain_of_thought",) * 2, ("chain_of_thought", VOTE.label)),
        optimal(HALF, 14.0, 14.0, ("chain_of_thought",) * 2),
        (Rival(ONE_FOR_ALL, HALF, 14.0, PAIRED), Rival(f"{VOTE.label}, k = 1", HALF, 8.0, PAIRED)),
    )
    return Choosing(BASE, (made,), None, ((of_vote(1, 8.0), of_vote(None, 16.0)),), ())


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_bins_are_named_by_what_the_base_arm_made_of_them() -> None:
    assert bin_names(BASE) == ("1 · easiest (pass@1 0.75 – 1.00)", "2 · hardest (pass@1 0.00 – 0.25)")
    assert bins_table(BASE).cells == [["1", "2", "0.750 … 1.000", "easiest"], ["2", "2", "0.000 … 0.250", "hardest"]]
    assert bins_table(BASE).records[1] == {"bin": 2, "problems": 2, "easiness_low": 0.0, "easiness_high": 0.25}


def test_an_arm_has_a_bar_in_each_bin_and_one_without_results_has_none() -> None:
    (drawn,) = bars_figure(by_difficulty(), LOOKS, ["chain_of_thought", VOTE.label]).data
    assert (drawn.name, drawn.marker.color) == ("chain_of_thought", BLUE)
    assert not bars_figure(by_difficulty(), LOOKS, []).data
    assert (list(drawn.x), list(drawn.y)) == (list(bin_names(BASE)), [1.0, 0.0])
    assert list(drawn.error_y.array) == pytest.approx([0.0, 0.4])
    assert [json.loads(each) for each in drawn.customdata] == [{"arm": "chain_of_thought"}] * 2
    assert "0.0%  [0.0%, 40.0%]" in drawn.hovertext[1] and "n = 2 problems" in drawn.hovertext[1]


def test_every_bar_is_in_the_file_with_what_clouds_it() -> None:
    rows = read(difficulty.table(by_difficulty()).csv)
    assert [(row["label"], row["bin"], row["value"], row["failed"]) for row in rows[:3]] == [
        ("chain_of_thought", "", "0.5", "1"),
        ("chain_of_thought", "1", "1.0", "1"),
        ("chain_of_thought", "2", "0.0", "1"),
    ]
    assert (rows[3]["value"], rows[3]["n"], rows[0]["cost"]) == ("", "0", "10.0")


def test_people_read_an_arm_in_a_row_and_its_bins_side_by_side() -> None:
    bins, arms = difficulty.table(by_difficulty()).for_people
    assert [column.title for column in arms.shown] == [
        "arm", "bin 1", "bin 2", "n", "failed", "truncated", "unparsed",
    ]  # fmt: skip
    assert arms.cells[0] == ["chain_of_thought", "100.0% (80 … 100)", "0.0% (0 … 40)", "4", "1", "2", "0"]
    assert (bins.shown[2].title, arms.cells[1][1]) == ("pass@1 of the base arm", "–")
    assert difficulty.table(by_difficulty()).notes[-1].startswith("majority_vote samples=2 made the bins")


def test_the_choice_is_a_strong_curve_at_what_it_spent_and_a_broken_one_with_binning_charged() -> None:
    of_arm, simple, charged, best = choice_curves(chosen())
    assert (simple.name, charged.name, best.name) == (ONE_FOR_ALL, CHARGED, OPTIMAL)
    assert [(each.cost, mark, each.arm) for each, mark in zip(of_arm.points, of_arm.marks, strict=True)] == [
        (8.0, "1", VOTE),
        (16.0, "", VOTE),
    ]
    assert [(each.cost, each.value) for each in simple.points] == [(14.0, HALF)]
    assert [(each.cost, each.value) for each in (*charged.points, *best.points)] == [(52.0, ONE), (12.0, ONE)]
    drawn = accuracy_figure([of_arm, best], Axes("tokens", "tokens"), LOOKS)
    vote, star = drawn.data
    assert (of_arm.name, vote.name) == (f"{VOTE.label}, and fewer", f"{LOOKS.names[VOTE.label]}, and fewer")
    assert (star.name, star.marker.symbol, star.line.width, star.line.color) == (OPTIMAL, "star", 4.0, MAGENTA)
    assert star.customdata[0] is None and "click" not in star.hovertext[0]
    assert charged.dash is Dash.CHARGED


def test_a_binning_whose_cost_is_not_known_is_not_drawn() -> None:
    assert CHARGED not in [curve.name for curve in choice_curves(chosen(binning=math.nan))]


def test_the_choices_and_what_they_are_worth_are_tables() -> None:
    worth, choices = choosing.table(chosen()).for_people
    assert dict(zip([column.title for column in choices.shown], choices.cells[0], strict=True)) == {
        "budget": "16",
        "bin 1": "chain_of_thought",
        "bin 2": "chain_of_thought / majority_vote samples=2",
        "one for all": "chain_of_thought",
    }
    titles = [str(column.title) for column in worth.shown]
    over_one, over_vote = (dict(zip(titles, row, strict=True)) for row in worth.cells)
    assert (over_one["over"], over_one["cost, tokens"], over_one["with binning"]) == (
        "one for all (50.0% at 14.0)",
        "12.0",
        "52.0",
    )
    assert (over_vote["over"], over_vote["points"], over_vote["p"]) == (
        "majority_vote samples=2, k = 1 (50.0% at 8.0)",
        "+25.0",
        "1.000",
    )
    assert (over_one["budget"], over_vote["budget"]) == ("16", "")  # said once


def test_the_file_has_what_fewer_candidates_would_have_given_and_the_choice_by_budget() -> None:
    fewer, best, simple = read(choosing.table(chosen()).csv)
    assert (fewer["label"], fewer["cost"], fewer["value"]) == ("majority_vote samples=2, k = 1", "8.0", "0.5")
    assert (best["label"], best["budget"], best["cost_with_binning"], best["n"]) == (OPTIMAL, "16.0", "52.0", "2")
    assert (simple["label"], simple["value"], simple["ci_low"]) == (ONE_FOR_ALL, "0.5", "")
    everything = choosing.csv(by_difficulty(), chosen())
    assert everything.splitlines() == [
        *difficulty.table(by_difficulty()).csv.splitlines(), *choosing.table(chosen()).csv.splitlines()[1:]
    ]  # fmt: skip


def test_a_choice_as_json_has_its_rivals_within_it() -> None:
    (made,) = choosing.table(chosen()).records
    simple, against = made["one_for_all"], made["against"]
    assert isinstance(simple, dict) and isinstance(against, list)
    assert (simple["value"], simple["choice"], simple["difference"]) == (0.5, ["chain_of_thought"] * 2, 0.25)
    assert [rival["label"] for rival in against if isinstance(rival, dict)] == ["majority_vote samples=2, k = 1"]


def test_a_larger_model_is_held_against_the_choice_in_words() -> None:
    """14 times larger, .16 tokens of inference for one of pretraining: 257.75 times the inference [Snell §7]."""
    lost = paired_difference(np.array([[1.0], [1.0], [1.0], [0.0]]), np.array([[1.0], [0.0], [1.0], [0.0]]))
    bought = Exchange(CHAIN, 14.0, 0.16, 3e12, 2e10, optimal(HALF, 12.0, math.nan), lost, (lost, lost))
    table = exchange.table(Exchanges(BASE, (bought,)))
    row = dict(zip([column.title for column in table.shown], table.cells[0], strict=True))
    assert (row["× inference"], row["FLOPs"], row["run up to"]) == ("257.8", "3e+12", "2e+10")
    assert (row["smaller"], row["points"].split()[0], row["bin 2"]) == ("50.0% (30 … 70)", "-25.0", row["points"])
    assert table.flat[0]["by_bin_2"] == table.flat[0]["difference"] == -0.25


def test_a_ratio_has_its_attempts_and_an_accuracy_in_each_bin() -> None:
    right_P = np.array([1.0, 1.0, 0.0, 0.0])
    point = RatioPoint(VOTE, 4, 2, share(right_P[:, None]), (ONE, NONE))
    assert (point.attempts, point.ratio, point.accuracy.value) == (8, 2.0, 0.5)


def test_ratios_are_a_curve_over_all_problems_and_one_in_each_bin() -> None:
    curve = tuple(
        RatioPoint(Arm(n, n, f"{shape}", "tiny", "revisions", {}, {}), *shape, HALF, (ONE, Estimate.unknown()))
        for n, shape in enumerate(((1, 4), (2, 2), (4, 1)))
    )
    found = Ratios(BASE, (curve,))
    whole, easy, hard = ratio_figure(found, LOOKS).data
    names = [f"4 attempts, bin {name}" for name in bin_names(BASE)]
    assert [whole.name, easy.name, hard.name] == ["4 attempts, all problems", *names]
    assert (whole.line.dash, easy.line.dash) == ("solid", "dot")
    assert list(whole.x) == [0.25, 1.0, 4.0]
    assert list(ratio_figure(found, LOOKS).layout.xaxis.ticktext) == ["1 : 4", "2 : 2", "4 : 1"]
    assert list(hard.y) == [None, None, None]
    rows: list[Record] = ratios.table(found).flat
    assert [rows[0][name] for name in ("sequential", "parallel", "accuracy", "by_bin_1")] == [1, 4, 0.5, 1.0]
    assert ratios.table(found).cells[0] == ["4", "1 : 4", "50.0% (30 … 70)", "100.0% (80 … 100)", "–"]
