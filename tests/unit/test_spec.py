"""A spec: one object behind YAML, Python and the form, whose errors say what to mend and where."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.abilities import ALL, Ability
from scaling.chains import CHAINS
from scaling.chains.budget_forcing import BudgetForcing
from scaling.spec import ExperimentSpec, SpecError, Submission, json_schema, yaml12
from scaling.spec import text as spec_text
from scaling.spec.several import submissions
from scaling.strategies import STRATEGIES
from scaling.strategies.majority_vote import MajorityVote

SPECS = sorted((Path(__file__).parents[2] / "specs").rglob("*.yaml"))
BASE = """\
name: demo
data_set: {name: ladder-test, limit: 120}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
"""
"""The arms end on line 5, so that what a test adds starts on line 6."""


@dataclass(frozen=True)
class Limits:
    context_length: int
    engine: str = "vllm"
    abilities: frozenset[Ability] = ALL


def as_yaml(spec: Submission) -> str:
    return yaml12.dump(spec.model_dump(mode="json", exclude_defaults=True), is_flow=None, width=100)


def read(text: str) -> Submission:
    return Submission.from_yaml(text, "specs/x.yaml")


def labels(spec: ExperimentSpec) -> list[str]:
    return [arm.label for arm in spec.expand()]


def problems(text: str, *overrides: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read(text).with_overrides(overrides)
    return str(caught.value).splitlines()


# --- what a spec expands to


def test_a_list_where_a_number_is_expected_is_a_sweep() -> None:
    spec = read(BASE + "  - {strategy: budget_forcing, waits: [0, 2], max_thinking_tokens: [8, 16]}\n")
    assert labels(spec) == [
        "chain_of_thought",
        "budget_forcing max_thinking_tokens=8 waits=0",
        "budget_forcing max_thinking_tokens=8 waits=2",
        "budget_forcing max_thinking_tokens=16 waits=0",
        "budget_forcing max_thinking_tokens=16 waits=2",
    ]
    assert spec.expand()[2].strategy == BudgetForcing(max_thinking_tokens=8, waits=2)


def test_a_chain_inside_a_vote_sweeps_too() -> None:
    chain = "{strategy: budget_forcing, waits: [1, 2], max_thinking_tokens: 9}"
    _, one, two = read(BASE + f"  - {{strategy: majority_vote, samples: 16, chain: {chain}}}\n").expand()
    assert one.label == "majority_vote samples=16 · budget_forcing max_thinking_tokens=9 waits=1"
    assert one.params == {
        "samples": 16,
        "chain": "budget_forcing",
        "max_thinking_tokens": 9,
        "waits": 1,
        "wait": "Wait",
    }
    assert two.strategy == MajorityVote(samples=16, chain=BudgetForcing(max_thinking_tokens=9, waits=2))


def test_a_choice_among_words_sweeps_like_a_number() -> None:
    arm = "{strategy: best_of_n, samples: 4, verifier: v, select: [naive, weighted], aggregate: min}"
    spec = read(BASE + f"  - {arm}\n")
    assert labels(spec)[1:] == [
        "best_of_n samples=4 verifier=v select=naive aggregate=min",
        "best_of_n samples=4 verifier=v select=weighted aggregate=min",
    ]
    assert Submission.from_yaml(as_yaml(spec)) == spec


def test_a_choice_that_may_be_left_out_sweeps_inside_a_chain() -> None:
    chain = "{strategy: length_control, length: [short, long], max_thinking_tokens: 9}"
    spec = read(BASE + f"  - {{strategy: majority_vote, samples: 4, chain: {chain}}}\n")
    assert [label.rpartition(" · ")[2] for label in labels(spec)[1:]] == [
        "length_control length=short max_thinking_tokens=9",
        "length_control length=long max_thinking_tokens=9",
    ]


def test_a_search_is_labelled_by_its_numbers_and_counts_the_chains_it_ends_with() -> None:
    arm = "{strategy: lookahead, width: [4, 16], branches: 4, lookahead: 1, verifier: v, max_thinking_tokens: 10}"
    spec = read(BASE.replace("  - strategy: chain_of_thought\n", "") + f"  - {arm}\n")
    assert labels(spec) == [
        f"lookahead width={width} verifier=v max_thinking_tokens=10 branches=4 lookahead=1" for width in (4, 16)
    ]
    size = spec.size()
    assert (size.chains, size.generated_tokens) == (120 * 20, 120 * 20 * (10 + 32_768))


def test_strings_sweep_and_the_empty_one_is_seen_in_the_label() -> None:
    spec = read(BASE + '  - {strategy: budget_forcing, waits: 1, wait: [Hmm, "", "go on"], max_thinking_tokens: 9}\n')
    assert [label.rpartition(" wait=")[2] for label in labels(spec)[1:]] == ["Hmm", '""', '"go on"']


def test_every_arm_runs_on_every_model_unless_it_names_its_own() -> None:
    spec = read(BASE.replace("[ladder-tiny]", "[a, b]") + "  - {strategy: majority_vote, samples: 4, model: c}\n")
    assert labels(spec) == ["chain_of_thought on a", "chain_of_thought on b", "majority_vote samples=4 on c"]
    assert [arm.model for arm in spec.expand()] == ["a", "b", "c"]


def test_what_is_not_set_is_not_among_the_params() -> None:
    assert read(BASE).expand()[0].params == {}


def test_the_size_is_an_upper_bound_where_it_can_be_known() -> None:
    """Two arms × 120 problems × 3 repeats = 720 jobs; the vote makes 4 chains of 10 + 64 tokens: 360 · (74 + 4·74)."""
    text = BASE.replace("chain_of_thought", "budget_forcing\n    max_thinking_tokens: 10")
    text += "  - {strategy: majority_vote, samples: 4, chain: {strategy: budget_forcing, max_thinking_tokens: 10}}\n"
    size = read(text + "repeats: 3\nsampling: {max_answer_tokens: 64}\n").size()
    assert (size.arms, size.problems, size.jobs, size.chains) == (2, 120, 720, 360 * 5)
    assert size.generated_tokens == 360 * (74 + 4 * 74)


def test_what_cannot_be_known_is_none() -> None:
    """Without a limit on thinking only the model's context bounds it; without one on problems, nothing."""
    assert read(BASE).size().generated_tokens is None
    assert read(BASE).size({"ladder-tiny": Limits(1000)}).generated_tokens == 120 * 1000
    assert read(BASE.replace(", limit: 120", "")).size().jobs is None


