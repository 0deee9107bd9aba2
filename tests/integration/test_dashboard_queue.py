"""Queue & workers: what is served and what waits for it, one job's place, and what workers tell of themselves."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.records import ServedModel
from scaling.types import ThinkingFormat
from tests.integration import test_dashboard_pages as pages
from tests.integration.page_tables import doors_of, links_of, table_of
from tests.integration.scenes import (
    MODEL,
    SERVED,
    VERIFIER,
    WORKER,
    claimed,
    new_arm,
    new_experiment,
    running_experiment,
)
from tests.integration.test_dashboard_pages import html_of, opened, read
from tests.integration.test_db_waiting import announce, last_job, silence

settings_are = pages.settings_are
NAME = "<b>gpu</b>:8000"
VITALS = {
    "build": {"overthink": "0.1.0", "commit": "0123456789abcdef", "is_modified": True, "python": "3.11.7"},
    "servers": [
        {
            "names": ["adapter", MODEL],
            "address": NAME,
            "in_flight": 8,
            "limit": 64,
            "at_gate": 3,
            "metrics": {"running": 11, "waiting": 2, "cache_use": 0.37, "generated_tokens_per_s": 1190.4},
        }
    ],
    "gpus": [{"name": "H100", "memory_used_mib": 71_680, "memory_total_mib": 81_920, "use": 0.97}],
}


@pytest.fixture(autouse=True)
def dashboard(
    database: str, settings_are: Callable[[str], None], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_are(database)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)


def served(app: object) -> dict[str, dict[str, str]]:
    return {row["model or verifier"]: row for row in table_of(html_of(app), "served")}  # type: ignore[arg-type]


def test_an_empty_queue_says_so_and_how_to_start_a_worker(engine: Engine) -> None:
    app = opened("queue")
    assert "Nothing is queued." in read(app) and "overthink worker" in read(app)
    assert "No worker has announced a model yet." in read(app)


def test_each_model_says_what_waits_for_it_and_who_serves_it(engine: Engine) -> None:
    transitions.announce_model(engine, SERVED)
    transitions.announce_model(engine, ServedModel("idle", 2048, None, ThinkingFormat(), "idle"))
    announce(engine)
    running_experiment(engine, 5, [new_arm(), new_arm("judged", "ghost", VERIFIER)])
    claimed(engine)
    rows = served(opened("queue"))
    assert list(rows) == ["idle", MODEL, "ghost", VERIFIER]
    assert [rows[name]["jobs waiting"] for name in rows] == ["0", "4", "5", "5"]
    assert rows[MODEL]["running"] == "1"
    assert [rows[name]["served by"] for name in rows] == ["nobody", "1 worker", "nobody", "nobody"]
    assert rows[MODEL]["tokens/s"] == rows[MODEL]["requests in flight"] == "–"  # no worker told of it


def test_what_a_worker_tells_of_itself_stands_on_its_card_literally(engine: Engine) -> None:
    transitions.announce_model(engine, SERVED)
    announce(engine)
    transitions.announce_model(engine, replace(SERVED, name="adapter"))
    transitions.tell_vitals(engine, WORKER, VITALS)  # type: ignore[arg-type]
    experiment = running_experiment(engine, 1)
    claimed(engine)
    app = opened("queue")
    page = html_of(app)
    for told in (
        "&lt;b&gt;gpu&lt;/b&gt;:8000", "8 of 64 requests in flight", "3 wait for one of them", "it runs 11",
        "2 wait in it", "KV cache 37%", "1,190 tokens/s", "H100 · 70.0 of 80.0 GiB · 97% busy",
        "Overthink 0.1.0 · commit 012345678, modified · Python 3.11.7", "1 of 64 slots",
    ):  # fmt: skip
        assert told in page
    [door] = [href for words, href in links_of(page).items() if words.startswith("p0 (")]
    assert door == f"./trace?job={last_job(engine, experiment)}"
    first, second = (
        tuple(served(app)[name][column] for column in ("tokens/s", "requests in flight", "KV cache"))
        for name in ("adapter", MODEL)
    )
    assert first == ("1,190", "8 of 64, 3 wait", "37%")
    assert second == ("", "on the server of adapter", "")  # or they would be added up


def test_what_a_worker_does_not_tell_is_said_to_be_not_told(engine: Engine) -> None:
    announce(engine)
    page = html_of(opened("queue"))
    assert page.count("not told") == 2  # its GPU, its code
    assert re.search("heartbeat [0-9] s ago", page)


def test_a_silent_worker_is_shown_as_that_until_it_is_forgotten(engine: Engine) -> None:
    announce(engine)
    silence(engine, 240)
    assert "silent, last seen 4 min ago" in html_of(opened("queue"))
    silence(engine, 90_000)
    pages.st.cache_data.clear()
    assert "last seen" not in html_of(opened("queue"))


def test_the_line_says_in_which_order_slots_are_given_and_why_one_waits(engine: Engine) -> None:
    announce(engine, slots=1)
    urgent = running_experiment(engine, 3, new=new_experiment("urgent", priority=5))
    claimed(engine)
    behind = running_experiment(engine, 4)
    paused = running_experiment(engine, 2, new=new_experiment("resting"))
    transitions.pause_experiment(engine, paused)
    app = opened("queue")
    rows = table_of(html_of(app), "line")
    assert [row["experiment"] for row in rows] == [f"urgent #{urgent}", f"scene #{behind}", f"resting #{paused}"]
    assert [row["ahead"] for row in rows] == ["–", "2", "–"]
    assert [row["its turn"] for row in rows] == ["now", "–", "paused"]
    assert rows[1]["why it waits"] == f"behind #{urgent} urgent (priority 5)"
    assert doors_of(html_of(app), "line")[1] == [f"./experiment?id={behind}"]
    assert "3 open experiments, 8 jobs waiting, 2 of them paused." in read(app)


def test_all_jobs_that_wait_are_counted_paused_ones_too(engine: Engine) -> None:
    announce(engine)
    running_experiment(engine, num_problems=3_022)
    transitions.pause_experiment(engine, running_experiment(engine, num_problems=476))
    assert "3,498 jobs waiting, 476 of them paused." in read(opened("queue"))


def test_the_address_asks_for_the_place_of_one_job(engine: Engine) -> None:
    announce(engine, slots=1)
    running_experiment(engine, 3, new=new_experiment("urgent", priority=5))
    claimed(engine)
    job = last_job(engine, running_experiment(engine, 4))
    app = opened("queue", place=job)
    assert f"Job {job} (p3, plain) is number 6 in line for tiny." in read(app)
    assert "Before it: 2 of other experiments and 3 of its own." in read(app)
    assert "Waiting behind #1 urgent (priority 5)." in read(app)
    assert links_of(html_of(app))["Open its trace"] == f"./trace?job={job}"


def test_a_job_that_does_not_wait_has_no_place(engine: Engine) -> None:
    announce(engine)
    running_experiment(engine, 1)
    job = claimed(engine).job_id
    assert f"Job {job} does not wait." in read(opened("queue", place=job))
    assert queries.queued_job(engine, job) is None
    assert "Job 4040 does not wait." in read(opened("queue", place=4040))
