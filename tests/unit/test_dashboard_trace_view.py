"""Model text is data: shown literally, loaded in pieces when it is long, and never mistaken for what was forced."""

from dataclasses import replace

import pytest

from dashboard.escaping import NOTHING, in_html, in_markdown, message
from dashboard.trace.choice import kept, read_choice
from dashboard.trace.text import Head, branch, dropped, head, known, step_facts, visible
from dashboard.trace.votes import choice_note
from db.queries import Arm, StoredCandidate, StoredStep, TraceOrder
from scaling.types import FinishReason, Phase, StepKind, Verdict

THINK = StoredStep(
    path=(0, 0),
    kind=StepKind.THINK,
    phase=Phase.THINKING,
    text="1+1=2",
    num_ids=5,
    num_dropped_ids=1,
    prompt_tokens=40,
    cached_tokens=None,
    generated_tokens=6,
    forced_tokens=0,
    verifier_tokens=0,
    requests=1,
    seconds=0.25,
    finish_reason=FinishReason.STOP,
    kept=True,
    score=None,
)
PROMPT = replace(THINK, path=(0,), kind=StepKind.PROMPT, phase=Phase.PROMPT, text="<|im_start|>user", num_dropped_ids=0)
WAIT = replace(
    THINK, path=(0, 0, 0), kind=StepKind.FORCED, text="Wait", forced_tokens=1, finish_reason=None, requests=0
)


def candidate(number: int, key: str | None, chosen: bool = False, truncated: bool = False) -> StoredCandidate:
    return StoredCandidate((0, number), "", key, key, truncated, 3, 4, None, chosen, ())


def test_forced_tokens_are_told_apart_by_sign_and_word() -> None:
    assert head(WAIT, "Wait 1 · 5 → 7") == Head(
        "✎ FORCED", "Wait 1 · 5 → 7 · in the thinking, not the model’s words · 1 token"
    )
    opener = head(replace(WAIT, phase=Phase.ANSWER))
    assert opener.facts.startswith("answer opener, not the model’s words")
    assert "FORCED" not in head(THINK).label


def test_a_prompt_that_asks_for_a_revision_is_ours() -> None:
    asked = head(replace(PROMPT, kind=StepKind.REVISION, num_ids=41, requests=0))
    assert asked.label == "✎ OUR PROMPT"
    assert "not the model’s words" in asked.facts and "41 tokens" in asked.facts and "generated" not in asked.facts


def test_a_dropped_token_is_said_and_so_is_what_the_engine_did_not_report() -> None:
    assert dropped(1) == "⌫ then 1 token generated and dropped" and dropped(0) == ""
    assert "not reported cached" in head(THINK).facts
    assert known(0) == "0"


def test_a_step_of_which_no_count_was_reported_says_so_and_shows_no_0() -> None:
    silent = replace(THINK, prompt_tokens=None, generated_tokens=None, verifier_tokens=None)
    facts = step_facts(silent)
    assert facts[0] == "generated tokens not reported"
    assert "prompt not reported, not reported cached" in facts and "verifier tokens not reported" in facts


def test_an_answer_that_its_thoughts_request_made_says_so() -> None:
    answer = replace(THINK, path=(0, 0, 0), kind=StepKind.ANSWER, phase=Phase.ANSWER, prompt_tokens=0, requests=0)
    assert "in the request of the thinking" in step_facts(answer)
    assert "in the request of the thinking" not in step_facts(WAIT) + step_facts(PROMPT) + step_facts(THINK)


def test_a_pruned_branch_is_marked() -> None:
    assert head(replace(THINK, kept=False)).label == "PRUNED thinking"


def test_control_characters_become_visible_and_line_breaks_stay() -> None:
    assert visible("a\x1b[31m\x00b\r\n\tc") == "a␛[31m␀b\n\tc"


def test_characters_that_turn_text_around_are_named() -> None:
    assert visible("\u202eevil\u2066") == "[U+202E]evil[U+2066]"


def test_a_branch_is_the_leaf_and_its_ancestors() -> None:
    assert branch((0, 12, 3)) == ((0,), (0, 12), (0, 12, 3))


