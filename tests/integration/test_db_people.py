"""What people say of traces is kept as they said it; pairs come blind, each once, and the least judged first."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db import archive as archives
from db import queries, transitions
from db.audit import audit
from db.errors import UnknownExperimentError, UnknownJobError
from db.opinions import NOTHING, Choice, Judgement, Opinion, OpinionError, Rating, Shown
from tests.integration.scenes import column, finish, new_arm, running_experiment

HOSTILE = '<b>*bold*</b>\x00"; DROP TABLE annotations; -- \u202e'
ARMS = [new_arm("one"), new_arm("two"), new_arm("three")]


def finished(engine: Engine, num_problems: int = 2, repeats: int = 1) -> int:
    """All jobs of three arms have succeeded."""
    experiment = running_experiment(engine, num_problems, ARMS, repeats)
    finish(engine)
    return experiment


def job_of(engine: Engine, experiment: int, arm: str, problem: int = 0, repeat: int = 0) -> int:
    (job,) = column(
        engine,
        "SELECT jobs.id FROM jobs JOIN arms ON arms.id = arm_id JOIN problems ON problems.id = problem_id "
        "WHERE jobs.experiment_id = :experiment AND label = :arm AND problems.position = :problem AND repeat = :repeat",
        experiment=experiment, arm=arm, problem=problem, repeat=repeat,
    )  # fmt: skip
    assert isinstance(job, int)
    return job


def choose(engine: Engine, person: str, left: int, right: int, choice: Choice = Choice.LEFT) -> None:
    transitions.judge(engine, person, Judgement(left, right, choice))


def arms_judged(engine: Engine, experiment: int) -> Counter[frozenset[int]]:
    return Counter(frozenset((each.left_arm, each.right_arm)) for each in queries.judgements(engine, experiment))


def test_what_somebody_says_of_a_trace_stands_beside_it_word_for_word(engine: Engine) -> None:
    experiment = finished(engine)
    job = job_of(engine, experiment, "two", problem=1)
    transitions.annotate_job(engine, job, " Ann  Lee ", Opinion(HOSTILE, Rating.POOR, ("loop", "<i>", "loop", " ")))
    (said,) = queries.annotations(engine, experiment)
    assert said.note == HOSTILE.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    assert (said.person, said.rating, said.tags) == ("Ann Lee", Rating.POOR, ("loop", "<i>"))
    assert (said.job_id, said.arm_label, said.problem_key, said.repeat) == (job, "two", "p1", 0)
    assert queries.annotation_tags(engine, experiment) == ("<i>", "loop")


def test_the_latest_counts_and_what_was_said_before_stays(engine: Engine) -> None:
    experiment = finished(engine)
    job = job_of(engine, experiment, "one")
    for rating, note in ((Rating.POOR, "lost"), (Rating.FAIR, "found again")):
        transitions.annotate_job(engine, job, "ann", Opinion(note, rating))
    transitions.annotate_job(engine, job, "bob", Opinion("I disagree"))
    said = {each.person: each for each in queries.annotations(engine, experiment, job)}
    assert (said["ann"].note, said["ann"].rating, said["ann"].earlier) == ("found again", Rating.FAIR, 1)
    assert (said["bob"].rating, said["bob"].earlier) == (None, 0)
    (before,) = queries.said_earlier(engine, experiment, job, "ann")
    assert (before.note, before.rating) == ("lost", Rating.POOR)


def test_who_says_nothing_any_more_is_not_listed_and_others_are(engine: Engine) -> None:
    experiment = finished(engine)
    job = job_of(engine, experiment, "one")
    transitions.annotate_job(engine, job, "ann", Opinion("a note"))
    transitions.annotate_job(engine, job, "bob", Opinion(tags=("odd",)))
    transitions.annotate_job(engine, job, "ann", NOTHING)
    assert [each.person for each in queries.annotations(engine, experiment)] == ["bob"]


def test_an_experiment_has_notes_of_its_own_before_those_of_its_traces(engine: Engine) -> None:
    experiment = finished(engine)
    transitions.annotate_job(engine, job_of(engine, experiment, "one"), "ann", Opinion("of a trace"))
    transitions.annotate_experiment(engine, experiment, "ann", "of all of it")
    whole, one = queries.annotations(engine, experiment)
    assert (whole.job_id, whole.note, whole.arm_label, whole.verdict) == (None, "of all of it", None, None)
    assert one.note == "of a trace"


def test_what_nobody_can_say_is_refused_and_nothing_is_kept(engine: Engine) -> None:
    experiment = finished(engine)
    job = job_of(engine, experiment, "one")
    with pytest.raises(OpinionError, match="who says it"):
        transitions.annotate_job(engine, job, "  ", Opinion("x"))
    with pytest.raises(OpinionError, match="20,001"):
        transitions.annotate_job(engine, job, "ann", Opinion("x" * 20_001))
    with pytest.raises(OpinionError, match="at most 20 tags"):
        transitions.annotate_job(engine, job, "ann", Opinion(tags=tuple(map(str, range(21)))))
    with pytest.raises(UnknownJobError):
        transitions.annotate_job(engine, 99_999, "ann", Opinion("x"))
    with pytest.raises(UnknownExperimentError):
        transitions.annotate_experiment(engine, 99_999, "ann", "x")
    assert column(engine, "SELECT count(*) FROM annotations") == [0]


def test_a_pair_is_judged_once_by_each_person_whichever_side_it_is_shown_on(engine: Engine) -> None:
    experiment = finished(engine)
    one, two = (job_of(engine, experiment, arm) for arm in ("one", "two"))
    choose(engine, "ann", one, two)
    with pytest.raises(OpinionError, match="ann has judged"):
        choose(engine, "ann", two, one, Choice.TIE)
    choose(engine, "bob", two, one, Choice.RIGHT)
    ann, bob = queries.judgements(engine, experiment)
    assert (ann.left_job, ann.right_job, ann.choice, ann.shown) == (one, two, Choice.LEFT, Shown.REASONING)
    assert (bob.left_job, bob.right_job, bob.choice) == (two, one, Choice.RIGHT)
    assert queries.judged(engine, experiment, "ann") == queries.Judged(own=1, by_all=2, people=2)


def test_what_is_no_pair_cannot_be_judged(engine: Engine) -> None:
    experiment = finished(engine, repeats=2)
    other = finished(engine)
    one = job_of(engine, experiment, "one")
    strangers = (
        job_of(engine, experiment, "two", problem=1),
        job_of(engine, experiment, "one", repeat=1),
        job_of(engine, other, "two"),
        99_999,
    )
    for stranger in strangers:
        with pytest.raises(OpinionError, match="not finished jobs of one problem"):
            choose(engine, "ann", one, stranger)
    waiting = running_experiment(engine, 1, ARMS)
    with pytest.raises(OpinionError, match="not finished jobs"):
        choose(engine, "ann", job_of(engine, waiting, "one"), job_of(engine, waiting, "two"))
    assert column(engine, "SELECT count(*) FROM judgements") == [0]


def test_the_next_pair_is_the_same_until_it_is_judged_and_never_comes_again(engine: Engine) -> None:
    """Three arms and two problems: 3 × 2 pairs."""
    experiment = finished(engine)
    seen = []
    while (pair := queries.next_pair(engine, experiment, "ann")) is not None:
        assert pair == queries.next_pair(engine, experiment, "ann")
        choose(engine, "ann", pair.first_job, pair.second_job)
        seen.append(pair)
    assert len(seen) == len(set(seen)) == 6
    assert set(arms_judged(engine, experiment).values()) == {2}


def test_arms_that_were_compared_least_come_first(engine: Engine) -> None:
    experiment = finished(engine)
    choose(engine, "bob", job_of(engine, experiment, "one"), job_of(engine, experiment, "two"))
    for _ in range(2):
        pair = queries.next_pair(engine, experiment, "ann")
        assert pair is not None
        choose(engine, "ann", pair.first_job, pair.second_job)
    assert set(arms_judged(engine, experiment).values()) == {1}


def test_two_arms_alone_are_asked_about_where_they_are_named(engine: Engine) -> None:
    experiment = finished(engine)
    arms = {each.label: each.id for each in queries.experiment(engine, experiment).arms}
    chosen = (arms["one"], arms["three"])
    while (pair := queries.next_pair(engine, experiment, "ann", chosen)) is not None:
        choose(engine, "ann", pair.first_job, pair.second_job)
    assert arms_judged(engine, experiment) == {frozenset(chosen): 2}


def test_each_fifth_pair_is_one_that_somebody_else_has_judged(engine: Engine) -> None:
    """Bob has judged one of eight; until her fifth Ann meets others, and then his."""
    experiment = running_experiment(engine, 8, ARMS[:2])
    finish(engine)
    his = job_of(engine, experiment, "one", problem=3), job_of(engine, experiment, "two", problem=3)
    choose(engine, "bob", *his)
    hers = []
    for _ in range(5):
        pair = queries.next_pair(engine, experiment, "ann")
        assert pair is not None
        choose(engine, "ann", pair.first_job, pair.second_job)
        hers.append((pair.first_job, pair.second_job))
    assert hers.index(his) == 4


def test_the_last_judgement_of_a_person_can_be_taken_back_and_nobody_elses(engine: Engine) -> None:
    experiment = finished(engine)
    pair = queries.next_pair(engine, experiment, "ann")
    assert pair is not None
    choose(engine, "ann", pair.first_job, pair.second_job)
    choose(engine, "bob", pair.first_job, pair.second_job)
    assert transitions.take_back_judgement(engine, experiment, "ann")
    assert not transitions.take_back_judgement(engine, experiment, "ann")
    assert [each.person for each in queries.judgements(engine, experiment)] == ["bob"]
    assert queries.next_pair(engine, experiment, "ann") is not None


def test_what_people_said_goes_into_the_archive_and_comes_back_and_goes_with_its_experiment(
    engine: Engine, tmp_path: Path
) -> None:
    finished(engine)
    experiment = finished(engine)
    one, two = (job_of(engine, experiment, arm) for arm in ("one", "two"))
    transitions.annotate_job(engine, two, "ann", Opinion("kept", Rating.GOOD, ("tag",)))
    transitions.annotate_experiment(engine, experiment, "bob", "all of it")
    choose(engine, "ann", two, one, Choice.TIE)
    archives.archive(engine, experiment, tmp_path / "folder", {})
    archives.remove(engine, experiment, tmp_path / "folder")
    assert column(engine, "SELECT count(*) FROM annotations") + column(engine, "SELECT count(*) FROM judgements") == [
        0,
        0,
    ]
    again = archives.restore(engine, tmp_path / "folder").experiment_id
    whole, one_trace = queries.annotations(engine, again)
    assert (whole.person, whole.note) == ("bob", "all of it")
    assert (one_trace.job_id, one_trace.note) == (job_of(engine, again, "two"), "kept")
    (judgement,) = queries.judgements(engine, again)
    assert (judgement.left_job, judgement.right_job) == (job_of(engine, again, "two"), job_of(engine, again, "one"))


def test_the_audit_finds_opinions_that_stand_at_the_wrong_place(engine: Engine) -> None:
    experiment, other = finished(engine), finished(engine)
    one, two = (job_of(engine, experiment, arm) for arm in ("one", "two"))
    transitions.annotate_job(engine, one, "ann", Opinion("x"))
    choose(engine, "ann", one, two)
    assert audit(engine) == {}
    with engine.begin() as connection:
        connection.execute(text("UPDATE annotations SET experiment_id = :other"), {"other": other})
        connection.execute(text("UPDATE judgements SET right_job_id = left_job_id"))
    assert audit(engine) == {
        "jobs that people annotated as those of another experiment": (one,),
        "judged pairs that are not two arms' jobs of one problem of their experiment": (one,),
    }