def test_a_chain_generates_no_more_than_its_models_context_takes() -> None:
    """10 thinking tokens and an answer without a limit: 10 + 32,768, or what the context of 1,000 takes."""
    spec = read(BASE.replace("chain_of_thought", "budget_forcing\n    max_thinking_tokens: 10"))
    assert spec.size().generated_tokens == 120 * 32_778
    assert spec.size({"ladder-tiny": Limits(1000)}).generated_tokens == 120 * 1000


# --- one object behind YAML, Python and the form


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_the_specs_that_ship_read_back_as_themselves(path: Path) -> None:
    for spec in submissions(spec_text.read(path.read_text(encoding="utf-8"), path.name)):
        assert Submission.from_yaml(as_yaml(spec)) == spec
        assert Submission.model_validate(json.loads(spec.model_dump_json())) == spec
        assert ExperimentSpec.model_validate(spec.scientific).digest == spec.digest
        assert len(set(labels(spec))) == len(labels(spec))


def test_spellings_that_mean_the_same_have_the_same_digest() -> None:
    swept = read(BASE + "  - {strategy: budget_forcing, max_thinking_tokens: [8, 16]}\n")
    spelt_out = read(
        BASE.replace("{name: ladder-test, limit: 120}", "{seed: 0, limit: 120, name: ladder-test}")
        + "  - {max_thinking_tokens: 8, waits: 0, strategy: budget_forcing}\n"
        + "  - {max_thinking_tokens: 16, wait: Wait, strategy: budget_forcing, model: ladder-tiny}\n"
        + "sampling: {temperature: 0.70}\nseed: 0\n"
    )
    in_python = Submission.model_validate(
        {
            "name": "demo",
            "data_set": {"name": "ladder-test", "limit": 120},
            "models": ["ladder-tiny"],
            "arms": [
                STRATEGIES["chain_of_thought"](strategy="chain_of_thought"),
                BudgetForcing(max_thinking_tokens=8),
                BudgetForcing(max_thinking_tokens=16),
            ],
        }
    )
    assert swept.digest == spelt_out.digest == in_python.digest


