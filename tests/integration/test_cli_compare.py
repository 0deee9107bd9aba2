"""Arms compared from the command line, with the jobs behind every difference; a scene stands in for the worker."""

import csv
import io
import re
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import transitions
from db.records import NewArm
from overthink.cli.exits import Exit
from scaling.types import Verdict
from tests.cli import Overthink, document, overthink, service
from tests.integration import scenes
from tests.integration.scenes import MODEL, claimed, new_arm, running_experiment, scored_job, spent, succeed

__all__ = ["overthink", "service"]
CORRECT, WRONG, UNPARSED = Verdict.CORRECT, Verdict.WRONG, Verdict.UNPARSED


def answer(engine: Engine, *verdicts: Verdict) -> list[int]:
    """The jobs: they come problem by problem, and for each problem arm by arm."""
    jobs = []
    for verdict in verdicts:
        lease = claimed(engine).lease
        succeed(engine, lease, verdict=verdict)
        jobs.append(lease.job_id)
    return jobs


def two_arms(engine: Engine) -> tuple[int, list[int]]:
    """Four problems; `more` gains p0 and p1 and loses p2."""
    experiment = running_experiment(engine, num_problems=4, arms=(new_arm("plain"), new_arm("more")))
    return experiment, answer(engine, WRONG, CORRECT, UNPARSED, CORRECT, CORRECT, WRONG, CORRECT, CORRECT)


def test_a_comparison_names_the_jobs_behind_each_flip(service: Overthink, engine: Engine) -> None:
    experiment, jobs = two_arms(engine)
    said = document(service("compare", "scene", "plain", "more", "--json"))
    assert (said["experiment"], said["first"], said["second"]) == (experiment, "plain", "more")
    assert said["difference"] == pytest.approx(3 / 4 - 2 / 4)
    assert said["agreement"] == {"both_right": 1, "lost": 1, "gained": 2, "both_wrong": 0}
    assert said["lost"] == [{"problem": "p2", "repeat": 0, "first_job": jobs[4], "second_job": jobs[5]}]
    assert [flip["problem"] for flip in said["gained"]] == ["p0", "p1"]
    assert said["gained"][1]["second_job"] == jobs[3]
    assert said["p_value"] == 1.0  # two heads in three throws, both tails: (1 + 3) · 2 / 8
    assert said["test"] == "exact McNemar"
    assert said["warning"].startswith("75.0% against 50.0% at n = 4 is 2 problems against 1, p = 1.000")
    plain, more = said["arms"]
    assert (plain["n"], plain["failed"], plain["unparsed"], plain["accuracy"]) == (4, 0, 1, 0.5)
    assert more["unparsed"] == 0


def test_a_comparison_for_people_shows_flips_warning_and_how_to_open_a_trace(
    service: Overthink, engine: Engine
) -> None:
    _, jobs = two_arms(engine)
    said = service("compare", "scene", "1", "2").out
    assert "Right under the first only: 1" in said
    assert "under the second only: 2" in said
    assert str(jobs[5]) in said
    assert "/trace?job=NUMBER" in said
    assert "not evidence of a difference" in said


def test_what_failed_is_counted_and_bounds_the_accuracy(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=2, arms=(new_arm("plain"), new_arm("more")))
    answer(engine, CORRECT, CORRECT, CORRECT)
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(), retryable=False)
    more = document(service("compare", "scene", "plain", "more", "--json"))["arms"][1]
    assert (more["n"], more["failed"], more["accuracy"]) == (1, 1, 1.0)
    assert (more["if_missing_wrong"], more["if_missing_right"]) == (0.5, 1.0)
    assert "accuracy would be 50.0% or 100.0%" in service("compare", "scene", "plain", "more").out


def test_an_unfinished_experiment_is_compared_as_far_as_it_is_and_says_so(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=2, arms=(new_arm("plain"), new_arm("more")))
    assert document(service("compare", "scene", "plain", "more", "--json"))["difference"] is None
    answer(engine, CORRECT, CORRECT)
    assert document(service("compare", "scene", "plain", "more", "--json"))["status"] == "running"
    assert "2 jobs have not ended" in service("compare", "scene", "plain", "more").out


def test_all_arms_against_one_have_adjusted_p_values(service: Overthink, engine: Engine) -> None:
    arms = (new_arm("base"), new_arm("better"), new_arm("same"))
    running_experiment(engine, num_problems=7, arms=arms)
    answer(engine, *[WRONG, CORRECT, WRONG] * 7)
    better, same = document(service("compare", "scene", "--against", "base", "--json"))
    assert (better["first"], better["second"]) == ("base", "better")
    assert better["p_value"] == 2 / 2**7
    assert better["adjusted_p_value"] == 2 * 2 / 2**7  # the smaller of two, times two
    assert same["adjusted_p_value"] == 1.0
    shown = service("compare", "scene", "--against", "1").out
    assert "Holm's p for 2 comparisons" in shown
    assert "0.031" in shown  # 4/128


