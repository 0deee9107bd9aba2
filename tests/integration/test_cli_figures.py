"""Results on any axis and by any metric, from the command line; a scene stands in for the worker."""

import csv
import io
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import transitions
from db.records import Lease, NewArm, ServedModel
from overthink.cli.exits import Exit
from scaling.compute.model_facts import Architecture, CostFacts, PricePerMillion
from scaling.types import Outcome, ThinkingFormat, Trace, Verdict
from tests.cli import Overthink, document, overthink, service
from tests.integration import scenes
from tests.integration.scenes import claimed, new_arm, running_experiment, spent, star, succeed

__all__ = ["overthink", "service"]
CORRECT, WRONG = Verdict.CORRECT, Verdict.WRONG


def swept_arm(budget: int) -> NewArm:
    spec = {"strategy": "budget_forcing", "max_thinking_tokens": budget}
    return NewArm(f"budget_forcing {budget}", scenes.MODEL, "budget_forcing", {"max_thinking_tokens": budget}, spec)


def scored(engine: Engine, lease: Lease, verdicts: list[Verdict], step_scores: list[tuple[float, ...]]) -> None:
    """A job of several candidates, each with a key, a verdict and scores of its own; it chose by the last."""
    trace, grades = star(len(verdicts))
    candidates = tuple(
        replace(each, key=str(number), score=steps[-1], step_scores=steps)
        for number, (each, steps) in enumerate(zip(trace.outcome.candidates, step_scores, strict=True))
    )
    graded = [replace(grade, verdict=verdict) for grade, verdict in zip(grades, verdicts, strict=True)]
    transitions.succeed(engine, lease, Trace(trace.steps, Outcome(candidates, chosen=0)), graded, wall_seconds=2.0)


@pytest.mark.parametrize(
    ("axis", "cost"),
    [
        ("thinking", 3.0),  # a scene's chain generates three tokens while thinking
        ("generated", 4.0),  # and one more to answer
        ("generated-by-all", 4.0),  # nobody asked a verifier
        ("processed", 3 + 6 - 3 + 4),
        ("generations", 1.0),
        ("flops", 2 * 680_000 * (3 + 6 - 3 + 4)),  # the prompts' 9 tokens, 3 of them cached, and 4 generated
        ("seconds", 1.5),
        ("candidates", 1.0),
    ],
)
def test_each_arm_is_shown_at_its_cost_on_any_axis(service: Overthink, engine: Engine, axis: str, cost: float) -> None:
    running_experiment(engine, num_problems=2)
    for verdict in (CORRECT, WRONG):
        succeed(engine, claimed(engine).lease, verdict=verdict)
    said = document(service("results", "scene", "--axis", axis, "--json"))
    (figure,) = said["figures"]
    assert (said["axis"], figure["cost"], figure["cost_is_bound"]) == (axis, cost, False)
    assert (figure["value"], figure["n"], figure["k"]) == (0.5, 2, None)


def test_flops_of_a_model_without_parameters_are_unknown_and_said_to_be(
    service: Overthink, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "SERVED", ServedModel(scenes.MODEL, 2048, None, ThinkingFormat(start=""), "served"))
    running_experiment(engine)
    scenes.finish(engine)
    (figure,) = document(service("results", "scene", "--axis", "flops", "--json"))["figures"]
    assert (figure["cost"], figure["cost_n"], figure["value"]) == (None, 0, 1.0)
    assert "registry entry has no parameters: tiny" in service("results", "scene", "--axis", "flops").out


FACTS = CostFacts(
    architecture=Architecture(layers=1, heads=2, kv_heads=1, head_size=4),  # 32 FLOPs and 16 bytes a position
    intensity=10.0,
    gpus=2,
    price_per_million=PricePerMillion(input=1.0, output=10.0),
)


@pytest.mark.parametrize(
    ("axis", "cost", "is_bound"),
    [
        # a prompt of 3, then 3 tokens: positions 1 to 6 are 21; behind 3 cached ones of 6 one token more: 4 + 5 + 6 + 7
        ("flops-with-attention", 2 * 680_000 * 10 + 32 * (21 + 22), False),
        ("eflops", 2 * 680_000 * 10 + 32 * 43 + 10 * 16 * ((4 + 5 + 6) + 7), False),
        ("price", ((3 + 6) * 1.0 + 4 * 10.0) / 1e6, False),  # cached tokens cost as much as others
        ("gpu-seconds", 2 * (0.5 + 0.25), True),
    ],
)
def test_axes_that_need_facts_of_the_registry_have_them_from_when_the_experiment_was_expanded(
    service: Overthink, engine: Engine, monkeypatch: pytest.MonkeyPatch, axis: str, cost: float, is_bound: bool
) -> None:
    monkeypatch.setattr(scenes, "SERVED", replace(scenes.SERVED, cost_facts=FACTS))
    running_experiment(engine, num_problems=1)
    scenes.finish(engine)
    (figure,) = document(service("results", "scene", "--axis", axis, "--json"))["figures"]
    assert (figure["cost"], figure["cost_is_bound"]) == (pytest.approx(cost), is_bound)
    assert ("≤ 1.5" in service("results", "scene", "--axis", axis).out) == is_bound