def test_priority_tags_and_notes_are_not_science() -> None:
    assert read(BASE + "priority: 5\ntags: [x]\nnotes: later\n").digest == read(BASE).digest


@pytest.mark.parametrize(
    "change",
    [
        *("seed=1", "name=other", "repeats=2", "data_set.limit=7", "sampling.temperature=0"),
        "sampling.cache=shared",
    ],
)
def test_everything_else_is(change: str) -> None:
    assert read(BASE).with_overrides([change]).digest != read(BASE).digest


def test_the_digest_stays_the_same_from_release_to_release() -> None:
    """It decides whether an experiment was run before. If it must change, old experiments are run again."""
    limited = read(BASE + "sampling: {max_answer_tokens: 512}\n")
    assert limited.digest == "a578cde9b9af5aedd94d3d9d5d2c3feee2afeffb8241a4bb63546f944c760fe1"


def test_a_spec_without_a_limit_on_answers_is_not_the_experiment_that_had_the_earlier_default_of_512() -> None:
    assert read(BASE).digest == "a29764c7ab0cb53bba9846efad40381b785257286479e4a290451a85398b5826"


def test_the_default_of_the_cache_said_aloud_is_the_same_experiment() -> None:
    assert read(BASE + "sampling: {cache: job}\n").digest == read(BASE).digest


def test_a_cache_is_the_jobs_own_or_shared_and_the_schema_says_what_that_does_to_flops() -> None:
    assert problems(BASE + "sampling: {cache: mine}\n") == [
        'specs/x.yaml:6: sampling.cache: unknown value "mine". Allowed: job, shared'
    ]
    described = json_schema()["$defs"]["Sampling"]["properties"]["cache"]  # type: ignore[index, call-overload]
    assert described["enum"] == ["job", "shared"]
    assert "FLOPs then count what the cache happened to hold" in described["description"]


def test_a_data_set_may_be_given_by_its_name_alone() -> None:
    spec = read(BASE.replace("{name: ladder-test, limit: 120}", "ladder-test"))
    assert (spec.data_set.name, spec.data_set.limit) == ("ladder-test", None)


def test_anchors_and_merges_save_repetition() -> None:
    text = (
        BASE + "  - &cut {strategy: budget_forcing, max_thinking_tokens: 8}\n  - {<<: *cut, max_thinking_tokens: 16}\n"
    )
    assert labels(read(text))[1:] == ["budget_forcing max_thinking_tokens=8", "budget_forcing max_thinking_tokens=16"]


@pytest.mark.parametrize(
    ("written", "repeats"), [("012", 12), ("+8", 8), ("0o12", 10), ("0x1F", 31), ("1_000", 1000), ('"7"', None)]
)
def test_numbers_are_those_of_yaml_1_2(written: str, repeats: int | None) -> None:
    """YAML 1.1 read `repeats: 012` as ten."""
    if repeats is None:
        assert problems(BASE + f"repeats: {written}\n") == ['specs/x.yaml:6: repeats: expected a whole number, got "7"']
    else:
        assert read(BASE + f"repeats: {written}\n").repeats == repeats


def test_what_yaml_1_1_took_for_a_number_or_a_truth_is_text() -> None:
    """`limit: 2:00` was 120, and a tag `no` was false."""
    base = BASE.replace("limit: 120", "limit: 2:00")
    assert problems(base) == ['specs/x.yaml:2: data_set.limit: expected a whole number, got "2:00"']
    assert Submission.from_yaml(BASE + "tags: [no, on, 2:00, y]\n").tags == ("no", "on", "2:00", "y")


@pytest.mark.parametrize(
    "wait", ["012", "1e5", "0o17", "2:00", "yes", "~", "", " Wait", "é\n", "null", "<<", "#", "=", "1.0"]
)
def test_text_that_looks_like_something_else_is_written_so_that_it_reads_back(wait: str) -> None:
    written = json.dumps(wait)
    spec = read(BASE + f"  - {{strategy: budget_forcing, max_thinking_tokens: 9, waits: 1, wait: {written}}}\n")
    assert read(as_yaml(spec)) == spec
    assert read(as_yaml(spec)).expand()[1].params["wait"] == wait


