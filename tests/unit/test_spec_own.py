"""Arms with a sampling, a prompt or a seed of their own: one that is told to think beside one that thinks by itself."""

import pytest

from results.measured.families import family_of
from results.measured.worth_comparing import worth_comparing
from scaling.spec import ExperimentSpec, SpecError, Submission, json_schema, yaml12
from scaling.statistics.sweeps import sweeps
from scaling.types import PromptFormat, Sampling
from tests.unit.test_worth_comparing import arm

BASE = """\
name: two ways
data_set: {name: ladder-test, limit: 10}
models: [reasoner]
sampling: {temperature: 0.7, top_k: 20}
prompt: {instruction: "Put the answer in a box."}
arms:
  - strategy: chain_of_thought
"""
"""The arms end on line 7."""


def as_yaml(spec: Submission) -> str:
    return yaml12.dump(spec.model_dump(mode="json", exclude_defaults=True), is_flow=None, width=100)


def read(text: str) -> Submission:
    return Submission.from_yaml(text, "x.yaml")


def test_an_arm_has_its_own_prompt_and_sampling_and_the_rest_of_the_experiments() -> None:
    own = 'model: instruct, prompt: {system: "Think step by step."}, sampling: {temperature: 0}'
    plain, told = read(BASE + f"  - {{strategy: chain_of_thought, {own}}}\n").expand()
    assert plain.label == "chain_of_thought on reasoner"
    assert told.label == 'chain_of_thought with temperature=0.0 system="Think step by step." on instruct'
    assert told.sampling == Sampling(temperature=0.0, top_k=20)
    assert told.prompt == PromptFormat(system="Think step by step.", instruction="Put the answer in a box.")
    assert told.params == {"sampling.temperature": 0.0, "prompt.system": "Think step by step."}
    assert (plain.sampling, plain.prompt, plain.params) == (read(BASE).sampling, read(BASE).prompt, {})


def test_none_may_be_given_where_it_means_something() -> None:
    (_, free) = read(BASE + "  - {strategy: chain_of_thought, sampling: {top_k: null}}\n").expand()
    assert (free.label, free.sampling.top_k) == ("chain_of_thought with top_k=null", None)


def test_temperatures_sweep_and_lie_on_one_line() -> None:
    spec = read(BASE + "  - {strategy: majority_vote, samples: [4, 8], sampling: {temperature: [0.6, 0.7]}}\n")
    arms = spec.expand()
    assert [each.label for each in arms[1:]] == [
        f"majority_vote samples={samples} with temperature={temperature}"
        for samples in (4, 8)
        for temperature in (0.6, 0.7)
    ]
    stored = [arm(n, each.strategy.strategy, **each.params) for n, each in enumerate(arms)]
    assert sorted((less.id, more.id) for less, more in worth_comparing(stored)) == [(1, 2), (1, 3), (2, 4), (3, 4)]


def test_arms_that_differ_in_how_they_ask_are_settings_of_no_sweep() -> None:
    sweep = "strategy: budget_forcing, max_thinking_tokens: 64, waits: [0, 2]"
    spec = read(BASE + f"  - {{{sweep}}}\n  - {{{sweep}, prompt: {{instruction: Hurry.}}}}\n")
    stored = [arm(n, each.strategy.strategy, **each.params) for n, each in enumerate(spec.expand())]
    assert [line.arms for line in sweeps(stored)] == [(0,), (1, 2), (3, 4)]


def test_a_prompt_of_its_own_is_compared_with_the_same_arm_without() -> None:
    own = "sampling: {temperature: 0.6}"
    told = "prompt: {system: Think.}"
    arms = (own, told, f"{own}, {told}")
    spec = read(BASE + "".join(f"  - {{strategy: chain_of_thought, {each}}}\n" for each in arms))
    stored = [arm(n, each.strategy.strategy, **each.params) for n, each in enumerate(spec.expand())]
    assert [(less.id, more.id) for less, more in worth_comparing(stored)] == [(0, 2), (1, 3)]


