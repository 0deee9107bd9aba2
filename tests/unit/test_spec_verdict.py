"""How results will be read: families of arms and the rule of the verdict, fixed with the spec, not in its digest."""

import json

import pytest
from pydantic import JsonValue

from dashboard.form.draft import document, draft_of
from dashboard.form.presets import alike
from scaling.compute.axes import Axis
from scaling.spec import (
    ExperimentSpec,
    Selector,
    SelectorError,
    SpecError,
    Submission,
    VerdictSpec,
    json_schema,
    yaml12,
)

RUN = """\
name: two ways
data_set: {name: ladder-test, limit: 10}
models: [tiny]
arms:
  - strategy: chain_of_thought
  - {strategy: majority_vote, samples: [4, 16]}
  - {strategy: budget_forcing, max_thinking_tokens: [8, 16], waits: [0, 2]}
"""
READ = """\
families:
  forcing: [{strategy: budget_forcing}]
  votes: ["majority_vote*", {strategy: chain_of_thought, model: [tiny, large]}]
verdict:
  margin: 3
  axes: [generated-by-all, eflops]
  budgets: [512, 1024]
  primary: {claim: better, axis: eflops, budget: 1024}
  difficulty: {base: "majority_vote samples=16", bins: 3}
  claims:
    better: {better: forcing, than: votes}
"""


def read(text: str = RUN + READ) -> Submission:
    return Submission.from_yaml(text, "x.yaml")


def taken(selector: JsonValue) -> list[str]:
    return [arm.label for arm in Selector.model_validate(selector).taken_of(read(RUN).expand())]


# --- which arms a selector takes


def test_a_text_is_a_label_in_which_a_star_stands_for_anything() -> None:
    assert taken("majority_vote*") == ["majority_vote samples=4", "majority_vote samples=16"]
    assert taken("majority_vote samples=?") == ["majority_vote samples=4"]
    assert taken("majority_vote") == taken("Majority_vote*") == []


def test_a_bracket_in_a_label_stands_for_itself() -> None:
    selector = Selector("chain_of_thought with system=[a]*")
    assert selector.takes("chain_of_thought with system=[a] on tiny", "tiny", "chain_of_thought", {})
    assert not selector.takes("chain_of_thought with system=a on tiny", "tiny", "chain_of_thought", {})


def test_a_mapping_takes_arms_that_have_all_of_it_each_by_one_of_its_values() -> None:
    assert taken({"strategy": "budget_forcing", "waits": 2}) == [
        "budget_forcing max_thinking_tokens=8 waits=2",
        "budget_forcing max_thinking_tokens=16 waits=2",
    ]
    assert taken({"strategy": ["chain_of_thought", "majority_vote"], "samples": [4, 5]}) == ["majority_vote samples=4"]
    assert taken({"model": "large"}) == []


def test_null_takes_arms_in_which_a_setting_is_not_set() -> None:
    assert taken({"samples": None, "waits": None}) == ["chain_of_thought"]


def test_truth_is_no_number() -> None:
    assert not Selector({"waits": True}).takes("an arm", "tiny", "budget_forcing", {"waits": 1})


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("majority_vote*", "majority_vote*"),
        ("majority_vote samples=16 with seed=1", "majority_vote samples=16 with seed=1"),
        ("strategy=budget_forcing,model=s1", {"strategy": "budget_forcing", "model": "s1"}),
        ("strategy=budget_forcing,waits=0,2", {"strategy": "budget_forcing", "waits": [0, 2]}),
        ("model=s1,model=s1-32B", {"model": ["s1", "s1-32B"]}),
        ('wait="so, then",sampling.top_k=null', {"wait": "so, then", "sampling.top_k": None}),
    ],
)
def test_the_command_line_says_both_in_one_word(text: str, selector: JsonValue) -> None:
    assert Selector.read(text).model_dump(mode="json") == selector
    assert Selector.read(str(Selector.read(text))) == Selector.read(text)


@pytest.mark.parametrize("text", ["", "strategy=", "strategy=[", "strategy={a: 1}"])
def test_a_word_that_says_neither_is_refused_with_both_forms(text: str) -> None:
    with pytest.raises(SelectorError, match=r"expected a label such as 'majority_vote\*', or settings such as"):
        Selector.read(text)


# --- the rule


def test_what_is_left_out_of_a_verdict_has_its_default() -> None:
    verdict = read(RUN + "verdict: {}\n").verdict
    assert verdict == VerdictSpec()
    assert (verdict.margin, verdict.budgets, verdict.difficulty.base, verdict.difficulty.bins) == (2.0, (), None, 5)
    assert len(verdict.axes) == 5 and verdict.claimed({}) == {}
    assert verdict.primary_axis is Axis.GENERATED_BY_ALL


