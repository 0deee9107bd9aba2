"""A search tree drawn: where its nodes stand, how they look, and what is told of them."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.trace.scores import SCALE
from dashboard.trace.tree import SearchTree, apart, is_branching, rows_of, search_tree, summary
from dashboard.trace.tree_element import (
    ANSWER,
    KEPT,
    LONGEST_ANSWER,
    MOST_LABELS,
    PRUNED,
    ROLLOUT,
    columns,
    labels,
)
from db.queries import StoredCandidate, StoredGrade, TreeNode
from scaling.types import FinishReason, Path, StepKind, Verdict
from tests.integration.dashboard_world import HOSTILE


def node(*path: int, kept: bool = True, score: float | None = None, kind: StepKind = StepKind.STEP) -> TreeNode:
    return TreeNode(path, kind, 10, 0, FinishReason.STOP, kept, score)


def candidate(
    *path: int, answer: str = "7", verdict: Verdict = Verdict.CORRECT, chosen: bool = False
) -> StoredCandidate:
    grade = StoredGrade("integer", "1", verdict, None)  # type: ignore[arg-type]
    return StoredCandidate(path, "", answer, answer, False, 3, 4, 0.5, chosen, (grade,))


BEAM = (
    node(0, kind=StepKind.PROMPT),
    node(0, 0, score=0.9),
    node(0, 0, 0, score=0.8),
    node(0, 0, 0, 0, score=0.8, kind=StepKind.ANSWER),
    node(0, 0, 1, score=0.3, kept=False),
    node(0, 1, score=0.2, kept=False),
    node(0, 1, 0, score=0.1, kind=StepKind.ROLLOUT),
)
TREE = search_tree(BEAM, [candidate(0, 0, 0, 0, chosen=True)], (0, 0, 0, 0))


def test_a_parent_stands_in_the_middle_and_siblings_one_row_apart() -> None:
    # Widest is depth 1 with three nodes: rows 0 to 2, the root in their middle.
    assert rows_of([(0,), (0, 0), (0, 1), (0, 2)]) == {(0,): 1.0, (0, 0): 0.0, (0, 1): 1.0, (0, 2): 2.0}


def test_a_chain_below_a_node_goes_straight_on() -> None:
    rows = rows_of([(0,), (0, 0), (0, 1), (0, 2), (0, 2, 0), (0, 2, 0, 0)])
    assert rows[(0, 2)] == rows[(0, 2, 0)] == rows[(0, 2, 0, 0)] == 2.0


def test_cousins_that_want_the_same_row_move_apart_by_as_little_as_they_can() -> None:
    # Two children around 0 and two around 1 wish for -0.5, 0.5, 0.5, 1.5. Less their numbers: -0.5, -0.5, -1.5, -1.5.
    # All pool at -1, which is cut to 0, the first row: 0, 1, 2, 3.
    assert apart([-0.5, 0.5, 0.5, 1.5], last=3) == [0, 1, 2, 3]
    # Around 2: 1.5, 2.5, 2.5, 3.5 less 0, 1, 2, 3 is 1.5, 1.5, 0.5, 0.5; pooled at 1: 1, 2, 3, 4.
    assert apart([1.5, 2.5, 2.5, 3.5], last=9) == [1, 2, 3, 4]


def test_a_beam_search_takes_no_more_rows_than_it_has_beams() -> None:
    paths: list[Path] = [(0,), *((0, i) for i in range(16))]
    parents: list[Path] = [(0, 0), (0, 1), (0, 2), (0, 3)]  # always the topmost survive: the tree must not drift away
    for _ in range(10):
        grown = [(*parent, i) for parent in parents for i in range(4)]
        paths, parents = [*paths, *grown], grown[:4]
    rows = rows_of(paths)
    assert (min(rows.values()), max(rows.values())) == (0, 15)


trees = st.recursive(st.just(()), lambda below: st.lists(below, max_size=5).map(tuple), max_leaves=60)


def paths_of(tree: tuple, path: Path = (0,)) -> list[Path]:  # type: ignore[type-arg]
    return [path, *(each for index, below in enumerate(tree) for each in paths_of(below, (*path, index)))]


@given(trees)
def test_no_two_nodes_of_a_depth_meet_and_no_two_edges_cross(tree: tuple) -> None:  # type: ignore[type-arg]
    rows = rows_of(paths_of(tree))
    depths = {len(path) for path in rows}
    widest = max(sum(len(path) == depth for path in rows) for depth in depths)
    for depth in depths:
        column = sorted(path for path in rows if len(path) == depth)
        assert all(rows[after] - rows[before] > 1 - 1e-9 for before, after in pairwise(column))
        assert all(-1e-9 <= rows[path] <= widest - 1 + 1e-9 for path in column)


def test_a_chain_is_no_tree_and_a_vote_is() -> None:
    assert not is_branching([node(0), node(0, 0), node(0, 0, 0)])
    assert is_branching([node(0), node(0, 0), node(0, 1)])


def test_the_places_know_the_chosen_path_and_where_candidates_end() -> None:
    assert [place.node.path for place in TREE.places if place.is_chosen] == [(0,), (0, 0), (0, 0, 0), (0, 0, 0, 0)]
    assert [place.node.path for place in TREE.places if place.candidate] == [(0, 0, 0, 0)]


def test_the_summary_says_what_pruning_and_rollouts_cost() -> None:
    # 7 nodes of 10 tokens each: 2 pruned are 29 %, 1 rollout is 14 %.
    assert summary(TREE) == (
        "7 nodes, 3 deep, 2 pruned (29% of the generated tokens), 1 in rollouts (14% of the generated tokens)."
    )


def test_each_node_is_told_with_its_place_its_parent_and_how_it_looks() -> None:
    told = columns(TREE)
    assert told["depths"] == [0, 1, 2, 3, 2, 1, 2]
    assert told["parents"] == [-1, 0, 1, 2, 1, 0, 5] and told["last"] == [0, 0, 0, 0, 1, 1, 0]
    assert told["looks"] == [KEPT, KEPT, KEPT, ANSWER, PRUNED, PRUNED, ROLLOUT]
    assert told["scores"] == [None, 0.9, 0.8, 0.8, 0.3, 0.2, 0.1]
    assert told["chosen"] == [0, 1, 2, 3]


def test_a_vote_without_scores_has_no_scale() -> None:
    tree = search_tree([node(0), node(0, 0), node(0, 1)], [candidate(0, 0, chosen=True), candidate(0, 1)], (0, 0))
    assert columns(tree)["scores"] is None


def texts(tree: SearchTree) -> list[str]:
    return [label["text"] for label in labels(tree).values()]


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_beside_its_node_is_short_and_on_one_line(answer: str) -> None:
    tree = search_tree([node(0), node(0, 0), node(0, 1)], [candidate(0, 0, answer=answer, chosen=True)], (0, 0))
    [text] = texts(tree)
    assert "\n" not in text and "\u202e" not in text
    assert len(text) <= len("✓  ★") + LONGEST_ANSWER


def wide(number: int) -> SearchTree:
    ends: Sequence[StoredCandidate] = [candidate(0, i, chosen=i == 3) for i in range(number)]
    return search_tree([node(0), *(node(0, i) for i in range(number))], ends, (0, 3))


def test_of_very_many_answers_only_the_chosen_one_is_written_out() -> None:
    assert len(texts(wide(MOST_LABELS))) == MOST_LABELS
    assert texts(wide(MOST_LABELS + 1)) == ["✓ 7 ★"]


def test_low_scores_are_seen_on_dark_ground_too() -> None:
    """Each colour's luminance is far enough from that of the dark page (#12161C) for a ratio of 2 at least."""
    assert min(contrast(colour, "#12161C") for colour in SCALE) > 2.0


def contrast(first: str, second: str) -> float:
    """WCAG's ratio of two colours."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
