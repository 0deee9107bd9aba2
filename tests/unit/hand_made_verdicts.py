"""Verdicts made by hand: two families on two axes, one claim that can be decided and one that cannot."""

import numpy as np

from results import Claimed, Reached, Standing, Verdicts
from results.measured.families import Family
from results.verdict.claims import Claim, ClaimKind
from results.verdict.finding import Rule
from scaling.compute.axes import Axis
from scaling.statistics.compute_optimal import ComputeOptimal
from scaling.statistics.estimates import Estimate
from scaling.verdict.rule import Cell, Decided, Place, Verdict

VOTES, FORCING = Family("votes <b>of four</b>", (1,)), Family("forcing", (2, 3))
FORCED = Claim(ClaimKind.FORCING, "forcing", "Do Waits beat votes?", VOTES, FORCING, ("tiny",))
UNASKED = Claim(ClaimKind.TRAINING, "training", "Does training help?", Family("base", ()), FORCING)


def reached(name: str, budget: float, value: float, *settings: str) -> Reached:
    """Of 100 problems, ±10 points; it spent three quarters of its budget."""
    share = Estimate(value, value - 0.1, value + 0.1, 100)
    choices = ((settings[0], settings[-1]),)
    best = ComputeOptimal(
        budget, share, value, 0.75 * budget, 0.75 * budget, budget, choices, np.ones(100), np.zeros(100, np.intp), True
    )
    return Reached(name, best)


def standing(
    axis: Axis, budget: float, verdict: Verdict, low: float, high: float, needed: int | None = None
) -> Standing:
    """The difference is in the middle of its band; the first family has 50 %."""
    difference = Estimate((low + high) / 2, low, high, 100)
    cell = Cell(Place(axis.value, budget), difference, verdict, needed, could_turn=False)
    return Standing(
        cell, axis,
        reached(VOTES.name, budget, 0.5, "majority_vote samples=8, k = 2", "majority_vote samples=8"),
        reached(FORCING.name, budget, 0.5 + difference.value, "budget_forcing waits=1", "budget_forcing waits=2"),
        low, high,
    )  # fmt: skip


STANDINGS = (
    standing(Axis.GENERATED_BY_ALL, 64, Verdict.UNDECIDED, -0.10, 0.14, 3600),
    standing(Axis.GENERATED_BY_ALL, 128, Verdict.BETTER, 0.10, 0.30),
    standing(Axis.LONGEST_PATH, 64, Verdict.WORSE, -0.25, -0.05),
    standing(Axis.LONGEST_PATH, 128, Verdict.EQUIVALENT, -0.015, 0.017),
)


def claimed() -> Claimed:
    return Claimed(FORCED, Decided(FORCED.name, 0.05, tuple(each.cell for each in STANDINGS)), STANDINGS, problems=100)


def verdicts() -> Verdicts:
    """The second claim has no arm of one family."""
    return Verdicts(Rule(), (claimed(), Claimed(UNASKED, undecidable="no arm is of the family base.")))
