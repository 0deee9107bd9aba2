"""Every page, drawn without a browser over a real PostgreSQL: what it says, what its address means, what buttons do."""

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

import results
from dashboard import data
from dashboard.escaping import NOTHING, in_markdown
from dashboard.views.results_section import BY_NAME
from db import archive as archives
from db import queries, transitions
from db.engine import connect
from db.queries import TraceFilter
from db.queries.scanning import ids_to_scan
from db.records import NewArm
from db.status import ExperimentStatus, JobStatus, ScanStatus
from db.transitions.scans import NewScan
from results import Measurements
from results.wording import accuracy
from scaling.scanners.id_chains import StepLogProbs
from scaling.scanners.scanner import Finding
from scaling.types import Verdict
from tests.conftest import execute, sibling
from tests.integration.dashboard_world import HOSTILE, WORKER, populate
from tests.integration.page_tables import links_of, parameters, table_of
from tests.integration.scenes import MODEL, VERIFIER, claimed, running_experiment, scored_job, spent, succeed

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
TIMEOUT_S = 240.0


@dataclass(frozen=True)
class World:
    """A populated database and the ids of its experiments."""

    url: str
    engine: Engine
    ids: dict[str, int]

    def __getitem__(self, name: str) -> int:
        return self.ids[name]


@pytest.fixture(scope="module")
def gallery(postgres_url: str, template_url: str) -> Iterator[World]:
    """One world for all tests that only look."""
    execute(postgres_url, "CREATE DATABASE gallery TEMPLATE migrated STRATEGY FILE_COPY")
    url = sibling(postgres_url, "gallery")
    engine = connect(url)
    yield World(url, engine, populate(engine, num_problems=10))
    engine.dispose()
    execute(postgres_url, "DROP DATABASE gallery WITH (FORCE)")


@pytest.fixture
def settings_are(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Points the dashboard at a database. No Redis answers; nothing is cached from another test."""

    def point(url: str) -> None:
        monkeypatch.setenv("OVERTHINK_DATABASE_URL", url)
        monkeypatch.setenv("OVERTHINK_REDIS_URL", "redis://127.0.0.1:1/0")
        monkeypatch.setenv("OVERTHINK_OWNER", "tester")

    st.cache_data.clear()
    yield point
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def world(gallery: World, settings_are: Callable[[str], None]) -> World:
    """To look at. Its worker lives."""
    settings_are(gallery.url)
    transitions.heartbeat(gallery.engine, WORKER, {})
    return gallery


@pytest.fixture
def own_world(database: str, engine: Engine, settings_are: Callable[[str], None]) -> World:
    """To change."""
    settings_are(database)
    return World(database, engine, populate(engine, num_problems=2))


@pytest.fixture
def empty(database: str, settings_are: Callable[[str], None]) -> None:
    settings_are(database)


def addressed(page: str, /, **parameters: object) -> AppTest:
    """The page at its address, not run yet."""
    app = AppTest.from_file(str(APP), default_timeout=TIMEOUT_S)
    for name, value in parameters.items():
        app.query_params[name] = [str(each) for each in value] if isinstance(value, list) else str(value)
    app.switch_page(f"app_pages/{page}.py")
    return app


def opened(page: str, /, **parameters: object) -> AppTest:
    """The page at its address; an exception anywhere on it fails the test."""
    return ran(addressed(page, **parameters))


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [each.message for each in app.exception]
    return app


def said(app: AppTest) -> str:
    """All text of the page: our words and what is shown as HTML."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "error",
        "warning",
        "info",
        "success",
        "code",
    )
    texts = [str(getattr(each, "value", None) or each.proto) for kind in kinds for each in app.get(kind)]
    return "\n".join([*texts, html_of(app)])


def as_read(text: str) -> str:
    """Markdown without what keeps names literal."""
    return text.replace("\\", "").replace(NOTHING, "")


def read(app: AppTest) -> str:
    return as_read(said(app))


def figures(app: AppTest) -> list[str]:
    """The figures of the page's plots, as JSON."""
    given = [json.loads(each.proto.json or "{}") for each in app.get("bidi_component")]
    return [each["figure"] for each in given if "figure" in each]


def html_of(app: AppTest) -> str:
    """Without the page's own script."""
    return "\n".join(each.proto.body for each in app.get("html") if not each.proto.unsafe_allow_javascript)


