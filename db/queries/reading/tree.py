"""The tree of one trace: every node with what it takes to draw it and to lay its text out. Texts and ids are `steps`'s.

A tree may have tens of thousands of nodes: they are read as rows are, and not looked at one by one.
"""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine, Row, text

from db.engine import reading
from db.paths import parse_path
from scaling.types import FinishReason, Path, Phase, StepKind

COUNTED = {
    "num_characters": "char_length(text) AS num_characters",
    "num_ids": "cardinality(ids) AS num_ids",
    "num_dropped_ids": "cardinality(dropped_ids) AS num_dropped_ids",
}


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A step as a node of the tree, without its text and ids. A count is None if its engine did not report it."""

    path: Path
    kind: StepKind
    generated_tokens: int | None
    forced_tokens: int
    finish_reason: FinishReason | None
    kept: bool
    score: float | None
    phase: Phase = Phase.THINKING
    num_characters: int = 0
    num_ids: int = 0
    num_dropped_ids: int = 0

    @property
    def is_forced(self) -> bool:
        return self.kind is StepKind.FORCED


NODES = text(f"""
SELECT {", ".join(COUNTED.get(field.name, field.name) for field in fields(TreeNode))}
FROM steps WHERE job_id = :job_id ORDER BY position
""")


def nodes(database: Engine, job_id: int) -> tuple[TreeNode, ...]:
    """In path order; none if there is no trace."""
    with reading(database) as connection:
        return tuple(node_of(row) for row in connection.execute(NODES, {"job_id": job_id}))


def node_of(row: Row[Any]) -> TreeNode:
    """Not by `db.rows`, which looks at each value: there may be very many."""
    told = row._mapping
    reason = told["finish_reason"]
    return TreeNode(
        parse_path(told["path"]),
        StepKind(told["kind"]),
        told["generated_tokens"],
        told["forced_tokens"],
        None if reason is None else FinishReason(reason),
        told["kept"],
        told["score"],
        Phase(told["phase"]),
        told["num_characters"],
        told["num_ids"],
        told["num_dropped_ids"],
    )
