"""What the reader is told of a trace: pieces that join to the text, titles, matches, votes, why a verdict."""

import datetime as dt
from dataclasses import replace

import pytest

from dashboard.trace.finding import Place, found
from dashboard.trace.opened import rounds_of
from dashboard.trace.pieces import PIECE, SEAM, Rows, first_character, num_pieces, piece, piece_at, span
from dashboard.trace.reader import MOST_ROWS, Asked, first_asked
from dashboard.trace.row_texts import tokens_in
from dashboard.trace.shown import leaf_to_follow, of_branch, of_growing, of_tree, titles, wait_asides
from dashboard.trace.votes import Cluster, clusters, clusters_html
from dashboard.trace.why import place_of, reasons, reasons_html
from db.queries import GrowingStep, StoredCandidate, StoredGrade, TokenLogProbs, TreeNode
from scaling.answers.at_waits import AtWait
from scaling.types import FinishReason, GraderName, Phase, Problem, StepKind, Unread, Verdict

AT = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
PROBLEM = Problem("p", "1+1?", "1,234", GraderName.INTEGER)


def node(*path: int, kind: StepKind = StepKind.THINK, phase: Phase = Phase.THINKING, length: int = 10) -> TreeNode:
    return TreeNode(path, kind, 3, 0, FinishReason.STOP, True, None, phase, length, 5, 1)


CHAIN = (
    node(0, kind=StepKind.PROMPT, phase=Phase.PROMPT),
    node(0, 0),
    node(0, 0, 0, kind=StepKind.FORCED),
    node(0, 0, 0, 0),
    node(0, 0, 0, 0, 0, kind=StepKind.FORCED, phase=Phase.ANSWER),
    node(0, 0, 0, 0, 0, 0, kind=StepKind.ANSWER, phase=Phase.ANSWER),
)


def candidate(
    number: int, answer: str | None, verdict: Verdict, chosen: bool = False, **more: object
) -> StoredCandidate:
    grade = StoredGrade("integer", "r1", verdict, dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), **more)  # type: ignore[arg-type]
    is_cut = verdict is Verdict.TRUNCATED
    return StoredCandidate((0, number), f"it is {answer}.", answer, answer, is_cut, 3, 4, None, chosen, (grade,))


def in_pieces(text: str) -> list[str]:
    count = num_pieces(len(text))
    wanted = [span((0,), number) for number in range(count)]
    read = [text[each.first : each.first + each.length] for each in wanted]
    return [piece(said, number, is_last=number == count - 1) for number, said in enumerate(read)]


@pytest.mark.parametrize(
    "text",
    ["", "x", "x" * 10_000, "word " * 3_000, "line\n" * 3_000, "a" * (PIECE - 1) + "\n" + "b" * PIECE, "🙂 \n" * 2_500],
    ids=["empty", "short", "no seam", "words", "lines", "at the end", "emoji"],
)
def test_pieces_join_to_the_text_wherever_they_are_cut(text: str) -> None:
    assert "".join(in_pieces(text)) == text


def test_a_piece_ends_where_a_line_ends_or_at_least_a_word() -> None:
    lines = in_pieces("line\n" * 3_000)
    assert len(lines) == 8 and all(each.endswith("\n") for each in lines)  # 15,000 characters
    assert all(each.endswith("word ") for each in in_pieces("word " * 3_000))
    assert [len(each) for each in in_pieces("x" * 5_000)] == [PIECE, PIECE, 1_000]


def test_what_is_read_for_a_piece_is_no_more_than_it_and_the_seams_before() -> None:
    assert (span((0,), 0).first, span((0,), 0).length) == (0, PIECE)
    assert (span((0,), 3).first, span((0,), 3).length) == (3 * PIECE - SEAM, PIECE + SEAM)


@pytest.mark.parametrize("text", ["line\n" * 3_000, "x" * 9_000, "some words " * 900], ids=["lines", "none", "words"])
def test_every_character_is_in_the_piece_that_it_is_said_to_be_in(text: str) -> None:
    ends = [0]
    for each in in_pieces(text):
        ends.append(ends[-1] + len(each))
    for character in range(0, len(text), 37):
        number = piece_at(text, character)
        assert ends[number] <= character < ends[number + 1]


def test_tokens_of_a_piece_join_to_it_wherever_it_is_cut() -> None:
    """Three characters a token, the last of two; the second takes no place. Pieces tell parts of tokens."""
    text = "ab cd ef gh ij"
    told = TokenLogProbs((0, 0), (3, 3, 6, 9, 12, 14), (-0.5, -1.0, None, -2.0, -3.0, -4.0))
    assert tokens_in(text, 0, told) == [("ab ", -0.5), ("cd ", None), ("ef ", -2.0), ("gh ", -3.0), ("ij", -4.0)]
    assert tokens_in(text[4:10], 4, told) == [("d ", None), ("ef ", -2.0), ("g", -3.0)]
    assert tokens_in("\u202eb", 0, TokenLogProbs((0, 0), (1, 2), (-1.0, -2.0)))[0] == ("[U+202E]", -1.0)


