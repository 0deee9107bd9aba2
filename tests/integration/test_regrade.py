"""An experiment's answers are read by other rules than those that graded it."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from db import queries, transitions
from db.audit import audit
from db.records import Grade, NewArm
from scaling.types import Outcome, Trace, Verdict
from tests.integration.scenes import claimed, column, finish, new_arm, problems, running_experiment, star
from worker.graders.regrading import regrade
from worker.graders.versions import VERSIONS

VOTE = NewArm("vote", "tiny", "majority_vote", {}, {"strategy": "majority_vote", "samples": 3})


def ended(engine: Engine, texts: list[str], version: str = "old") -> int:
    """A job whose candidates say these, of which rules that are gone could read nothing."""
    job = claimed(engine)
    trace, grades = star(len(texts))

    said = [
        replace(each, text=text, answer=None, key=None)
        for each, text in zip(trace.outcome.candidates, texts, strict=True)
    ]
    by_old_rules = [Grade(each.path, "integer", version, Verdict.UNPARSED) for each in grades]
    transitions.succeed(engine, job.lease, Trace(trace.steps, Outcome(tuple(said), 0)), by_old_rules, wall_seconds=1.0)
    return job.job_id


def test_a_job_gets_the_answer_votes_and_verdict_of_todays_rules(engine: Engine) -> None:
    number = running_experiment(engine, 1, arms=[VOTE])
    job = ended(engine, ["\\boxed{7}", "It is \\boxed{1}.", "so 1"])  # 0 + 1 = ?
    finish(engine)
    before = queries.experiment(engine, number).summary.results_version
    changes = regrade(engine, number)
    assert changes.verdicts == Counter({(Verdict.UNPARSED, Verdict.CORRECT): 1})
    assert (changes.jobs, changes.answers, changes.choices) == (1, 3, 1)

    trace = queries.trace(engine, job).trace
    assert trace is not None
    assert (trace.verdict, trace.answer, trace.is_tie) == (Verdict.CORRECT, "1", False)
    assert [each.answer for each in trace.candidates] == ["7", "1", "1"]
    assert [each.chosen for each in trace.candidates] == [False, True, False]
    assert [[grade.version for grade in each.grades] for each in trace.candidates] == [
        ["old", VERSIONS[queries.trace(engine, job).problem.grader]]
    ] * 3
    assert [each.verdict for each in trace.candidates] == [Verdict.WRONG, Verdict.CORRECT, Verdict.CORRECT]
    assert column(engine, "SELECT maj_at_k[array_length(maj_at_k, 1)] FROM rollups") == [1.0]
    assert column(engine, "SELECT pass_at_k[1] FROM rollups") == [pytest.approx(2 / 3)]
    assert queries.experiment(engine, number).summary.results_version > before
    assert audit(engine) == {}


def test_read_again_it_says_the_same_and_looks_only_at_what_is_old(engine: Engine) -> None:
    number = running_experiment(engine, 1, arms=[VOTE])
    ended(engine, ["\\boxed{7}", "\\boxed{1}", "so 1"])
    regrade(engine, number)
    assert regrade(engine, number).jobs == 0
    again = regrade(engine, number, is_all=True)
    assert (again.jobs, again.verdicts.total(), again.answers, again.choices) == (1, 0, 0, 0)
    assert column(engine, "SELECT count(*) FROM grades") == [6]


def test_a_dry_run_changes_nothing(engine: Engine) -> None:
    number = running_experiment(engine, 1, arms=[VOTE])
    job = ended(engine, ["\\boxed{7}", "\\boxed{1}", "so 1"])
    before = (queries.trace(engine, job), queries.experiment(engine, number).summary.results_version)
    assert regrade(engine, number, is_dry=True).verdicts.total() == 1
    assert (queries.trace(engine, job), queries.experiment(engine, number).summary.results_version) == before


def test_jobs_come_in_slices_and_all_of_them_come(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.graders.regrading.SLICE", 2)
    number = running_experiment(engine, 5, arms=[new_arm()])
    for _ in range(5):
        ended(engine, ["\\boxed{3}"])
    seen: list[int] = []
    changes = regrade(engine, number, on_slice=lambda so_far: seen.append(so_far.jobs))
    assert seen == [2, 4, 5]
    assert changes.verdicts == Counter({(Verdict.UNPARSED, Verdict.WRONG): 4, (Verdict.UNPARSED, Verdict.CORRECT): 1})


def test_what_was_graded_by_todays_rules_is_left(engine: Engine) -> None:
    number = running_experiment(engine, 1, arms=[new_arm()])
    ended(engine, ["\\boxed{3}"], VERSIONS[problems(1)[0].grader])
    assert regrade(engine, number).jobs == 0