def test_the_table_of_results_calls_clear_what_is_clear_among_all_its_rows(service: Overthink, engine: Engine) -> None:
    """A sweep of four: from the first to all others six of 20 are gained, p = 2/64 = .031. Two of four rows say so, and
    Holm makes 4 · .03125 = .125 of it."""
    running_experiment(engine, num_problems=20, arms=[budget_arm(budget) for budget in (1, 2, 4, 8)])
    answer(engine, *[WRONG, CORRECT, CORRECT, CORRECT] * 6, *[WRONG] * 4 * 14)
    said = service("results", "scene").out
    assert len(re.findall(r"0\.031 +0\.125 +unclear", said)) == 2
    assert "Holm's p for 4 comparisons together" in said
    assert " clear" not in said.split("adjusted: Holm")[0]
    alone = document(service("compare", "scene", "1", "2", "--json"))
    assert (alone["p_value"], alone["adjusted_p_value"], alone["clear"]) == (0.03125, None, True)
    against = document(service("compare", "scene", "--against", "1", "--json"))
    assert [(each["adjusted_p_value"], each["clear"]) for each in against] == [(0.09375, False)] * 3
    assert "p = 0.031 (0.094 among 3): not evidence" in against[0]["warning"]


def test_a_comparison_as_csv_is_one_line_per_pair(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, arms=(new_arm("base"), new_arm("a, b"), new_arm("same")))
    answer(engine, *[WRONG, CORRECT, WRONG] * 2)
    rows = list(csv.DictReader(io.StringIO(service("compare", "scene", "--against", "base", "--csv").out)))
    assert [row["second"] for row in rows] == ["a, b", "same"]
    assert (rows[0]["difference"], rows[0]["second_n"], rows[0]["warning"][:6]) == ("1.0", "2", "100.0%")


@pytest.mark.parametrize("given", [(), ("plain",), ("plain", "--against", "plain"), ("1", "2", "--json", "--csv")])
def test_what_cannot_be_compared_is_refused_with_what_to_give(
    service: Overthink, engine: Engine, given: tuple[str, ...]
) -> None:
    running_experiment(engine)
    done = service("compare", "scene", *given)
    assert done.code == Exit.BAD_INPUT
    assert "give" in done.err


def budget_arm(budget: int) -> NewArm:
    params = {"max_thinking_tokens": budget}
    return NewArm(f"budget_forcing {budget}", MODEL, "budget_forcing", params, {"strategy": "budget_forcing", **params})


def sweep_and_vote(engine: Engine) -> None:
    """A sweep of two settings, of 4 tokens without a right answer and of 12 with all right; and a vote of 4 · 4 tokens,
    right with any number of votes."""
    vote = NewArm("vote of 4", MODEL, "majority_vote", {"samples": 4}, {"strategy": "majority_vote", "samples": 4})
    running_experiment(engine, num_problems=2, arms=(budget_arm(2), budget_arm(8), vote))
    for _ in range(2):
        succeed(engine, claimed(engine).lease, num_candidates=1, verdict=WRONG)
        succeed(engine, claimed(engine).lease, num_candidates=3)
        succeed(engine, claimed(engine).lease, num_candidates=4)


def test_a_sweep_is_compared_with_a_vote_at_equal_tokens(service: Overthink, engine: Engine) -> None:
    sweep_and_vote(engine)
    said = document(service("compare", "scene", "1", "3", "--at-tokens", "8", "--json"))["equal_compute"]
    assert (said["first"], said["second"]) == (0.5, 1.0)  # 8 is half way from 4 to 12 tokens, from 0 to 1 right
    assert (said["difference"], said["budget"], said["n"]) == (0.5, 8.0, 2)
    assert said["second_curve"] == "vote of 4"
    shown = service("compare", "scene", "1", "3", "--at-tokens", "8").out
    assert "the sweep of 2 from budget_forcing 2: 50.0%; vote of 4: 100.0%; +50.0 points" in shown
    assert "k of n candidates cost, in generated tokens of all models: k/n of the job." in shown


def test_equal_flops_count_what_went_through_the_model(service: Overthink, engine: Engine) -> None:
    """A chain costs 2 · 680,000 · (3 + 6 prompt tokens − 3 cached + 4 generated); 2 of them reach half way again."""
    sweep_and_vote(engine)
    flops = str(2 * 2 * 680_000 * 10)
    said = document(service("compare", "scene", "1", "3", "--at-flops", flops, "--json"))["equal_compute"]
    assert (said["unit"], said["first"], said["second"]) == ("FLOPs", 0.5, 1.0)


def test_where_no_cost_is_known_the_reason_is_said_and_not_that_more_results_would_help(
    service: Overthink, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "SERVED", replace(scenes.SERVED, parameters=None))
    sweep_and_vote(engine)
    done = service("compare", "scene", "1", "3", "--at-flops", "100")
    said = " ".join(done.err.split())
    assert "whose registry entry has no parameters: tiny" in said and "wait for more results" not in said