@pytest.mark.parametrize("text", ["no lines " * 900, "a line\n" * 700, "x" * 5000])
def test_a_piece_begins_at_the_character_that_it_is_said_to_begin_at(text: str) -> None:
    for number in range(num_pieces(len(text))):
        wanted = span((0, 0), number)
        read = text[wanted.first : wanted.first + wanted.length]
        cut = piece(read, number, is_last=number == num_pieces(len(text)) - 1)
        first = first_character(read, number)
        assert text[first : first + len(cut)] == cut


def test_rows_are_counted_through_texts_and_then_ids() -> None:
    rows = Rows([1, 3], [1, 2])
    assert rows.first_S.tolist() == [0, 2, 7]
    assert rows.places([-1, 0, 1, 2, 4, 6, 7]) == [(0, 0), (0, 1), (1, 0), (1, 2), (1, 4)]


def test_waits_are_numbered_and_other_steps_where_there_are_several() -> None:
    assert titles(CHAIN) == ("Prompt", "Think 1", "Wait 1", "Think 2", "Opener", "Answer")


def test_a_wait_has_the_answers_before_and_after_it_beside_it() -> None:
    assert wait_asides(CHAIN, [AtWait("17", None)]) == {2: "17 → –"}
    assert [[each.path for each in inside] for inside in rounds_of(CHAIN)] == [[(0, 0)], [(0, 0, 0, 0)]]
    assert rounds_of(CHAIN[:2]) == []


def test_of_a_branch_only_its_steps_are_shown_and_of_the_tree_all_by_their_paths() -> None:
    nodes = (CHAIN[0], CHAIN[1], node(0, 1), node(0, 1, 0, kind=StepKind.ANSWER))
    branch = of_branch("7-1", nodes, (0, 1, 0))
    assert [each.path for each in branch.nodes] == [(0,), (0, 1), (0, 1, 0)]
    tree = of_tree("7-1", nodes)
    assert tree.titles_S == ("0 prompt", "0.0 think", "0.1 think", "0.1.0 answer")
    assert tree.outline["depths"] == [0, 1, 1, 2] and branch.outline["depths"] is None
    assert branch.key != tree.key != of_tree("7-1", nodes, has_ids=True).key


def test_with_ids_each_step_has_rows_more() -> None:
    assert of_branch("7-1", CHAIN, (0, 0)).rows.rows_S == [1, 1]
    assert of_branch("7-1", CHAIN, (0, 0), has_ids=True).rows.rows_S == [2, 2]
    long = replace(CHAIN[1], num_characters=5_000, num_ids=900)
    assert of_branch("7-1", (CHAIN[0], long), (0, 0), has_ids=True).rows.rows_S == [2, 3 + 3]  # 901 ids, 400 at once


def test_steps_of_a_job_that_runs_keep_their_names_while_they_grow() -> None:
    before = of_growing(7, [GrowingStep((0, 1), "abc", 3)])
    after = of_growing(7, [GrowingStep((0, 0), "x", 1), GrowingStep((0, 1), "abcdef", 6)])
    assert before.outline["names"] == ["0.1"] and after.outline["names"] == ["0.0", "0.1"]
    assert before.key != after.key and after.outline["isGrowing"]


def test_the_candidate_asked_for_is_followed_and_else_the_chosen_one() -> None:
    both = [candidate(0, "1", Verdict.WRONG), candidate(1, "2", Verdict.CORRECT, chosen=True)]
    assert leaf_to_follow(both, "1") == (0, 0)
    assert leaf_to_follow(both, None) == leaf_to_follow(both, "99") == leaf_to_follow(both, "٣") == (0, 1)


def test_matches_are_told_by_piece_and_by_their_number_in_it() -> None:
    text = "Wait\n" + "x" * 2_500 + " wait wait"
    looked = found(["no", text], "wait")
    assert looked.total == 3
    assert looked.places == (Place(1, 0, 0), Place(1, 1, 0), Place(1, 1, 1))
    assert looked.told(Rows([1, 2], [1, 0]))["places"] == [[2, 0], [3, 0], [3, 1]]


def test_what_is_looked_for_is_no_pattern_and_nothing_is_nowhere() -> None:
    assert found(["a.b", "axb"], "a.b").total == 1
    assert found(["(", "(("], "(").total == 3
    assert found(["abc"], "").total == 0


def test_the_browser_is_believed_no_more_than_it_may_ask_for() -> None:
    asked = Asked.of({"has": "k", "rows": [[3, 5], [10, 10**9]], "seek": "x"})
    assert asked is not None and asked.numbers[:4] == [3, 4, 5, 10] and len(asked.numbers) == MOST_ROWS
    assert Asked.of(None) is None and Asked.of({}) is None