def test_an_axis_that_was_not_counted_then_says_so_beside_its_dash(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    scenes.finish(engine)
    said = document(service("results", "scene", "--axis", "longest-path", "--json"))
    assert said["figures"][0]["cost"] is None
    assert said["notes"] == ["Not known for 2 jobs that ended before tokens on the longest path were counted."]


def test_a_name_of_an_axis_that_changed_is_told_its_new_one(service: Overthink, engine: Engine) -> None:
    running_experiment(engine)
    done = service("results", "scene", "--axis", "samples")
    assert done.code == Exit.BAD_INPUT
    assert "is called generations or candidates now" in " ".join(done.err.replace("│", " ").split())


def test_unless_asked_otherwise_tokens_of_all_models_are_the_axis(service: Overthink, engine: Engine) -> None:
    running_experiment(engine)
    scenes.finish(engine)
    assert document(service("results", "scene", "--metric", "accuracy", "--json"))["axis"] == "generated-by-all"


def test_metrics_by_k_are_read_off_the_candidates(service: Overthink, engine: Engine) -> None:
    """One problem, two candidates: the wrong one has the better last step, the right one the better weakest step."""
    running_experiment(engine, num_problems=1)
    scored(engine, claimed(engine).lease, [CORRECT, WRONG], [(0.5, 0.6), (0.1, 0.9)])

    def values(*options: str) -> object:
        figures = document(service("results", "scene", "--json", *options))["figures"]
        assert [figure["k"] for figure in figures] == [1, 2]
        assert [figure["cost"] for figure in figures] == [4.0, 8.0]  # three tokens of thinking and one of the answer
        return pytest.approx([figure["value"] for figure in figures])

    assert values("--metric", "pass@k") == [0.5, 1.0]
    assert values("--metric", "maj@k") == [0.5, 0.5]  # two answers tie: a draw
    assert values("--metric", "best-of-k") == [0.5, 0.0]  # .9 > .6
    assert values("--metric", "best-of-k", "--aggregate", "min") == [0.5, 1.0]  # .5 > .1
    assert values("--metric", "weighted-best-of-k", "--aggregate", "product") == [0.5, 1.0]  # .30 > .09


def test_failed_jobs_bound_what_fewer_candidates_give(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=2)
    scored(engine, claimed(engine).lease, [CORRECT, WRONG], [(0.6,), (0.4,)])
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    for metric, value in (("pass@k", 1.0), ("weighted-best-of-k", 1.0), ("best-of-k", 1.0), ("maj@k", 0.5)):
        at_1, at_2 = document(service("results", "scene", "--json", "--metric", metric))["figures"]
        assert (at_1["if_missing_wrong"], at_1["if_missing_right"]) == pytest.approx((0.5 / 2, 1.5 / 2))
        assert (at_2["if_missing_wrong"], at_2["if_missing_right"]) == pytest.approx((value / 2, (value + 1) / 2))
        assert (at_2["value"], at_2["n"], at_2["failed"]) == (value, 1, 1)
    shown = service("results", "scene", "--metric", "pass@k").out
    assert "plain, k = 2: 1 failed jobs" in shown
    assert "k of n candidates cost, in generated tokens of all models: k/n of the job." in shown


def test_wall_time_is_known_for_all_candidates_only(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=1)
    scored(engine, claimed(engine).lease, [CORRECT, WRONG], [(0.5,), (0.4,)])
    figures = document(service("results", "scene", "--json", "--metric", "pass@k", "--axis", "seconds"))["figures"]
    assert [figure["cost"] for figure in figures] == [None, 2.0]


def test_a_sweep_has_control_scaling_and_performance(service: Overthink, engine: Engine) -> None:
    """Both arms think for three tokens: within a budget of 8, beyond one of 2. No slope where tokens do not differ."""
    running_experiment(engine, num_problems=2, arms=(swept_arm(2), swept_arm(8)))
    for verdict in (WRONG, CORRECT, WRONG, WRONG):
        succeed(engine, claimed(engine).lease, verdict=verdict)
    said = document(service("results", "scene", "--axis", "thinking", "--json"))
    assert [figure["requested"] for figure in said["figures"]] == [2, 8]
    (sweep,) = said["sweeps"]
    assert (sweep["control"], sweep["n"], sweep["best"]) == (0.5, 2, "budget_forcing 8")
    assert sweep["performance"]["value"] == 0.5
    assert sweep["scaling_per_doubling"]["value"] is None
    shown = service("results", "scene", "--axis", "thinking").out
    assert "requested" in shown
    assert "control" in shown


def test_figures_show_failures_and_what_has_not_ended(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=3)
    succeed(engine, claimed(engine).lease)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    shown = service("results", "scene", "--axis", "generated").out
    assert "1 jobs have not ended" in shown
    assert "had they all been wrong or all right, it would be 50.0% or 100.0%" in shown  # of the two that ended


def test_figures_as_csv_have_a_line_each(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, arms=(new_arm("a, b"), new_arm("other")))
    scenes.finish(engine)
    rows = list(csv.DictReader(io.StringIO(service("results", "scene", "--csv").out)))
    assert [(row["label"], row["value"], row["n"], row["failed"]) for row in rows] == [
        ("a, b", "1.0", "2", "0"),
        ("other", "1.0", "2", "0"),
    ]


def test_an_aggregate_without_scores_to_put_together_is_refused(service: Overthink, engine: Engine) -> None:
    running_experiment(engine)
    done = service("results", "scene", "--metric", "maj@k", "--aggregate", "min")
    assert done.code == Exit.BAD_INPUT
    assert "needs --metric best-of-k" in done.err


def test_without_candidates_there_is_nothing_to_show_and_it_says_why(service: Overthink, engine: Engine) -> None:
    running_experiment(engine)
    scenes.finish(engine)
    assert "no arm's finished jobs have several candidates" in service("results", "scene", "--metric", "pass@k").out
    assert service("results", "scene", "--metric", "pass@k", "--csv").out.startswith("label,model,strategy,k,value,")
