"""The tree of one trace: every node with what it takes to draw it. Texts and ids only by the queries of `trace`."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from db.paths import parse_path
from db.rows import read
from scaling.types import FinishReason, Path, StepKind

NODES = text("""
SELECT path, kind, generated_tokens, forced_tokens, finish_reason, kept, score
FROM steps WHERE job_id = :job_id ORDER BY position
""")


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A step as a node of the tree, without its text and ids."""

    path: Path
    kind: StepKind
    generated_tokens: int | None
    forced_tokens: int
    finish_reason: FinishReason | None
    kept: bool
    score: float | None


def read_nodes(connection: Connection, job_id: int) -> tuple[TreeNode, ...]:
    """In path order; none if there is no trace."""
    return tuple(
        read(TreeNode, row, path=parse_path(row.path)) for row in connection.execute(NODES, {"job_id": job_id})
    )
