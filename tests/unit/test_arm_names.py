"""Arms go by what differs among them: few words, each arm its own, the same for everybody."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from db.queries import Arm
from results import arm_names, usual_model
from results.words.arm_names import named
from scaling.spec import SpecError, Submission
from scaling.spec.arms import ArmSpec
from scaling.strategies import STRATEGIES
from tests.strategies import least

CHECKOUT = Path(__file__).resolve().parents[2]

DEMO = """
one chain
cut at 8 · cut at 16 · cut at 24 · cut at 32 · cut at 48
cut at 800 · 1 Wait · 2 Waits · 4 Waits
vote of 16
4 × 2 Waits
"""
SEARCH = """
one chain · vote of 4 · vote of 16 · vote of up to 16
best of 4 · best of 16
beam 16/4 · lookahead 16/4/1 · DVTS 16/4 · REBASE 16 · 4 × 4 attempts
"""
ONE_OF_EACH: Mapping[str, str] = {
    "chain_of_thought": "one chain",
    "budget_forcing": "cut at 2",
    "length_control": "told 2 tokens",
    "rejection_sampling": "rejected over 2",
    "majority_vote": "vote of 2",
    "adaptive_vote": "vote of up to 2",
    "deepconf": "DeepConf of 2",
    "best_of_n": "best of 2",
    "beam_search": "beam 2/2",
    "lookahead": "lookahead 2/2/2",
    "dvts": "DVTS 2/2",
    "rebase": "REBASE 2",
    "revisions": "2 × 2 attempts",
}
"""Of `tests.strategies.least`, which gives each number a 2."""


def stored(specs: Sequence[ArmSpec]) -> list[Arm]:
    return [
        Arm(at, at, each.label, each.model, each.strategy.strategy, each.params, each.strategy.model_dump(mode="json"))
        for at, each in enumerate(specs)
    ]


def expanded(arms: str, models: str = "[a]") -> list[Arm]:
    """What a spec makes of these arms."""
    text = f"name: x\ndata_set: d\nmodels: {models}\nsampling: {{temperature: 0.7}}\narms:\n{arms}"
    return stored(Submission.from_yaml(text, "x.yaml").expand())


def names(arms: str, models: str = "[a]") -> list[str]:
    return list(arm_names(expanded(arms, models)).values())


def of_spec(name: str) -> list[str]:
    path = CHECKOUT / "specs" / name
    return list(arm_names(stored(Submission.from_yaml(path.read_text(), str(path)).expand())).values())


def words(table: str) -> list[str]:
    return [name for line in table.strip().splitlines() for name in line.split(" · ")]


def test_the_arms_of_the_specs_that_ship_are_named_in_a_few_words() -> None:
    assert of_spec("demo.yaml") == words(DEMO)
    assert of_spec("search.yaml") == words(SEARCH)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_has_words_of_its_own(name: str) -> None:
    strategy = least(STRATEGIES[name])
    assert strategy.short_name == ONE_OF_EACH[name]


def test_a_chain_that_is_forced_is_named_in_what_is_drawn_of_it() -> None:
    forced = "chain: {strategy: budget_forcing, max_thinking_tokens: 800, waits: 2}"
    drawn = ["majority_vote, samples: 4", "adaptive_vote, samples: 4", "best_of_n, samples: 4, verifier: v"]
    assert names("".join(f"  - {{strategy: {each}, {forced}}}\n" for each in drawn)) == [
        "4 × 2 Waits", "vote of up to 4 × 2 Waits", "best of 4 × 2 Waits",
    ]  # fmt: skip


def test_what_all_arms_of_a_name_share_goes_unsaid_and_what_differs_is_said_in_the_strategys_words() -> None:
    assert names("  - {strategy: budget_forcing, max_thinking_tokens: [400, 800], waits: [1, 2]}\n") == [
        "1 Wait, within 400", "2 Waits, within 400", "1 Wait, within 800", "2 Waits, within 800",
    ]  # fmt: skip
    assert names("  - {strategy: budget_forcing, max_thinking_tokens: 800, waits: [0, 2], wait: Hmm}\n") == [
        "cut at 800", "2 Waits",
    ]  # fmt: skip


def test_what_nobody_changed_goes_unsaid_beside_what_somebody_did() -> None:
    forced = "strategy: budget_forcing, max_thinking_tokens: 800, waits: 2"
    assert names(f"  - {{{forced}}}\n  - {{{forced}, wait: [Hmm, '']}}\n") == [
        "2 Waits", "2 Waits, saying Hmm", '2 Waits, saying ""',
    ]  # fmt: skip
    assert names("  - {strategy: best_of_n, samples: 4, verifier: v, select: [weighted, naive]}\n") == [
        "best of 4", "best of 4, naive",
    ]  # fmt: skip


def test_a_number_that_has_no_words_is_said_by_its_name() -> None:
    assert names("  - {strategy: deepconf, samples: 4, top_logprobs: [5, 10]}\n") == [
        "DeepConf of 4, top_logprobs=5", "DeepConf of 4, top_logprobs=10",
    ]  # fmt: skip


def test_models_are_named_if_there_are_several_but_for_the_one_that_most_arms_ask() -> None:
    assert names("  - {strategy: majority_vote, samples: 4}\n", "[a, b]") == ["vote of 4 · a", "vote of 4 · b"]
    mostly_a = "  - {strategy: majority_vote, samples: [2, 4]}\n  - {strategy: majority_vote, model: b, samples: 4}\n"
    assert names(mostly_a, "[a]") == ["vote of 2", "vote of 4", "vote of 4 · b"]
    assert usual_model(expanded(mostly_a, "[a]")) == "a"
    assert usual_model(expanded("  - {strategy: chain_of_thought}\n", "[a, b]")) is None


def test_a_sampling_a_prompt_and_a_seed_of_its_own_are_named() -> None:
    one = "  - {strategy: chain_of_thought}\n"
    assert names(one + "  - {strategy: chain_of_thought, seed: 1}\n") == ["one chain", "one chain · seed 1"]
    assert names(one + "  - {strategy: chain_of_thought, sampling: {temperature: 0}}\n") == [
        "one chain", "one chain · temperature 0.0",
    ]  # fmt: skip
    long = "Put the answer of the question in a box that is drawn with care."
    first, second = names(one + f"  - {{strategy: chain_of_thought, prompt: {{system: {long}}}}}\n")
    assert first == "one chain" and second.startswith('one chain · system "Put the answer o…')


def test_a_strategy_that_is_not_known_here_is_named_by_what_was_stored_of_it() -> None:
    params: list[dict[str, JsonValue]] = [{"depth": 3, "seed": 0}, {"depth": 4, "seed": 0}]
    arms = [Arm(n, n, f"tree_of_old depth={n} and more", "a", "tree_of_old", its, {}) for n, its in enumerate(params)]
    strange = [Arm(a.id, a.id, a.label, a.model, a.strategy, a.params, {"strategy": "tree_of_old"}) for a in arms]
    assert list(arm_names(strange).values()) == ["tree_of_old, depth=3", "tree_of_old, depth=4"]


def test_arms_of_other_experiments_are_named_with_where_they_are_at_home() -> None:
    (home,) = expanded("  - {strategy: chain_of_thought}\n")
    other = Arm(7, 0, "other:chain_of_thought", "a", home.strategy, {"experiment": "#2"}, home.strategy_spec)
    assert arm_names([home, other]) == {
        "chain_of_thought": "one chain", "other:chain_of_thought": "one chain · #2",
    }  # fmt: skip


def test_labels_that_stand_in_a_text_give_way_to_names_and_parts_of_others_do_not() -> None:
    names = {"vote samples=1": "vote of 1", "vote samples=16": "vote of 16", "vote": "a vote"}
    said = "vote samples=16, k = 4, and vote samples=1; a devote vote, vote samples=161 and arm=vote"
    assert named(said, names) == "vote of 16, k = 4, and vote of 1; a devote a vote, a vote samples=161 and arm=vote"
    assert named("vote", {}) == "vote" and named("(.*)", {".*": "any"}) == "(any)"


NUMBERS = st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True)
OWN = st.sampled_from(["", ", seed: 1", ", seed: [1, 2]", ", sampling: {temperature: [0.5, 1]}", ", model: b"])
CHAIN = st.sampled_from(["", ", chain: {strategy: budget_forcing, max_thinking_tokens: 8, waits: [0, 2]}"])
WRITTEN = st.one_of(
    st.builds(lambda own: f"chain_of_thought{own}", OWN),
    st.builds(lambda n, w, own: f"budget_forcing, max_thinking_tokens: {n}, waits: {w}{own}", NUMBERS, NUMBERS, OWN),
    st.builds(lambda n, own: f"length_control, tokens: {n}{own}", NUMBERS, OWN),
    st.builds(lambda n, k: f"rejection_sampling, max_thinking_tokens: {n}, tries: {k}", NUMBERS, NUMBERS),
    st.builds(lambda n, own, chain: f"majority_vote, samples: {n}{own}{chain}", NUMBERS, OWN, CHAIN),
    st.builds(lambda n, k, chain: f"adaptive_vote, samples: {n}, at_once: {k}{chain}", NUMBERS, NUMBERS, CHAIN),
    st.builds(lambda n, own: f"deepconf, samples: {n}, keep: [0.1, 0.5]{own}", NUMBERS, OWN),
    st.builds(lambda n, v, its: f"best_of_n, samples: {n}, verifier: {v}{its}", NUMBERS, st.sampled_from("vw"), CHAIN),
    st.builds(lambda n, own: f"rebase, width: {n}, verifier: v{own}", NUMBERS, OWN),
    st.builds(lambda n, k: f"revisions, chains: {n}, revisions: {k}", NUMBERS, NUMBERS),
)  # fmt: skip


@given(st.lists(WRITTEN, min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_names_are_unique_and_the_same_each_time_and_never_longer_than_labels(
    written: list[str], mixed: object
) -> None:
    try:
        arms = expanded("".join(f"  - {{strategy: {each}}}\n" for each in written))
    except SpecError:
        return  # two of them are one arm
    found = arm_names(arms)
    assert list(found) == [arm.label for arm in arms]
    assert len(set(found.values())) == len(arms)
    assert all(len(name) <= len(label) for label, name in found.items())
    mixed.shuffle(arms)  # type: ignore[attr-defined]
    assert arm_names(arms) == found