def test_the_first_rows_that_are_told_are_the_prompts_and_those_of_the_models_first_words() -> None:
    shown = of_branch("7-1", (replace(CHAIN[0], num_characters=90_000), *CHAIN[1:]), CHAIN[-1].path)
    wanted = first_asked(shown, None, "").numbers  # the prompt has 45 rows
    assert wanted[0] == 0 and 45 in wanted and 49 in wanted
    assert 47 in first_asked(shown, 3, "").numbers
    long = of_branch("7-1", (CHAIN[0], replace(CHAIN[1], num_characters=1_000_000)), (0, 0))
    assert first_asked(long, None, "").numbers == list(range(1 + 6))  # 12,000 characters are 6 pieces


def test_answers_are_clustered_by_key_the_most_votes_first_and_the_silent_last() -> None:
    votes = [
        candidate(0, "24", Verdict.WRONG), candidate(1, None, Verdict.UNPARSED, unread=Unread.ABSTAINED),
        candidate(2, "34", Verdict.CORRECT, chosen=True), candidate(3, "34", Verdict.CORRECT),
        candidate(4, "24", Verdict.TRUNCATED),
    ]  # fmt: skip
    made = clusters(votes)
    assert [(each.answer, [number for number, _ in each.members], each.why) for each in made] == [
        ("34", [3, 4], ""), ("24", [1], ""), (None, [2], "unparsed: abstained"), (None, [5], "truncated")
    ]  # fmt: skip
    assert [each.is_expected for each in made] == [True, False, False, False]
    assert made[0].is_chosen and not made[1].is_chosen


def test_an_expected_answer_that_nobody_gave_stands_there_without_a_vote() -> None:
    wrong = [Cluster("24", ((1, candidate(0, "24", Verdict.WRONG, chosen=True)),))]
    assert "<bdi>34</bdi> <em>expected</em>" in clusters_html(wrong, "34", None)
    assert "no vote" in clusters_html(wrong, "34", None)
    right = [Cluster("34", ((1, candidate(0, "34", Verdict.CORRECT)),))]
    assert "no vote" not in clusters_html(right, "34", None)


def test_the_candidate_that_is_read_is_marked_among_the_members() -> None:
    two = [Cluster("1", tuple((number + 1, candidate(number, "1", Verdict.WRONG)) for number in range(2)))]
    html = clusters_html(two, "2", (0, 1))
    assert html.count("aria-current") == 1 and "?follow=2&amp;step=" in html


@pytest.mark.parametrize(
    ("answer", "text", "at"),
    [
        ("24", "first 24, then 24.", (15, 17)),
        ("1234", "so 1,234 it is", (3, 8)),
        ("4", "24 and 4.5 and 0.4", None),
        ("-3", "x = -3", (4, 6)),
        ("x+1", "it is x+1!", (6, 9)),
        ("7", "", None),
    ],
)
def test_the_answer_is_found_where_it_stands_last_as_a_word_of_its_own(
    answer: str, text: str, at: tuple[int, int] | None
) -> None:
    assert place_of(answer, text) == at


def told(each: StoredCandidate, problem: Problem = PROBLEM) -> dict[str, str]:
    led = list(zip(CHAIN, titles(CHAIN), strict=True))
    return {reason.name: reason.said for reason in reasons(problem, each, led)}


def test_a_verdict_is_explained_by_what_was_read_and_what_was_expected() -> None:
    said = told(candidate(0, "1234", Verdict.CORRECT))
    assert said == {
        "verdict": "✓ correct: equal to what was expected",
        "read": "1234",
        "expected": "1,234, which is 1234",
        "judged by": "integer, rules r1, 2026-01-02 03:04 UTC",
    }


def test_an_answer_that_was_not_read_says_why_and_a_reference_that_cannot_be_read_does_too() -> None:
    said = told(candidate(0, None, Verdict.UNPARSED, unread=Unread.AMBIGUOUS), replace(PROBLEM, answer="two"))
    assert said["verdict"] == "? unparsed: ambiguous: no answer that could be judged"
    assert said["read"] == "nothing: ambiguous"
    assert said["expected"] == "two (the grader cannot read it)"


def test_what_was_cut_says_by_what_and_what_it_would_have_been() -> None:
    cut = tuple(
        replace(each, finish_reason=FinishReason.LENGTH) if each.kind is StepKind.ANSWER else each for each in CHAIN
    )
    found = reasons(
        PROBLEM, candidate(0, "7", Verdict.TRUNCATED, right_if_read=False), list(zip(cut, titles(cut), strict=True))
    )
    said = {reason.name: reason.said for reason in found}
    assert said["cut"] == "Answer ended because the answer's tokens ran out"
    assert said["if it were read"] == "wrong"


def test_a_quote_is_of_the_text_around_and_no_markup_of_it_survives() -> None:
    hostile = replace(candidate(0, "7", Verdict.WRONG), text="<script>alert(7)</script>")
    html = reasons_html(reasons(PROBLEM, hostile, []))
    assert "&lt;script&gt;alert(<b>7</b>)&lt;/script&gt;" in html and "<script" not in html
