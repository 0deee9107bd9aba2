"""People judge pairs blind, on the page and with the numbers worked by hand; and what they preferred is told."""

import re

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from db import queries, transitions
from db.opinions import Choice, Judgement, Shown
from results import QUESTIONS, Measurements
from results.preferences.question import Preferences
from scaling.types import Verdict
from tests.integration.page_tables import table_of
from tests.integration.scenes import claimed, new_arm, running_experiment, succeed
from tests.integration.test_dashboard_pages import (
    World,
    gallery,
    html_of,
    opened,
    own_world,
    ran,
    said,
    settings_are,
    world,
)

__all__ = ["gallery", "own_world", "settings_are", "world"]
ARMS = [new_arm("one"), new_arm("two"), new_arm("three")]


def judged_world(engine: Engine) -> tuple[int, dict[tuple[str, int], int]]:
    """Three arms and three problems; `one` is wrong, the others are right. Jobs by arm and problem."""
    experiment = running_experiment(engine, 3, ARMS)
    for _ in range(9):
        job = claimed(engine)
        succeed(engine, job.lease, verdict=Verdict.WRONG if job.arm_label == "one" else Verdict.CORRECT)
    transitions.close_finished_experiments(engine)
    listed = queries.list_traces(engine, experiment).traces
    return experiment, {(each.arm_label, each.problem): each.job_id for each in listed}


def told(engine: Engine, experiment: int, **options: object) -> Preferences:
    measured = Measurements(engine, queries.experiment(engine, experiment))
    found = QUESTIONS["preferences"].answer(measured, **options)
    assert isinstance(found, Preferences)
    return found


def test_the_win_rate_is_over_problems_and_stands_beside_the_accuracies(engine: Engine) -> None:
    """Two against one. Problem 0: won by ann, lost by bob (½); problem 1: won; problem 2: tied. (½ + 1 + ½) / 3."""
    experiment, job = judged_world(engine)
    transitions.judge(engine, "ann", Judgement(job["one", 0], job["two", 0], Choice.RIGHT))
    transitions.judge(engine, "bob", Judgement(job["one", 0], job["two", 0], Choice.LEFT))
    transitions.judge(engine, "ann", Judgement(job["two", 1], job["one", 1], Choice.LEFT))
    transitions.judge(engine, "ann", Judgement(job["two", 2], job["one", 2], Choice.TIE))
    (pair,) = told(engine, experiment).pairs
    assert (pair.first.label, pair.second.label) == ("one", "two")
    assert (pair.rate.value, pair.rate.n) == (pytest.approx(2 / 3), 3)
    assert (pair.won, pair.tied, pair.lost, pair.people, pair.judgements) == (2, 1, 1, 2, 4)
    assert (pair.right.first, pair.right.second) == (0.0, 1.0)


def test_each_pair_of_arms_is_adjusted_for_their_number(engine: Engine) -> None:
    experiment, job = judged_world(engine)
    for problem in range(3):
        transitions.judge(engine, "ann", Judgement(job["one", problem], job["two", problem], Choice.RIGHT))
    transitions.judge(engine, "ann", Judgement(job["three", 0], job["one", 0], Choice.RIGHT))
    two, three = told(engine, experiment).pairs
    assert [(each.first.label, each.second.label) for each in (two, three)] == [("one", "two"), ("one", "three")]
    assert (two.result.p_value, two.result.adjusted_p_value) == (0.25, 0.5)  # 2/2³, of two
    assert (two.rate.value, three.rate.value) == (1.0, 0.0)


def test_what_people_choose_by_side_and_how_far_they_agree_is_told(engine: Engine) -> None:
    """Left, left, right: over two problems (1 + ½) / 2. Of the pair that both judged they chose another."""
    experiment, job = judged_world(engine)
    transitions.judge(engine, "ann", Judgement(job["one", 0], job["two", 0], Choice.LEFT))
    transitions.judge(engine, "ann", Judgement(job["one", 1], job["two", 1], Choice.LEFT))
    transitions.judge(engine, "bob", Judgement(job["one", 1], job["two", 1], Choice.RIGHT))
    found = told(engine, experiment)
    assert (found.left.value, found.left.n) == (0.75, 2)
    assert (found.agreement.pairs, found.agreement.alike) == (1, 0.0)
    assert found.people == ("ann", "bob")


