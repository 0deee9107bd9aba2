"""What strategies and sampling need of an engine, and how a submission that asks one for too much is refused."""

from typing import Any

import pytest

from scaling.abilities import ALL, WORDS, Ability
from scaling.spec import Submission
from scaling.strategies import STRATEGIES
from tests.unit.test_spec import Limits

FORCES = frozenset({Ability.TOKEN_IDS})
SEARCH = {"width": 4, "branches": 2, "verifier": "judge", "max_thinking_tokens": 64}
FIELDS: dict[str, tuple[dict[str, Any], frozenset[Ability]]] = {
    "chain_of_thought": ({}, frozenset()),
    "budget_forcing": ({"max_thinking_tokens": 8}, FORCES),
    "length_control": ({"length": "short"}, frozenset()),
    "rejection_sampling": ({"max_thinking_tokens": 8}, frozenset()),
    "majority_vote": ({"samples": 2}, frozenset()),
    "adaptive_vote": ({"samples": 2}, frozenset()),
    "deepconf": ({"samples": 2}, frozenset({Ability.LOGPROBS})),
    "best_of_n": ({"samples": 2, "verifier": "judge"}, frozenset()),
    "beam_search": (SEARCH, FORCES),
    "lookahead": ({**SEARCH, "lookahead": 1}, FORCES),
    "dvts": (SEARCH, FORCES),
    "rebase": ({name: value for name, value in SEARCH.items() if name != "branches"}, FORCES),
    "revisions": ({"chains": 2, "revisions": 2}, frozenset()),
}
"""Of each strategy the least that it can be written with, and what it needs then."""
FORCED = {"strategy": "budget_forcing", "max_thinking_tokens": 8}
CHAT = Limits(4096, "chat", frozenset())


def spec(*arms: dict[str, Any], **sampling: object) -> Submission:
    written = {"cache": "shared", **sampling}
    return Submission.from_data(
        {"name": "a", "data_set": "ladder-test", "models": ["api"], "arms": list(arms), "sampling": written}
    )


def faults(*arms: dict[str, Any], **sampling: object) -> list[str]:
    return [str(each) for each in spec(*arms, **sampling).check_against({"api": CHAT, "local": Limits(4096)})]


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_says_what_it_needs(name: str) -> None:
    given, needs = FIELDS[name]
    assert STRATEGIES[name](**given).needs == needs


@pytest.mark.parametrize(
    ("arm", "needs"),
    [
        ({"strategy": "chain_of_thought", "max_thinking_tokens": 8, "at_limit": "answer"}, FORCES),
        ({"strategy": "length_control", "tokens": 8, "max_thinking_tokens": 8}, FORCES),
        ({"strategy": "majority_vote", "samples": 2, "chain": FORCED}, FORCES),
        ({"strategy": "deepconf", "samples": 2, "chain": FORCED}, FORCES | {Ability.LOGPROBS}),
    ],
)
def test_what_forces_an_answer_needs_ids_wherever_it_stands(arm: dict[str, Any], needs: frozenset[Ability]) -> None:
    (expanded,) = spec(arm).expand()
    assert expanded.strategy.needs == needs


def test_an_arm_that_needs_no_more_than_the_engine_can_do_is_let_through() -> None:
    able = ("chain_of_thought", "rejection_sampling", "majority_vote", "adaptive_vote", "revisions")
    assert faults(*({"strategy": name, **FIELDS[name][0]} for name in able)) == []


def test_an_arm_that_needs_more_is_refused_with_its_reason_and_who_could() -> None:
    (said,) = faults({"strategy": "chain_of_thought"}, {"strategy": "budget_forcing", "max_thinking_tokens": 8})
    assert said == (
        "spec: arms[1].strategy: api is served by the engine chat, which takes no token ids, so that nothing can be "
        "forced or gone on with: budget_forcing as it stands here needs that; name a model whose engine can, or give "
        "another strategy. Served: local"
    )


def test_what_no_engine_can_do_is_said_once_for_a_sweep() -> None:
    assert len(faults({"strategy": "budget_forcing", "max_thinking_tokens": [8, 16, 32]})) == 1


def test_sampling_that_the_engine_cannot_do_is_refused_where_it_is_written() -> None:
    arm = {"strategy": "chain_of_thought", "sampling": {"top_k": 20}}
    (own,) = faults(arm)
    assert "arms[0].sampling.top_k: api is served by the engine chat, which draws from all tokens; leave" in own
    (common,) = faults({"strategy": "chain_of_thought"}, cache="job")
    assert "sampling.cache: api is served by the engine chat, which keeps no job's prefixes apart" in common
    assert "set cache to shared" in common


def test_every_ability_has_its_words() -> None:
    assert WORDS.keys() == ALL