def test_claims_that_are_given_are_all_there_are() -> None:
    verdict = read().verdict
    assert verdict is not None
    assert (list(verdict.claimed(read().families)), verdict.primary_axis) == (["better"], Axis.EFLOPS)
    assert (verdict.claims["better"].better, verdict.claims["better"].than) == ("forcing", "votes")


def test_families_and_claims_keep_their_order_where_mappings_have_none() -> None:
    """PostgreSQL sorts the keys of JSON by their length: stored so, the shortest family would be the first."""
    text = (
        RUN
        + "families: {the longest of all: ['*'], short: ['*']}\n"
        + "verdict: {claims: {training: {better: short, than: parallel}, a: {better: parallel, than: short}}}\n"
    )
    stored = read(text).scientific
    sorted_by_the_database = json.loads(json.dumps(stored, sort_keys=True))
    again = Submission.from_data(sorted_by_the_database)
    assert list(again.families) == ["the longest of all", "short"]
    assert again.verdict is not None and list(again.verdict.claims) == ["training", "a"]
    assert again.scientific == stored and again.digest == read(text).digest


def test_families_without_claims_are_each_held_against_the_first() -> None:
    families = {each: (Selector.read("*"),) for each in ("a", "b", "c")}
    claims = VerdictSpec().claimed(families)
    assert {name: (claim.better, claim.than) for name, claim in claims.items()} == {
        "b against a": ("b", "a"),
        "c against a": ("c", "a"),
    }


def test_how_results_are_read_is_no_part_of_the_digest_and_is_stored_with_the_spec() -> None:
    assert read().digest == read(RUN).digest
    stored = json.loads(json.dumps(read().scientific))
    assert ExperimentSpec.model_validate(stored).verdict == read().verdict
    assert ExperimentSpec.model_validate(stored).families == read().families


def test_a_stored_rule_keeps_the_defaults_of_its_day() -> None:
    stored = read(RUN + "verdict: {}\n").scientific["verdict"]
    assert isinstance(stored, dict) and stored["margin"] == 2.0 and len(stored["axes"]) == 5  # type: ignore[arg-type]


def test_specs_that_say_nothing_of_it_are_stored_and_written_as_before() -> None:
    assert {"families", "verdict"}.isdisjoint(read(RUN).scientific)
    assert {"families", "verdict"}.isdisjoint(json.loads(read(RUN).model_dump_json()))


def test_it_comes_back_from_yaml_json_python_and_the_form() -> None:
    spec = read()
    written = spec.model_dump(mode="json", exclude_defaults=True)
    assert read(yaml12.dump(written)) == spec
    assert Submission.model_validate_json(spec.model_dump_json()) == spec
    assert Submission.from_data(document(draft_of(yaml12.load(RUN + READ)))) == spec  # type: ignore[arg-type]
    in_python = {"families": {"forcing": (Selector({"strategy": "budget_forcing"}),)}, "verdict": VerdictSpec(margin=1)}
    made = Submission.model_validate({**read(RUN).model_dump(exclude={"families", "verdict"}), **in_python})
    assert made.verdict == VerdictSpec(margin=1.0) and list(made.families) == ["forcing"]


def test_an_experiment_is_done_alike_with_the_rule_that_it_was_submitted_with() -> None:
    overridden = read().with_overrides(["verdict.margin=5"])
    again = read(alike(RUN + READ, overridden.scientific, overridden.digest))
    assert again.verdict is not None and again.verdict.margin == 5
    assert alike(RUN + READ, read().scientific, read().digest) == RUN + READ


def test_the_schema_for_editors_knows_both() -> None:
    schema = json_schema()
    assert {"families", "verdict"} <= set(schema["properties"])  # type: ignore[arg-type]
    assert set(schema["$defs"]["VerdictSpec"]["properties"]) == set(VerdictSpec.model_fields)  # type: ignore[call-overload, index, arg-type]