def test_what_is_as_the_experiment_has_it_is_not_said_and_changes_no_digest() -> None:
    same = read(BASE.replace("chain_of_thought", "chain_of_thought\n    sampling: {temperature: 0.7}"))
    assert same.digest == read(BASE).digest
    assert [each.label for each in same.expand()] == ["chain_of_thought"]
    other = read(BASE.replace("chain_of_thought", "chain_of_thought\n    sampling: {temperature: 0.8}"))
    assert other.digest != read(BASE).digest
    assert ExperimentSpec.model_validate(other.scientific).digest == other.digest
    assert read(as_yaml(other)) == other and "temperature: 0.8" in as_yaml(other)


def test_a_sweep_through_the_experiments_own_temperature_is_two_arms_however_it_is_spelt() -> None:
    swept = read(BASE.replace("chain_of_thought", "chain_of_thought\n    sampling: {temperature: [0.7, 1]}"))
    spelt_out = read(BASE + "  - {strategy: chain_of_thought, sampling: {temperature: 1.0}}\n")
    assert swept.digest == spelt_out.digest


def test_an_arm_has_a_seed_of_its_own_so_that_its_samples_are_its_own() -> None:
    vote = "  - {strategy: majority_vote, samples: 16}\n"
    spec = read(BASE + vote.replace("}", ", seed: 1}") + vote)
    plain, own, shared = spec.expand()
    assert (own.label, own.seed, own.own_seed) == ("majority_vote samples=16 with seed=1", 1, 1)
    assert own.params == {"samples": 16, "chain": "chain_of_thought", "seed": 1}
    assert (shared.label, shared.seed, shared.own_seed) == ("majority_vote samples=16", 0, None)
    assert "seed" not in plain.params | shared.params
    assert read(as_yaml(spec)) == spec and "seed: 1" in as_yaml(spec)


def test_seeds_sweep_behind_prompt_and_sampling() -> None:
    own = "sampling: {temperature: [0.6, 1.0]}, seed: [1, 2]"
    spec = read(BASE + f"  - {{strategy: majority_vote, samples: 4, {own}}}\n")
    assert [each.label for each in spec.expand()[1:]] == [
        f"majority_vote samples=4 with temperature={temperature} seed={seed}"
        for temperature in (0.6, 1.0)
        for seed in (1, 2)
    ]
    assert spec.size().arms == 1 + 2 * 2


def test_a_seed_is_in_the_digest_only_where_it_differs() -> None:
    same = read(BASE.replace("chain_of_thought", "chain_of_thought\n    seed: 0"))
    assert (same.digest, same.expand()[0].label) == (read(BASE).digest, "chain_of_thought")
    other = read(BASE.replace("chain_of_thought", "chain_of_thought\n    seed: 1"))
    assert other.digest != read(BASE).digest
    assert ExperimentSpec.model_validate(other.scientific).digest == other.digest
    of_experiment = read(BASE + "seed: 1\n")
    assert other.digest != of_experiment.digest  # whose data set and later arms it does not draw


def test_a_seed_is_no_amount_along_which_arms_are_drawn_or_chosen() -> None:
    spec = read(BASE + "  - {strategy: majority_vote, samples: [4, 8], seed: [1, 2]}\n")
    stored = [arm(n, each.strategy.strategy, **each.params) for n, each in enumerate(spec.expand())]
    assert [line.arms for line in sweeps(stored)] == [(0,), (1, 3), (2, 4)]
    assert sorted((less.id, more.id) for less, more in worth_comparing(stored)) == [(1, 3), (2, 4)]
    assert family_of(stored, stored[1], stored[0]).arms == (1, 3)


