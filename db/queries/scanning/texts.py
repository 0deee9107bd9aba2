"""The texts of traces as scanners look at them: chain by chain, without what the user asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from db.engine import reading
from db.paths import parse_path
from scaling.scanners.chain_text import ChainText, Piece
from scaling.types import FinishReason, Path, Phase, StepKind

LONG = 32_768
"""Tokens that a trace is taken for whose engine counts none."""

UNSCANNED = """
SELECT traces.job_id, coalesce(traces.generated_tokens, :long) AS tokens
FROM traces JOIN jobs ON jobs.id = traces.job_id JOIN arms ON arms.id = jobs.arm_id
WHERE jobs.experiment_id = :experiment_id AND (CAST(:made_by AS text) IS NULL OR arms.model = :made_by)
  AND NOT EXISTS (SELECT FROM findings WHERE findings.scan_id = :scan_id AND findings.job_id = traces.job_id)
"""

# Jobs are numbered arm by arm: every eighth of eight arms' jobs is of one arm. So a few are drawn, always the same.
DRAWN = "md5(CAST(traces.job_id AS text))"
SOME = text(f"""
SELECT traces.job_id FROM traces JOIN jobs ON jobs.id = traces.job_id
WHERE jobs.experiment_id = :experiment_id ORDER BY {DRAWN} LIMIT :at_most
""")

SCANNED = text("SELECT count(*) FROM findings WHERE scan_id = :scan_id")

TRACES = text("""
SELECT traces.job_id, problems.question, problems.answer AS reference, traces.answer,
    array_agg(candidates.path ORDER BY candidates.position) AS paths,
    array_agg(candidates.chosen ORDER BY candidates.position) AS chosen
FROM traces
JOIN jobs ON jobs.id = traces.job_id
JOIN problems ON problems.id = jobs.problem_id
JOIN candidates ON candidates.job_id = traces.job_id
WHERE traces.job_id = ANY (CAST(:job_ids AS bigint[]))
GROUP BY traces.job_id, problems.question, problems.answer, traces.answer
""")

# Of prompts it counts where they stand, not what they say.
STEPS = text("""
SELECT job_id, path, kind, phase, finish_reason, CASE WHEN kind IN ('prompt', 'revision') THEN '' ELSE text END AS text
FROM steps WHERE job_id = ANY (CAST(:job_ids AS bigint[])) AND kind <> 'rollout'
ORDER BY job_id, position
""")


@dataclass(frozen=True, slots=True)
class Unscanned:
    """A trace that was not looked at yet, and how many tokens were generated for it."""

    job_id: int
    tokens: int


@dataclass(frozen=True, slots=True)
class ScannedTrace:
    """One trace: its chains, and what a judge may be shown besides."""

    job_id: int
    question: str
    reference: str
    answer: str | None
    chains: tuple[ChainText, ...]


def unscanned(
    database: Engine, scan_id: int, experiment_id: int, at_most: int | None = None, made_by: str | None = None
) -> tuple[Unscanned, ...]:
    """By id, of one model or all. With `at_most`, drawn, so that with what was looked at before there are so many."""
    values = {"scan_id": scan_id, "experiment_id": experiment_id, "long": LONG, "made_by": made_by}
    with reading(database) as connection:
        done = connection.execute(SCANNED, {"scan_id": scan_id}).scalar_one()
        wanted = None if at_most is None else max(0, at_most - done)
        some = text(f"{UNSCANNED} ORDER BY {DRAWN} LIMIT :wanted")
        found = [Unscanned(row.job_id, row.tokens) for row in connection.execute(some, {**values, "wanted": wanted})]
    return tuple(sorted(found, key=lambda trace: trace.job_id))


def some_traces(database: Engine, experiment_id: int, at_most: int) -> tuple[ScannedTrace, ...]:
    """So many traces of an experiment, drawn from all: always the same. By id."""
    with reading(database) as connection:
        job_ids = connection.execute(SOME, {"experiment_id": experiment_id, "at_most": at_most}).scalars().all()
        return tuple(_traces(connection, job_ids))


def traces_to_scan(database: Engine, job_ids: Sequence[int]) -> tuple[ScannedTrace, ...]:
    """By id; jobs without a trace are not among them."""
    with reading(database) as connection:
        return tuple(_traces(connection, job_ids))


def _traces(connection: Connection, job_ids: Sequence[int]) -> Iterator[ScannedTrace]:
    values = {"job_ids": list(job_ids)}
    steps = {
        job_id: {parse_path(row.path): row for row in rows}
        for job_id, rows in groupby(connection.execute(STEPS, values), lambda row: row.job_id)
    }
    for row in sorted(connection.execute(TRACES, values), key=lambda row: row.job_id):
        of_job = steps[row.job_id]
        pieces = {path: _piece(path, step) for path, step in of_job.items()}
        chains = (
            ChainText(_pieces(parse_path(path), pieces), is_chosen)
            for path, is_chosen in zip(row.paths, row.chosen, strict=True)
        )
        yield ScannedTrace(row.job_id, row.question, row.reference, row.answer, tuple(chains))


def _pieces(leaf: Path, pieces: dict[Path, Piece | None]) -> list[Piece]:
    """What leads to a leaf from its nearest prompt on. Where a prompt stands is None."""
    found: list[Piece] = []
    for length in range(len(leaf), 0, -1):
        piece = pieces[leaf[:length]]
        if piece is None:
            break
        found.append(piece)
    return found[::-1]


def _piece(path: Path, step: Row[Any]) -> Piece | None:
    kind = StepKind(step.kind)
    if kind in (StepKind.PROMPT, StepKind.REVISION):
        return None
    reason = None if step.finish_reason is None else FinishReason(step.finish_reason)
    return Piece(path, step.text, Phase(step.phase), kind is StepKind.FORCED, reason)
