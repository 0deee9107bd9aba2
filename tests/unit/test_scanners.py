"""What each scanner finds, worked by hand: its number, and where in which step its hits stand."""

from collections.abc import Sequence

import pytest

from scaling.scanners import RULES, SCANNERS, BadScannerError, Rule, read_scanner
from scaling.scanners.chain_text import ChainText, Piece, Place
from scaling.scanners.cut_thoughts import CutThought
from scaling.scanners.languages import LanguageSwitch
from scaling.scanners.loops import Loop, prefix_matches
from scaling.scanners.matching import TIME_LIMIT_S, Pattern, Text
from scaling.scanners.phrases import GaveUp, OwnCheck, WaitCount
from scaling.scanners.scanner import Finding, Found, UnscannableError, scanned
from scaling.types import FinishReason, Phase

THINKING, ANSWER = Phase.THINKING, Phase.ANSWER


def thought(text: str, *path: int, finish_reason: FinishReason | None = FinishReason.STOP) -> Piece:
    return Piece(path or (0, 0), text, THINKING, finish_reason=finish_reason)


def forced(text: str, *path: int) -> Piece:
    return Piece(path, text, THINKING, is_forced=True)


def chain(*pieces: Piece | str) -> ChainText:
    return ChainText([thought(each) if isinstance(each, str) else each for each in pieces])


def value(rule: Rule, *pieces: Piece | str) -> float:
    return rule.find(chain(*pieces)).value


WAITED = chain(
    thought("So 17. Wait, await it", 0, 0),
    forced("Wait", 0, 0, 0),
    thought(" a wait", 0, 0, 0, 0),
    Piece((0, 0, 0, 0, 0), "Answer: 18. Wait", ANSWER),
)


def test_a_text_is_found_where_it_stands_whatever_its_capitals() -> None:
    found = Text(text="WAIT").find(chain(thought("So. Wait, I await", 0, 3)))
    assert found == Found(2, (Place((0, 3), 4, 8, "Wait"), Place((0, 3), 13, 17, "wait")))
    assert value(Text(text="wait", ignore_case=False), "So. Wait, I await") == 1


def test_what_means_something_in_patterns_means_nothing_in_a_text() -> None:
    assert value(Text(text="(a+b)*"), "2(a+b)* and aab") == 1


def test_matches_do_not_overlap_and_empty_ones_do_not_count() -> None:
    assert value(Pattern(pattern="aa"), "aaaaa") == 2
    assert value(Pattern(pattern="a*"), "baab") == 1


def test_a_match_that_begins_in_one_step_and_ends_in_the_next_is_told_at_the_first() -> None:
    """Two steps of a search: "…is a lo" and "op, see"."""
    pieces = (thought("this is a lo", 0, 1), thought("op, see", 0, 1, 2))
    assert Text(text="loop").find(chain(*pieces)).places == (Place((0, 1), 10, 12, "loop"),)
    assert Text(text="see").find(chain(*pieces)).places == (Place((0, 1, 2), 4, 7, "see"),)


def test_no_match_lies_across_what_was_forced() -> None:
    assert value(Text(text="fiveWait", whose="all"), "five", forced("Wait", 0, 0, 0)) == 0


def test_the_models_waits_are_not_those_that_were_forced_on_it() -> None:
    """Its own: "Wait," and " a wait" in thoughts, and "Wait" in the answer; "await" is another word."""
    assert WaitCount().find(WAITED).value == 3
    assert WaitCount(part="thinking").find(WAITED).value == 2
    assert WaitCount(whose="all").find(WAITED).value == 4
    found = WaitCount(whose="forced").find(WAITED)
    assert found == Found(1, (Place((0, 0, 0), 0, 4, "Wait", is_forced=True),))


def test_giving_up_and_checking_are_phrases_whatever_white_space_and_apostrophe_they_have() -> None:
    assert value(GaveUp(), "I'll\n  just guess. I’m stuck! As a guesser") == 2
    assert value(OwnCheck(), "Let me double-check: to verify, let me checkmate") == 2


def test_the_longest_phrase_counts_once() -> None:
    """ "i'll guess" begins as "i'll give up" does, and "let me check" stands in none of the others."""
    assert value(OwnCheck(), "let me recheck") == 1


@pytest.mark.parametrize("pattern", ["(", "a{2", "(?P<x>a)(?P<x", "[z-a]"])
def test_a_pattern_that_is_none_is_refused_with_the_reason(pattern: str) -> None:
    if pattern == "a{2":
        assert read_scanner({"scanner": "regex", "pattern": pattern}).scanner == "regex"  # literal, to every engine
        return
    with pytest.raises(BadScannerError, match=r"regex: pattern: .* is no regular expression .*It takes whose, part"):
        read_scanner({"scanner": "regex", "pattern": pattern})


def test_a_hostile_pattern_on_a_hostile_text_costs_a_bounded_time() -> None:
    """Without the limit it tries all ways to part 5,000 a in ones and twos, and each ends at a b."""
    rule = Pattern(pattern="(?:a|aa)+[^ab]")
    finding = scanned(rule, [chain("a" * 5000 + "b!")])
    assert (finding.chains, finding.value, finding.is_chosen_hit) == (0, None, None)
    assert finding.why == f"the pattern took longer than {TIME_LIMIT_S:g} s"


