"""The chains of traces as ids, as the model was conditioned on them: to ask it for their log-probs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.paths import parse_path
from scaling.scanners.id_chains import IdChain, StepIds
from scaling.types import Ids, Path, Phase, StepKind

LEAVES = text("""
SELECT job_id, path, chosen FROM candidates WHERE job_id = ANY (CAST(:job_ids AS bigint[]))
ORDER BY job_id, position
""")
STEPS = text("""
SELECT job_id, path, kind, phase, ids, CASE WHEN kind IN ('prompt', 'revision') THEN '' ELSE text END AS text
FROM steps WHERE job_id = ANY (CAST(:job_ids AS bigint[])) AND kind <> 'rollout'
""")
PROMPTS = (StepKind.PROMPT, StepKind.REVISION)

Steps = dict[Path, Row[Any]]


@dataclass(frozen=True, slots=True)
class TraceIds:
    """One trace: a chain for each answer."""

    job_id: int
    chains: tuple[IdChain, ...]


def ids_to_scan(database: Engine, job_ids: Sequence[int]) -> tuple[TraceIds, ...]:
    """By id; jobs without a trace are not among them."""
    with reading(database) as connection:
        return tuple(_traces(connection, {"job_ids": list(job_ids)}))


def _traces(connection: Connection, values: dict[str, list[int]]) -> Iterator[TraceIds]:
    steps: dict[int, Steps] = {}
    for row in connection.execute(STEPS, values):
        steps.setdefault(row.job_id, {})[parse_path(row.path)] = row
    for job_id, leaves in groupby(connection.execute(LEAVES, values), lambda row: row.job_id):
        chains = (_chain(steps[job_id], parse_path(leaf.path), leaf.chosen) for leaf in leaves)
        yield TraceIds(job_id, tuple(chains))


def _chain(steps: Steps, leaf: Path, is_chosen: bool) -> IdChain:
    """From the nearest prompt on, which all before it led to."""
    prompt: Ids = ()
    found: list[StepIds] = []
    for length in range(len(leaf), 0, -1):
        row = steps[leaf[:length]]
        if StepKind(row.kind) in PROMPTS:
            prompt = tuple(row.ids)
            break
        is_forced = StepKind(row.kind) is StepKind.FORCED
        found.append(StepIds(leaf[:length], Phase(row.phase), is_forced, row.text, tuple(row.ids)))
    return IdChain(prompt, tuple(found[::-1]), is_chosen)
