"""What is known of an arm's cost from how it was stored: parameters from the snapshot, the budget from its strategy."""

import numpy as np
from pydantic import JsonValue

from db.queries import Arm, ArmSamples, JobCounts
from results.measured.cost_notes import cost_notes, notes_of_fewer
from results.measured.costs import cost_J, cost_of_k_J, default_axis, facts_of, requested_thinking, strategy_of
from scaling.arrays import Floats, Integers
from scaling.compute.axes import Axis
from scaling.compute.costs import Facts
from scaling.compute.model_facts import ModelFacts

MODELS: dict[str, JsonValue] = {"small": {"parameters": 7}, "prm": {"parameters": 3}, "unknown": {"parameters": None}}


def arm(model: str = "small", verifier: str | None = None, **strategy: JsonValue) -> Arm:
    params = {name: value for name, value in strategy.items() if name not in ("strategy", "chain")}
    return Arm(1, 0, "an arm", model, str(strategy.get("strategy")), params, dict(strategy), verifier)


def samples(of_arm: Arm, **columns: list[float]) -> ArmSamples:
    """Jobs of a problem each. What is not given is 0; of the work, not known."""
    size = len(next(iter(columns.values()), []))

    def floats(name: str, missing: float = 0.0) -> Floats:
        return np.array(columns.get(name, [missing] * size), dtype=float)

    def integers(name: str) -> Integers:
        return floats(name).astype(np.int64)

    return ArmSamples(
        arm=of_arm,
        jobs=JobCounts(0, 0, size, 0, 0),
        failed=(),
        job_id_J=np.arange(size),
        problem_J=np.arange(size),
        repeat_J=np.zeros(size, dtype=np.int64),
        verdict_number_J=np.zeros(size, dtype=np.int64),
        prompt_tokens_J=integers("prompt_tokens"),
        cached_tokens_J=floats("cached_tokens"),
        thinking_tokens_J=integers("thinking_tokens"),
        forced_tokens_J=integers("forced_tokens"),
        answer_tokens_J=integers("answer_tokens"),
        generated_tokens_J=integers("generated_tokens"),
        verifier_tokens_J=integers("verifier_tokens"),
        verifier_cached_tokens_J=floats("verifier_cached_tokens"),
        verifier_generated_tokens_J=floats("verifier_generated_tokens"),
        seconds_J=floats("seconds"),
        verifier_seconds_J=floats("verifier_seconds"),
        wall_s_J=floats("wall_s"),
        num_candidates_J=np.array(columns.get("num_candidates", [1] * size), dtype=np.int64),
        chains_J=floats("chains", np.nan),
        longest_path_J=floats("longest_path", np.nan),
        attended_J=floats("attended", np.nan),
        kv_read_J=floats("kv_read", np.nan),
        verifier_attended_J=floats("verifier_attended", np.nan),
        verifier_kv_read_J=floats("verifier_kv_read", np.nan),
        spared_tokens_J=floats("spared_tokens", np.nan),
        spared_attended_J=floats("spared_attended", np.nan),
        verifier_spared_tokens_J=floats("verifier_spared_tokens", np.nan),
        verifier_spared_attended_J=floats("verifier_spared_attended", np.nan),
    )


COT: dict[str, JsonValue] = {"strategy": "chain_of_thought"}


def test_facts_are_those_of_generator_and_verifier_and_unknown_is_none() -> None:
    assert facts_of(arm("small", "prm"), MODELS) == Facts(ModelFacts(parameters=7), ModelFacts(parameters=3))
    assert facts_of(arm("unknown"), MODELS) == Facts(ModelFacts())
    assert facts_of(arm("gone", "prm"), MODELS) == Facts(ModelFacts(), ModelFacts(parameters=3))
    assert facts_of(arm("small"), None) == Facts(ModelFacts())


def test_the_first_axis_hides_no_verifier_and_is_flops_where_tokens_are_not_worth_the_same() -> None:
    other: dict[str, JsonValue] = {**MODELS, "large": {"parameters": 70}}
    assert default_axis([arm("small"), arm("small")], MODELS) is Axis.GENERATED_BY_ALL
    assert default_axis([arm("small", "prm"), arm("small")], MODELS) is Axis.PROCESSED  # what it reads, too
    assert default_axis([arm("small", "prm"), arm("unknown")], MODELS) is Axis.PROCESSED
    assert default_axis([arm("small", "prm"), arm("large")], other) is Axis.FLOPS
    assert default_axis([arm("small"), arm("unknown")], MODELS) is Axis.GENERATED_BY_ALL  # FLOPs cannot be told
    assert default_axis([], None) is Axis.GENERATED_BY_ALL


def test_models_whose_registry_entry_lacks_what_an_axis_needs_are_named_once() -> None:
    asked = [
        samples(arm("unknown", "prm", **COT), generated_tokens=[5], verifier_tokens=[9]),
        samples(arm("unknown", **COT), generated_tokens=[5]),
        samples(arm("small", "gone", **COT), generated_tokens=[5], verifier_tokens=[9]),
    ]
    assert cost_notes(asked, Axis.FLOPS, MODELS) == (
        "Not known where these are asked, whose registry entry has no parameters: gone, unknown.",
    )
    assert any("no gpus: gone, prm, small, unknown." in note for note in cost_notes(asked, Axis.GPU_SECONDS, MODELS))