def test_beyond_where_a_sweep_ends_its_best_within_the_budget_stands(service: Overthink, engine: Engine) -> None:
    """Within 100 tokens both have all right, for 12 and for 4: one vote of four is as right as all are."""
    sweep_and_vote(engine)
    said = document(service("compare", "scene", "1", "3", "--at-tokens", "100", "--json"))
    assert said["equal_compute"] is None
    within = said["within_budget"]
    assert (within["first"]["settings"], within["first"]["cost"], within["first"]["accuracy"]) == (
        ["budget_forcing 8"], 12.0, 1.0,
    )  # fmt: skip
    assert (within["second"]["settings"], within["second"]["cost"]) == (["vote of 4, k = 1"], 4.0)
    assert (within["difference"], within["n"]) == (0.0, 2)
    shown = service("compare", "scene", "1", "3", "--at-tokens", "100").out
    assert "Best within 100 tokens a problem" in shown
    assert "the 2 arms like budget_forcing 2: 100.0% for 12 (budget_forcing 8; 100.0% if chosen and measured" in shown
    assert "goes from 4.0 to 12.0 and vote of 4 goes from 4.0 to 16.0; give 4.0 to 12.0" in shown
    (row,) = csv.DictReader(io.StringIO(service("compare", "scene", "1", "3", "--at-tokens", "100", "--csv").out))
    assert (row["within_first_accuracy"], row["within_second_settings"]) == ("1.0", "vote of 4, k = 1")


def test_between_settings_the_best_within_the_budget_is_the_one_before(service: Overthink, engine: Engine) -> None:
    """8 tokens pay for the setting of 4, without a right answer; half way to 12 is interpolated beside it."""
    sweep_and_vote(engine)
    said = document(service("compare", "scene", "1", "3", "--at-tokens", "8", "--json"))
    assert (said["within_budget"]["first"]["accuracy"], said["equal_compute"]["first"]) == (0.0, 0.5)
    assert [said["within_budget"][side]["envelope"] for side in ("first", "second")] == [0.0, 1.0]


def test_what_is_chosen_by_one_half_is_measured_on_the_other(service: Overthink, engine: Engine) -> None:
    """Of four settings each is right on two problems of eight, and on none of the others': whichever one half likes is
    wrong on most of the other. Chosen and measured on the same problems any of them is right on two of eight."""
    running_experiment(engine, num_problems=8, arms=[*(budget_arm(n) for n in (1, 2, 4, 8)), new_arm("other")])
    for problem in range(8):
        answer(engine, *[CORRECT if arm == problem // 2 else WRONG for arm in range(4)], WRONG)
    within = document(service("compare", "scene", "1", "other", "--at-tokens", "4", "--json"))["within_budget"]
    assert (within["first"]["envelope"], within["second"]["envelope"]) == (0.25, 0.0)
    assert within["first"]["accuracy"] <= 0.25


def test_a_chain_is_compared_with_a_vote_where_their_costs_do_not_meet(service: Overthink, engine: Engine) -> None:
    """A chain takes 4 tokens and is never right; best of 4 takes 12 for 3 of them, and is right with 2 of 4 wrong ones.

    Its candidates score .9 right, .5 and .1 wrong, .7 right: any one is right with chance ½; of two the better one is
    right but in one pair of six.
    """
    numbers = {"samples": 4, "verifier": "judge"}
    best = NewArm("best of 4", MODEL, "best_of_n", numbers, {"strategy": "best_of_n", **numbers}, "judge")
    running_experiment(engine, num_problems=2, arms=(new_arm("chain"), best))
    for _ in range(2):
        succeed(engine, claimed(engine).lease, verdict=WRONG)
        scored_job(engine, "abca", right="a", scores=[0.9, 0.5, 0.1, 0.7])
    for budget, right, k in ((15, 5 / 6, ", k = 2"), (16, 1.0, ""), (600, 1.0, "")):
        said = document(service("compare", "scene", "chain", "best of 4", "--at-tokens", str(budget), "--json"))
        within = said["within_budget"]
        assert (within["first"]["accuracy"], within["first"]["cost"]) == (0.0, 4.0)
        assert within["second"]["accuracy"] == pytest.approx(right)
        assert within["second"]["settings"] == [f"best of 4{k}"]
    done = service("compare", "scene", "chain", "best of 4", "--at-tokens", "3")
    assert done.code == Exit.BAD_INPUT
    assert "chain reached nothing within 3.0 tokens a problem; its cheapest setting took 4.0" in done.err


@pytest.mark.parametrize(
    ("arms", "tokens", "said"),
    [
        (("1", "3"), "2", "reached nothing within 2.0 tokens a problem; its cheapest setting took 4.0"),
        (("1", "2"), "8", "are settings of one sweep"),
    ],
)
def test_a_budget_that_nothing_keeps_to_is_refused(
    service: Overthink, engine: Engine, arms: tuple[str, str], tokens: str, said: str
) -> None:
    sweep_and_vote(engine)
    done = service("compare", "scene", *arms, "--at-tokens", tokens)
    assert done.code == Exit.BAD_INPUT
    assert said in done.err


def test_an_unknown_arm_is_answered_with_the_nearest_label(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, arms=(new_arm("chain_of_thought"), new_arm("other")))
    done = service("compare", "scene", "chain_of_thougt", "2")
    assert done.code == Exit.BAD_INPUT
    assert "Did you mean 'chain_of_thought'?" in done.err
