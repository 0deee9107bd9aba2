"""The judgements one by one: who chose which of two traces, and on which side it stood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.opinions import Choice, Shown
from db.queries import StoredJudgement
from results.columns import Column, Columns, Table
from results.measured.measurements import Measurements
from results.questions import Question
from results.wording import moment


@dataclass(frozen=True, slots=True)
class Told:
    """A judgement, with the labels of the arms on either side."""

    made: StoredJudgement
    left: str
    right: str

    @property
    def chosen(self) -> str | None:
        """The preferred arm; None: neither was."""
        labels: Mapping[Choice, str] = {Choice.LEFT: self.left, Choice.RIGHT: self.right}
        return labels.get(self.made.choice)


def _judgements(measurements: Measurements, person: str | None = None, shown: Shown | None = None) -> tuple[Told, ...]:
    """Of one person, or where judges saw one thing; all, unless told. In the order in which they were made."""
    labels = {each.arm.id: each.arm.label for each in measurements.samples}
    return tuple(
        Told(each, labels[each.left_arm], labels[each.right_arm])
        for each in measurements.judgements()
        if person in (None, each.person) and shown in (None, each.shown)
    )


COLUMNS: Columns[Told] = (
    Column("experiment", lambda it: it.made.experiment_id),
    Column("problem", lambda it: it.made.problem_key, "problem"),
    Column(
        "repeat", lambda it: it.made.repeat, "repeat", needed=lambda rows: any(it.made.repeat for it in rows)
    ),
    Column("left", lambda it: it.left, "left"),
    Column("right", lambda it: it.right, "right"),
    Column("choice", lambda it: it.made.choice, "choice"),
    Column("chosen", lambda it: it.chosen, "preferred"),
    Column("person", lambda it: it.made.person, "by"),
    Column("shown", lambda it: it.made.shown, "saw"),
    Column("judged_at", lambda it: it.made.judged_at.isoformat(), "when", show=moment, of=lambda it: it.made.judged_at),
    Column("left_job", lambda it: it.made.left_job),
    Column("right_job", lambda it: it.made.right_job),
)  # fmt: skip


def table(told: Sequence[Told]) -> Table[Told]:
    return Table(COLUMNS, told)


JUDGEMENTS = Question("judgements", "Who preferred which?", _judgements, table, is_live=True)
