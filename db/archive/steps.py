"""What came to archives since they are made, version by version: an older one is read as if it had been migrated.

What migrations gave to rows that were there already is said here once more, for rows that lie in files. A migration of
tables that no archive has, or of how they are kept, needs no step. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FIRST = "0015"
"""The schema of the first archives."""


@dataclass(frozen=True, slots=True)
class Step:
    """`tables` were empty; `columns`, by table, had these values."""

    tables: tuple[str, ...] = ()
    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


STEPS: Mapping[str, Step] = {
    "0016": Step(columns={"experiments": {"num_jobs": None, "num_laid_out": 0}}),
    "0017": Step(columns={"arms": {"seed": None}}),
    "0018": Step(tables=("journal",)),
    "0021": Step(columns={"experiments": {"token_cap": None}}),
    "0022": Step(tables=("annotations", "judgements")),
    "0023": Step(tables=("scans", "findings")),
    "0027": Step(columns={"journal": dict.fromkeys(("keys", "paths", "responses"))}),  # what has ended has none
    "0028": Step(
        tables=("step_log_probs",),
        columns={"scans": {"made_by": None}, "findings": {"thinking_log_prob": None, "answer_log_prob": None}},
    ),
}
"""By the migration that brought them."""
MAYBE = frozenset({"uploads"})
"""Tables that archives did not have at once: what they would hold is not known, and has to be handed in again."""


def tables_since(version: str) -> frozenset[str]:
    """Those that an archive of this schema may be without."""
    return MAYBE.union(*(step.tables for step in _after(version)))


def columns_since(version: str, table: str) -> Mapping[str, object]:
    """What each row of the table gets besides what stands in an archive of this schema."""
    return {name: value for step in _after(version) for name, value in step.columns.get(table, {}).items()}


def _after(version: str) -> list[Step]:
    return [step for name, step in STEPS.items() if name > version]
