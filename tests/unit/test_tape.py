"""What is on the tape: steps by their place, what a branch is charged, and what is known of it."""

import pytest

from scaling.tape import Tape
from scaling.types import Path, Phase, Scores, Solution, Step, StepKind, Usage
from scaling.verification import Verified


def step(path: Path, kind: StepKind = StepKind.STEP, phase: Phase = Phase.THINKING, tokens: int = 0) -> Step:
    return Step(path, kind, phase, (), "", generated_tokens=tokens, requests=1)


def tape_of(*steps: Step) -> Tape:
    tape = Tape()
    for each in steps:
        tape.begin(each)
    return tape


def test_two_steps_have_no_place_in_common() -> None:
    with pytest.raises(AssertionError, match=r"two steps at path \(0, 1\): siblings need different indexes"):
        tape_of(step((0, 1)), step((0, 1)))


def test_a_branch_begins_anew_behind_its_nearest_prompt() -> None:
    """A revision shows what came before in its own prompt: the 5 tokens of thinking were charged to the first try."""
    prompt, revision = (step(path, StepKind.PROMPT, Phase.PROMPT) for path in ((0,), (0, 0, 0)))
    tape = tape_of(prompt, step((0, 0), tokens=5), revision, step((0, 0, 0, 0), tokens=7))
    assert [each.path for each in tape.branch((0, 0, 0, 0))] == [(0, 0, 0, 0)]
    assert tape.thinking_tokens((0, 0, 0, 0)) == 7
    assert tape.spent.thinking_tokens == 12


def test_to_give_up_a_branch_is_to_give_up_all_below_it_and_nothing_beside_it() -> None:
    tape = tape_of(*(step(path) for path in ((0,), (0, 1), (0, 1, 0), (0, 10))))
    tape.prune((0, 1))
    assert [each.kept for each in tape.steps] == [True, False, False, True]


def test_what_is_known_of_a_branch_is_what_its_nearest_verified_step_knows() -> None:
    tape = tape_of(*(step(path) for path in ((0,), (0, 0), (0, 0, 0))))
    assert tape.verified((0, 0, 0)) == Verified((), ())
    tape.know((0, 0), Verified(("a", "b"), (0.5, 0.25)), (0.5, 0.25))
    assert tape.verified((0, 0, 0)).scores == (0.5, 0.25)
    assert [each.score for each in tape.steps] == [None, 0.25, None]


def test_what_a_verifier_cost_is_the_lowest_steps_that_shows_it_what_was_asked() -> None:
    tape = tape_of(step((0,)), step((0, 0)), step((0, 1)), step((0, 2)))
    asked, told = Solution("?", ("a",)), Scores((0.5,), 30, 10, 2, 1, 0.5, (Usage(30, 10, 2),))
    for path in ((0, 2), (0, 1), (0, 2)):
        tape.charge(path, asked, told)
    tape.charge((0, 2), Solution("?", ("b",)), told)
    assert [each.verifier_tokens for each in tape.steps] == [0, 0, 32, 32]
    assert [each.verifier_spared_usages for each in tape.steps] == [(), (), (), (Usage(30, 10, 2),)]
    assert tape.spent.verifier_tokens == 64