# --- what is wrong with it


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        (
            "{strategy: budget_forcing}",
            "{strategy: budget_forcin}",
            "x.yaml:9: families.forcing[0].strategy: no arm has strategy=budget_forcin; did you mean budget_forcing? "
            "They have: chain_of_thought, majority_vote, budget_forcing",
        ),
        (
            "{strategy: budget_forcing}",
            "{strategy: budget_forcing, wait: [Wait, Hm], waits: 4}",
            "x.yaml:9: families.forcing[0].waits: no arm has waits=4. They have: 0, 2",
        ),
        (
            "{strategy: budget_forcing}",
            "{sampls: 4}",
            "x.yaml:9: families.forcing[0].sampls: no arm has a setting of this name; did you mean samples? Settings: "
            "chain, max_thinking_tokens, model, samples, strategy, wait, waits",
        ),
        (
            "{strategy: budget_forcing}",
            "{strategy: budget_forcing, samples: 4}",
            "x.yaml:9: families.forcing[0]: takes no arm: each of these is so of some, and no arm has all of them",
        ),
        (
            '"majority_vote*"',
            "majority_vote",
            'x.yaml:10: families.votes[0]: takes no arm: "majority_vote"; did you mean majority_vote samples=4 or '
            "majority_vote samples=16? `overthink submit --dry-run` lists their labels",
        ),
        (
            "[{strategy: budget_forcing}]",
            "[4]",
            "x.yaml:9: families.forcing[0]: expected a label such as 'majority_vote*', or settings such as "
            "{strategy: majority_vote, samples: [4, 16]}, got 4",
        ),
        ("[{strategy: budget_forcing}]", "[]", "x.yaml:9: families.forcing: empty; give at least one"),
        ("[{strategy: budget_forcing}]", "votes", 'x.yaml:9: families.forcing: expected a list, got "votes"'),
        (
            "  votes: [",
            "  parallel: [",
            "x.yaml:10: families.parallel: is what strategies say of themselves (parallel); give another name\n"
            'x.yaml:18: verdict.claims.better.than: there is no family "votes". Families: forcing, parallel, '
            "sequential, parallel, hybrid, search",
        ),
        (
            "{better: forcing,",
            "{better: forcin,",
            'x.yaml:18: verdict.claims.better.better: there is no family "forcin"; did you mean forcing? Families: '
            "forcing, votes, sequential, parallel, hybrid, search",
        ),
        (
            "{better: forcing,",
            "{better: votes,",
            "x.yaml:18: verdict.claims.better: holds votes against itself; name two families",
        ),
        (
            "{better: forcing,",
            "{beter: forcing,",
            "x.yaml:18: verdict.claims.better.beter: unknown key; did you mean better? Allowed: better, than",
        ),
        ("margin: 3", "margin: 0", "x.yaml:12: verdict.margin: expected more than 0.0, got 0"),
        ("margin: 3", "margin: 51", "x.yaml:12: verdict.margin: expected at most 50.0, got 51"),
        (
            "margin: 3",
            "marin: 3",
            "x.yaml:12: verdict.marin: unknown key; did you mean margin? Allowed: margin, axes, budgets, primary, "
            "difficulty, claims",
        ),
        (
            "eflops]",
            "eflop]",
            'x.yaml:13: verdict.axes[1]: unknown value "eflop"; did you mean eflops? Allowed: thinking, generated, '
            "generated-by-all, processed, generations, candidates, longest-path, flops, flops-with-attention, eflops, "
            "seconds, gpu-seconds, price",
        ),
        ("eflops]", "generated-by-all]", 'x.yaml:13: verdict.axes[1]: "generated-by-all" stands twice; keep one'),
        ("[512, 1024]", "[0, 1024]", "x.yaml:14: verdict.budgets[0]: expected more than 0.0, got 0"),
        (
            "claim: better",
            "claim: beter",
            'x.yaml:15: verdict.primary.claim: there is no claim "beter"; did you mean better? Claims: better',
        ),
        (
            "axis: eflops",
            "axis: flops",
            "x.yaml:15: verdict.primary.axis: flops is not among the axes; add it there. Axes: "
            "generated-by-all, eflops",
        ),
        (
            "budget: 1024",
            "budget: 2048",
            "x.yaml:15: verdict.primary.budget: 2048 is not among the budgets; add it there. Budgets: 512, 1024",
        ),
        (
            '"majority_vote samples=16"',
            '"majority_vote samples=8"',
            'x.yaml:16: verdict.difficulty.base: takes no arm: "majority_vote samples=8"; did you mean majority_vote '
            "samples=4 or majority_vote samples=16? `overthink submit --dry-run` lists their labels",
        ),
        (
            '"majority_vote samples=16"',
            '"*"',
            "x.yaml:16: verdict.difficulty.base: takes 7 arms (chain_of_thought, majority_vote samples=4, "
            "majority_vote samples=16 …); name one",
        ),
        ("bins: 3", "bins: 1", "x.yaml:16: verdict.difficulty.bins: expected at least 2, got 1"),
    ],
)
def test_what_is_wrong_with_it_is_told_in_its_place(written: str, instead: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(RUN + READ.replace(written, instead, 1))
    found = str(caught.value).splitlines()
    assert "\n".join(found[: said.count("\n") + 1]) == said


def test_a_family_that_strategies_tell_of_themselves_may_be_claimed_without_naming_it() -> None:
    verdict = read(RUN + "verdict: {claims: {more: {better: sequential, than: parallel}}}\n").verdict
    assert verdict is not None and verdict.claims["more"].than == "parallel"
