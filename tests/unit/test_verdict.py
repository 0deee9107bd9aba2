"""The verdict of experiments whose truth is planted: what is claimed of which arms, and what may be said of it."""

from dataclasses import replace

import numpy as np
import pytest

from results.errors import UnknownArmError, UnknownOptionError
from results.measured.families import Family
from results.measured.measurements import Measurements
from results.verdict import VERDICT, Claimed, Verdicts, document, missing, spec_of
from results.verdict.claims import default_claims, named_claim
from results.verdict.finding import Rule, verdicts
from results.verdict.words import claim_words, primary_words, rule_words
from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.spec.verdict import Primary
from scaling.verdict.rule import Verdict
from tests.planted import MODELS, PlantedArm, chain_of, measured

COT = {"strategy": "chain_of_thought"}
TOKENS = Rule(axes=(Axis.GENERATED_BY_ALL,))


def forced(waits: int, correct_P: Floats, tokens: float, **more: object) -> PlantedArm:
    return chain_of(
        {"strategy": "budget_forcing", "max_thinking_tokens": 800, "waits": waits}, correct_P, tokens, **more
    )


def share(correct: int, problems: int = 100) -> Floats:
    """The first so many are answered correctly."""
    return np.array([1.0] * correct + [0.0] * (problems - correct))


def vote(samples: int, chance_P: Floats, tokens: float, seed: int = 0) -> PlantedArm:
    generator = np.random.default_rng(seed)
    correct_PRC = (generator.random((chance_P.size, 1, samples)) < chance_P[:, None, None]).astype(float)
    return PlantedArm(
        {"strategy": "majority_vote", "samples": samples}, correct_PRC, np.full(correct_PRC.shape, tokens)
    )


def claimed(measurements: Measurements, name: str, rule: Rule = TOKENS) -> Claimed:
    found = verdicts(measurements, default_claims([it.arm for it in measurements.samples], measurements.models), rule)
    (one,) = [each for each in found.claims if each.claim.name == name]
    return one


def labels(measurements: Measurements, family: Family) -> list[str]:
    return [each.arm.label for each in measurements.samples if each.arm.id in family.arms]


def test_three_claims_are_about_the_arms_that_their_strategies_say_they_are() -> None:
    measurements = measured(
        [
            chain_of(COT, share(50), 30),
            chain_of(COT, share(40), 20, model="instruct"),
            forced(2, share(80), 90),
            vote(4, share(60), 30),
            chain_of({"strategy": "beam_search", "width": 4, "branches": 2, "verifier": "judge"}, share(70), 200),
            chain_of({"strategy": "revisions", "chains": 2, "revisions": 2, "verifier": None}, share(70), 200),
        ]
    )
    training, forcing, families = default_claims([it.arm for it in measurements.samples], MODELS)
    assert [each.name for each in (training, forcing, families)] == ["training", "forcing", "families"]
    assert labels(measurements, training.first) == ["chain_of_thought on instruct"]
    assert labels(measurements, training.second) == ["chain_of_thought"]
    assert labels(measurements, forcing.first) == ["chain_of_thought", "majority_vote samples=4"]
    assert labels(measurements, forcing.second) == ["budget_forcing max_thinking_tokens=800 waits=2"]
    assert [each.split()[0] for each in labels(measurements, families.first)] == [
        "chain_of_thought", "chain_of_thought", "majority_vote", "beam_search",
    ]  # fmt: skip
    assert families.second.arms == forcing.second.arms


def test_where_no_registry_names_a_base_the_one_model_that_does_not_think_is_it() -> None:
    closed = {"start": "<think>\n\n</think>\n\n", "stop": []}
    models = {"thinker": {"thinking": {"start": "<think>", "stop": ["</think>"]}}, "plain one": {"thinking": closed}}
    measurements = measured([chain_of(COT, share(50), 30), chain_of(COT, share(50), 30, model="plain one")], models)
    training = default_claims([it.arm for it in measurements.samples], models)[0]
    assert training.of == ("plain one", "thinker") and training.is_asked


def test_each_model_that_thinks_is_forced_for_itself() -> None:
    models = {"thinker": MODELS["thinker"], "other": MODELS["thinker"]}
    arms = [
        each
        for model in models
        for each in (chain_of(COT, share(50), 30, model=model), forced(1, share(60), 60, model=model))
    ]
    measurements = measured(arms, models)
    names = [each.name for each in default_claims([it.arm for it in measurements.samples], models)]
    assert names == ["training", "forcing on thinker", "forcing on other", "families"]