def test_for_each_place_it_is_known_how_much_of_the_beginning_stands_there() -> None:
    """a b a b a c: "aba" stands at 2, "a" at 4."""
    assert prefix_matches(list("ababac")) == [0, 0, 3, 0, 1, 0]
    assert prefix_matches([]) == []


def words(text: str) -> Sequence[str]:
    return text.split()


def test_a_loop_is_what_a_run_ends_with_at_least_four_times_and_twenty_words() -> None:
    """5 words × 4 = 20; one word less is none, and so is one repeat less, however long."""
    assert Loop().length(words("first " + "so it is 3 again " * 4)) == 20
    assert Loop().length(words("it " * 19)) == 0
    assert Loop().length(words("a b c d e f g h i j " * 3)) == 0


def test_a_loop_that_its_limit_cut_in_the_middle_of_its_period_is_one() -> None:
    """Period 5; 4 times, and two words more: 22 words, of which each is the one five before it."""
    assert Loop().length(words("so it is 3 again " * 4 + "so it")) == 22


def test_a_refrain_that_is_left_again_is_no_loop() -> None:
    assert Loop().length(words("so it is 3 again " * 9 + "no 4")) == 0


def test_signs_are_words_and_so_are_chinese_characters() -> None:
    """ "1+1=2;" are 6 words, and "好的" two: 4 times, and 10 times."""
    assert value(Loop(), "Now 1+1=2;" + "1+1=2;" * 3) == 24
    assert value(Loop(), "好的" * 10) == 20


def test_the_place_of_a_loop_is_all_of_it_and_a_forced_end_does_not_hide_it() -> None:
    looped = thought("Now. " + "no no no no no " * 4, 0, 0)
    found = Loop().find(chain(looped, forced("Final Answer:", 0, 0, 0), Piece((0, 0, 0, 0), " 3", ANSWER)))
    assert found.value == 20
    assert [(place.path, place.start, place.end) for place in found.places] == [((0, 0), 5, 64)]


def test_the_share_of_letters_in_another_script_is_over_words_of_two_letters() -> None:
    """ "the" and "sum" are 6 letters, 总和 two; π, x and \\alpha are no words: 2 of 8."""
    found = LanguageSwitch().find(chain("the sum 总和 π x \\alpha"))
    assert found.value == pytest.approx(2 / 8)
    assert found.places == (Place((0, 0), 8, 10, "总和"),)


def test_chinese_and_japanese_are_written_together_and_latex_is_nobodys_language() -> None:
    assert value(LanguageSwitch(), "これは漢字です \\frac \\sqrt") == 0
    assert value(LanguageSwitch(), "nothing but English") == 0
    assert value(LanguageSwitch(), "1 + 1 = 2") == 0


def test_a_thought_that_its_limit_ended_is_cut_and_one_that_went_on_behind_a_wait_is_not() -> None:
    cut = thought("on and on", 0, 0, finish_reason=FinishReason.LENGTH)
    assert value(CutThought(), cut) == 1
    assert value(CutThought(), cut, forced("Wait", 0, 0, 0), thought("done", 0, 0, 0, 0)) == 0
    assert value(CutThought(), Piece((0, 0), "42 and", ANSWER, finish_reason=FinishReason.LENGTH)) == 0


def test_a_finding_is_over_the_chains_of_a_trace_and_knows_the_chosen_one() -> None:
    """Three chains with 0, 1 and 5 Waits: two hits, mean 2; the second speaks for the job."""
    chains = [
        ChainText([thought("so")], is_chosen=False),
        ChainText([thought("wait")]),
        ChainText([thought("wait " * 5)], is_chosen=False),
    ]
    finding = scanned(WaitCount(), chains)
    assert (finding.chains, finding.hits, finding.value, finding.is_chosen_hit) == (3, 2, 2.0, True)
    assert len(finding.places) == 6


def test_a_chain_of_which_nothing_can_be_said_is_in_no_share() -> None:
    finding = Finding.of([(True, UnscannableError("too long")), (False, Found(2.0))])
    assert (finding.chains, finding.hits, finding.value) == (1, 1, 2.0)
    assert (finding.is_chosen_hit, finding.why) == (None, "too long")


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_nothing_of_a_chain_without_a_word(name: str) -> None:
    needed = {"text": {"text": "x"}, "regex": {"pattern": "x"}}.get(name, {})
    rule = read_scanner({"scanner": name, **needed})
    assert isinstance(rule, Rule)
    assert rule.find(chain()).value == 0
    assert rule.find(chain("")).value == 0


@pytest.mark.parametrize("name", SCANNERS)
def test_every_scanner_is_called_what_it_is_registered_as(name: str) -> None:
    assert SCANNERS[name].model_fields["scanner"].default == name


def test_an_unknown_scanner_is_named_with_the_nearest_and_all_others() -> None:
    with pytest.raises(
        BadScannerError, match=r"no scanner 'waitcount'; did you mean wait_count.* There are: text, regex"
    ):
        read_scanner({"scanner": "waitcount"})


def test_an_unknown_parameter_is_named_with_those_that_there_are() -> None:
    with pytest.raises(BadScannerError, match=r"loop: repeats: .* It takes least_repeats, least_words"):
        read_scanner({"scanner": "loop", "repeats": 3})
