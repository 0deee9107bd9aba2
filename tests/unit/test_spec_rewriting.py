"""A spec's text that is made to say something else keeps its comments, and says exactly what was asked."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.form.presets import presets
from scaling.spec import yaml12
from scaling.spec.rewriting import rewritten

TEXT = """\
# What it asks.
name: demo # of all
data_set:
  name: ladder-test
  limit: 120 # enough
models: [tiny]

arms:
  # The baseline.
  - strategy: chain_of_thought

  # Longer.
  - strategy: budget_forcing
    waits: [0, 1] # twice
    max_thinking_tokens: 800
seed: 0
"""


def changed(change: Callable[[Any], object]) -> str:
    """The text after a change of its document, which it says."""
    document: Any = yaml12.load(TEXT)
    change(document)
    made = rewritten(TEXT, document)
    assert yaml12.load(made) == document
    return made


def test_what_already_says_it_stays_to_the_letter() -> None:
    assert changed(lambda said: None) == TEXT


def test_one_value_is_changed_in_its_place() -> None:
    assert changed(lambda said: said["data_set"].update(limit=60)) == TEXT.replace("limit: 120", "limit: 60")
    assert changed(lambda said: said["arms"][1].update(waits=[2, 4])) == TEXT.replace("[0, 1]", "[2, 4]")
    assert changed(lambda said: said.update(name="no: 012")) == TEXT.replace("name: demo", "name: 'no: 012'")


def test_a_key_is_added_behind_the_others_and_taken_away_with_its_line() -> None:
    assert changed(lambda said: said["data_set"].update(seed=3)) == TEXT.replace("# enough\n", "# enough\n  seed: 3\n")
    assert changed(lambda said: said.update(repeats=2)) == f"{TEXT}repeats: 2\n"
    assert changed(lambda said: said["arms"][1].pop("waits")) == TEXT.replace("    waits: [0, 1] # twice\n", "")


def test_an_arm_that_is_removed_takes_its_comment_along_and_no_other() -> None:
    without_second = TEXT.replace(TEXT[TEXT.index("\n  # Longer.") : TEXT.index("seed:")], "")
    assert changed(lambda said: said["arms"].pop()) == without_second
    without_first = TEXT.replace("  # The baseline.\n  - strategy: chain_of_thought\n\n", "")
    assert changed(lambda said: said["arms"].pop(0)) == without_first


def test_arms_that_change_places_take_their_comments_along() -> None:
    made = changed(lambda said: said["arms"].reverse())
    assert (
        made.index("# Longer.") < made.index("budget_forcing") < made.index("# The baseline.") < made.index("chain_of")
    )


def test_an_arm_that_is_doubled_is_written_below() -> None:
    made = changed(lambda said: said["arms"].insert(1, copy.deepcopy(said["arms"][0])))
    assert made.count("- strategy: chain_of_thought") == 2 and made.count("# The baseline.") == 1


def test_an_arm_of_another_strategy_keeps_the_comment_of_its_place() -> None:
    made = changed(lambda said: said["arms"].__setitem__(0, {"strategy": "majority_vote", "samples": 4}))
    assert "  # The baseline.\n  - strategy: majority_vote\n    samples: 4\n" in made


def test_what_cannot_be_said_in_place_is_written_anew() -> None:
    shared = TEXT.replace("[0, 1]", "&few [0, 1]") + "notes: |\n  Two\n  lines.\n"
    said: Any = yaml12.load(shared)
    document = said | {"seed": 1}
    assert yaml12.load(rewritten(shared, document)) == document


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_of_every_preset_arms_are_removed_moved_and_changed_and_the_head_stays(preset: Any) -> None:
    document: Any = yaml12.load(preset.text)
    document["arms"] = [*document["arms"][1:], document["arms"][0] | {"seed": 9}]
    made = rewritten(preset.text, document)
    assert yaml12.load(made) == document
    assert made.startswith(preset.text.partition("\nname:")[0])


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(st.characters(exclude_categories=["Cs", "Cc"])))


@given(st.dictionaries(st.sampled_from(["name", "seed", "data_set", "new: key", "notes"]), LEAVES, max_size=4))
def test_it_always_says_what_was_asked(changes: dict[str, Any]) -> None:
    said: Any = yaml12.load(TEXT)
    document = said | changes
    assert yaml12.load(rewritten(TEXT, document)) == document