def test_a_difference_that_is_there_is_found_at_the_budgets_that_pay_for_it() -> None:
    """Waits gain 30 of 100 problems for 60 tokens more; a vote of equal tokens gains nothing, for chains agree."""
    measurements = measured([vote(4, share(50), 30.0), forced(0, share(50), 30), forced(2, share(80), 90)])
    forcing = claimed(measurements, "forcing")
    assert [(it.budget, it.verdict) for it in forcing.standings] == [
        (32.0, Verdict.UNDECIDED),  # the same 50 problems, of 100: a band of five points
        (64.0, Verdict.UNDECIDED),
        (128.0, Verdict.BETTER),
    ]
    best = forcing.standings[-1]
    assert (best.first.accuracy.value, best.second.accuracy.value, best.band.value) == (0.5, 0.8, pytest.approx(0.3))
    assert best.second.settings == ("budget_forcing max_thinking_tokens=800 waits=2",)
    assert forcing.verdict is Verdict.BETTER


def test_families_that_are_the_same_are_never_parted() -> None:
    chance_P = np.random.default_rng(3).beta(0.35, 0.35, size=100)
    truth = [
        forced(waits, (np.random.default_rng(waits).random(100) < chance_P) * 1.0, 30 * (waits + 1)) for waits in (0, 1)
    ]
    measurements = measured([vote(4, chance_P, 30.0), *truth])
    assert claimed(measurements, "forcing").verdict in (Verdict.UNDECIDED, Verdict.EQUIVALENT)


def test_budgets_are_those_that_both_families_can_use() -> None:
    """A vote of 16 may spend 480 tokens, two Waits 90: at 512 the Waits would be held against what they never spent."""
    measurements = measured([vote(16, share(50), 30.0), forced(2, share(80), 90)])
    assert [it.budget for it in claimed(measurements, "forcing").standings] == [128.0]


def test_budgets_that_are_given_are_taken() -> None:
    measurements = measured([vote(16, share(50), 30.0), forced(2, share(80), 90)])
    rule = Rule(axes=(Axis.GENERATED_BY_ALL,), budgets={Axis.GENERATED_BY_ALL: (50.0, 100.0, 480.0)})
    assert [it.budget for it in claimed(measurements, "forcing", rule).standings] == [100.0, 480.0]  # 50 pays no Waits


def test_what_failed_jobs_could_turn_round_is_not_claimed() -> None:
    """+20 points of 80 problems, but 40 of the first family's jobs failed: had they been correct, it would be ahead."""
    failing_P = share(30)
    failing_P[60:] = np.nan
    measurements = measured([chain_of(COT, failing_P, 30), forced(2, share(45), 90)])
    (standing,) = claimed(measurements, "forcing").standings
    assert standing.band.n == 60 and standing.band.low > 0
    # first at most (30 + 40) / 100, second at least 45 / 100
    assert standing.least == pytest.approx(0.45 - 0.70)
    assert standing.verdict is Verdict.UNDECIDED and standing.cell.could_turn
    assert "could turn it round" in claim_words(claimed(measurements, "forcing"), TOKENS)


def test_what_unread_answers_could_turn_round_is_not_claimed() -> None:
    unread_PR = np.zeros((100, 1))
    unread_PR[50:, 0] = 1
    measurements = measured([chain_of(COT, share(50), 30, unparsed_PR=unread_PR), forced(2, share(80), 90)])
    (standing,) = claimed(measurements, "forcing").standings
    assert standing.band.low > 0 and standing.least == pytest.approx(-0.2)
    assert standing.verdict is Verdict.UNDECIDED and standing.cell.could_turn


def test_axes_that_disagree_are_told_with_the_reason() -> None:
    """In tokens 2 Waits beat the vote of 3; on the longest path the vote costs no more than one chain."""
    correct_PRC = np.ones((100, 1, 3))
    correct_PRC[50:] = 0
    votes = PlantedArm({"strategy": "majority_vote", "samples": 3}, correct_PRC, np.full(correct_PRC.shape, 30.0))
    measurements = measured([votes, forced(0, share(10), 30), forced(2, share(80), 90)])
    rule = Rule(axes=(Axis.GENERATED_BY_ALL, Axis.LONGEST_PATH, Axis.PROCESSED))
    forcing = claimed(measurements, "forcing", rule)
    words = claim_words(forcing, rule)
    assert [it.verdict for it in forcing.on(Axis.LONGEST_PATH)] == [Verdict.WORSE]
    assert [it.verdict for it in forcing.on(Axis.GENERATED_BY_ALL)][-1] is Verdict.BETTER
    assert "Axes disagree" in words and "samples side by side cost no more than the longest of them" in words


