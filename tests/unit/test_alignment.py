"""Two chains beside each other: steps of a kind in one row, and the first token at which they part."""

from scaling.alignment import Alignment, Parting, Piece, Place, aligned
from scaling.types import StepKind

PROMPT = Piece(StepKind.PROMPT, "2+3=?", (1, 2))
WAIT = Piece(StepKind.FORCED, "Wait", (90,))


def letters(kind: StepKind, text: str) -> Piece:
    """An id for each letter."""
    return Piece(kind, text, tuple(map(ord, text)))


def think(text: str) -> Piece:
    return letters(StepKind.THINK, text)


def answer(text: str) -> Piece:
    return letters(StepKind.ANSWER, text)


def places(found: Alignment) -> list[tuple[int | None, int | None]]:
    return [(row.left, row.right) for row in found.rows]


def test_two_chains_that_say_the_same_never_part() -> None:
    chain = [PROMPT, think("ab"), answer("5")]
    found = aligned(chain, chain)
    assert places(found) == [(0, 0), (1, 1), (2, 2)]
    assert (found.parting, found.prompts_are_same) == (None, True)


def test_they_part_at_the_first_token_that_differs() -> None:
    found = aligned([PROMPT, think("abc"), answer("5")], [PROMPT, think("abd"), answer("5")])
    assert found.parting == Parting(Place(1, 2), Place(1, 2), tokens=2)


def test_a_thought_that_was_cut_goes_on_with_what_ended_it() -> None:
    cut = [PROMPT, think("ab"), letters(StepKind.FORCED, "|"), answer("5")]
    found = aligned(cut, [PROMPT, think("abcd"), answer("5")])
    assert found.parting == Parting(Place(2, 0), Place(1, 2), tokens=2)


def test_a_chain_that_ends_where_the_other_goes_on_has_no_place_there() -> None:
    assert aligned([think("ab")], [think("abc")]).parting == Parting(None, Place(0, 2), tokens=2)


def test_a_wait_and_what_followed_it_stand_beside_nothing_and_answers_beside_each_other() -> None:
    """Three tokens of the first thought are shared, and then one waits where the other answers."""
    found = aligned([PROMPT, think("abc"), WAIT, think("d"), answer("5")], [PROMPT, think("abc"), answer("6")])
    assert places(found) == [(0, 0), (1, 1), (2, None), (3, None), (4, 2)]
    assert found.parting == Parting(Place(2, 0), Place(2, 0), tokens=3)


def test_one_wait_more_is_a_row_more() -> None:
    once = [PROMPT, think("a"), WAIT, think("b"), answer("5")]
    twice = [PROMPT, think("a"), WAIT, think("b"), WAIT, think("c"), answer("5")]
    found = aligned(once, twice)
    assert places(found) == [(0, 0), (1, 1), (2, 2), (3, 3), (None, 4), (None, 5), (4, 6)]
    assert found.parting == Parting(Place(4, 0), Place(4, 0), tokens=3)


def test_the_same_words_cut_into_other_steps_are_the_same_words() -> None:
    """`ab` as two steps of a search beside one thought: they part in the second step, behind two tokens."""
    steps = [letters(StepKind.STEP, "a"), letters(StepKind.STEP, "bx")]
    found = aligned([PROMPT, think("aby"), answer("5")], [PROMPT, *steps, answer("5")])
    assert places(found) == [(0, 0), (1, 1), (None, 2), (2, 3)]
    assert found.parting == Parting(Place(1, 2), Place(2, 1), tokens=2)


def test_other_prompts_are_told_apart_from_what_is_said() -> None:
    other = Piece(StepKind.PROMPT, "Think. 2+3=?", (7, 1, 2))
    found = aligned([PROMPT, think("a")], [other, think("a")])
    assert (found.parting, found.prompts_are_same) == (None, False)


def test_ids_are_the_truth_where_texts_agree() -> None:
    """`ab` in one token and in two: the same text to its end, and not the same chain."""
    assert aligned([Piece(StepKind.THINK, "ab", (3,))], [think("ab")]).parting == Parting(None, None, tokens=0)


def test_texts_are_compared_where_one_side_reports_no_ids() -> None:
    unreported = [Piece(StepKind.THINK, "abc"), Piece(StepKind.ANSWER, "51")]
    found = aligned(unreported, [think("abc"), answer("52")])
    assert found.parting == Parting(Place(1, 1), Place(1, 1), tokens=None)
    assert aligned(unreported, [think("abc"), answer("51")]).parting is None


def test_nothing_beside_something_is_a_row_of_its_own() -> None:
    assert places(aligned([], [think("a")])) == [(None, 0)]
    assert aligned([], []) == Alignment((), None, prompts_are_same=True)


def test_a_hundred_thousand_steps_take_one_pass() -> None:
    """Where each step were held against each, this would not end today."""
    long = [think("a") for _ in range(100_000)]
    found = aligned([*long, answer("5")], [*long[:50_000], WAIT, *long, answer("6")])
    assert len(found.rows) == 150_002
    assert found.parting == Parting(Place(50_000, 0), Place(50_000, 0), tokens=50_000)
