"""Where the nodes of a search tree stand: depth left to right, siblings from top to bottom. Pure.

The nodes of one depth keep path order, so no two edges cross, and stand one row or more apart, as close to their
parents as that allows in as many rows as the widest depth has nodes: a beam search of 16 takes 16 rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.queries import StoredCandidate, TreeNode
from scaling.types import Path, StepKind, total_if_known


@dataclass(frozen=True, slots=True)
class Place:
    """A node where it is drawn. Row 0 is the topmost; rows of neighbours differ by 1 or more."""

    node: TreeNode
    row: float
    is_chosen: bool
    """It lies on the branch of the answer that speaks for the job."""
    candidate: StoredCandidate | None
    """The candidate that ends here."""

    @property
    def depth(self) -> int:
        return len(self.node.path) - 1


@dataclass(frozen=True, slots=True)
class SearchTree:
    """All nodes in path order, each in its place."""

    places: tuple[Place, ...]

    @property
    def num_rows(self) -> int:
        return round(max(place.row for place in self.places)) + 1

    @property
    def scores(self) -> tuple[float, ...]:
        return tuple(place.node.score for place in self.places if place.node.score is not None)


def is_branching(nodes: Iterable[TreeNode]) -> bool:
    """Some step has two children: a chain is no tree worth drawing."""
    parents = [node.path[:-1] for node in nodes]
    return len(set(parents)) < len(parents)


def search_tree(nodes: Sequence[TreeNode], candidates: Sequence[StoredCandidate], chosen: Path) -> SearchTree:
    rows = rows_of([node.path for node in nodes])
    ends = {candidate.path: candidate for candidate in candidates}
    return SearchTree(
        tuple(
            Place(node, rows[node.path], node.path == chosen[: len(node.path)], ends.get(node.path)) for node in nodes
        )
    )


def summary(tree: SearchTree) -> str:
    """How large it is, and which share of the generated tokens went into what did not become an answer."""
    nodes = [place.node for place in tree.places]
    deepest = max(place.depth for place in tree.places)
    parts = [f"{len(nodes):,} nodes, {deepest} deep"]
    rollouts = [node for node in nodes if node.kind is StepKind.ROLLOUT]
    pruned = [node for node in nodes if not node.kept and node.kind is not StepKind.ROLLOUT]
    generated = total_if_known(node.generated_tokens for node in nodes)
    for name, some in (("pruned", pruned), ("in rollouts", rollouts)):
        if some and generated:
            share = sum(node.generated_tokens or 0 for node in some) / generated
            parts.append(f"{len(some):,} {name} ({share:.0%} of the generated tokens)")
    return ", ".join(parts) + "."


def rows_of(paths: Sequence[Path]) -> dict[Path, float]:
    """The row of each node of one tree, from 0 to one less than the widest depth has nodes."""
    columns: dict[int, list[Path]] = {}
    siblings: dict[Path, list[Path]] = {}
    for path in sorted(paths):
        columns.setdefault(len(path), []).append(path)
        siblings.setdefault(path[:-1], []).append(path)
    last = max(map(len, columns.values())) - 1
    rows: dict[Path, float] = {(): last / 2}
    for depth in sorted(columns):
        fans = [_fan(rows[parent], siblings[parent]) for parent in dict.fromkeys(path[:-1] for path in columns[depth])]
        rows |= zip(columns[depth], apart([wish for each in fans for wish in each], last), strict=True)
    del rows[()]
    return rows


def _fan(middle: float, children: Sequence[Path]) -> list[float]:
    """Where the children would stand if there were nobody else: one row apart, around their parent."""
    return [middle + number - (len(children) - 1) / 2 for number in range(len(children))]


def apart(wishes: Sequence[float], last: float) -> list[float]:
    """Rows from 0 to `last` in the same order, 1 or more apart, with the least squared distance to the wished ones.

    Row less number must only not decrease: an isotonic regression, by pooling adjacent violators, cut to its bounds.
    """
    blocks: list[tuple[float, int]] = []  # mean and size
    for number, wish in enumerate(wishes):
        mean, size = wish - number, 1
        while blocks and blocks[-1][0] > mean:
            before, others = blocks.pop()
            mean, size = (before * others + mean * size) / (others + size), others + size
        blocks.append((mean, size))
    highest = last - (len(wishes) - 1)
    means = [min(highest, max(0.0, mean)) for mean, size in blocks for _ in range(size)]
    return [mean + number for number, mean in enumerate(means)]