def test_a_claim_without_arms_is_not_asked_and_costs_the_others_nothing() -> None:
    measurements = measured([vote(4, share(50), 30.0), forced(2, share(80), 90)])
    training, forcing, families = (claimed(measurements, name) for name in ("training", "forcing", "families"))
    assert training.decided is None and "no arm is of the family" in training.undecidable
    assert "same arms as forcing" in families.undecidable
    assert forcing.decided is not None and forcing.decided.level == 0.05  # Holm: one claim was asked


def test_a_claim_of_arms_in_both_families_is_about_the_others() -> None:
    measurements = measured([chain_of(COT, share(50), 30), forced(2, share(80), 90)])
    both = named_claim("mine", Family("left", (1, 2)), Family("right", (2,)))
    (found,) = verdicts(measurements, [both], TOKENS).claims
    assert "no arm is of the family “right”" in found.undecidable


def answered(measurements: Measurements, **options: object) -> Verdicts:
    return VERDICT.answer(measurements, **options)


def test_an_axis_whose_costs_nobody_knows_is_left_out_and_said() -> None:
    models = {"thinker": {"thinking": {"stop": ["</think>"]}}}
    measurements = measured([vote(4, share(50), 30.0), forced(2, share(80), 90)], models)
    found = answered(measurements)
    (forcing,) = [each for each in found.claims if each.claim.name == "forcing"]
    assert Axis.EFLOPS in forcing.left_out and Axis.GENERATED_BY_ALL in forcing.axes
    assert any("eFLOPs" in note for note in VERDICT.table(found).notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"margin": 0}, "above 0"),
        ({"margin": 51}, "at most 50"),
        ({"axes": "tokns"}, "there is no axis 'tokns'"),
        ({"budgets": "12,many"}, "numbers with commas"),
        ({"budgets": "-1"}, "above 0"),
        ({"bins": 5}, "give base"),
    ],
)
def test_what_makes_no_rule_is_refused(options: dict[str, object], words: str) -> None:
    measurements = measured([chain_of(COT, share(50), 30), forced(2, share(80), 90)])
    with pytest.raises(UnknownOptionError, match=words):
        answered(measurements, **options)


def test_the_arm_that_tells_difficulty_is_in_no_family() -> None:
    chance_P = np.linspace(0.05, 0.95, 100)
    measurements = measured([vote(16, chance_P, 30.0), chain_of(COT, share(50), 30), forced(2, share(80), 90)])
    found = answered(measurements, base="1", bins=2, axes="generated-by-all")
    (forcing,) = [each for each in found.claims if each.claim.name == "forcing"]
    assert forcing.num_bins == 2 and 1 not in forcing.claim.first.arms
    assert "in 2 bins of difficulty as majority_vote samples=16 finds it" in rule_words(found.rule)


FAMILIES = {"votes": ["majority_vote*"], "waits": [{"strategy": "budget_forcing", "waits": [1, 2]}]}


def test_families_and_the_rule_are_the_specs_and_claims_are_of_its_families() -> None:
    spec = {
        "families": FAMILIES,
        "verdict": {"margin": 5.0, "axes": ["generated-by-all"], "budgets": [128.0], "difficulty": {"bins": 2}},
    }
    arms = [vote(4, share(50), 30.0), forced(0, share(50), 30), forced(2, share(80), 90)]
    measurements = measured(arms, spec=spec)
    found = answered(measurements)
    (claim,) = found.claims
    assert claim.claim.name == "waits against votes"
    assert labels(measurements, claim.claim.second) == ["budget_forcing max_thinking_tokens=800 waits=2"]
    assert (found.rule.margin, [it.budget for it in claim.standings]) == (0.05, [128.0])
    assert "fixed in the spec" in rule_words(found.rule) and found.rule.spoken == ()


def test_what_the_reader_says_holds_and_is_told_to_be_the_readers() -> None:
    arms = [vote(4, share(50), 30.0), forced(0, share(50), 30), forced(2, share(80), 90)]
    measurements = measured(arms, spec={"families": FAMILIES, "verdict": {"margin": 5.0}})
    found = answered(
        measurements, margin=1, families="plain=budget_forcing*waits=0; longer=strategy=budget_forcing,waits=1,2"
    )
    (claim,) = found.claims
    assert claim.claim.name == "longer against plain" and found.rule.margin == 0.01
    assert "fixed in the spec; chosen by the reader: margin, families" in rule_words(found.rule)


