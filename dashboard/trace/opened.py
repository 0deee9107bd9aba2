"""A trace, opened at its address: which candidate is followed, which steps are shown, and what they are called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard import data
from dashboard.trace.shown import Shown, leaf_to_follow, of_branch, of_tree, wait_asides, wait_numbers
from dashboard.trace.text import branch
from dashboard.trace.votes import WHOLE_TREE
from db.queries import StoredCandidate, StoredTrace, TraceDetail, TreeNode
from scaling.answers.at_waits import at_waits
from scaling.types import Path, Phase

BY_LOG_PROBS = "log-probs"
"""How the address says that tokens are coloured."""
PATH = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})*")


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A trace as it is read: all its nodes, which of them are shown, and where they lead.

    `leaf` is None where every step is shown. `missing` is what the address calls a step, and is none.
    """

    job: TraceDetail
    trace: StoredTrace
    nodes: tuple[TreeNode, ...]
    shown: Shown
    leaf: Path | None
    step: Path | None = None
    missing: str | None = None

    @property
    def candidate(self) -> StoredCandidate | None:
        """The one that is read; None: every step is, or one that is no candidate's."""
        return next((each for each in self.trace.candidates if each.path == self.leaf), None)


def opened(job: TraceDetail, trace: StoredTrace, address: Mapping[str, str]) -> Opened:
    """A step that the address names is shown with all that led to it, wherever it is in the tree."""
    nodes = data.tree(job)
    step, missing = _step(address.get("step"), nodes)
    leaf = None if address.get("follow") == WHOLE_TREE else leaf_to_follow(trace.candidates, address.get("follow"))
    if step is not None and leaf is not None and step != leaf[: len(step)]:
        leaf = step
    key, has_ids = f"{job.job_id}-{job.stored_by}", address.get("ids") == "true"
    if leaf is None:
        shown = of_tree(key, nodes, has_ids=has_ids)
    else:
        shown = _with_waits(job, of_branch(key, nodes, leaf, has_ids=has_ids))
    return Opened(job, trace, nodes, _coloured(job, shown, address), leaf, step, missing)


def _coloured(job: TraceDetail, shown: Shown, address: Mapping[str, str]) -> Shown:
    scan = data.log_probs_scan(job.job_id) if address.get("colour") == BY_LOG_PROBS else None
    return shown if scan is None else replace(shown, key=f"{shown.key}-by{scan}", coloured_by=scan)


def _step(said: str | None, nodes: Sequence[TreeNode]) -> tuple[Path | None, str | None]:
    """The step that the address names, and what it says instead of one."""
    if said is None:
        return None, None
    path = tuple(map(int, said.split("."))) if PATH.fullmatch(said) else ()
    return (path, None) if any(node.path == path for node in nodes) else (None, said)


def _with_waits(job: TraceDetail, shown: Shown) -> Shown:
    """With the answers before and after each Wait."""
    rounds = rounds_of(shown.nodes)
    if len(rounds) < 2:
        return shown
    paths = tuple(node.path for inside in rounds for node in inside)
    texts = dict(zip(paths, data.whole_texts(job, paths), strict=True))
    said = ["".join(texts[node.path] for node in inside) for inside in rounds]
    return replace(shown, asides=wait_asides(shown.nodes, at_waits(job.problem, said)))


def rounds_of(nodes: Sequence[TreeNode]) -> list[list[TreeNode]]:
    """The thinking between the Waits, from behind the last prompt on: one more than there are Waits, or none."""
    waits = set(wait_numbers(nodes))
    if not waits:
        return []
    rounds: list[list[TreeNode]] = [[]]
    for number, node in enumerate(nodes):
        if number in waits:
            rounds.append([])
        elif node.phase is Phase.THINKING:
            rounds[-1].append(node)
    return rounds


def led_to(shown: Shown, candidate: StoredCandidate) -> list[tuple[TreeNode, str]]:
    """The steps that led to a candidate, with their titles."""
    wanted = set(branch(candidate.path))
    return [pair for pair in zip(shown.nodes, shown.titles_S, strict=True) if pair[0].path in wanted]
