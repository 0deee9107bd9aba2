"""What the reader shows of a job: which steps, how its outline calls them, and in how many rows. No text yet. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dashboard.trace.pieces import Rows, num_id_pieces, num_pieces
from dashboard.trace.text import branch, path_shown
from db.queries import GrowingStep, StoredCandidate, TreeNode
from scaling.answers.at_waits import AtWait
from scaling.types import Path, Phase, StepKind

NOT_READ = "–"
RUNNING = "running"
NAMES = {
    StepKind.PROMPT: "Prompt",
    StepKind.THINK: "Think",
    StepKind.ANSWER: "Answer",
    StepKind.STEP: "Step",
    StepKind.REVISION: "Asked to revise",
    StepKind.ROLLOUT: "Rollout",
}


@dataclass(frozen=True, eq=False)
class Shown:
    """Steps in the order in which they are read. `key` changes with them; a step keeps its name while a job runs.

    `asides_S` stand beside the titles in the outline: of a Wait, the answers before and after it.
    """

    key: str
    nodes: tuple[TreeNode, ...]
    titles_S: tuple[str, ...]
    is_tree: bool = False
    is_growing: bool = False
    has_ids: bool = False
    coloured_by: int | None = None
    """The scan whose log-probs colour its tokens; None: nothing does."""
    asides: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Rows:
        ids_S = [num_id_pieces(node.num_ids + node.num_dropped_ids) if self.has_ids else 0 for node in self.nodes]
        return Rows([num_pieces(node.num_characters) for node in self.nodes], ids_S)

    @property
    def outline(self) -> dict[str, object]:
        """For the browser: columns, as long as there are steps; what few steps have is by their number."""
        scores = [node.score for node in self.nodes]
        return {
            "names": [path_shown(node.path) for node in self.nodes] if self.is_growing else None,
            "kinds": [RUNNING if self.is_growing else node.kind.value for node in self.nodes],
            "titles": self.titles_S,
            "asides": self.asides,
            "depths": [len(node.path) - 1 for node in self.nodes] if self.is_tree else None,
            "characters": [node.num_characters for node in self.nodes],
            "rows": self.rows.rows_S,
            "scores": None if all(score is None for score in scores) else scores,
            "pruned": [number for number, node in enumerate(self.nodes) if not node.kept],
            "isGrowing": self.is_growing,
        }

    def number_of(self, path: Path) -> int | None:
        return next((number for number, node in enumerate(self.nodes) if node.path == path), None)


def of_branch(key: str, nodes: Sequence[TreeNode], leaf: Path, *, has_ids: bool = False) -> Shown:
    """All that led to `leaf`, and itself."""
    wanted = set(branch(leaf))
    along = tuple(node for node in nodes if len(node.path) <= len(leaf) and node.path in wanted)
    return Shown(f"{key}-{path_shown(leaf)}-{has_ids}", along, titles(along), has_ids=has_ids)


def of_tree(key: str, nodes: Sequence[TreeNode], *, has_ids: bool = False) -> Shown:
    """Every step, by its path."""
    named = tuple(f"{path_shown(node.path)} {name_of(node).lower()}" for node in nodes)
    return Shown(f"{key}-tree-{has_ids}", tuple(nodes), named, is_tree=True, has_ids=has_ids)


def of_growing(job_id: int, steps: Sequence[GrowingStep]) -> Shown:
    """As far as a job that runs was told; what kind of step each is nobody knows yet."""
    nodes = tuple(
        TreeNode(step.path, StepKind.THINK, step.generated_tokens, 0, None, True, None, num_characters=len(step.text))
        for step in steps
    )
    length = sum(node.num_characters for node in nodes)
    named = tuple(f"path {path_shown(node.path)}" for node in nodes)
    return Shown(f"{job_id}-{len(nodes)}-{length}", nodes, named, is_growing=True)


def name_of(node: TreeNode) -> str:
    if node.is_forced:
        return "Opener" if node.phase is Phase.ANSWER else "Wait"
    return NAMES[node.kind]


def titles(nodes: Sequence[TreeNode]) -> tuple[str, ...]:
    """`Think 1`, `Wait 1`, `Think 2`: numbered where there is more than one, Waits always."""
    names = [name_of(node) for node in nodes]
    all_of, seen = Counter(names), Counter[str]()
    made = []
    for name in names:
        seen[name] += 1
        made.append(f"{name} {seen[name]}" if all_of[name] > 1 or name == "Wait" else name)
    return tuple(made)


def wait_numbers(nodes: Sequence[TreeNode]) -> list[int]:
    """The places of the Waits."""
    return [number for number, node in enumerate(nodes) if node.is_forced and node.phase is Phase.THINKING]


def wait_asides(nodes: Sequence[TreeNode], waits: Sequence[AtWait]) -> dict[int, str]:
    """`17 → 34` for each Wait, by its place."""
    return {
        number: f"{at.before or NOT_READ} → {at.after or NOT_READ}"
        for number, at in zip(wait_numbers(nodes), waits, strict=True)
    }


def leaf_to_follow(candidates: Sequence[StoredCandidate], follow: str | None) -> Path:
    """Of the candidate whose number is asked for, or else of the one that speaks for the job."""
    numbers = {str(number): each.path for number, each in enumerate(candidates, 1)}
    chosen = next(each.path for each in candidates if each.chosen)
    return numbers.get(follow or "", chosen)