def test_values_are_overridden_by_path() -> None:
    spec = read(BASE).with_overrides(
        ["arms[0].max_thinking_tokens=[4, 5]", "seed=1", "tags[0]=x", "arms[1]={strategy: majority_vote, samples: 2}"]
    )
    assert labels(spec) == [
        "chain_of_thought max_thinking_tokens=4",
        "chain_of_thought max_thinking_tokens=5",
        "majority_vote samples=2",
    ]
    assert (spec.seed, spec.tags) == (1, ("x",))


# --- what is wrong with it


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (
            "  - strategy: budget_forcing\n    max_thinking_token: 4\n",
            "specs/x.yaml:7: arms[1].max_thinking_token: unknown key; did you mean max_thinking_tokens? "
            "Allowed: strategy, model, sampling, prompt, seed, at_limit, max_thinking_tokens, waits, wait",
        ),
        (
            "  - strategy: budget_forcin\n",
            'specs/x.yaml:6: arms[1].strategy: unknown strategy "budget_forcin"; did you mean budget_forcing? '
            f"Allowed: {', '.join(STRATEGIES)}",
        ),
        (
            "  - {strategy: beam_search, width: [8, 10], branches: 4, verifier: v}\n",
            "specs/x.yaml:6: arms[1]: width=10 is not divisible by branches=4; give a multiple, such as 12",
        ),
        (
            "  - {strategy: best_of_n, samples: 4, verifier: v, select: weigthed}\n",
            'specs/x.yaml:6: arms[1].select: unknown value "weigthed"; did you mean weighted? Allowed: naive, weighted',
        ),
        (
            "  - {strategy: length_control, tokens: 9, steps: 2}\n",
            "specs/x.yaml:6: arms[1]: give one of tokens, steps and length, got tokens and steps",
        ),
        ("  - waits: 2\n", "specs/x.yaml:6: arms[1].strategy: missing; name the strategy"),
        (
            "  - majority_vote\n",
            'specs/x.yaml:6: arms[1]: expected a mapping of keys to values, got "majority_vote"',
        ),
        (
            "  - strategy: budget_forcing\n    max_thinking_tokens: []\n",
            "specs/x.yaml:7: arms[1].max_thinking_tokens: empty; give at least one",
        ),
        (
            "  - strategy: budget_forcing\n    max_thinking_tokens: [8, 16, 8]\n",
            "specs/x.yaml:7: arms[1].max_thinking_tokens[2]: 8 stands twice; keep one",
        ),
        (
            "  - strategy: chain_of_thought\n",
            "specs/x.yaml:6: arms[1]: expands to chain_of_thought, as arms[0] does; drop one of them",
        ),
        (
            "  - strategy: budget_forcing\n    max_thinking_tokens: 9\n    waits: two\n",
            'specs/x.yaml:8: arms[1].waits: expected a whole number, got "two"',
        ),
        (
            "  - {strategy: budget_forcing, max_thinking_tokens: 9, waits: true}\n",
            "specs/x.yaml:6: arms[1].waits: expected a whole number, got true",
        ),
        (
            "  - {strategy: budget_forcing, max_thinking_tokens: -9}\n",
            "specs/x.yaml:6: arms[1].max_thinking_tokens: expected at least 0, got -9",
        ),
        (
            "  - strategy: majority_vote\n    samples: 4\n    chain:\n      strategy: majority_vote\n",
            f'specs/x.yaml:9: arms[1].chain.strategy: unknown strategy "majority_vote". Allowed: {", ".join(CHAINS)}',
        ),
        (
            "  - strategy: majority_vote\n    samples: 4\n    chain: {strategy: chain_of_thought, sample: 2}\n",
            "specs/x.yaml:8: arms[1].chain.sample: unknown key. Allowed: strategy, at_limit, max_thinking_tokens",
        ),
        (
            "sampling:\n  temprature: 1\n",
            "specs/x.yaml:7: sampling.temprature: unknown key; did you mean temperature? "
            "Allowed: temperature, top_p, top_k, max_answer_tokens, segment_tokens, cache",
        ),
        ("sampling: {temperature: 3}\n", "specs/x.yaml:6: sampling.temperature: expected at most 2.0, got 3"),
        ("prompt: nice\n", 'specs/x.yaml:6: prompt: expected a mapping of keys to values, got "nice"'),
        ("tags: demo\n", 'specs/x.yaml:6: tags: expected a list, got "demo"'),
        ("priority: 5.5\n", "specs/x.yaml:6: priority: expected a whole number, got 5.5"),
        ("seed: 1\nseed: 2\n", "specs/x.yaml:7: seed: given twice, first on line 6; keep one"),
        ("notes: 2026-01-01\n", 'specs/x.yaml:6: notes: "2026-01-01" is read as a date; put it in quotes'),
        (
            'notes: "\\uD800"\n',
            "specs/x.yaml:6: notes: text with NUL or a lone surrogate cannot be stored; remove the character",
        ),
        ("? [a]\n: 1\n", "specs/x.yaml:6: a key must be text, got a list or a mapping; put it in quotes"),
        (
            "repeats: 10000\n",
            "specs/x.yaml:1: 1 arm × 120 problems × 10,000 repeats are 1,200,000 jobs, at most 1,000,000 are allowed; "
            "lower one of them",
        ),
        (
            f"  - {{strategy: budget_forcing, max_thinking_tokens: {list(range(200))}, waits: {list(range(60))}}}\n",
            "specs/x.yaml:4: arms: expand to 12,001 arms, at most 10,000 are allowed; sweep fewer values",
        ),
    ],
)
def test_a_problem_says_where_it_is_what_was_given_and_what_is_allowed(added: str, said: str) -> None:
    assert problems(BASE + added) == [said]


