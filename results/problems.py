"""On which problems two arms differ: each problem in common, and the jobs behind every pair of answers.

Pairs are of one problem and repeat. Axes in suffixes: P problems in common, Q pairs, in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.queries import ArmSamples
from results.columns import Column, Columns, Table
from results.measured.measurements import Measurements, correct_PR, labelled, shape_over, spread
from results.questions import Question
from results.wording import percent
from scaling.arrays import Floats
from scaling.statistics.comparisons import Cell
from scaling.statistics.estimates import problem_means

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flip:
    """A problem, by its position, and a repeat, with the job of each arm: `/trace?job=...` in the dashboard."""

    problem: int
    repeat: int
    first_job: int
    second_job: int


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The problems and repeats that both arms have a result for, with the job of each. `problem_Q` are positions."""

    problem_Q: Integers
    repeat_Q: Integers
    first_job_Q: Integers
    second_job_Q: Integers
    first_is_correct_Q: Booleans
    second_is_correct_Q: Booleans

    def inside(self, cell: Cell) -> "Pairs":
        """Those that stand in this cell."""
        is_in_Q = (self.first_is_correct_Q == cell.first_is_right) & (self.second_is_correct_Q == cell.second_is_right)
        return Pairs(*(getattr(self, field.name)[is_in_Q] for field in fields(self)))

    def of_problem(self, position: int) -> "tuple[Flip, ...]":
        """All its repeats that both have a result for."""
        return tuple(each for each in self.flips if each.problem == position)

    def of_job(self, job: int | None) -> "Flip | None":
        """The pair that the job is in; None: in none of these."""
        return next((each for each in self.flips if job in (each.first_job, each.second_job)), None)

    def cell_of(self, flip: Flip) -> Cell:
        """Where this pair of theirs stands."""
        return next(cell for cell in Cell if flip in self.inside(cell).flips)

    @property
    def flips(self) -> tuple[Flip, ...]:
        columns = (self.problem_Q, self.repeat_Q, self.first_job_Q, self.second_job_Q)
        return tuple(Flip(*row) for row in zip(*(column.tolist() for column in columns), strict=True))

    def count(self, cell: Cell, position_P: Integers) -> list[int]:
        """How many pairs of each of these problems stand in the cell."""
        counts = np.bincount(self.inside(cell).problem_Q, minlength=int(position_P.max(initial=-1)) + 1)
        return [int(counts[position]) for position in position_P]


@dataclass(frozen=True, slots=True)
class PairedProblem:
    """`first` and `second` are each arm's share of correct repeats, `others` the mean of it over the other arms.

    NaN: they have no result. `lost` and `gained` count the repeats that are correct under the first, the second only.
    """

    key: str
    position: int
    first: float
    second: float
    others: float
    lost: int
    gained: int

    @property
    def change(self) -> float:
        return self.second - self.first


class Order(StrEnum):
    """How problems are put in a row."""

    EASE = "easiest for the other arms first"
    POSITION = "as in the data set"


@dataclass(frozen=True, slots=True, eq=False)
class SideBySide:
    """The problems that both arms have a result for, by their position in the data set.

    The two arms are not among the others, so that a flip does not make its own problem look hard or easy. `keys` are
    what the data set calls all its problems.
    """

    keys: Sequence[str]
    pairs: Pairs
    position_P: Integers
    first_P: Floats
    second_P: Floats
    others_P: Floats

    @property
    def orders(self) -> tuple[Order, ...]:
        """Without a result of another arm there is no telling what is easy."""
        return tuple(Order) if not np.isnan(self.others_P).all() else (Order.POSITION,)

    def others_of(self, position: int) -> float:
        """The mean of the other arms' shares of right repeats of a problem; NaN: they have none."""
        return float(self.others_P[np.searchsorted(self.position_P, position)])

    def problems(self, order: Order = Order.POSITION) -> tuple[PairedProblem, ...]:
        """What is not known to be easy comes last."""
        shares = (each.tolist() for each in (self.first_P, self.second_P, self.others_P))
        flips = (self.pairs.count(cell, self.position_P) for cell in (Cell.LOST, Cell.GAINED))
        made = tuple(
            PairedProblem(self.keys[position], position, *its)
            for position, *its in zip(self.position_P.tolist(), *shares, *flips, strict=True)
        )
        return made if order is Order.POSITION else tuple(made[at] for at in np.argsort(-self.others_P, kind="stable"))


