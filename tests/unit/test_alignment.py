"""Two chains beside each other: steps of a kind in one row, and the first token at which they part."""

from scaling.alignment import Alignment, Parting, Piece, Row, aligned
from scaling.types import StepKind

PROMPT = Piece(StepKind.PROMPT, "2+3=?", (1, 2))


def think(*ids: int) -> Piece:
    """Its text has a letter for each id."""
    return Piece(StepKind.THINK, "".join(chr(96 + each) for each in ids), ids)


def wait() -> Piece:
    return Piece(StepKind.FORCED, "Wait", (9,))


def answer(text: str, *ids: int) -> Piece:
    return Piece(StepKind.ANSWER, text, ids)


def places(found: Alignment) -> list[tuple[int | None, int | None]]:
    return [(row.left, row.right) for row in found.rows]


def test_two_chains_that_say_the_same_never_part() -> None:
    chain = [PROMPT, think(1, 2), answer("5", 5)]
    assert aligned(chain, chain) == Alignment(
        (Row(0, 0, True), Row(1, 1, True), Row(2, 2, True)), parting=None, prompts_are_same=True
    )


def test_they_part_at_the_first_id_that_differs_and_at_the_character_there() -> None:
    """`abc` beside `abd`: two tokens and two characters of the thought are the same."""
    found = aligned([PROMPT, think(1, 2, 3), answer("5", 5)], [PROMPT, think(1, 2, 4), answer("5", 5)])
    assert found.parting == Parting(row=1, characters=2, tokens=2, tokens_before=0)
    assert [row.is_same for row in found.rows] == [True, False, True]


def test_a_thought_that_was_cut_parts_where_it_ends() -> None:
    found = aligned([PROMPT, think(1, 2)], [PROMPT, think(1, 2, 3)])
    assert found.parting == Parting(row=1, characters=2, tokens=2, tokens_before=0)


def test_a_wait_and_what_followed_it_stand_beside_nothing_and_answers_beside_each_other() -> None:
    """Three tokens of the first thought are shared, and then one waits where the other answers."""
    waited = [PROMPT, think(1, 2, 3), wait(), think(4), answer("5", 5)]
    found = aligned(waited, [PROMPT, think(1, 2, 3), answer("6", 6)])
    assert places(found) == [(0, 0), (1, 1), (2, None), (3, None), (4, 2)]
    assert found.parting == Parting(row=2, characters=0, tokens=0, tokens_before=3)


def test_one_wait_more_is_a_row_more() -> None:
    once = [PROMPT, think(1), wait(), think(2), answer("5", 5)]
    twice = [PROMPT, think(1), wait(), think(2), wait(), think(3), answer("5", 5)]
    found = aligned(once, twice)
    assert places(found) == [(0, 0), (1, 1), (2, 2), (3, 3), (None, 4), (None, 5), (4, 6)]
    assert found.parting == Parting(row=4, characters=0, tokens=0, tokens_before=3)


def test_steps_of_other_kinds_stand_in_one_row_in_their_order() -> None:
    steps = [Piece(StepKind.STEP, "a", (1,)), Piece(StepKind.STEP, "b", (2,))]
    found = aligned([PROMPT, *steps, answer("5", 5)], [PROMPT, think(1), answer("5", 5)])
    assert places(found) == [(0, 0), (1, 1), (2, None), (3, 2)]
    assert found.parting == Parting(row=1, characters=0, tokens=0, tokens_before=0)


def test_other_prompts_are_told_apart_from_what_is_said() -> None:
    other = Piece(StepKind.PROMPT, "Think. 2+3=?", (7, 1, 2))
    found = aligned([PROMPT, think(1)], [other, think(1)])
    assert (found.parting, found.prompts_are_same) == (None, False)


def test_ids_are_the_truth_where_texts_agree() -> None:
    """`ab` in one token and in two: the same text, and not the same chain."""
    one, two = Piece(StepKind.THINK, "ab", (3,)), think(1, 2)
    assert aligned([one], [two]).parting == Parting(row=0, characters=2, tokens=0, tokens_before=0)


def test_texts_are_compared_where_one_side_reports_no_ids() -> None:
    unreported = [Piece(StepKind.THINK, "abc"), Piece(StepKind.ANSWER, "51")]
    found = aligned(unreported, [think(1, 2, 3), answer("52", 5, 2)])
    assert found.parting == Parting(row=1, characters=1, tokens=None, tokens_before=None)
    assert [row.is_same for row in found.rows] == [True, False]


def test_nothing_beside_something_is_a_row_of_its_own() -> None:
    assert places(aligned([], [think(1)])) == [(None, 0)]
    assert aligned([], []) == Alignment((), None, prompts_are_same=True)


def test_a_hundred_thousand_steps_take_one_pass() -> None:
    """Where each step were held against each, this would not end today."""
    long = [think(1) for _ in range(100_000)]
    found = aligned([*long, answer("5", 5)], [*long[:50_000], wait(), *long, answer("6", 6)])
    assert len(found.rows) == 150_002
