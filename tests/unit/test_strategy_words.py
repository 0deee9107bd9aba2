"""What a strategy says of itself, and of what is not known here: nothing."""

import pytest
from pydantic import JsonValue

from scaling.answers.voting import MAJORITY, NAIVE, WEIGHTED
from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.chains.length_control import LengthControl
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.spec.arms import flat_params
from scaling.strategies import STRATEGIES, remembered
from scaling.strategies.adaptive_vote import AdaptiveVote
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.deepconf import DeepConf
from scaling.strategies.lookahead import Lookahead
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategies.revisions import Revisions
from scaling.strategy import Attempts, Strategy, StrategyFamily
from tests.strategies import least

FORCING = BudgetForcing(max_thinking_tokens=100, waits=2)
BEAMS = BeamSearch(width=16, branches=4, verifier="judge", max_thinking_tokens=50)


@pytest.mark.parametrize(
    ("strategy", "family"),
    [
        (ChainOfThought(), StrategyFamily.SEQUENTIAL),
        (FORCING, StrategyFamily.SEQUENTIAL),
        (MajorityVote(samples=4), StrategyFamily.PARALLEL),
        (MajorityVote(samples=4, chain=FORCING), StrategyFamily.HYBRID),
        (BestOfN(samples=4, verifier="judge"), StrategyFamily.PARALLEL),
        (Revisions(chains=1, revisions=8), StrategyFamily.SEQUENTIAL),
        (Revisions(chains=8, revisions=1), StrategyFamily.PARALLEL),
        (Revisions(chains=2, revisions=4), StrategyFamily.HYBRID),
        (BEAMS, StrategyFamily.SEARCH),
    ],
)
def test_a_family_is_what_more_compute_is_spent_on(strategy: Strategy, family: StrategyFamily) -> None:
    assert strategy.family is family


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_has_a_family_and_an_ending_and_is_remembered_as_it_was(name: str) -> None:
    strategy = least(STRATEGIES[name])
    assert strategy.family is not None and strategy.ending is not None
    assert remembered(strategy.model_dump(mode="json")) == strategy


def test_fewer_samples_are_a_smaller_vote_or_best_of_and_a_vote_of_one_is_its_chain() -> None:
    vote = MajorityVote(samples=16, chain=FORCING)
    assert vote.fewer(4) == MajorityVote(samples=4, chain=FORCING)
    assert vote.fewer(1) == FORCING
    assert BestOfN(samples=16, verifier="judge").fewer(1) == BestOfN(samples=1, verifier="judge")


@pytest.mark.parametrize(
    "strategy", [AdaptiveVote(samples=16), DeepConf(samples=16), BEAMS, Revisions(chains=2, revisions=2), FORCING]
)
def test_what_stops_by_its_answers_or_sees_them_has_no_smaller_self(strategy: Strategy) -> None:
    assert strategy.fewer(1) is None


@pytest.mark.parametrize(
    ("strategy", "selection"),
    [
        (MajorityVote(samples=4), MAJORITY),
        (AdaptiveVote(samples=4), MAJORITY),
        (BestOfN(samples=4, verifier="judge", select="naive"), NAIVE),
        (BestOfN(samples=4, verifier="judge"), WEIGHTED),
        (BEAMS, WEIGHTED),
        (Revisions(chains=2, revisions=2), MAJORITY),
        (Revisions(chains=2, revisions=2, verifier="judge"), None),  # first within a chain, then among chains
        (DeepConf(samples=4), None),  # among the confident
        (FORCING, None),
    ],
)
def test_a_strategy_says_how_it_selects(strategy: Strategy, selection: object) -> None:
    assert strategy.selects_by is selection


@pytest.mark.parametrize(
    ("strategy", "samples", "thinking", "waits"),
    [
        (ChainOfThought(), None, None, 0),
        (FORCING, None, 100, 2),
        (LengthControl(tokens=50), None, 50, 0),
        (LengthControl(tokens=50, max_thinking_tokens=80, waits=1), None, 50, 1),  # asked for 50, held to 80
        (LengthControl(steps=4, max_thinking_tokens=80), None, 80, 0),
        (LengthControl(length="short"), None, None, 0),
        (RejectionSampling(max_thinking_tokens=10, tries=16), None, 160, 0),
        (MajorityVote(samples=4, chain=FORCING), 4, 400, 2),
        (MajorityVote(samples=4, chain=LengthControl(tokens=50)), 4, 200, 0),
        (AdaptiveVote(samples=8, chain=RejectionSampling(max_thinking_tokens=10, tries=2)), 8, 160, 0),
        (Revisions(chains=2, revisions=3, chain=FORCING), None, 600, 2),
        (BEAMS, None, 800, 0),
    ],
)
def test_a_strategy_says_what_it_draws_and_how_much_thinking_and_how_many_waits_it_asks_for(
    strategy: Strategy, samples: int | None, thinking: int | None, waits: int
) -> None:
    assert (strategy.num_samples, strategy.asked_thinking, strategy.asked_waits) == (samples, thinking, waits)


def test_only_what_revises_shares_a_budget_of_attempts() -> None:
    assert Revisions(chains=2, revisions=4).attempts == Attempts(sequential=4, parallel=2)
    assert [each.attempts for each in (MajorityVote(samples=4), BEAMS, FORCING)] == [None, None, None]


def test_only_a_chain_of_thought_is_a_baseline() -> None:
    assert [name for name, strategy in STRATEGIES.items() if strategy.is_baseline] == ["chain_of_thought"]


def test_a_rollout_counts_as_a_generation_of_its_own() -> None:
    """N(k + 1) of lookahead [Snell]."""
    assert Lookahead(width=4, branches=2, verifier="judge", lookahead=3).generations_per_chain == 4
    assert BEAMS.generations_per_chain == 1


@pytest.mark.parametrize(
    "fields", [{"strategy": "shortest", "samples": 4}, {"strategy": "majority_vote", "samples": 4, "gone": 1}, {}]
)
async def test_of_a_strategy_that_is_not_known_here_nothing_is_known_but_its_name(
    fields: dict[str, JsonValue],
) -> None:
    strategy = remembered(fields)
    assert strategy.strategy == fields.get("strategy", "")
    assert (strategy.family, strategy.ending, strategy.selects_by, strategy.fewer(1)) == (None, None, None, None)
    assert (strategy.asked_thinking, strategy.asked_waits, strategy.attempts) == (None, None, None)
    assert (strategy.generations_per_chain, strategy.side_by_side, strategy.num_samples) == (None, None, None)
    assert flat_params(strategy) == {}
    with pytest.raises(ValueError, match="is not known here, or not with these fields"):
        await strategy.solve(None, None)  # type: ignore[arg-type]
