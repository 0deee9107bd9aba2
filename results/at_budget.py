"""What two arms reach with the same compute: the best of each family within a budget, and their curves interpolated."""

from collections.abc import Iterator
from dataclasses import dataclass

from db.queries import Arm
from results.columns import Record, flattened, record
from results.equal_compute import INTERPOLATED, Interpolated, at_budget_words, curves_through
from results.errors import NoResultsError
from results.measured.cost_notes import axis_notes
from results.measured.measurements import Measurements
from results.within import WITHIN, Within, within_budget, within_words
from scaling.compute.axes import Axis


@dataclass(frozen=True, slots=True, eq=False)
class AtBudget:
    """`interpolated` None: a curve does not reach the budget, and `reach` says from where to where they go.

    `notes` are what the costs on this axis leave out.
    """

    within: Within
    interpolated: Interpolated | None
    reach: str
    notes: tuple[str, ...]

    @property
    def words(self) -> Iterator[str]:
        yield within_words(self.within)
        if self.interpolated is None:
            yield f"Nothing to interpolate between: {self.reach}."
        else:
            yield at_budget_words(self.interpolated.sides, self.interpolated.found)
        yield from self.notes

    @property
    def document(self) -> Record:
        interpolated = None if self.interpolated is None else record(INTERPOLATED, self.interpolated)
        return {"equal_compute": interpolated, "within_budget": record(WITHIN, self.within)}

    @property
    def row(self) -> Record:
        """As columns beside a comparison's, each family's settings last."""
        interpolated = {} if self.interpolated is None else record(INTERPOLATED, self.interpolated)
        within = flattened({"within": record(WITHIN, self.within)})
        names = sorted(within, key=lambda name: ("_second_" in name, "_first_" in name, name.endswith("_settings")))
        return {f"at_{name}": value for name, value in interpolated.items()} | {name: within[name] for name in names}


def at_budget(measurements: Measurements, first: Arm, second: Arm, axis: Axis, budget: float) -> AtBudget:
    """`budget` is a mean per problem. Raises NoResultsError where a family reaches nothing within it."""
    within = within_budget(measurements, first, second, axis, budget)
    notes = axis_notes(measurements, axis, of_fewer=True, arms=(first.id, second.id))
    try:
        sides = curves_through(measurements, first, second, axis)
        return AtBudget(within, Interpolated(sides, sides.at(budget)), sides.reach, notes)
    except NoResultsError as error:
        return AtBudget(within, None, str(error), notes)