def side_by_side(measurements: Measurements, first: str | None = None, second: str | None = None) -> SideBySide:
    """Two arms by label or number, the first and the last unless told. Raises UnknownArmError."""
    samples = measurements.samples
    shape = shape_over(samples)
    pair = labelled(samples, first or "1"), labelled(samples, second or str(len(samples)))
    first_P, second_P = (problem_means(correct_PR(each, shape)) for each in pair)
    others_P = _mean_of([each for each in samples if each not in pair], shape)
    (position_P,) = np.nonzero(~np.isnan(first_P) & ~np.isnan(second_P))
    return SideBySide(
        measurements.problem_keys(),
        pairs_of(*pair),
        position_P,
        *(values_P[position_P] for values_P in (first_P, second_P, others_P)),
    )


def _mean_of(arms: Sequence[ArmSamples], shape: tuple[int, int]) -> Floats:
    """Over arms, each problem's share of correct repeats. Every arm counts the same."""
    if not arms:
        return np.full(shape[0], np.nan)
    return problem_means(np.column_stack([problem_means(correct_PR(each, shape)) for each in arms]))


def pairs_of(first: ArmSamples, second: ArmSamples) -> Pairs:
    shape = shape_over([first, second])
    first_PR, second_PR = correct_PR(first, shape), correct_PR(second, shape)
    is_pair_PR = ~np.isnan(first_PR) & ~np.isnan(second_PR)
    problem_Q, repeat_Q = np.nonzero(is_pair_PR)
    first_job_PR, second_job_PR = (spread(each, each.job_id_J, shape) for each in (first, second))
    return Pairs(
        problem_Q=problem_Q,
        repeat_Q=repeat_Q,
        first_job_Q=first_job_PR[is_pair_PR].astype(np.int64),
        second_job_Q=second_job_PR[is_pair_PR].astype(np.int64),
        first_is_correct_Q=first_PR[is_pair_PR] > 0,
        second_is_correct_Q=second_PR[is_pair_PR] > 0,
    )


OTHERS: Column[Any] = Column(
    "other_arms", lambda it: it.others, "other arms right", "mean over the experiment's other arms", percent
)
COLUMNS: Columns[PairedProblem] = (
    Column("problem", lambda it: it.key, "problem"),
    Column("first", lambda it: it.first, "first", "its share of correct repeats", percent),
    Column("second", lambda it: it.second, "second", "its share of correct repeats", percent),
    OTHERS,
    Column("lost", lambda it: it.lost, "lost", "repeats that are correct under the first only"),
    Column("gained", lambda it: it.gained, "gained", "repeats that are correct under the second only"),
)


def flip_columns(keys: Sequence[str]) -> Columns[Flip]:
    return (
        Column("problem", lambda flip: keys[flip.problem], "problem"),
        Column("repeat", lambda flip: flip.repeat, "repeat", needed=lambda flips: any(flip.repeat for flip in flips)),
        Column("first_job", lambda flip: flip.first_job, "first's trace", "the job under the first", str),
        Column("second_job", lambda flip: flip.second_job, "second's trace", "the job under the second", str),
    )


def flips_table(found: SideBySide, cell: Cell, order: Order) -> Table[Flip]:
    """The pairs that stand in a cell, problems in order."""
    place = {problem.position: place for place, problem in enumerate(found.problems(order))}
    others = dict(zip(found.position_P.tolist(), found.others_P.tolist(), strict=True))
    problem, repeat, *jobs = flip_columns(found.keys)
    is_known = not np.isnan(found.others_P).all()
    beside = replace(OTHERS, value=lambda flip: others[flip.problem], needed=lambda _: is_known)
    flips = sorted(found.pairs.inside(cell).flips, key=lambda flip: (place[flip.problem], flip.repeat))
    return Table((problem, repeat, beside, *jobs), flips)


PROBLEMS = Question(
    "problems", "On which problems do two arms differ?", side_by_side, lambda found: Table(COLUMNS, found.problems())
)