@pytest.mark.parametrize(
    ("data_set", "said"),
    [
        ("{limit: 3}", "specs/x.yaml:2: data_set: give one of name, path and upload, got none"),
        (
            "{name: a, path: b, grader: math}",
            "specs/x.yaml:2: data_set: give one of name, path and upload, got name and path",
        ),
        ("{path: b}", "specs/x.yaml:2: data_set.grader: missing; a file needs one of integer, exact, choice, math"),
        (
            "{path: b, grader: maths}",
            'specs/x.yaml:2: data_set.grader: unknown value "maths"; did you mean math? '
            "Allowed: integer, exact, choice, math",
        ),
        (
            "{name: a, question: b}",
            "specs/x.yaml:2: data_set.question: only with path; a registered data set has its own",
        ),
        (
            "{path: b, grader: math, incorrect: [c]}",
            "specs/x.yaml:2: data_set.incorrect: only with grader choice",
        ),
        (
            "{path: b, grader: choice, incorrect: [c], options: [d]}",
            "specs/x.yaml:2: data_set.incorrect: give either options or incorrect, got both",
        ),
        ("{name: a, limit: 0}", "specs/x.yaml:2: data_set.limit: expected at least 1, got 0"),
        (
            "[a]",
            "specs/x.yaml:2: data_set: a list makes an experiment of each; hand the file to `overthink submit` or "
            "`run`, or in Python to overthink.submit_all",
        ),
    ],
)
def test_a_data_set_has_a_name_or_a_path_with_columns(data_set: str, said: str) -> None:
    assert problems(BASE.replace("{name: ladder-test, limit: 120}", data_set)) == [said]


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ("models: [a, a]\n", "specs/x.yaml:3: models: a stands 2 times; keep one"),
        ("models: a\n", 'specs/x.yaml:3: models: expected a list, got "a"'),
        ("", "specs/x.yaml:1: models: missing; name the models that the arms run on, or give each arm its own model"),
    ],
)
def test_arms_need_models(models: str, said: str) -> None:
    assert problems(BASE.replace("models: [ladder-tiny]\n", models)) == [said]


