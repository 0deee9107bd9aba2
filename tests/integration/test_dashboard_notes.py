"""Notes, ratings and tags beside a trace and an experiment: typed, saved, seen by others, and literal."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import person
from db import queries, transitions
from db.opinions import Opinion, Rating
from db.queries import Annotation
from tests.integration.test_dashboard_pages import World, gallery, html_of, opened, own_world, ran, settings_are, world

__all__ = ["gallery", "own_world", "settings_are", "world"]
HOSTILE = "<img src=x onerror=alert(1)> **bold** :material/delete: \u202eevil"


def a_job(world: World) -> int:
    (arm, *_) = queries.arm_samples(world.engine, world["demo"])
    return int(arm.job_id_J[0])


def said_of(world: World) -> dict[str, Annotation]:
    return {each.person: each for each in queries.annotations(world.engine, world["demo"])}


def save(app: AppTest) -> AppTest:
    (button,) = (each for each in app.button if each.label == "Save")
    button.click()
    return ran(app)


def test_a_trace_is_rated_tagged_and_noted_and_all_of_it_stands_there_again(own_world: World) -> None:
    app = opened("trace", job=a_job(own_world), tab="notes")
    app.text_area[0].set_value(HOSTILE)
    app.button_group[0].set_value(Rating.POOR)
    save(app)
    said = said_of(own_world)["tester"]
    assert (said.note, said.rating, said.earlier) == (HOSTILE, Rating.POOR, 0)
    again = opened("trace", job=a_job(own_world), tab="notes")
    assert again.text_area[0].value == HOSTILE
    again.text_area[0].set_value("better")
    save(again)
    assert (said_of(own_world)["tester"].note, said_of(own_world)["tester"].earlier) == ("better", 1)


def test_what_others_say_of_a_trace_is_shown_literally_with_their_names(own_world: World) -> None:
    job = a_job(own_world)
    transitions.annotate_job(own_world.engine, job, "<b>bob</b>", Opinion(HOSTILE, Rating.GOOD, ("<i>tag",)))
    page = html_of(opened("trace", job=job, tab="notes"))
    assert "&lt;b&gt;bob&lt;/b&gt;" in page and "<b>bob" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; **bold** :material/delete: [U+202E]evil" in page
    assert "&lt;i&gt;tag" in page and ">Notes 1</a>" in page


def test_who_speaks_is_the_name_that_was_typed_and_until_then_the_owner(own_world: World) -> None:
    job = a_job(own_world)
    app = opened("trace", job=job, tab="notes")
    app.text_input(key="person.typed").set_value("  Ann   Lee ")
    app = ran(app)
    app.text_area[0].set_value("mine")
    save(app)
    assert said_of(own_world)["Ann Lee"].note == "mine"


def test_an_experiment_has_a_note_of_each_and_lists_all_of_its_traces(own_world: World) -> None:
    job = a_job(own_world)
    transitions.annotate_job(own_world.engine, job, "bob", Opinion("loops", tags=("loop",)))
    app = opened("experiment", id=own_world["demo"], section="notes")
    app.text_area[0].set_value("the demo of Friday")
    page = html_of(save(app))
    assert said_of(own_world)["tester"].note == "the demo of Friday"
    assert f'href="./trace?job={job}"' in page and "loops" in page


@pytest.mark.parametrize("cookie", ["", "%20", "x" * 200])
def test_a_cookie_that_is_no_name_says_nothing(cookie: str, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(person.st.context.__class__, "cookies", {person.COOKIE: cookie})
    assert person.name() == "tester"
