"""What is a word of a text, and what is looked for when something is typed."""

import pytest

from db.search.terms import MOST_TERMS, SearchError, Term, terms_of, words_query
from db.search.words import LONGEST_WORD, MOST_BYTES, different_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Wait, let me double-check.", ["wait", "let", "me", "double", "check"]),
        (r"\boxed{34} and 12*3=36", ["boxed", "34", "and", "12", "3", "36"]),
        ("1+1=2, 3.14, -5, a_b, f(x²)", ["1", "1", "2", "3", "14", "5", "a", "b", "f", "x²"]),
        ("<img src=x onerror=alert(1)>&amp;", ["img", "src", "x", "onerror", "alert", "1", "amp"]),
        ("“Élan” — 再检查 x", ["élan", "再", "检", "查", "x"]),
        ("\x00\ud800 \n", []),
        ("x" * 1_000_000, ["x" * LONGEST_WORD]),
    ],
)
def test_words_are_runs_of_letters_and_digits_and_signs_part_them(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


def test_a_trace_has_each_of_its_words_once_until_there_are_too_many_to_store() -> None:
    assert different_words(["b a", "A c"]) == ("b", "a", "c")
    many = different_words(f"{number:050d}" for number in range(30_000))
    assert len(many) == MOST_BYTES // 50


@pytest.mark.parametrize(
    ("typed", "literals"),
    [
        ("wait", ["wait"]),
        ("wait  then wait", ["wait", "then"]),
        ('"let me double-check" 34', ["let me double-check", "34"]),
        (r"\boxed{3", [r"\boxed{3"]),
        ('"" " " x', ["x"]),
        ("a\x00b", ["a�b"]),
    ],
)
def test_terms_stand_between_spaces_or_quotes(typed: str, literals: list[str]) -> None:
    assert [term.literal for term in terms_of(typed)] == literals


def test_the_last_word_of_a_term_may_go_on_unless_a_sign_ends_it() -> None:
    assert words_query(terms_of(r"Wait \boxed{3 x=4} 12*3")) == "wait:* & boxed & 3:* & x & 4 & 12 & 3:*"


@pytest.mark.parametrize(("literal", "is_word"), [("Wait", True), ("34", True), ("double-check", False), ("检", True)])
def test_the_index_alone_knows_where_a_single_word_is(literal: str, is_word: bool) -> None:
    assert Term(literal).is_word is is_word


def test_the_place_of_a_term_is_the_start_of_a_word_and_its_signs_mean_nothing_else() -> None:
    assert Term("wait").pattern == "(?<![[:alnum:]])wait"
    assert Term(r"\boxed{3").pattern == r"\\boxed\{3"
    assert Term("a.*").pattern == r"(?<![[:alnum:]])a\.\*"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  ", "nothing to search for"),
        ('""', "nothing to search for"),
        ("wait ==", "'==' has no letter and no digit"),
        ('"let me', "opened and not closed"),
        ("x" * 501, "501 characters are too many"),
        (" ".join(map(str, range(MOST_TERMS + 1))), "9 words are too many"),
    ],
)
def test_what_cannot_be_searched_for_is_explained(typed: str, said: str) -> None:
    with pytest.raises(SearchError, match=said):
        terms_of(typed)
