"""What an experiment found: the named queries put together with the statistics, once for all who show it.

Suffixes: P problems, R repeats, J an arm's succeeded jobs, C a job's candidates. A job that has no result (failed,
cancelled or still to come) is NaN: it leaves accuracy and means, and is counted.
"""

from results.arms import ArmResult, arm_results, cut, spending_note
from results.budgets import BudgetUse, budget_uses
from results.choosing import Choices
from results.comparing import Comparison, Flip, Pairs, adjusted, against, compare, paired
from results.cost_notes import axis_notes
from results.costs import default_axis, strategy_of
from results.difficulty import Difficulty, difficulty
from results.easiness import Easiness
from results.endings import ending_note
from results.equal_compute import Side, Sides, at_budget_words, lines_through
from results.errors import NoResultsError, UnknownArmError
from results.exchange import Exchange
from results.figures import Figure, figures
from results.histograms import Histogram, histograms
from results.joined import Joined
from results.lines import Line, sweeps_of
from results.measurements import Measurements, find_arm, labelled
from results.over_k import Metric
from results.problems import SideBySide, side_by_side
from results.ratios import RatioArm
from results.settings import SettingFigure
from results.sweeps import MeasuredSweep, measured_sweeps
from results.within import Reached, Within, within_budget, within_words

__all__ = [
    "ArmResult",
    "BudgetUse",
    "Choices",
    "Comparison",
    "Difficulty",
    "Easiness",
    "Exchange",
    "Figure",
    "Flip",
    "Histogram",
    "Joined",
    "Line",
    "MeasuredSweep",
    "Measurements",
    "Metric",
    "NoResultsError",
    "Pairs",
    "RatioArm",
    "Reached",
    "SettingFigure",
    "Side",
    "SideBySide",
    "Sides",
    "UnknownArmError",
    "Within",
    "adjusted",
    "against",
    "arm_results",
    "at_budget_words",
    "axis_notes",
    "budget_uses",
    "compare",
    "cut",
    "default_axis",
    "difficulty",
    "ending_note",
    "figures",
    "find_arm",
    "histograms",
    "labelled",
    "lines_through",
    "measured_sweeps",
    "paired",
    "side_by_side",
    "spending_note",
    "strategy_of",
    "sweeps_of",
    "within_budget",
    "within_words",
]