def column(app: AppTest, table: str, title: str) -> list[str]:
    return [row[title] for row in table_of(html_of(app), table)]


def test_the_list_says_what_each_experiment_is_and_how_far(world: World) -> None:
    app = opened("experiments")
    table = {int(row["#"]): row for row in table_of(html_of(app), "experiments")}
    assert {number: row["status"] for number, row in table.items()} == {
        world["demo"]: "succeeded",
        world["hostile"]: "succeeded",
        world["failed"]: "failed",
        world["running"]: "running 42%",  # of 5 arms × 10 problems 20 succeeded and one failed
    }
    demo = table[world["demo"]]
    assert (demo["model"], demo["data × problems"], demo["arms"]) == ("ladder-tiny", "ladder-test × 10", "8")
    best = max(
        results.arm_results(Measurements(world.engine, queries.experiment(world.engine, world["demo"]))),
        key=lambda arm: arm.accuracy.estimate.value,
    )
    assert (demo["best arm"], demo["its accuracy"]) == ("one chain", accuracy(best.accuracy.estimate))
    assert demo["submitted"] == "just now" and demo["owner"] == "ann"
    assert table[world["failed"]]["experiment"] == "<b>aime</b> *forcing*"
    assert table[world["failed"]]["best arm"] == "–"


def test_the_list_is_filtered_by_its_address(world: World) -> None:
    assert column(opened("experiments", owner="bo"), "experiments", "#") == [str(world["running"])]
    assert column(opened("experiments", status="failed"), "experiments", "#") == [str(world["failed"])]
    assert column(opened("experiments", find="HOSTILE"), "experiments", "#") == [str(world["hostile"])]
    assert column(opened("experiments", tag="<b>"), "experiments", "#") == [str(world["hostile"])]
    assert column(opened("experiments", model="ladder-tiny", status="running"), "experiments", "#") == [
        str(world["running"])
    ]
    assert len(column(opened("experiments", since=0), "experiments", "#")) == 3  # all but the one that runs
    assert "No experiment matches" in said(opened("experiments", find="nothing like it"))


def test_where_all_is_well_a_dot_leads_to_who_works(
    own_world: World, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)
    app = opened("experiments")
    assert links_of(html_of(app))["1 worker"] == "./queue"
    assert "ot-dot good" in html_of(app) and not app.error and not app.warning


def test_an_empty_database_says_what_to_do_and_that_no_worker_lives(empty: None) -> None:
    app = opened("experiments")
    assert "No experiments yet" in said(app)
    assert "No worker is alive" in said(app) and "overthink worker" in said(app)


def test_a_redis_that_is_away_is_said_with_the_remedy(world: World) -> None:
    text = said(opened("experiments"))
    assert "Redis does not answer" in text and "OVERTHINK\\_REDIS\\_URL" in text


def test_a_database_that_is_away_is_said_with_the_remedy(settings_are: Callable[[str], None], tmp_path: Path) -> None:
    settings_are(f"postgresql:///overthink?host={tmp_path}")
    text = said(opened("experiments"))
    assert "PostgreSQL does not answer" in text and "OVERTHINK\\_DATABASE\\_URL" in text


