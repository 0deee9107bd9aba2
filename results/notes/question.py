"""What people say of an experiment and of its traces: notes, ratings and tags, by whom and when."""

from collections.abc import Sequence

from db.opinions import Rating
from db.queries import Annotation
from results.columns import Column, Columns, Table, any_of
from results.measured.measurements import Measurements
from results.questions import Question
from results.wording import UNKNOWN, moment

WHOLE = "the experiment"


def _notes(
    measurements: Measurements, person: str | None = None, rating: Rating | None = None, tag: str | None = None
) -> tuple[Annotation, ...]:
    """What each person says now; of one person, with one rating, or with one tag."""
    return tuple(
        each
        for each in measurements.annotations()
        if (person in (None, each.person) and rating in (None, each.rating)) and (tag is None or tag in each.tags)
    )


COLUMNS: Columns[Annotation] = (
    Column("experiment", lambda it: it.experiment_id),
    Column("job", lambda it: it.job_id),
    Column("problem", lambda it: it.problem_key, "problem", show=lambda key: key or WHOLE),
    Column("label", lambda it: it.arm_label, "arm", needed=any_of(lambda it: it.job_id), has_arms=True),
    Column("repeat", lambda it: it.repeat, "repeat", needed=any_of(lambda it: it.repeat)),
    Column("verdict", lambda it: it.verdict, "verdict", needed=any_of(lambda it: it.verdict)),
    Column("person", lambda it: it.person, "by"),
    Column("rating", lambda it: it.rating, "rating", needed=any_of(lambda it: it.rating)),
    Column(
        "tags", lambda it: it.tags, "tags",
        show=lambda tags: ", ".join(tags) or UNKNOWN, needed=any_of(lambda it: it.tags),
    ),
    Column("note", lambda it: it.note, "note"),
    Column("said_at", lambda it: it.said_at.isoformat(), "when", show=moment, of=lambda it: it.said_at),
    Column("earlier", lambda it: it.earlier),
)  # fmt: skip


def table(said: Sequence[Annotation]) -> Table[Annotation]:
    notes = ["Who says it is a name that was typed: there is no log-in."] if said else []
    return Table(COLUMNS, said, notes)


NOTES = Question("notes", "What do people say of it?", _notes, table, is_live=True)
