"""Easy and hard problems from the command line; a scene stands in for the worker."""

import csv
import io
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from db import transitions
from overthink.cli.exits import Exit
from scaling.types import Outcome, Trace, Verdict
from tests.cli import Overthink, document, overthink, service
from tests.integration.scenes import claimed, new_arm, new_experiment, running_experiment, star, succeed

__all__ = ["overthink", "service"]
CORRECT, WRONG = Verdict.CORRECT, Verdict.WRONG
EASY = (True, True, False, False)
"""What the base arm makes of the four problems."""


def crossing(engine: Engine, final_scores: tuple[float, ...] | None = None) -> None:
    """`careful` is right on what the base arm finds easy, `bold` on what it finds hard."""
    running_experiment(engine, num_problems=4, arms=(new_arm("base"), new_arm("careful"), new_arm("bold")))
    for number, is_easy in enumerate(EASY):
        verdict = CORRECT if is_easy else WRONG
        trace, grades = star(2, verdict)
        steps = () if final_scores is None else (0.1, final_scores[number])
        candidates = tuple(replace(each, step_scores=steps) for each in trace.outcome.candidates)
        lease = claimed(engine).lease
        transitions.succeed(engine, lease, Trace(trace.steps, Outcome(candidates, chosen=0)), grades, wall_seconds=1.0)
        succeed(engine, claimed(engine).lease, verdict=verdict)
        succeed(engine, claimed(engine).lease, verdict=WRONG if is_easy else CORRECT)


def test_each_arm_is_shown_in_each_bin_and_the_best_is_chosen_there(service: Overthink, engine: Engine) -> None:
    crossing(engine)
    said = document(service("difficulty", "scene", "--base", "base", "--bins", "2", "--json"))
    assert [(each["problems"], each["easiness_low"], each["easiness_high"]) for each in said["bins"]] == [
        (2, 1.0, 1.0),
        (2, 0.0, 0.0),
    ]
    bars = {arm["label"]: [each["value"] for each in arm["by_bin"]] for arm in said["arms"]}
    assert bars == {"base": [1.0, 0.0], "careful": [1.0, 0.0], "bold": [0.0, 1.0]}
    (choice,) = said["compute_optimal"]
    assert choice["choices"] == [["careful", "careful"], ["bold", "bold"]]
    assert (choice["budget"], choice["accuracy"]["value"], choice["ceiling"]) == (4, 1.0, 1.0)
    assert choice["cost"] == 4  # a scene's chain generates 3 + 1 tokens
    assert choice["cost_with_binning"] == 4 + 2 * 4  # the base arm made two of them
    # each is right on one half of the problems: which one is chosen for all is a matter of the halves
    assert choice["one_for_all"]["difference"] == 1.0 - choice["one_for_all"]["value"]
    assert choice["against"] == [] and said["ratios"] == [] and said["exchanges"] == []


def test_the_verifier_tells_easy_from_hard_by_its_last_score(service: Overthink, engine: Engine) -> None:
    crossing(engine, final_scores=(0.25, 0.75, 0.5, 1.0))
    said = document(service("difficulty", "scene", "--base", "1", "--by", "verifier", "--bins", "2", "--json"))
    assert [(each["easiness_low"], each["easiness_high"]) for each in said["bins"]] == [(0.75, 1.0), (0.25, 0.5)]
    bars = {arm["label"]: [each["value"] for each in arm["by_bin"]] for arm in said["arms"]}
    assert bars["careful"] == [0.5, 0.5]  # p1 and p3; p2 and p0


def test_difficulty_for_people_names_bins_choices_and_what_flatters(service: Overthink, engine: Engine) -> None:
    crossing(engine)
    shown = service("difficulty", "scene", "--base", "base", "--bins", "2").out
    assert "easiest" in shown
    assert (
        "base made the bins: its own bars are flattered by that, and a little those of arms that ask the same" in shown
    )
    assert "100.0%" in shown
    assert "one for all" in shown


def test_difficulty_as_csv_has_bars_and_curve(service: Overthink, engine: Engine) -> None:
    crossing(engine)
    rows = list(csv.DictReader(io.StringIO(service("difficulty", "scene", "--base", "1", "--bins", "2", "--csv").out)))
    assert [(row["bin"], row["value"]) for row in rows if row["label"] == "bold"] == [
        ("", "0.5"),
        ("1", "0.0"),
        ("2", "1.0"),
    ]
    (choice,) = [row for row in rows if row["label"] == "compute-optimal"]
    assert (choice["budget"], choice["value"], choice["cost_with_binning"]) == ("4.0", "1.0", "12.0")


def test_the_base_arm_may_be_of_another_experiment_on_the_same_data(service: Overthink, engine: Engine) -> None:
    crossing(engine)
    running_experiment(engine, num_problems=4, arms=(new_arm("careful"), new_arm("bold")), new=new_experiment("later"))
    for is_easy in EASY:
        succeed(engine, claimed(engine).lease, verdict=CORRECT if is_easy else WRONG)
        succeed(engine, claimed(engine).lease, verdict=WRONG if is_easy else CORRECT)
    asked = ("difficulty", "later", "--base", "base", "--base-in", "scene", "--bins", "2")
    said = document(service(*asked, "--json"))
    assert (said["base_experiment"], said["base"], said["unbinned"]) == (1, "base", 0)
    (choice,) = said["compute_optimal"]
    assert choice["choices"] == [["careful", "careful"], ["bold", "bold"]]
    assert "made the bins" not in service(*asked).out
    with engine.begin() as connection:
        connection.execute(text("UPDATE problems SET grader = 'exact' WHERE experiment_id = 1"))
    refused = service(*asked)
    assert refused.code == Exit.BAD_INPUT
    assert "experiments 2 and 1 have no problem in common" in refused.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--base", "bse", "--bins", "2"), "Did you mean 'base'?"),
        (("--base", "base"), "5 bins of two halves need 10 problems"),
        (("--base", "base", "--by", "verifier", "--bins", "2"), "no verifier scored the candidates of arm 'base'"),
    ],
)
def test_what_cannot_be_binned_is_refused_with_what_to_do(
    service: Overthink, engine: Engine, options: tuple[str, ...], said: str
) -> None:
    crossing(engine)
    done = service("difficulty", "scene", *options)
    assert done.code == Exit.BAD_INPUT
    assert said in done.err


def test_an_unfinished_experiment_says_what_is_missing(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=4, arms=(new_arm("base"), new_arm("other")))
    for _ in range(4):
        succeed(engine, claimed(engine).lease)
    said = document(service("difficulty", "scene", "--base", "base", "--bins", "1", "--json"))
    assert (said["status"], said["unbinned"]) == ("running", 2)  # the last two problems still wait
    assert "4 jobs have not ended" in service("difficulty", "scene", "--base", "base", "--bins", "1").out
    alone = service("difficulty", "scene", "--base", "base")
    assert "got 2; wait for more results" in alone.err
