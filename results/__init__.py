"""What an experiment found: the named queries put together with the statistics, once for all who show it.

A question about an experiment has one file. It has the answer (a frozen value), the function that finds it (of
Measurements, and of options that all have a default), its columns, and what a reader must be told; at its end stands
`NAME = Question("name", "As a question?", ask, table)`, and its line in `QUESTIONS`. Page, terminal, JSON, CSV and
Python lay its `Table` out; a chart takes the answer itself. What is no table of one kind of rows (a document with other
answers in it) is a function beside the columns, made of `record(COLUMNS, row)`. `comparisons` is the model.

Suffixes: P problems, R repeats, J an arm's succeeded jobs, C a job's candidates. A job that has no result (failed,
cancelled or still to come) is NaN: it leaves accuracy and means, and is counted.
"""

from collections.abc import Mapping
from typing import Any

from results.arms import ARMS, ArmResult, arm_results, cut, spending_note
from results.best import BEST, Found, best_words
from results.budgets import BUDGETS, Budgets, BudgetUse, budgets
from results.choosing import CHOOSING, Choices, Choosing
from results.comparisons import COMPARISONS, ComparedArm, Comparison, adjusted, all_against, compare, paired, worthwhile
from results.difficulty import DIFFICULTY, Difficulty
from results.easiness import Easiness
from results.equal_compute import EQUAL_COMPUTE, Side, Sides, at_budget_words, curves_through
from results.errors import NoResultsError, UnknownArmError, UnknownOptionError, UnknownQuestionError
from results.exchange import EXCHANGE, Exchange, Exchanges
from results.findings.question import FINDINGS
from results.histograms import TOKENS, Histogram, Histograms, histograms
from results.judgements.question import JUDGEMENTS
from results.measured.cost_notes import axis_notes
from results.measured.costs import default_axis, strategy_of
from results.measured.endings import ending_note
from results.measured.families import Family
from results.measured.joined import Joined, together
from results.measured.measurements import Measurements, find_arm, labelled
from results.measured.over_k import Metric
from results.measured.point import Point
from results.notes.question import NOTES
from results.points import OVER_K, POINTS, Points, points
from results.preferences.question import PREFERENCES
from results.problems import PROBLEMS, Flip, Pairs, SideBySide, side_by_side
from results.questions import Question
from results.ratios import RATIOS, RatioPoint, Ratios
from results.scans.question import SCANS
from results.sweeps import SWEEPS, MeasuredSweep, measured_sweeps
from results.traces.question import TRACES
from results.verdict import VERDICT, Claimed, Standing, Verdicts
from results.within import WITHIN_BUDGET, Reached, Within, within_budget, within_words
from results.words.arm_names import ArmNames, arm_names, usual_model
from scaling.errors import suggestion

QUESTIONS: Mapping[str, Question[Any]] = {
    each.name: each
    for each in (
        ARMS, BEST, POINTS, OVER_K, SWEEPS, BUDGETS, COMPARISONS, PROBLEMS, EQUAL_COMPUTE, WITHIN_BUDGET, TOKENS,
        DIFFICULTY, CHOOSING, RATIOS, EXCHANGE, VERDICT, NOTES, TRACES, SCANS, FINDINGS,
        PREFERENCES, JUDGEMENTS,
    )
}  # fmt: skip
"""All of them, by name."""


def question_named(name: str) -> Question[Any]:
    """Raises UnknownQuestionError."""
    if name in QUESTIONS:
        return QUESTIONS[name]
    listed = "\n".join(f"  {each.name:16}{each.title} ({', '.join(each.options)})" for each in QUESTIONS.values())
    raise UnknownQuestionError(f"there is no view {name!r}{suggestion(name, list(QUESTIONS), 'There are')}\n{listed}")


__all__ = [
    "QUESTIONS",
    "ArmNames",
    "ArmResult",
    "BudgetUse",
    "Budgets",
    "Choices",
    "Choosing",
    "Claimed",
    "ComparedArm",
    "Comparison",
    "Difficulty",
    "Easiness",
    "Exchange",
    "Exchanges",
    "Family",
    "Flip",
    "Found",
    "Histogram",
    "Histograms",
    "Joined",
    "MeasuredSweep",
    "Measurements",
    "Metric",
    "NoResultsError",
    "Pairs",
    "Point",
    "Points",
    "Question",
    "RatioPoint",
    "Ratios",
    "Reached",
    "Side",
    "SideBySide",
    "Sides",
    "Standing",
    "UnknownArmError",
    "UnknownOptionError",
    "UnknownQuestionError",
    "Verdicts",
    "Within",
    "adjusted",
    "all_against",
    "arm_names",
    "arm_results",
    "at_budget_words",
    "axis_notes",
    "best_words",
    "budgets",
    "compare",
    "curves_through",
    "cut",
    "default_axis",
    "ending_note",
    "find_arm",
    "histograms",
    "labelled",
    "measured_sweeps",
    "paired",
    "points",
    "question_named",
    "side_by_side",
    "spending_note",
    "strategy_of",
    "together",
    "usual_model",
    "within_budget",
    "within_words",
    "worthwhile",
]