def test_a_verifier_that_was_not_asked_needs_no_facts() -> None:
    never = samples(arm("small", "gone", **COT), generated_tokens=[5])
    assert cost_notes([never], Axis.FLOPS, MODELS) == ()
    assert cost_J(never, Axis.FLOPS, MODELS).tolist() == [2 * 7 * 5]


def test_a_server_that_does_not_tell_what_it_cached_makes_a_bound_with_the_remedy() -> None:
    """2 · 7 · (100 + 5) at most."""
    untold = samples(arm(**COT), prompt_tokens=[100], cached_tokens=[np.nan], generated_tokens=[5])
    assert cost_J(untold, Axis.FLOPS, MODELS).tolist() == [1470]
    (note,) = cost_notes([untold], Axis.FLOPS, MODELS)
    assert note.startswith("At most (≤): ") and note.endswith("--enable-prompt-tokens-details: small.")
    assert cost_notes([untold], Axis.GENERATED, MODELS) == ()


def test_jobs_of_before_something_was_counted_are_counted_out() -> None:
    (note,) = cost_notes([samples(arm(**COT), generated_tokens=[5, 6])], Axis.LONGEST_PATH, MODELS)
    assert note == "Not known for 2 jobs that ended before tokens on the longest path were counted."


def test_what_a_verifier_reads_is_said_beside_axes_that_do_not_count_it() -> None:
    """Two arms: (61 − 20 cached) + 61 processed, 1 + 1 generated."""
    judged = [
        samples(arm("small", "prm", **COT), generated_tokens=[5], verifier_tokens=[61], verifier_cached_tokens=[20],
                verifier_generated_tokens=[1]),
        samples(arm("small", "prm", **COT), generated_tokens=[5], verifier_tokens=[61], verifier_generated_tokens=[1]),
    ]  # fmt: skip
    assert cost_notes(judged, Axis.GENERATED_BY_ALL, MODELS) == (
        "Not counted here is what a verifier reads: prm processed 102 tokens to generate 2; see processed or flops.",
    )
    assert cost_notes(judged, Axis.PROCESSED, MODELS) == ()


def test_the_intensity_that_eflops_are_made_with_is_told() -> None:
    shape: dict[str, JsonValue] = {"layers": 1, "heads": 1, "kv_heads": 1, "head_size": 1}
    facts: dict[str, JsonValue] = {"small": {"parameters": 7, "cost_facts": {"architecture": shape}}}
    known = samples(arm(**COT), generated_tokens=[5], attended=[15], kv_read=[15])
    assert cost_notes([known], Axis.EFLOPS, facts) == ("Intensity: 562.5 FLOPs per byte [Kinetics].",)
    assert cost_J(known, Axis.EFLOPS, facts).tolist() == [2 * 7 * 5 + 4 * 15 + 562.5 * 4 * 15]


def test_fewer_candidates_of_a_search_have_no_cost_and_the_notes_say_so() -> None:
    search = Arm(2, 1, "beams", "small", "beam_search", {}, {"strategy": "beam_search", "width": 4, "branches": 2,
                 "verifier": "prm"}, "prm")  # fmt: skip
    made = samples(search, generated_tokens=[40], num_candidates=[4])
    assert np.isnan(cost_of_k_J(made, 2, Axis.GENERATED, MODELS)).all()
    assert cost_of_k_J(made, 4, Axis.GENERATED, MODELS).tolist() == [40]
    _, old, _ = notes_of_fewer([made], Axis.PROCESSED)
    assert old == "Of 1 jobs it was not counted what their chains were spared: fewer of these have no cost."
    _, note = notes_of_fewer([made], Axis.GENERATED)
    assert note.startswith("Candidates of a search or of revisions depend on each other") and "beams" in note
    assert notes_of_fewer([made], Axis.CANDIDATES) == ()


def test_what_a_forgotten_strategy_spent_is_known_but_for_what_only_it_could_say() -> None:
    """Tokens are the engine's own counts; how many generations a chain was, and what fewer cost, nobody tells."""
    made = samples(arm(strategy="forgotten"), chains=[4.0], num_candidates=[4.0], generated_tokens=[80.0])
    assert cost_J(made, Axis.GENERATED, MODELS).tolist() == [80.0]
    assert np.isnan(cost_J(made, Axis.GENERATIONS, MODELS)).all()
    assert np.isnan(cost_of_k_J(made, 2, Axis.GENERATED, MODELS)).all()
    assert requested_thinking(made.arm) is None


def test_the_budget_of_a_vote_is_that_of_all_its_chains() -> None:
    chain: dict[str, JsonValue] = {"strategy": "budget_forcing", "max_thinking_tokens": 100}
    vote = arm(strategy="majority_vote", samples=4, chain=chain)
    assert (requested_thinking(vote), strategy_of(vote).num_chains) == (4 * 100, 4)
    assert requested_thinking(arm(strategy="chain_of_thought")) is None


def test_a_length_that_is_only_asked_for_is_the_budget_that_was_requested() -> None:
    assert requested_thinking(arm(strategy="length_control", tokens=50)) == 50
    assert requested_thinking(arm(strategy="length_control", tokens=50, max_thinking_tokens=80)) == 50  # told
    assert requested_thinking(arm(strategy="length_control", steps=4, max_thinking_tokens=80)) == 80
    assert requested_thinking(arm(strategy="length_control", length="short")) is None
