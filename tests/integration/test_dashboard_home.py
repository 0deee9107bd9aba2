"""Home: what needs somebody has its sentence and its button, what goes on its bar, and the list is cut in SQL."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from db import queries, transitions
from db.status import ExperimentStatus
from tests.integration import test_dashboard_pages as pages
from tests.integration.page_tables import links_of, table_of
from tests.integration.scenes import claimed, new_experiment, running_experiment, spent, succeed
from tests.integration.test_dashboard_pages import html_of, opened, ran, read
from tests.integration.test_dashboard_waiting import paused, unserved, without_worker
from tests.integration.test_db_waiting import announce, shift

settings_are = pages.settings_are


@pytest.fixture(autouse=True)
def dashboard(
    database: str, settings_are: Callable[[str], None], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_are(database)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def pressed(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label == label).click()
    return ran(app)


def status(engine: Engine, experiment: int) -> ExperimentStatus:
    return queries.experiment(engine, experiment).summary.status


def failures(engine: Engine, number: int = 2) -> int:
    """Finished, with so many jobs that failed and one that did not."""
    experiment = running_experiment(engine, number + 1)
    for _ in range(number):
        error = "the prompt has <b>4,000</b> tokens"
        transitions.fail_attempt(engine, claimed(engine).lease, error, spent(), retryable=False)
    succeed(engine, claimed(engine).lease)
    transitions.close_finished_experiments(engine)
    return experiment


def without_data(engine: Engine) -> int:
    experiment = transitions.create_experiment(engine, new_experiment("*lost*")).id
    transitions.begin_expansion(engine, experiment)
    transitions.fail_expansion(engine, experiment, "aime.csv: no such file")
    return experiment


def test_failed_jobs_are_told_and_retried_by_one_click(engine: Engine) -> None:
    announce(engine)
    experiment = failures(engine)
    app = opened("experiments")
    assert "2 of 3 jobs failed: the prompt has <b>4,000</b> tokens" in read(app)
    app = pressed(app, "Retry these 2")
    assert status(engine, experiment) is ExperimentStatus.RUNNING
    assert "Needs you" not in read(app)
    assert "1 of 3 jobs done, 2 waiting" in html_of(app)


def test_what_could_not_begin_is_tried_again_by_one_click(engine: Engine) -> None:
    announce(engine)
    experiment = without_data(engine)
    app = opened("experiments")
    assert "Could not begin: aime.csv: no such file" in read(app)
    assert links_of(html_of(app))[f"*lost* #{experiment}"] == f"./experiment?id={experiment}"
    pressed(app, "Try again")
    assert status(engine, experiment) is ExperimentStatus.QUEUED


def test_a_paused_experiment_goes_on_by_one_click(engine: Engine) -> None:
    experiment = paused(engine)
    pressed(opened("experiments"), "Resume")
    assert status(engine, experiment) is ExperimentStatus.RUNNING


@pytest.mark.parametrize("scene", [unserved, without_worker])
def test_what_waits_for_a_worker_says_how_to_start_one(engine: Engine, scene: Callable[[Engine], int]) -> None:
    scene(engine)
    app = opened("experiments")
    assert re.findall('data-text="([^"]*)"', html_of(app)) == ["overthink worker", "overthink up"]
    assert [each.value for each in app.subheader] == ["Needs you", "All"]  # it is told once


def test_experiments_that_wait_for_the_same_model_are_one_line(engine: Engine) -> None:
    first = unserved(engine)
    others = [running_experiment(engine, 3) for _ in range(4)]
    app = opened("experiments")
    assert read(app).count("no live worker serves tiny") == 1
    assert "14 jobs." in read(app)  # 2 and 4 × 3
    doors = links_of(html_of(app))
    assert [f"scene #{each}" in doors for each in (first, *others)] == [True, True, True, False, False]
    assert "and 2 more" in html_of(app)


def test_a_stalled_experiment_leads_to_the_workers(engine: Engine) -> None:
    announce(engine)
    experiment = running_experiment(engine, 1)
    claimed(engine)
    assert "Needs you" not in read(opened("experiments"))
    shift(engine, "UPDATE jobs SET started_at = :at", 700)
    pages.st.cache_data.clear()
    app = opened("experiments")
    assert "Stalled: nothing has ended for 11 min" in read(app)
    assert links_of(html_of(app))["Look at the workers"] == "./queue"
    assert f"scene #{experiment}" in links_of(html_of(app))


def test_what_is_put_aside_stays_so_until_it_ends_anew(engine: Engine) -> None:
    announce(engine)
    failures(engine)
    app = pressed(opened("experiments"), "Put aside")
    assert "Needs you" not in read(app)
    shift(engine, "UPDATE experiments SET finished_at = :at", 60)
    pages.st.cache_data.clear()
    assert "Needs you" in read(ran(app))


def test_what_failed_long_ago_needs_nobody(engine: Engine) -> None:
    announce(engine)
    without_data(engine)
    shift(engine, "UPDATE experiments SET finished_at = :at", 9 * 86_400)
    assert "Needs you" not in read(opened("experiments"))


def test_of_many_troubles_five_are_shown_and_all_when_asked_for(engine: Engine) -> None:
    announce(engine)
    for _ in range(7):
        without_data(engine)
    app = opened("experiments")
    assert read(app).count("Could not begin") == 5
    assert links_of(html_of(app))["Show 2 more"] == "?needs=all"
    app = opened("experiments", needs="all")
    assert read(app).count("Could not begin") == 7


def test_what_runs_says_how_far_it_is_and_promises_a_range(engine: Engine) -> None:
    """4 of 40 ended in a minute, every 15 s one of 14 s; 35 are to be begun, which takes 525 s: times 0.4204 to 3.814,
    Fisher's with 70 and 8 degrees of freedom, and 14 s for the last, that is from 235 to 2,016 s. With each second that
    goes by until it is drawn, they are 4 s and 33 s more."""
    announce(engine)
    experiment = running_experiment(engine, 40)
    for _ in range(4):
        succeed(engine, claimed(engine).lease)
    claimed(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE jobs SET started_at = now() - make_interval(secs => 60 - 15 * number), "
                "finished_at = now() - make_interval(secs => 46 - 15 * number) "
                "FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM jobs "
                "      WHERE status = 'succeeded') AS ended WHERE jobs.id = ended.id"
            )
        )
    app = opened("experiments")
    assert "4 of 40 jobs done, 1 running, 35 waiting" in html_of(app)
    assert "16 tokens" in html_of(app)
    found = re.search(r"(\d+)–(\d+) min left", html_of(app))
    assert found is not None
    low, high = map(int, found.groups())
    assert low >= 3 and high >= 34
    transitions.pause_experiment(engine, experiment)
    pages.st.cache_data.clear()
    assert "min left" not in html_of(opened("experiments"))


def test_a_long_list_is_cut_and_ordered_in_the_database(engine: Engine) -> None:
    announce(engine)
    for number in range(53):
        transitions.create_experiment(engine, new_experiment(f"sweep {number:02}", owner="ann" if number else "zoe"))
    app = opened("experiments")
    assert len(table_of(html_of(app), "experiments")) == 50
    assert "53 experiments, the newest first." in read(app)
    second = opened("experiments", sheet=2)
    assert [row["experiment"] for row in table_of(html_of(second), "experiments")] == [
        "sweep 02", "sweep 01", "sweep 00",
    ]  # fmt: skip
    by_owner = table_of(html_of(opened("experiments", sort="owner", sheet=2)), "experiments")
    assert by_owner[-1]["experiment"] == "sweep 00"
    assert links_of(html_of(app))["queued 53"] == "?status=queued&sheet="


def test_what_ended_since_one_looked_has_a_dot_until_it_is_marked_as_seen(engine: Engine) -> None:
    announce(engine)
    app = opened("experiments")
    failures(engine)
    shift(engine, "UPDATE experiments SET finished_at = :at", -5)
    pages.st.cache_data.clear()
    app = ran(app)
    assert "1 ended since you last looked" in links_of(html_of(app))
    assert 'class="ot-new" title' in html_of(app)
    app = pressed(app, "Put aside")
    shift(engine, "UPDATE experiments SET finished_at = :at", 5)
    pages.st.cache_data.clear()
    assert "1 ended since you last looked" not in links_of(html_of(pressed(app, "Mark as seen")))


def test_what_met_its_cap_goes_on_with_a_higher_one_by_one_click(engine: Engine) -> None:
    """It was capped at the 4 tokens of its first job; 9 are offered."""
    announce(engine)
    experiment = running_experiment(engine, 3)
    succeed(engine, claimed(engine).lease)
    transitions.cancel_experiment(engine, experiment)
    with engine.begin() as connection:
        connection.execute(text("UPDATE experiments SET status = 'capped', token_cap = 4"))
    app = opened("experiments")
    assert "Stopped at its cap of 4 tokens: 2 of 3 jobs not run." in read(app)
    app = pressed(app, "Go on")
    found = queries.experiment(engine, experiment).summary
    assert (found.status, found.token_cap) == (ExperimentStatus.RUNNING, 9)
    assert "4 of at most 9 tokens" in html_of(app)
