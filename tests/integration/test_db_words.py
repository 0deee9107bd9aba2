"""Texts of traces are found by their words, by phrases and by signs, and the place is shown as it stands there."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from db import transitions
from db.audit import audit
from db.search.found import Found, find_traces
from db.search.hits import AROUND, BEFORE
from db.search.terms import SearchError, terms_of
from db.transitions import words
from scaling.types import Trace
from tests.integration.scenes import claimed, column, new_experiment, running_experiment, star

HOSTILE = r"""<script>alert("1")</script> **bold** $\frac{1}{2}$ :material/delete: '; DROP TABLE steps; -- a\x"""


def said(engine: Engine, *texts: str, experiment: int | None = None) -> int:
    """An experiment with a job for each text, which its thinking says; words are read."""
    made = experiment or running_experiment(engine, num_problems=len(texts), new=new_experiment("said"))
    for each in texts:
        tell(engine, each)
    assert transitions.read_words(engine, within_s=60)
    return made


def tell(engine: Engine, thinking: str) -> int:
    trace, grades = star()
    prompt, think, *rest = trace.steps
    job = claimed(engine)
    told = Trace((prompt, replace(think, text=thinking), *rest), trace.outcome)
    transitions.succeed(engine, job.lease, told, grades, wall_seconds=1.0)
    return job.lease.job_id


def found(engine: Engine, typed: str, experiment: int | None = None) -> Found:
    return find_traces(engine, terms_of(typed), experiment)


def places(engine: Engine, typed: str) -> list[str]:
    hits = [trace.hit for trace in found(engine, typed).traces]
    return [f"{hit.before}[{hit.said}]{hit.after}" for hit in hits if hit]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("wait", "So 12*3=36. await? [Wait], let me double-check: \\boxed{34}."),
        ("waiting", None),
        ("WAI", "So 12*3=36. await? [Wai]t, let me double-check: \\boxed{34}."),
        ("ait", None),  # from the start of a word
        ('"let me double-check"', "So 12*3=36. await? Wait, [let me double-check]: \\boxed{34}."),
        ('"me let"', None),
        ("check let", "So 12*3=36. await? Wait, let me double-[check]: \\boxed{34}."),
        (r"\boxed{3", "So 12*3=36. await? Wait, let me double-check: [\\boxed{3]4}."),
        (r"\boxed{3}", None),
        ("12*3", "So [12*3]=36. await? Wait, let me double-check: \\boxed{34}."),
        ("12*36", None),
        ("2*3", None),
        ("wait nowhere", None),
        ("0", None),  # stands in the prompt: "0 + 1 = ?"
    ],
)
def test_a_text_is_found_by_words_phrases_numbers_and_signs(engine: Engine, typed: str, place: str | None) -> None:
    said(engine, "So 12*3=36. await? Wait, let me double-check: \\boxed{34}.")
    assert places(engine, typed) == ([] if place is None else [place])


@pytest.mark.parametrize(
    "typed", ["<script>alert", '"**bold**"', ":material/delete:", r"a\x", "DROP", r"$\frac{1}{2}$"]
)
def test_hostile_texts_are_found_and_shown_as_they_stand(engine: Engine, typed: str) -> None:
    said(engine, HOSTILE)
    (place,) = places(engine, typed)
    asked = typed.strip('"')
    assert f"[{asked}]" in place
    assert HOSTILE.endswith(place.replace(f"[{asked}]", asked))


@pytest.mark.parametrize("typed", ["' OR 1=1", "x' & 'y", "a:*|b", "!(a)", "%", "a\\", "\\m\\1"])
def test_what_means_something_to_postgresql_is_looked_for_like_anything_else(engine: Engine, typed: str) -> None:
    said(engine, "so it is")
    try:
        assert found(engine, typed).traces == ()
    except SearchError as error:
        assert "no letter and no digit" in str(error)


def test_texts_with_nul_and_without_words_and_too_long_for_an_index_are_stored_and_read(engine: Engine) -> None:
    """PostgreSQL refuses more than one MiB of words, and a word of 2 KiB: no job fails for that, nor the reading."""
    numbers = " ".join(f"{number:07d}" for number in range(150_000))
    said(engine, "a\x00b\ud800c needle", "?!", f"start {'x' * 3_000_000} {numbers}")
    assert places(engine, "needle") == ["a\ufffdb\ufffdc [needle]"]
    assert len(found(engine, "start").traces) == len(found(engine, "x" * 100).traces) == 1
    assert len(found(engine, "0000123").traces) == 1
    assert audit(engine) == {}


def test_a_place_in_a_long_text_is_shown_with_what_stands_around_it(engine: Engine) -> None:
    said(engine, f"{'a ' * 10_000}needle{' b' * 10_000}")
    (trace,) = found(engine, "needle").traces
    assert trace.hit and (trace.hit.is_begun, trace.hit.goes_on) == (True, True)
    assert (len(trace.hit.before), len(trace.hit.after)) == (BEFORE, AROUND - BEFORE - len("needle"))


def test_the_newest_come_first_page_by_page_in_all_or_in_one_experiment(engine: Engine) -> None:
    first = said(engine, *["wait one"] * 3)
    second = said(engine, *["wait two"] * 2)
    page = find_traces(engine, terms_of("wait"), limit=2)
    assert [trace.experiment_id for trace in page.traces] == [second, second]
    assert page.total == 5
    rest = find_traces(engine, terms_of("wait"), older=page.older, limit=5)
    assert ([trace.experiment_id for trace in rest.traces], rest.older) == ([first] * 3, None)
    assert found(engine, "wait", first).total == 3
    assert found(engine, '"wait two"', first) == Found((), None, None)  # phrases are not counted


def test_words_are_read_after_the_end_and_what_ends_later_is_read_later(engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=3)
    tell(engine, "first")
    assert found(engine, "first").traces == ()
    assert transitions.read_words(engine, within_s=60)
    tell(engine, "second")
    assert transitions.read_words(engine, within_s=60)
    assert [len(found(engine, typed).traces) for typed in ("first", "second")] == [1, 1]
    assert column(engine, "SELECT experiment_id FROM words_read") == [experiment]


def test_reading_stops_in_time_and_goes_on_where_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "TRACES_AT_ONCE", 2)
    running_experiment(engine, num_problems=5)
    for _ in range(5):
        tell(engine, "wait")
    read = []
    while not transitions.read_words(engine, within_s=0.0):
        read += column(engine, "SELECT count(*) FROM trace_words")
    assert read == [2, 4, 5]  # the last time it was over with the last trace
    assert found(engine, "wait").total == 5


def test_words_go_with_their_experiment(engine: Engine) -> None:
    experiment = said(engine, "wait")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM experiments WHERE id = :id"), {"id": experiment})
    assert column(engine, "SELECT count(*) FROM trace_words") == [0]
    assert transitions.read_words(engine, within_s=60)


@pytest.mark.parametrize(("typed", "place"), [("boxed 12", r"so \[boxed]{12}"), ("12 boxed", r"so \boxed{[12]}")])
def test_of_several_words_the_step_that_has_most_is_shown(engine: Engine, typed: str, place: str) -> None:
    running_experiment(engine, num_problems=1)
    trace, grades = star(answer_text=r"so \boxed{12}")
    prompt, think, *rest = trace.steps
    told = Trace((prompt, replace(think, text="12 stands here first"), *rest), trace.outcome)
    transitions.succeed(engine, claimed(engine).lease, told, grades, wall_seconds=1.0)
    assert transitions.read_words(engine, within_s=60)
    assert places(engine, typed) == [place]
