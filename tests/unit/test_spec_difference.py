"""Two specs beside each other: what was changed, added and removed, in words that say nothing else."""

from typing import Any

import pytest
from pydantic import JsonValue

from scaling.spec import Submission
from scaling.spec.difference import Kind, difference
from scaling.spec.words import called, in_words

FORCING: dict[str, Any] = {"strategy": "budget_forcing", "waits": [0, 1], "max_thinking_tokens": 800}
VOTE: dict[str, Any] = {"strategy": "majority_vote", "samples": 16}
PLAIN: dict[str, Any] = {"strategy": "chain_of_thought"}


def spec(*arms: dict[str, Any], **changes: JsonValue) -> Submission:
    said: dict[str, JsonValue] = {
        "name": "n",
        "data_set": "ladder-test",
        "models": ["tiny"],
        "arms": list(arms or (FORCING, VOTE)),
    }
    return Submission.from_data(said | changes)


def sentences(before: Submission, after: Submission) -> list[str]:
    return [change.sentence for change in difference(before, after)]


def test_the_same_spec_has_no_difference_however_it_is_spelt() -> None:
    assert sentences(spec(), spec()) == []
    assert sentences(spec(), spec(data_set={"name": "ladder-test", "seed": 0}, repeats=1)) == []
    assert sentences(spec(VOTE), spec({**VOTE, "chain": PLAIN})) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "m"}, ["name: n → m"]),
        ({"seed": 7}, ["seed: 0 → 7"]),
        ({"models": ["tiny", "large"]}, ["models: tiny → tiny, large"]),
        ({"data_set": {"name": "ladder-test", "limit": 60}}, ["data set: problems, at most: not set → 60"]),
        ({"sampling": {"temperature": 0.5}}, ["sampling: temperature: 0.7 → 0.5"]),
        ({"prompt": {"instruction": "Think, then: answer."}}, ['prompt: instruction: "" → "Think, then: answer."']),
    ],
)
def test_a_field_is_told_by_what_people_call_it_and_by_both_values(changes: Any, said: list[str]) -> None:
    assert sentences(spec(), spec(**changes)) == said


def test_another_data_set_is_another_name() -> None:
    of_file = spec(data_set={"path": "mine.csv", "grader": "integer"})
    assert sentences(spec(), of_file) == [
        "data set: name: ladder-test → not set",
        "data set: file: not set → mine.csv",
        "data set: compared as: not set → integer",
    ]


def test_a_sweep_of_an_arm_is_one_change_of_that_arm() -> None:
    wider = {**FORCING, "waits": [0, 1, 2]}
    assert sentences(spec(), spec(wider, VOTE)) == ["arm 1: Waits: 0, 1 → 0, 1, 2"]


def test_what_an_arm_has_of_its_own_is_told_below_it() -> None:
    own = {**VOTE, "sampling": {"temperature": 0.3}, "seed": 5}
    assert sentences(spec(FORCING, VOTE), spec(FORCING, own)) == [
        "arm 2: sampling added: temperature 0.3",
        "arm 2: seed: not set → 5",
    ]


def test_the_chains_of_an_arm_are_told_whole_where_their_strategy_is_another() -> None:
    vote = {**VOTE, "chain": {"strategy": "budget_forcing", "waits": 2, "max_thinking_tokens": 800}}
    [change] = difference(spec(VOTE), spec(vote))
    assert (change.what, change.kind) == ("arm 1: chains of", Kind.CHANGED)
    assert change.sentence.startswith("arm 1: chains of: chain of thought → budget forcing, ")
    more = {**VOTE, "chain": {**vote["chain"], "waits": 4}}
    assert sentences(spec(vote), spec(more)) == ["arm 1: chains of: Waits: 2 → 4"]


def test_an_arm_is_added_and_another_removed() -> None:
    """The vote stays what it is, though it is the second of one and the first of the other."""
    added, removed = difference(spec(FORCING, VOTE), spec(VOTE, PLAIN))
    assert (added.kind, added.place, added.sentence) == (Kind.ADDED, ("arms", 1), "arm 2 added: chain of thought")
    assert (removed.kind, removed.place) == (Kind.REMOVED, ("arms", 0))
    assert removed.sentence.startswith("arm 1 removed: budget forcing, ")
    assert "Waits 0, 1" in removed.sentence and "thinking budget 800" in removed.sentence


def test_equal_arms_are_held_against_each_other_before_like_ones() -> None:
    """Of two votes the second is removed: the first, which stays, is not said to have become it."""
    few = {**VOTE, "samples": 4}
    [change] = difference(spec(few, VOTE), spec(VOTE))
    assert (change.kind, change.place) == (Kind.REMOVED, ("arms", 0))
    assert "samples 4" in change.sentence


def test_arms_in_another_order_are_moved_and_nothing_else() -> None:
    [change] = difference(spec(FORCING, VOTE), spec(VOTE, FORCING))
    assert (change.kind, change.sentence) == (Kind.MOVED, "the arms stand in another order")


def test_families_and_the_verdict_are_told_though_they_change_nothing_that_is_run() -> None:
    families: JsonValue = {"forcing": [{"strategy": "budget_forcing"}]}
    assert [change.what for change in difference(spec(), spec(families=families, verdict={}))] == [
        "families",
        "verdict",
    ]
    other = spec(families=families, verdict={"margin": 5})
    assert [change.what for change in difference(spec(families=families, verdict={}), other)] == ["verdict: margin"]


def test_a_field_that_has_no_words_is_called_by_its_key() -> None:
    assert called("arms", 0, "new_field") == "new field"
    assert called("data_set", "seed") == "which problems (seed)" and called("seed") == "seed"


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "not set"), ([], "none"), ("", '""'), ("a, b", '"a, b"'), (True, "true"), (["Wait", ""], 'Wait, ""')],
)
def test_values_are_said_so_that_none_can_be_taken_for_another(value: JsonValue, said: str) -> None:
    assert in_words(value) == said