def test_one_persons_preferences_or_those_told_by_answers_alone_are_asked_for(engine: Engine) -> None:
    experiment, job = judged_world(engine)
    transitions.judge(engine, "ann", Judgement(job["one", 0], job["two", 0], Choice.RIGHT))
    transitions.judge(engine, "bob", Judgement(job["one", 1], job["two", 1], Choice.LEFT, Shown.ANSWER))
    assert told(engine, experiment, person="ann").pairs[0].rate.value == 1.0
    assert told(engine, experiment, shown="answer").pairs[0].rate.value == 0.0
    assert told(engine, experiment, person="eve").pairs == ()


def press(app: AppTest, words: str) -> AppTest:
    (button,) = (each for each in app.button if each.label.startswith(words))
    button.click()
    return ran(app)


def begun(world: World, **more: object) -> AppTest:
    return opened("judge", judging=world["demo"], stage="pairs", **more)


def test_a_pair_is_judged_by_a_button_and_another_comes(own_world: World) -> None:
    app = begun(own_world)
    first = re.findall(r'<section class="ot-judged".*?</section>', html_of(app), re.S)
    assert len(first) == 2 and "0 judged by you" in said(app)
    app = press(app, "Left is better")
    assert "1 judged by you" in said(app)
    assert re.findall(r'<section class="ot-judged".*?</section>', html_of(app), re.S) != first
    made = [each for each in queries.judgements(own_world.engine, own_world["demo"]) if each.person == "tester"]
    assert [(each.choice, each.shown) for each in made] == [(Choice.LEFT, Shown.REASONING)]
    app = press(app, "Undo")
    assert "0 judged by you" in said(app)
    assert re.findall(r'<section class="ot-judged".*?</section>', html_of(app), re.S) == first


def test_without_an_experiment_it_says_what_judging_is_and_offers_those_that_can_be_judged(world: World) -> None:
    app = opened("judge")
    assert "Sides are drawn for each pair" in said(app)
    assert f'href="./judge?judging={world["demo"]}"' in html_of(app)
    assert f"judging={world['failed']}" not in html_of(app), "it has no results"


def test_before_the_choice_no_arm_and_no_job_is_on_the_page(own_world: World) -> None:
    labels = [arm.label for arm in queries.experiment(own_world.engine, own_world["demo"]).arms]
    app = begun(own_world, between=labels[-2:])
    page = html_of(app) + said(app) + " ".join(f"{each.label} {each.key}" for each in app.button)
    assert [label for label in labels if label in page] == []
    assert "trace?job" not in page


def test_the_answer_alone_is_shown_where_only_that_is_asked_for(own_world: World) -> None:
    page = html_of(begun(own_world, show="answer"))
    assert "reasoning" not in page and "boxed" in page
    press(begun(own_world, show="answer"), "As good")
    last = queries.judgements(own_world.engine, own_world["demo"])[-1]
    assert (last.choice, last.shown) == (Choice.TIE, Shown.ANSWER)


def test_who_has_judged_every_pair_is_told_so(own_world: World) -> None:
    labels = [arm.label for arm in queries.experiment(own_world.engine, own_world["demo"]).arms][:2]
    app = begun(own_world, between=labels)
    for _ in range(2):  # of two problems
        app = press(app, "Right is better")
    assert "You have judged every pair there is." in [each.value for each in app.success]


def test_results_stand_beside_the_way_to_judge_and_name_people_literally(world: World) -> None:
    page = html_of(opened("judge", judging=world["demo"]))
    (row,) = table_of(page, "preferences")
    assert (row["win rate"], row["judged"], row["won"], row["tied"]) == ("75.0%", "3", "2", "1")
    assert "&lt;b&gt;bob" in page and "<b>bob" not in page
    assert len(table_of(page, "judgements")) == 3