def test_a_vote_is_told_in_a_sentence() -> None:
    candidates = [candidate(0, "7", chosen=True), candidate(1, "7"), candidate(2, "8"), candidate(3, None)]
    assert choice_note(candidates, False) == "The chosen answer has 2 of 3 votes; 1 did not vote."
    assert "a tie that a seeded draw decided" in choice_note(candidates, True)
    assert choice_note([candidate(0, None, chosen=True), candidate(1, "7", truncated=True)], False).startswith(
        "No candidate"
    )
    assert choice_note(candidates[:1], False) == ""


def test_a_choice_by_score_is_told_by_candidate_and_by_answer() -> None:
    scored = [replace(candidate(0, "8"), score=0.9), replace(candidate(1, "7", chosen=True), score=0.8),
              replace(candidate(2, "7"), score=0.5), replace(candidate(3, None), score=0.99)]  # fmt: skip
    # Of the three that can vote 0.8 is the second highest; 0.8 + 0.5 = 1.3 beats 0.9.
    assert choice_note(scored, False) == (
        "The chosen answer has 2 of 3 votes; 1 did not vote. The chosen candidate scores 0.800, number 2 of 3; "
        "the scores for its answer add up to 1.300, number 1 of 2 answers."
    )
    unscored = [*scored, candidate(4, "7")]
    assert choice_note(unscored, False).endswith("number 1 of 2 answers. 1 had no score and no say.")


@pytest.mark.parametrize(
    "text", ["**bold**", "$x$", ":red[x]", "[a](b)", "<b>", "`code`", "# h", "a_b_", "~~x~~", "\\"]
)
def test_no_markdown_survives_being_shown_literally(text: str) -> None:
    escaped = in_markdown(text)
    assert all(f"\\{character}" in escaped for character in text if not character.isalnum() and character != " ")


def test_our_messages_keep_their_code_and_nothing_else() -> None:
    assert message("no *model*; start `overthink worker`.") == "no \\*model\\*; start `overthink worker`\\."
    assert message("one ` alone") == "one \\` alone"
    assert message("no `:material/delete:`") == in_markdown("no `:material/delete:`")


@pytest.mark.parametrize(
    ("text", "split"),
    [
        (":material/delete:", ["\\:", "material\\/delete", "\\:"]),
        ("see https://a.b", ["see https", "\\:\\/\\/a\\.b"]),
        ("www.a.b", ["www", "\\.a\\.b"]),
        ("a@b.c", ["a", "\\@b\\.c"]),
        ("1 -> 2", ["1 \\-", "\\> 2"]),
    ],
)
def test_what_streamlit_would_combine_after_markdown_is_kept_apart(text: str, split: list[str]) -> None:
    """Escaped, `:material/delete:` was an icon all the same, and an address a link."""
    assert in_markdown(text) == NOTHING.join(split)


def test_quotes_are_escaped_for_attributes() -> None:
    assert in_html("\"'<>&") == "&quot;&#x27;&lt;&gt;&amp;"


ARMS = [Arm(7, 0, "plain", "tiny", "chain_of_thought", {}, {})]


def test_an_address_says_which_traces_are_meant() -> None:
    said = {"arm": "plain", "verdict": "wrong", "least": "10", "order": "longest thinking first", "level": "2"}
    choice = read_choice(1, said, ARMS)
    assert (choice.matching.arm_id, choice.matching.verdict) == (7, Verdict.WRONG)
    assert (choice.matching.min_thinking_tokens, choice.matching.level) == (10, "2")
    assert choice.order is TraceOrder.THINKING_TOKENS


@pytest.mark.parametrize("value", ["", "-1", "1e3", "٣", "99999999999999999999"])
def test_a_number_that_is_none_filters_nothing(value: str) -> None:
    assert read_choice(1, {"most": value}, ARMS).matching.max_thinking_tokens is None


def test_what_an_address_says_wrongly_filters_nothing() -> None:
    choice = read_choice(1, {"arm": "gone", "verdict": "superb", "order": "random"}, ARMS)
    assert choice.matching == read_choice(1, {}, ARMS).matching
    assert choice.order is TraceOrder.PROBLEM


def test_only_the_choice_is_handed_on_and_not_its_defaults() -> None:
    assert kept({"job": "3", "arm": "plain", "whole": "true", "level": "", "order": "by problem"}) == {"arm": "plain"}