def test_no_database_configured_is_said_with_the_remedy(
    settings_are: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OVERTHINK_DATABASE_URL", raising=False)
    assert "overthink up" in said(opened("experiments"))


def test_an_experiment_shows_its_results_its_plot_and_that_it_is_an_instrument_check(world: World) -> None:
    app = opened("experiment", id=world["demo"])
    assert column(app, "arms", "arm")[0] == "one chain"
    assert column(app, "arms", "n") == ["10"] * 8
    assert len(figures(app)) == 1
    text = said(app)
    assert "95 % intervals over problems" in text
    assert "Instrument check" in text
    assert "n = 10 problems per arm" in text


def test_the_plot_can_count_generated_tokens_and_draw_votes(world: World) -> None:
    app = opened(
        "experiment", id=world["demo"], x="generated tokens of the generator", k="maj@k", log="false", front="true"
    )
    assert "maj@k" in said(app)
    figure = figures(app)[0]
    assert "mean generated tokens of the generator per problem" in figure
    assert "maj@k \\u00b7 vote of 8" in figure and "Pareto front" in figure


def test_the_plot_draws_the_arms_of_another_experiment_too_and_a_click_opens_their_traces(world: World) -> None:
    other = {"with": f"#{world['running']} waits on ladder"}
    app = opened("experiment", id=world["demo"], **other)
    assert f"are common to experiments {world['demo']}, {world['running']}" in said(app)
    figure = figures(app)[0]
    assert "waits on ladder:chain_of_thought" in figure
    assert f"traces?experiment={world['running']}&arm=chain_of_thought" in figure.replace("\\u0026", "&")
    assert f"traces?experiment={world['demo']}&arm=chain_of_thought" in figure.replace("\\u0026", "&")


def test_an_experiment_that_asks_nothing_alike_is_not_drawn_and_that_is_said(world: World) -> None:
    app = opened("experiment", id=world["demo"])
    app.multiselect(key="with").set_value([world["hostile"]])
    ran(app)
    assert "have no problem in common" in said(app)
    assert "n = 10 problems per arm" in said(app)


def test_what_k_candidates_give_is_a_view_of_its_own(world: World) -> None:
    app = opened("experiment", id=world["demo"], view="of k candidates")
    figure = figures(app)[0]
    assert "maj@k \\u00b7 vote of 8" in figure and "pass@k \\u00b7 vote of 8" in figure


FORGET = """UPDATE arms SET strategy = 'forgotten', strategy_spec = '{"strategy": "forgotten"}'
    WHERE strategy = 'majority_vote'"""


def test_an_arm_whose_strategy_this_version_does_not_have_is_shown_in_every_view(own_world: World) -> None:
    with own_world.engine.begin() as connection:
        connection.execute(text(FORGET))
    for view in BY_NAME:
        assert "majority_vote samples=8" in said(opened("experiment", id=own_world["demo"], view=view))
    assert "majority_vote samples=8" in figures(opened("experiment", id=own_world["demo"]))[0]


def test_easy_and_hard_problems_are_told_apart_by_the_arm_that_samples_most(world: World) -> None:
    app = opened("experiment", id=world["demo"], view="by difficulty")
    assert app.selectbox(key="base").value == "majority_vote samples=8"
    bars, optimal = figures(app)
    assert "1 \\u00b7 easiest" in bars and "5 \\u00b7 hardest" in bars
    assert "compute-optimal" in optimal and "vote of 8, and fewer" in optimal
    assert "vote of 8 made the bins" in said(app)


def test_arms_are_chosen_by_their_names_and_the_address_has_their_labels(world: World) -> None:
    app = opened("experiment", id=world["demo"], view="by difficulty")
    app.multiselect(key="arms").select("2 Waits").select("one chain")
    app.selectbox(key="base").select("one chain")
    ran(app)
    assert app.query_params["base"] == "chain_of_thought"
    waits = next(arm.label for arm in queries.experiment(world.engine, world["demo"]).arms if "waits=2" in arm.label)
    assert set(app.query_params["arms"]) == {waits, "chain_of_thought"}
    assert "one chain made the bins" in said(app)
    again = opened("experiment", id=world["demo"], view="by difficulty", arms=[waits], base="chain_of_thought")
    assert (again.multiselect(key="arms").value, again.selectbox(key="base").value) == ([waits], "chain_of_thought")


def test_one_arm_alone_is_offered_no_pair_to_judge(world: World) -> None:
    app = opened("judge", judging=world["hostile"])
    assert "One arm alone makes no pair." in said(app) and "Begin" not in links_of(html_of(app))
    assert "Begin" in links_of(html_of(opened("judge", judging=world["demo"])))


def test_difficulty_that_cannot_be_told_says_why(world: World) -> None:
    text = said(opened("experiment", id=world["demo"], view="by difficulty", by="verifier’s mean final score"))
    assert "no verifier scored the candidates" in text
    assert "need 20 problems" in said(opened("experiment", id=world["demo"], view="by difficulty", bins=10))


def test_what_arms_took_stands_against_what_they_were_given(world: World) -> None:
    """Of eight arms six have a budget: the cuts, which think for a token less, and those with Waits."""
    app = opened("experiment", id=world["demo"], view="thinking against budget", controllog="false")
    text = said(app)
    assert "0 of 6 arms took more on average than they were given; 0 of their 60 jobs did" in text
    assert "not here: one chain, vote of 8" in read(app).replace(NOTHING, "")
    assert '"range":[0.0,848.0]' in figures(app)[0]  # 1.06 · 800
    sweeps = table_of(html_of(app), "sweeps")
    assert [(each["settings"], each["control"], each["n"]) for each in sweeps] == [
        ("4", "100%", "10"),
        ("3", "100%", "10"),
    ]
    assert sweeps[1]["sweep"] == "budget_forcing: waits" and re.fullmatch("[0-9] Waits?", sweeps[1]["best setting"])


def test_an_experiment_without_budgets_says_so_in_place_of_the_plot(world: World) -> None:
    app = opened("experiment", id=world["hostile"], view="thinking against budget")
    assert "was given a number of thinking tokens: not one chain" in said(app)
    assert "No two arms that differ in one number" in said(app) and not figures(app)


def test_jobs_are_distributed_over_tokens_in_a_row_for_each_arm(world: World) -> None:
    app = opened("experiment", id=world["demo"], view="tokens per job")
    figure = figures(app)[0]
    assert "thinking tokens per job" in figure and "90th percentile" in figure
    assert "10 jobs \\u00b7 median 36" in figure and "given 800" in figure
    chosen = {"of": "generated tokens of the generator", "tokenslog": "false", "shown": "majority_vote samples=8"}
    app = opened("experiment", id=world["demo"], view="tokens per job", **chosen)
    figure = figures(app)[0]
    assert (
        "generated tokens of the generator per job" in figure
        and "majority_vote" in figure
        and "budget_forcing" not in figure
    )


def test_a_distribution_names_the_unit_that_its_axis_does_not_say(world: World) -> None:
    app = opened("experiment", id=world["demo"], view="tokens per job", of="wall time")
    assert "wall time per job, in s" in figures(app)[0]


def test_jobs_in_no_bar_are_counted_below_the_bars(world: World) -> None:
    """5 arms × 10 problems: 20 succeeded, one failed, 29 are still to come."""
    assert in_markdown("In no bar: 1 failed, 29 not ended jobs") in said(
        opened("experiment", id=world["running"], view="tokens per job")
    )


def measured(world: World) -> Measurements:
    return Measurements(world.engine, queries.experiment(world.engine, world["demo"]))


def test_costs_that_the_registry_tells_too_little_for_are_not_drawn_and_it_is_said_why(world: World) -> None:
    reason = "whose registry entry has no price_per_million (or price_per_gpu_hour): ladder-tiny."
    app = opened("experiment", id=world["demo"], x="price")
    assert reason in read(app).replace(NOTHING, "") and "Not drawn, for their cost is not known" in said(app)
    jobs = opened("experiment", id=world["demo"], view="tokens per job", of="price")
    assert reason in read(jobs)


def test_unless_the_address_says_otherwise_tokens_of_all_models_are_the_axis(world: World) -> None:
    assert "mean generated tokens of all models per problem" in figures(opened("experiment", id=world["demo"]))[0]


def test_an_experiment_that_could_not_be_laid_out_says_why(world: World) -> None:
    text = said(opened("experiment", id=world["failed"]))
    assert "No such file or directory" in text
    assert in_markdown("<b>aime</b> *forcing*") in text  # its name, literally


def test_an_experiment_that_is_not_there_is_said_kindly(world: World) -> None:
    assert "There is no experiment 999" in said(opened("experiment", id=999))
    assert "must be a number" in said(opened("experiment", id="1; DROP TABLE jobs"))
    assert "names no experiment" in said(opened("experiment"))


def test_pausing_asks_first_and_then_pauses(own_world: World) -> None:
    app = opened("experiment", id=own_world["running"])
    assert "nothing more is started" in said(app)
    button(app, "Yes, pause").click()
    ran(app)
    assert queries.experiment(own_world.engine, own_world["running"]).summary.status is ExperimentStatus.PAUSED
    assert [each.label for each in app.button if each.label.startswith("Yes")] == ["Yes, resume", "Yes, cancel"]


def button(app: AppTest, label: str) -> Button:
    return next(each for each in app.button if each.label == label)


def reader_of(app: AppTest) -> dict[str, Any]:
    """What the trace's reader was told: the outline, and the rows that it asked for, or will ask for first."""
    given = [json.loads(each.proto.json or "{}") for each in app.get("bidi_component")]
    [told] = [each for each in given if "outline" in each]
    return dict(told)


def words_of(app: AppTest) -> str:
    """All that the reader was given to show."""
    rows = reader_of(app)["rows"]
    return "\n".join(str(row.get(name, "")) for row in rows for name in ("label", "facts", "text", "ids"))


def kinds_of(app: AppTest) -> list[str]:
    return list(reader_of(app)["outline"]["kinds"])


def test_a_trace_marks_what_was_forced_and_counts_it(world: World) -> None:
    job = first_job(world.engine, world["demo"], "budget_forcing waits=2 max_thinking_tokens=800")
    app = opened("trace", job=job)
    told = reader_of(app)
    assert told["outline"]["titles"] == [
        "Prompt", "Think 1", "Wait 1", "Think 2", "Wait 2", "Think 3", "Opener", "Answer"
    ]  # fmt: skip
    assert kinds_of(app).count("forced") == 3  # two Waits and the answer's opener
    assert words_of(app).count("in the thinking, not the model’s words") == 2
    assert not any("ids" in row for row in told["rows"])
    with_ids = reader_of(opened("trace", job=job, ids="true"))
    assert sum("ids" in row for row in with_ids["rows"]) == 8


def test_every_wait_has_the_answers_before_and_after_it(world: World) -> None:
    job = first_job(world.engine, world["demo"], "budget_forcing waits=2 max_thinking_tokens=800")
    asides = reader_of(opened("trace", job=job))["outline"]["asides"]
    assert set(asides) == {"2", "4"} and all(" → " in each for each in asides.values())
    assert asides["2"].split(" → ")[1] == asides["4"].split(" → ")[0]


def first_job(engine: Engine, experiment: int, label: str) -> int:
    arm = next(arm for arm in queries.experiment(engine, experiment).arms if arm.label == label)
    return queries.list_traces(engine, experiment, TraceFilter(arm_id=arm.id)).traces[0].job_id


def test_a_vote_shows_its_candidates_and_follows_the_one_asked_for(world: World) -> None:
    job = first_job(world.engine, world["demo"], "majority_vote samples=8")
    app = opened("trace", job=job)
    assert len(column(app, "candidates", "answer")) == 8
    assert kinds_of(app) == ["prompt", "think", "answer"]
    tree = reader_of(opened("trace", job=job, follow="the whole tree"))
    assert len(tree["outline"]["kinds"]) == 1 + 8 * 2 and "0.7.0 answer" in tree["outline"]["titles"]
    assert reader_of(opened("trace", job=job, follow="3"))["trace"] == f"{job}/0.2.0"


def test_the_answers_of_a_vote_stand_as_clusters_whose_members_are_links(world: World) -> None:
    job = first_job(world.engine, world["demo"], "majority_vote samples=8")
    page = html_of(opened("trace", job=job))
    members = re.findall(r'class="ot-member" href="\?follow=([0-9]+)&amp;step="', page)
    assert sorted(map(int, members)) == list(range(1, 9))
    assert page.count('class="ot-cluster"') >= 1 and "★ chosen" in page


def test_a_trace_says_why_it_has_its_verdict(world: World) -> None:
    job = first_job(world.engine, world["demo"], "majority_vote samples=8")
    page = html_of(opened("trace", job=job))
    assert '<dl class="ot-why" aria-label="Why this verdict">' in page
    assert "<dt>judged by</dt><dd><bdi>integer, rules " in page


@pytest.mark.parametrize(
    ("tab", "expected"), [("counts", "thinking tokens, forced included"), ("attempts", "generated")]
)
def test_the_tab_of_the_inspector_stands_in_the_address(world: World, tab: str, expected: str) -> None:
    job = first_job(world.engine, world["demo"], "majority_vote samples=8")
    page = html_of(opened("trace", job=job, tab=tab))
    assert f'href="?tab={tab}" data-replaces aria-current=page' in page and expected in page
    assert 'href="?tab=votes" data-replaces aria-current=page' in html_of(opened("trace", job=job, tab="no such tab"))


def test_what_is_looked_for_in_a_trace_is_counted_and_stands_in_the_address(world: World) -> None:
    job = first_job(world.engine, world["demo"], "budget_forcing waits=2 max_thinking_tokens=800")
    found = reader_of(opened("trace", job=job, seek="wait"))["found"]
    assert found["total"] == 2 and found["places"] == [[2, 0], [4, 0]]
    assert reader_of(opened("trace", job=job))["found"] is None


def test_the_next_trace_is_the_next_that_matches_the_filter(world: World) -> None:
    arm = queries.experiment(world.engine, world["demo"]).arms[0]
    jobs = [
        trace.job_id for trace in queries.list_traces(world.engine, world["demo"], TraceFilter(arm_id=arm.id)).traces
    ]
    app = opened("trace", job=jobs[1], in_arm=arm.label, in_order="by arm")
    assert '<span title="those that match the filter">2 of 10 jobs</span>' in html_of(app)
    links = links_of(html_of(app))
    assert parameters(links["‹ Previous"])["job"] == str(jobs[0]) and parameters(links["Next ›"])["job"] == str(jobs[2])
    listed = {"experiment": str(world["demo"]), "arm": arm.label, "order": "by arm"}
    assert parameters(links["Traces"]) == listed


def test_a_job_that_failed_shows_its_error_and_its_attempts(world: World) -> None:
    failed = queries.list_traces(world.engine, world["running"], TraceFilter(status=JobStatus.FAILED))
    app = opened("trace", job=failed.traces[0].job_id)
    assert "This job failed and has no trace" in said(app)
    assert "&lt;b&gt;ladder-tiny&lt;/b&gt;" in html_of(app)
    assert '<ol class="ot-attempts" aria-label="Attempts"><li value="1"><b>failed</b>' in html_of(app)


def test_a_trace_of_a_restored_experiment_looks_as_it_did(own_world: World, tmp_path: Path) -> None:
    archives.archive(own_world.engine, own_world["demo"], tmp_path / "demo", {})
    beside = archives.restore(own_world.engine, tmp_path / "demo", again=True).experiment_id
    label = "budget_forcing waits=2 max_thinking_tokens=800"
    apps = [opened("trace", job=first_job(own_world.engine, each, label)) for each in (own_world["demo"], beside)]
    before, after = (re.sub('href="[^"]*"|<th scope="row">job</th><td>.*?</td>', "", html_of(app)) for app in apps)
    assert before == after.replace(f"demo #{beside}", f"demo #{own_world['demo']}")
    assert words_of(apps[0]) == words_of(apps[1]) and kinds_of(apps[0]).count("forced") == 3


def test_a_job_that_is_not_there_is_said_kindly(world: World) -> None:
    assert "There is no job 424242" in said(opened("trace", job=424242))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_shown_and_break_nothing(world: World, name: str) -> None:
    traces = queries.list_traces(world.engine, world["hostile"]).traces
    job = next(trace.job_id for trace in traces if trace.problem_key == name)
    app = opened("trace", job=job)
    page = html_of(app)
    assert "<script" not in page and "<img" not in page
    assert len(page) < 100_000 and len(words_of(app)) < 100_000  # a megabyte is not sent unasked


def test_hostile_texts_stand_in_the_reader_as_they_are(world: World) -> None:
    traces = queries.list_traces(world.engine, world["hostile"]).traces
    job = next(trace.job_id for trace in traces if trace.problem_key == "script")
    assert HOSTILE["script"] in words_of(opened("trace", job=job))


def test_tokens_are_coloured_by_their_log_probs_where_a_scan_asked_for_them(own_world: World) -> None:
    """Of one step alone: others have their text only. Without a scan the reader is told the way to one."""
    job = first_job(own_world.engine, own_world["demo"], "chain_of_thought")
    told = reader_of(opened("trace", job=job, colour="log-probs"))["outline"]["log_probs"]
    assert (told["isThere"], told["isOn"]) == (False, False)
    asked = {"of_experiment": str(own_world["demo"]), "look_for": "log-probs", "traces_of": "ladder-tiny"}
    assert told["way"].startswith("./scans?") and parameters(told["way"]) == asked
    think = log_probs_stored(own_world.engine, own_world["demo"], job)
    st.cache_data.clear()
    coloured = reader_of(opened("trace", job=job, colour="log-probs"))
    assert coloured["outline"]["log_probs"]["isOn"]
    rows = {row["step"]: row for row in coloured["rows"]}
    assert rows[1]["tokens"] == [[think[:3], -0.5], [think[3:], -8.25]]
    assert [number for number, row in rows.items() if "tokens" in row] == [1]
    plain = reader_of(opened("trace", job=job))
    assert plain["outline"]["log_probs"]["isThere"] and not any("tokens" in row for row in plain["rows"])


def log_probs_stored(engine: Engine, experiment: int, job: int) -> str:
    """Of the first step behind the prompt, as two tokens; its text."""
    ((chain, *_),) = (trace.chains for trace in ids_to_scan(engine, [job]))
    step = chain.steps[0]
    new = NewScan(experiment, "log-probs", "log_probs", {}, "v", "d", "ann", "ladder-tiny", "ladder-tiny")
    transitions.create_scan(engine, new)
    scan = transitions.claim_scan(engine, "worker", ["ladder-tiny"], {"log_probs": "v"})
    assert scan is not None
    values = StepLogProbs(step, (3, len(step.text)), (-0.5, -8.25))
    finding = Finding(1, 1, 1.0, True, log_probs=(values,))
    transitions.store_findings(engine, scan.lease, experiment, {job: finding})
    transitions.end_scan(engine, scan.lease, ScanStatus.SUCCEEDED)
    return step.text


def test_retrying_an_experiment_that_failed_queues_it_again(own_world: World) -> None:
    app = opened("experiment", id=own_world["failed"])
    button(app, "Yes, retry").click()
    ran(app)
    assert queries.experiment(own_world.engine, own_world["failed"]).summary.status is ExperimentStatus.QUEUED


def test_jobs_that_failed_stand_kind_by_kind_and_are_run_again_by_themselves(
    database: str, engine: Engine, settings_are: Callable[[str], None]
) -> None:
    settings_are(database)
    experiment_id = running_experiment(engine, num_problems=4)
    succeed(engine, claimed(engine).lease, verdict=Verdict.UNPARSED)
    for error in ("prompt of 3,029 tokens exceeds 1,024", "prompt of 17 tokens exceeds 8", "<b>away</b> *for good*"):
        transitions.fail_attempt(engine, claimed(engine).lease, error, spent(5), retryable=False)
    transitions.close_finished_experiments(engine)
    app = opened("experiment", id=experiment_id, section="errors")
    page = html_of(app)
    assert links_of(page)["Errors (3)"] == "?section=errors"
    assert "<b>2 jobs</b>" in page and "prompt of 3,029 tokens exceeds 1,024" in page
    assert "&lt;b&gt;away&lt;/b&gt; *for good*" in page
    assert "1 answers that nobody could read" in page
    these, _ = (parameters(unescape(href)) for href in re.findall(r'href="([^"]*)"[^>]*>open these', page))
    assert these == {"experiment": str(experiment_id), "error": "prompt of N tokens exceeds N"}
    listed = html_of(opened("traces", **these))
    assert listed.count('class="ot-trace-error"') == 2 and "for good" not in listed
    assert parameters(links_of(listed)["error: prompt of N tokens exceeds N ×"])["error"] == ""
    next(each for each in app.button if each.label == "Yes, retry these").click()
    ran(app)
    assert [each.example for each in queries.failures(engine, experiment_id)] == ["<b>away</b> *for good*"]
    assert queries.experiment(engine, experiment_id).summary.jobs.queued == 2


def test_where_no_job_failed_that_is_said_and_no_count_stands_on_the_tab(world: World) -> None:
    app = opened("experiment", id=world["demo"], section="errors")
    assert "No job failed." in said(app)
    assert "Errors" in links_of(html_of(app))


def test_the_spec_stands_with_its_lines_numbered_and_with_what_made_the_jobs(world: World) -> None:
    app = opened("experiment", id=world["demo"], section="spec")
    page = html_of(app)
    assert "<li><code>name: demo</code></li>" in page
    assert f"overthink archive {world['demo']}" in said(app)
    assert "Digest of the spec" in said(app)


def test_the_finding_stands_first_and_claims_no_more_than_is_clear(world: World) -> None:
    (finding,) = re.findall(
        r'<section class="ot-finding".*?</section>', html_of(opened("experiment", id=world["demo"]))
    )
    assert re.search(r'<p class="ot-lead">Best of 8 arms: ', finding)
    assert "10 problems cannot show such differences among 28 pairs of arms" in finding
    assert "Instrument check." in finding


def test_a_change_behind_the_pages_back_is_said_not_crashed(own_world: World) -> None:
    app = opened("experiment", id=own_world["running"])
    transitions.cancel_experiment(own_world.engine, own_world["running"])
    button(app, "Yes, pause").click()
    ran(app)
    assert "cannot be paused" in said(app)


def test_scores_of_too_many_candidates_are_put_together_anew_in_the_terminal_only(
    database: str, engine: Engine, settings_are: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_are(database)
    strategy = {"strategy": "best_of_n", "samples": 3, "verifier": VERIFIER}
    arm = NewArm("best of 3", MODEL, "best_of_n", {"samples": 3}, strategy, VERIFIER)
    experiment_id = running_experiment(engine, num_problems=2, arms=[arm])
    for right in "35":
        scored_job(engine, "355", right, [0.6, 0.5, 0.5])
    few = opened("experiment", id=experiment_id, view="of k candidates", aggregate="min")
    assert few.selectbox(key="aggregate").value == "min" and "in the terminal" not in said(few)
    monkeypatch.setattr("dashboard.views.over_k.MOST_ANEW", 5)
    many = opened("experiment", id=experiment_id, view="of k candidates", aggregate="min")
    assert "aggregate" not in [box.key for box in many.selectbox]
    assert f"6 candidates; type `overthink results {experiment_id} --metric" in said(many)
    assert "weighted-best-of-k" in figures(many)[0]


def test_a_retry_that_mended_some_jobs_shows_though_as_many_have_ended(
    database: str, engine: Engine, settings_are: Callable[[str], None]
) -> None:
    """The experiment has finished with failures both times. A terminal retried it: the dashboard forgot nothing."""
    settings_are(database)
    experiment_id = running_experiment(engine, num_problems=3)
    succeed(engine, claimed(engine).lease)
    for _ in range(2):
        fail(engine)
    transitions.close_finished_experiments(engine)
    assert shown_accuracies(experiment_id) == ["100.0%"]
    transitions.retry_experiment(engine, experiment_id)
    succeed(engine, claimed(engine).lease, verdict=Verdict.WRONG)
    fail(engine)
    transitions.close_finished_experiments(engine)
    data.experiment.clear()  # two seconds later
    assert shown_accuracies(experiment_id) == ["50.0%"]


def fail(engine: Engine) -> None:
    transitions.fail_attempt(engine, claimed(engine).lease, "too long", spent(5), retryable=False)


def shown_accuracies(experiment_id: int) -> list[str]:
    return column(opened("experiment", id=experiment_id), "arms", "accuracy")


def test_a_trace_leads_to_its_problem_to_the_arms_beside_it_and_to_both_side_by_side(world: World) -> None:
    arms = queries.experiment(world.engine, world["demo"]).arms
    jobs = [first_job(world.engine, world["demo"], arm.label) for arm in arms[:3]]
    page = html_of(opened("trace", job=jobs[1]))
    keyed = {
        key: html.unescape(address)
        for address, key in re.findall(r'href="([^"]*)" dir="auto" data-key="([^"]*)"', page)
    }
    assert (parameters(keyed["["])["job"], parameters(keyed["]"])["job"]) == (str(jobs[0]), str(jobs[2]))
    assert keyed["c"].startswith("./compare?")
    problem = queries.trace(world.engine, jobs[1]).problem_id
    assert links_of(page)["ladder-test-0001"] == f"./problem?problem_id={problem}"


def test_a_problem_shows_what_every_arm_answered_and_leads_to_its_traces(world: World) -> None:
    job = first_job(world.engine, world["demo"], "majority_vote samples=8")
    problem = queries.trace(world.engine, job).problem_id
    app = opened("problem", problem_id=problem)
    rows = table_of(html_of(app), "asked")
    arms = queries.experiment(world.engine, world["demo"]).arms
    assert len([row for row in rows if row["experiment"].startswith("demo #")]) == len(arms)
    assert {row["experiment"].split(" #")[0] for row in rows} == {"demo", "waits on ladder"}
    assert "1 of 10 problems" in said(app) and "Right under 8 arms" in read(app)
    [found] = [row for row in rows if row["arm"] == "vote of 8"]
    assert found["answer"] == queries.trace(world.engine, job).trace.answer  # type: ignore[union-attr]
    assert "There is no problem 424242" in said(opened("problem", problem_id=424242))


def test_the_answers_to_a_hostile_problem_are_shown_literally(world: World) -> None:
    listed = queries.list_traces(world.engine, world["hostile"]).traces
    job = next(trace.job_id for trace in listed if trace.problem_key == "script")
    page = html_of(opened("problem", problem_id=queries.trace(world.engine, job).problem_id))
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