def test_long_instructions_are_cut_in_labels_and_told_apart() -> None:
    words = [f"{'Think about it. ' * 20}Then {word}." for word in ("answer", "check")]
    arms = "".join(f'  - {{strategy: chain_of_thought, prompt: {{instruction: "{each}"}}}}\n' for each in words)
    first, second = (each.label for each in read(BASE + arms).expand()[1:])
    assert first != second and max(len(first), len(second)) < 100
    assert first.startswith('chain_of_thought with instruction="Think about it. Think')


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (
            "sampling: {temprature: 1}",
            "x.yaml:8: arms[1].sampling.temprature: unknown key; did you mean temperature? Allowed: temperature, top_p",
        ),
        ("sampling: {temperature: [0.5, 9]}", "x.yaml:8: arms[1].sampling.temperature[1]: expected at most 2.0, got 9"),
        ("prompt: {instruction: 4}", "x.yaml:8: arms[1].prompt.instruction: expected text"),
        ("prompt: Hurry.", "x.yaml:8: arms[1].prompt: expected a mapping of keys to values"),
        ("sampling: {top_p: null}", "x.yaml:8: arms[1].sampling.top_p: expected a number, got null"),
        ("seed: -1", "x.yaml:8: arms[1].seed: expected at least 0, got -1"),
        ("seed: one", 'x.yaml:8: arms[1].seed: expected a whole number, got "one"'),
        ("seed: [2, 2]", "x.yaml:8: arms[1].seed[1]: 2 stands twice; keep one"),
        ("seed: 0", "x.yaml:8: arms[1]: expands to chain_of_thought, as arms[0] does"),
        (
            "seed: 1, sampling: {temperature: 0}",
            "x.yaml:8: arms[1].seed: temperature: 0 is greedy: a seed of its own would change nothing; leave it out",
        ),
        ("sampling: {temperature: 0.7}", "x.yaml:8: arms[1]: expands to chain_of_thought, as arms[0] does"),
    ],
)
def test_what_is_wrong_with_it_is_told_in_its_place(own: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(BASE + f"  - {{strategy: chain_of_thought, {own}}}\n")
    assert str(caught.value).startswith(said)


def test_limits_are_those_of_the_arm() -> None:
    """10 problems × (64 + 100) tokens, and 10 × (64 + 8)."""
    strategy = "strategy: chain_of_thought, max_thinking_tokens: 64"
    text = BASE.replace("strategy: chain_of_thought", f"{strategy}\n    ".replace(", ", "\n    ").rstrip())
    spec = read(
        text.replace("top_k: 20", "max_answer_tokens: 100")
        + f"  - {{{strategy}, sampling: {{max_answer_tokens: 8}}}}\n"
    )
    assert spec.size().generated_tokens == 10 * 164 + 10 * 72


def test_greedy_is_as_the_arm_samples_and_not_as_its_experiment_does() -> None:
    """One greedy chain beside votes at .7 is fine; a greedy vote, or a greedy arm that is repeated, is not."""
    greedy = "sampling: {temperature: 0}"
    assert len(read(BASE + f"  - {{strategy: chain_of_thought, {greedy}}}\n").expand()) == 2
    warm = BASE.replace("0.7", "0") + "  - {strategy: majority_vote, samples: 4, sampling: {temperature: 0.7}}\n"
    assert len(read(warm).expand()) == 2
    with pytest.raises(SpecError, match=r"x.yaml:8: arms\[1\].samples: temperature: 0 is greedy: all 4"):
        read(BASE + f"  - {{strategy: majority_vote, samples: 4, {greedy}}}\n")
    with pytest.raises(SpecError, match=r"x.yaml:8: arms\[1\].sampling.temperature: temperature: 0 is greedy: all 3"):
        read(BASE + f"  - {{strategy: chain_of_thought, {greedy}}}\nrepeats: 3\n")


def test_the_schema_for_editors_knows_what_an_arm_may_have_otherwise() -> None:
    own = json_schema()["$defs"]
    assert set(own["OwnSampling"]["properties"]) == set(Sampling.model_fields)
    assert set(own["OwnPromptFormat"]["properties"]) == {"system", "instruction"}
    assert "required" not in own["OwnSampling"]
