"""What is drawn of easy and hard problems, without drawing it: bars, the choice as curves, ratios, tables and files."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.curve import Dash
from dashboard.charts.difficulty import Bars, bars_figure
from dashboard.charts.palette import BLUE, MAGENTA, Looks, colours_of
from dashboard.charts.ratio import ratio_figure
from dashboard.charts.scaling import Axes, accuracy_figure
from dashboard.views.choice_curves import CHARGED, ONE_FOR_ALL, OPTIMAL, choice_curves
from dashboard.views.difficulty_bars import arm_bars, bar_rows, bin_names, ratio_curves, ratio_rows
from dashboard.views.difficulty_tables import choice_rows, exchange_rows, worth_rows
from db.queries import Arm, JobCounts
from results import Choices, Difficulty, Easiness, Exchange, Point, RatioArm
from results.choosing import Rival
from results.easiness import Base
from scaling.statistics.comparisons import paired_difference
from scaling.statistics.compute_optimal import ComputeOptimal
from scaling.statistics.difficulty import DifficultyBins, RatioPoint
from scaling.statistics.estimates import Estimate
from tests.unit.told_points import told_point

CHAIN, VOTE = (
    Arm(number, number, label, "tiny", label.split()[0], {}, {})
    for number, label in enumerate(("chain_of_thought", "majority_vote samples=2"))
)
HALF = Estimate(0.5, 0.3, 0.7, 2)
ONE = Estimate(1.0, 0.8, 1.0, 2)


def own(arm: Arm, share: Estimate) -> Point:
    return told_point(arm, share, 10.0, jobs=JobCounts(0, 0, 4, 1, 0), if_failed=(0.5, 0.5), truncated=2, unparsed=3)


def optimal(share: Estimate, cost: float, with_binning: float, *choices: tuple[str, str]) -> ComputeOptimal:
    return ComputeOptimal(16.0, share, 0.9, cost, with_binning, 14.0, choices, np.ones(4))


def setting(k: int | None, cost: float) -> Point:
    return told_point(VOTE, HALF, cost, k)


def difficulty(binning: float = 40.0) -> Difficulty:
    """Two bins of two problems; one budget of 16, within which the vote of 1 is the dearest that is affordable."""
    paired = paired_difference(np.array([[0.0], [1.0], [1.0], [1.0]]), np.ones((4, 1)))
    made = Choices(
        optimal(ONE, 12.0, 12.0 + binning, ("chain_of_thought",) * 2, ("chain_of_thought", VOTE.label)),
        optimal(HALF, 14.0, 14.0, ("chain_of_thought",) * 2),
        paired,
        (Rival(setting(1, 8.0), paired),),
    )
    return Difficulty(
        base=Base(VOTE, 1, np.array([1.0, 0.75, 0.25, 0.0]), np.full(4, binning), 1e9),
        by=Easiness.ORACLE,
        bins=DifficultyBins(np.array([0, 0, 1, 1]), 2),
        points=(own(CHAIN, HALF), own(VOTE, Estimate.unknown())),
        by_bin={0: (ONE, Estimate(0.0, 0.0, 0.4, 2)), 1: (Estimate.unknown(),) * 2},
        choices=(made,),
        unchosen=None,
        curves=((setting(1, 8.0), setting(None, 16.0)),),
        ratios=(),
        exchanges=(),
    )


COLOURS = colours_of([CHAIN, VOTE])


def test_bins_are_named_by_what_the_base_arm_made_of_them() -> None:
    assert bin_names(difficulty()) == ("1 · easiest (pass@1 0.75 – 1.00)", "2 · hardest (pass@1 0.00 – 0.25)")


def test_an_arm_has_a_bar_in_each_bin_and_one_without_results_has_none() -> None:
    (bars,) = arm_bars(difficulty(), COLOURS, ["chain_of_thought", VOTE.label])
    assert bars == Bars("chain_of_thought", BLUE, (ONE, Estimate(0.0, 0.0, 0.4, 2)))
    assert arm_bars(difficulty(), COLOURS, []) == ()
    (drawn,) = bars_figure([bars], ["easy", "hard"]).data
    assert (list(drawn.x), list(drawn.y)) == (["easy", "hard"], [1.0, 0.0])
    assert list(drawn.error_y.array) == pytest.approx([0.0, 0.4])
    assert [json.loads(each) for each in drawn.customdata] == [{"arm": "chain_of_thought"}] * 2
    assert "0.0%  [0.0%, 40.0%]" in drawn.hovertext[1] and "n = 2 problems" in drawn.hovertext[1]


def test_every_bar_is_in_the_file_with_what_clouds_it() -> None:
    rows = list(bar_rows(difficulty()))
    assert [(row["arm"], row["bin"], row["share"], row["failed"]) for row in rows[:3]] == [
        ("chain_of_thought", None, 0.5, 1),
        ("chain_of_thought", 1, 1.0, None),
        ("chain_of_thought", 2, 0.0, None),
    ]
    assert (rows[3]["share"], rows[3]["problems"]) == (None, 0)


def test_the_choice_is_a_strong_curve_at_what_it_spent_and_a_broken_one_with_binning_charged() -> None:
    line, simple, charged, chosen = choice_curves(difficulty())
    assert (simple.name, charged.name, chosen.name) == (ONE_FOR_ALL, CHARGED, OPTIMAL)
    assert [(each.cost, mark, each.arm) for each, mark in zip(line.points, line.marks, strict=True)] == [
        (8.0, "1", VOTE),
        (16.0, "", VOTE),
    ]
    assert [(each.cost, each.value) for each in simple.points] == [(14.0, HALF)]
    assert [(each.cost, each.value) for each in (*charged.points, *chosen.points)] == [(52.0, ONE), (12.0, ONE)]
    drawn = accuracy_figure([line, chosen], Axes("tokens", "tokens"), Looks(COLOURS))
    star = drawn.data[-1]
    assert (star.name, star.marker.symbol, star.line.width, star.line.color) == (OPTIMAL, "star", 4.0, MAGENTA)
    assert star.customdata[0] is None and "click" not in star.hovertext[0]
    assert charged.dash is Dash.CHARGED


def test_a_binning_whose_cost_is_not_known_is_not_drawn() -> None:
    assert CHARGED not in [curve.name for curve in choice_curves(difficulty(binning=math.nan))]


def test_the_choices_and_what_they_are_worth_are_tables() -> None:
    (row,) = choice_rows(difficulty())
    assert row == {
        "budget": "16",
        "bin 1": "chain_of_thought",
        "bin 2": "chain_of_thought / majority_vote samples=2",
        "one for all": "chain_of_thought",
    }
    over_one, over_vote = worth_rows(difficulty())
    assert (over_one["against"], over_one["its cost"], over_one["with binning"]) == (
        "one setting for all",
        "14.0",
        "52.0",
    )
    # one of four problems: + 25 points, and p of 1 flip is 1
    assert (over_vote["against"], str(over_vote["points"]).split()[0], over_vote["p"]) == (
        "majority_vote samples=2, k = 1",
        "+25.0",
        "1.000",
    )


def test_a_larger_model_is_held_against_the_choice_in_words() -> None:
    """14 times larger, .16 tokens of inference for one of pretraining: 257.75 times the inference [Snell §7]."""
    lost = paired_difference(np.array([[1.0], [1.0], [1.0], [0.0]]), np.array([[1.0], [0.0], [1.0], [0.0]]))
    bought = Exchange(CHAIN, 14.0, 0.16, 3e12, 2e10, optimal(HALF, 12.0, math.nan), lost, (lost, lost))
    (row,) = exchange_rows(replace(difficulty(), exchanges=(bought,)))
    assert (row["× inference"], row["FLOPs"], row["run up to"]) == ("257.8", "3e+12", "2e+10")
    assert (row["smaller model"], str(row["points"]).split()[0], row["bin 2"]) == ("50.0%", "-25.0", row["points"])


def test_ratios_are_a_curve_over_all_problems_and_one_in_each_bin() -> None:
    arms = tuple(
        RatioArm(
            Arm(n, n, f"{shape}", "tiny", "revisions", {}, {}), RatioPoint(*shape, HALF, (ONE, Estimate.unknown()))
        )
        for n, shape in enumerate(((1, 4), (2, 2), (4, 1)))
    )
    whole, easy, hard = ratio_curves(arms, ["easy", "hard"])
    assert (whole.name, easy.name, easy.is_part) == ("4 attempts, all problems", "4 attempts, bin easy", True)
    drawn = ratio_figure([whole, easy, hard])
    assert list(drawn.data[0].x) == [0.25, 1.0, 4.0]
    assert list(drawn.layout.xaxis.ticktext) == ["1 : 4", "2 : 2", "4 : 1"]
    assert list(drawn.data[2].y) == [None, None, None]
    rows = list(ratio_rows([whole, easy]))
    assert (rows[0]["sequential"], rows[0]["parallel"], rows[0]["share"], rows[3]["share"]) == (1, 4, 0.5, 1.0)