def test_a_claim_may_be_about_what_strategies_say_they_are() -> None:
    spec = {"verdict": {"claims": {"side by side": {"better": "parallel", "than": "sequential"}}}}
    measurements = measured([vote(4, share(50), 30.0), forced(2, share(80), 90)], spec=spec)
    (claim,) = answered(measurements).claims
    assert claim.claim.name == "side by side" and labels(measurements, claim.claim.second) == [
        "majority_vote samples=4"
    ]


def test_the_reader_may_name_what_strategies_say_they_are() -> None:
    measurements = measured([vote(4, share(50), 30.0), forced(2, share(80), 90)])
    (claim,) = answered(measurements, families="parallel; mine=strategy=budget_forcing").claims
    assert claim.claim.name == "mine against parallel"
    assert labels(measurements, claim.claim.first) == ["majority_vote samples=4"]


@pytest.mark.parametrize(
    ("families", "words"),
    [("votes", "NAME=SELECTOR"), ("votes=majority*", "two families"), ("=a; b=c", "NAME=SELECTOR")],
)
def test_families_that_cannot_be_read_are_refused(families: str, words: str) -> None:
    with pytest.raises(UnknownOptionError, match=words):
        answered(measured([vote(4, share(50), 30.0)]), families=families)


def test_a_family_of_no_arms_is_refused_with_the_nearest() -> None:
    measurements = measured([vote(4, share(50), 30.0), forced(2, share(80), 90)])
    with pytest.raises(
        UnknownArmError, match=r"family 'a': no arm is taken by 'majority_votes samples=4'\. Did you mean"
    ):
        answered(measurements, families="a=majority_votes samples=4; b=budget*")


def test_unless_told_the_vote_with_a_seed_of_its_own_tells_difficulty_and_is_in_no_family() -> None:
    told = replace(vote(16, np.linspace(0.05, 0.95, 100), 30.0), seed=1)
    found = answered(measured([vote(4, share(50), 30.0), forced(2, share(80), 90), told]))
    assert found.rule.base is not None and found.rule.base.arm.label == "majority_vote samples=16 with seed=1"
    (forcing,) = [each for each in found.claims if each.claim.name == "forcing"]
    assert forcing.num_bins == 5 and 3 not in forcing.claim.first.arms


def test_the_primary_outcome_is_the_largest_budget_within_the_one_that_was_fixed() -> None:
    measurements = measured([vote(4, share(50), 30.0), forced(0, share(50), 30), forced(2, share(80), 90)])
    rule = Rule(axes=(Axis.GENERATED_BY_ALL,), primary=Primary(claim="forcing", budget=100.0))
    found = verdicts(measurements, default_claims([it.arm for it in measurements.samples], MODELS), rule)
    assert found.primary is not None and found.primary.budget == 64.0
    assert primary_words(found).startswith("The primary outcome: it is undecided whether budget forcing on thinker")
    assert "within 64 tokens a problem" in primary_words(found)


def test_what_is_missing_makes_a_spec_on_the_same_problems() -> None:
    spec = {"data_set": {"name": "ladder-test", "limit": 100}, "sampling": {"temperature": 0.8}, "seed": 3}
    measurements = measured([chain_of(COT, share(50), 30)], spec=spec)
    claims = default_claims([it.arm for it in measurements.samples], MODELS)
    lacking = missing(claims, measurements.experiment)
    made = spec_of(lacking, measurements.experiment)
    assert made is not None and made["data_set"] == spec["data_set"] and made["seed"] == 3
    assert made["arms"] == [
        {"strategy": "budget_forcing", "max_thinking_tokens": 4096, "waits": [0, 1, 2, 4], "model": "thinker"},
        {"strategy": "majority_vote", "samples": 16, "model": "thinker"},
    ]
    assert any("needs a verifier" in each.why and not each.arms for each in lacking)


def test_no_document_has_a_number_that_json_has_not() -> None:
    measurements = measured([vote(4, share(50), 30.0), forced(2, share(80), 90)])
    told = document(measurements, answered(measurements))
    assert [each["claim"] for each in told["claims"]] == ["training", "forcing", "families"]  # type: ignore[index, union-attr]
    assert "NaN" not in repr(told) and told["rule"]["margin"] == 0.02  # type: ignore[index, call-overload]