def test_all_problems_are_told_at_once_from_the_top_down() -> None:
    text = BASE.replace("limit: 120", "limt: 120") + "  - strategy: budget_forcing\n    waits: -1\nrepeats: 0\nnam: x\n"
    assert [line.split(": ")[0:2] for line in problems(text)] == [
        ["specs/x.yaml:2", "data_set.limt"],
        ["specs/x.yaml:6", "arms[1].max_thinking_tokens"],
        ["specs/x.yaml:7", "arms[1].waits"],
        ["specs/x.yaml:8", "repeats"],
        ["specs/x.yaml:9", "nam"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "specs/x.yaml: empty"),
        ("# nothing\n", "specs/x.yaml: empty"),
        ("[]", "specs/x.yaml:1: expected a mapping"),
        ("hello", 'specs/x.yaml:1: expected a mapping of keys to values, got "hello"'),
        ("name: [", "specs/x.yaml:1: not YAML"),
        ("name: x\n\tseed: 1\n", "specs/x.yaml:2: not YAML"),
        ("--- a\n--- b\n", "specs/x.yaml:2: not YAML"),
        ("name: x\nnotes: \0\n", "specs/x.yaml:2: not YAML: the character U+0000"),
        ("x: !!python/object:os.system x", "specs/x.yaml:1: not YAML: could not determine a constructor"),
        ("&a [*a]", "specs/x.yaml:1: "),
        ("&a {<<: *a}", "specs/x.yaml:1: "),
        ("[" * 5000, "specs/x.yaml: nested too deeply"),
        ("x: 9" + "9" * 5000, "specs/x.yaml:1: x: "),
    ],
)
def test_what_is_no_spec_at_all_is_refused(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    """Nine lines of ten aliases each are a thousand million values."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "more than 100000 values" in problems("\n".join(lines))[0]


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_a_spec_or_an_error_that_says_so(text: str) -> None:
    try:
        read(text)
    except SpecError as error:
        assert error.faults


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5), st.data())
def test_any_value_anywhere_is_accepted_or_refused_with_its_path(value: object, data: st.DataObject) -> None:
    spec = read(BASE + "  - {strategy: majority_vote, samples: 2}\n").model_dump(mode="json")
    place = data.draw(st.sampled_from([(key,) for key in spec] + [("arms", 0, "model"), ("arms", 1, "samples")]))
    holder = spec
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    try:
        Submission.from_data(spec)
    except SpecError as error:
        assert all(problem.path == "" or problem.path.startswith(str(place[0])) for problem in error.faults)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("arms[0].waits=4", "arms[0].waits: unknown key. Allowed: strategy, model, sampling, prompt, "),
        ("arms[3].waits=4", "there is nothing at [3]: there are 1, counted from 0"),
        ("samplng.top_p=1", "samplng: unknown key; did you mean sampling? Allowed: name, data_set, models, "),
        ("name.x=1", "x cannot be set: what holds it is no mapping"),
        ("seed=two", 'seed: expected a whole number, got "two"'),
        ("seed", 'expected PATH=VALUE such as arms[0].waits=4 or data_set.limit=50, got "seed"'),
        ("arms.0.waits=4", 'expected PATH=VALUE such as arms[0].waits=4 or data_set.limit=50, got "arms.0.waits=4"'),
        ("seed=[1", "not YAML"),
    ],
)
def test_a_wrong_override_is_told_as_one(override: str, said: str) -> None:
    (problem,) = problems(BASE, override)
    assert problem.startswith(f"--set {override}: {said}")


def test_a_problem_from_a_form_has_a_path_and_no_line() -> None:
    with pytest.raises(SpecError) as caught:
        Submission.from_data({"name": "", "data_set": "x", "models": ["m"], "arms": [{"strategy": "chain_of_thought"}]})
    (problem,) = caught.value.faults
    assert (problem.path, problem.location, problem.message) == ("name", "spec", "empty; give a name")


def test_a_spec_is_checked_against_the_models_that_are_served() -> None:
    """4000 thinking + 512 answer tokens leave no room for a prompt in 4512."""
    arms = "  - {strategy: budget_forcing, max_thinking_tokens: [10, 4000], model: other}\n"
    spec = read(BASE + arms + "sampling: {max_answer_tokens: 512}\n")
    said = [str(problem) for problem in spec.check_against({"lader-tiny": Limits(9999), "other": Limits(4512)})]
    assert said == [
        "specs/x.yaml:6: arms[1]: 4000 thinking tokens and 512 for the answer do not fit with a prompt into the 4512 "
        "tokens of other's context; lower max_thinking_tokens or sampling.max_answer_tokens",
    ]
    assert spec.check_against({"ladder-tiny": Limits(1000), "other": Limits(5000)}) == ()


def test_a_model_that_nobody_has_served_yet_is_told_with_the_nearest_and_nothing_else_is_known_of_it() -> None:
    spec = read(BASE + "  - {strategy: budget_forcing, max_thinking_tokens: [10, 4000], model: other}\n")
    assert [str(problem) for problem in spec.unknown({"lader-tiny", "other"})] == [
        "specs/x.yaml:3: models[0]: no worker serves ladder-tiny; did you mean lader-tiny? Served: lader-tiny, other",
    ]
    first, second = spec.unknown(())
    assert (first.path, second.path) == ("models[0]", "arms[1].model") and "Served: none" in second.message
    assert spec.check_against({}) == ()


def test_an_answer_without_a_limit_keeps_no_thinking_limit_from_fitting() -> None:
    """800 of 1,024 do; 1,023 and a token of the answer leave no room for a prompt."""
    spec = read(BASE + "  - {strategy: budget_forcing, max_thinking_tokens: [800, 1023]}\n")
    (problem,) = spec.check_against({"ladder-tiny": Limits(1024)})
    assert problem.message.startswith("1023 thinking tokens and 1 for the answer do not fit with a prompt into")


@dataclass(frozen=True)
class Abilities:
    scores_steps: bool


def test_a_spec_is_checked_against_the_verifiers_that_are_served() -> None:
    spec = read(BASE + "  - {strategy: best_of_n, samples: 2, verifier: tiny-prm}\n")
    models = {"ladder-tiny": Limits(1000)}
    assert spec.check_against(models, {"tiny-rpm": Abilities(True)}) == ()
    (missing,) = spec.unknown(models, {"tiny-rpm": Abilities(True)})
    assert str(missing) == (
        "specs/x.yaml:6: arms[1].verifier: no worker serves the verifier tiny-prm; did you mean tiny-rpm? "
        "Served: tiny-rpm"
    )
    outcome = {"tiny-prm": Abilities(False), "other": Abilities(True)}
    assert spec.check_against(models, outcome) == ()  # best of N takes either kind
    search = read(BASE + "  - {strategy: beam_search, width: 4, branches: 2, verifier: tiny-prm}\n")
    (unfit,) = search.check_against(models, outcome)
    assert "tiny-prm scores whole solutions only, and beam_search needs a score for each step" in str(unfit)
    assert str(unfit).endswith("name a process reward model. Served: other")


def test_the_schema_for_editors_knows_every_strategy_and_that_numbers_may_sweep() -> None:
    schema = json_schema()
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    waits = definitions["BudgetForcingArm"]["properties"]["waits"]["oneOf"]
    assert [kind["type"] for kind in waits] == ["integer", "array"]
    assert schema["properties"]["arms"]["items"]["discriminator"]["mapping"].keys() == STRATEGIES.keys()
    assert schema["additionalProperties"] is False
    json.dumps(schema)


# --- draws that cannot differ

GREEDY = "sampling: {temperature: 0}\n"
BEAM = "verifier: v, max_thinking_tokens: 9"


@pytest.mark.parametrize(
    ("arm", "place", "count"),
    [
        ("{strategy: majority_vote, samples: 16}", "samples", 16),
        ("{strategy: majority_vote, samples: [1, 16]}", "samples[1]", 16),
        ("{strategy: adaptive_vote, samples: 8}", "samples", 8),
        ("{strategy: deepconf, samples: 8}", "samples", 8),
        ("{strategy: best_of_n, samples: 4, verifier: v}", "samples", 4),
        (f"{{strategy: beam_search, width: 4, branches: 2, {BEAM}}}", "width", 4),
        (f"{{strategy: dvts, width: 4, branches: 4, {BEAM}}}", "width", 4),
        (f"{{strategy: lookahead, width: 2, branches: 1, lookahead: 1, {BEAM}}}", "width", 2),
        (f"{{strategy: rebase, width: 4, {BEAM}}}", "width", 4),
        ("{strategy: revisions, chains: 2, revisions: 4}", "chains", 2),
        ("{strategy: rejection_sampling, max_thinking_tokens: 9}", "tries", 16),
        (
            "{strategy: majority_vote, samples: 1, chain: {strategy: rejection_sampling, max_thinking_tokens: 9}}",
            "chain.tries",
            16,
        ),
    ],
)
def test_several_draws_at_temperature_0_are_refused_where_they_are_asked_for(arm: str, place: str, count: int) -> None:
    name = place.rpartition(".")[2].partition("[")[0]
    assert problems(BASE + f"  - {arm}\n" + GREEDY) == [
        f"specs/x.yaml:6: arms[1].{place}: temperature: 0 is greedy: all {count} would be the same; set {name} to 1, "
        "or give a higher temperature"
    ]
    assert labels(read(BASE + f"  - {arm}\n"))


def test_repeats_at_temperature_0_are_refused_once_for_all_arms() -> None:
    arms = "  - {strategy: budget_forcing, max_thinking_tokens: [1, 2]}\n"
    assert problems(BASE + arms + "repeats: 3\n" + GREEDY) == [
        "specs/x.yaml:7: repeats: temperature: 0 is greedy: all 3 repeats would be the same; set repeats to 1, or give "
        "a higher temperature"
    ]


@pytest.mark.parametrize(
    ("sampling", "said"),
    [
        ("{top_k: 1}", "top_k: 1 is greedy: all 3 repeats would be the same; set repeats to 1, or give a higher top_k"),
        (
            "{temperature: 1.0e-6}",
            "temperature: 1e-06 is greedy: all 3 repeats would be the same; set repeats to 1, or give a ",
        ),
    ],
)
def test_what_is_as_good_as_temperature_0_is_greedy_too(sampling: str, said: str) -> None:
    (problem,) = problems(BASE + f"repeats: 3\nsampling: {sampling}\n")
    assert problem.startswith(f"specs/x.yaml:6: repeats: {said}")


def test_an_arm_that_is_greedy_itself_is_told_where_it_is_made_so() -> None:
    arms = (
        "  - strategy: majority_vote\n    samples: 4\n    sampling: {temperature: [0, 0.7]}\n"
        "  - strategy: budget_forcing\n    max_thinking_tokens: 9\n    sampling:\n      top_k: 1\n"
    )
    assert problems(BASE + arms + "repeats: 2\n") == [
        "specs/x.yaml:7: arms[1].samples: temperature: 0 is greedy: all 4 would be the same; set samples to 1, or give "
        "a higher temperature",
        "specs/x.yaml:8: arms[1].sampling.temperature: temperature: 0 is greedy: all 2 repeats would be the same; set "
        "repeats to 1, or give a higher temperature",
        "specs/x.yaml:12: arms[2].sampling.top_k: top_k: 1 is greedy: all 2 repeats would be the same; set repeats to "
        "1, or give a higher top_k",
    ]


def test_an_arm_that_samples_beside_a_greedy_baseline_may_draw_more_than_once() -> None:
    sampled = "  - {strategy: majority_vote, samples: 4, sampling: {temperature: 0.7}}\n"
    assert read(BASE + sampled + GREEDY).expand()[1].sampling.temperature == 0.7


def test_one_draw_at_temperature_0_is_a_baseline() -> None:
    """A chain, forced or not, a chain of revisions, each of which has a prompt of its own, and one try."""
    read(
        BASE
        + "  - {strategy: budget_forcing, max_thinking_tokens: 9, waits: 4}\n"
        + "  - {strategy: revisions, chains: 1, revisions: 4}\n"
        + "  - {strategy: rejection_sampling, max_thinking_tokens: 9, tries: 1}\n"
        + "  - {strategy: majority_vote, samples: 1}\n"
        + GREEDY
    )
    assert read(BASE + "repeats: 3\nsampling: {temperature: 0.01}\n").repeats == 3


def test_greedy_repeats_are_refused_on_the_command_line_and_from_a_form_too() -> None:
    (problem,) = problems(BASE + "repeats: 3\n", "sampling.temperature=0")
    assert "repeats: temperature: 0 is greedy" in problem
    with pytest.raises(SpecError) as caught:
        Submission.from_data(json.loads(read(BASE + "repeats: 3\n").model_dump_json()) | {"sampling": {"top_k": 1}})
    assert [problem.path for problem in caught.value.faults] == ["repeats"]
