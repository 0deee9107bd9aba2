"""What an experiment found: the named queries put together with the statistics, once for all who show it.

Suffixes: P problems, R repeats, J an arm's succeeded jobs, C a job's candidates. A job that has no result (failed,
cancelled or still to come) is NaN: it leaves accuracy and means, and is counted.
"""

from db.results.arms import ArmResult, arm_results, cut, spending_note
from db.results.budgets import BudgetUse, budget_uses
from db.results.choosing import Choices
from db.results.comparing import Comparison, Flip, Pairs, adjusted, against, compare, paired
from db.results.cost_notes import axis_notes
from db.results.costs import default_axis, strategy_of
from db.results.difficulty import Difficulty, difficulty
from db.results.easiness import Easiness
from db.results.endings import ending_note
from db.results.equal_compute import Side, Sides, lines_through
from db.results.errors import NoResultsError, UnknownArmError
from db.results.exchange import Exchange
from db.results.figures import Figure, figures
from db.results.finding import find_arm, labelled
from db.results.histograms import Histogram, histograms
from db.results.joined import Joined
from db.results.lines import Line, sweeps_of
from db.results.measurements import Measurements
from db.results.over_k import Metric
from db.results.problems import SideBySide, side_by_side
from db.results.ratios import RatioArm
from db.results.settings import SettingFigure
from db.results.sweeps import MeasuredSweep, measured_sweeps
from db.results.within import Reached, Within, within_budget

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
]
