"""Submitting and expanding: what is right becomes jobs, what is wrong says so, and nothing hangs on Redis."""

import errno
from pathlib import Path
from unittest.mock import Mock

import pytest
from pydantic import JsonValue
from sqlalchemy import Engine, text

from db import queries, transitions
from db.engine import DatabaseUnavailableError
from db.records import NewWorker, ServedModel, ServedVerifier
from db.settings import Settings
from db.status import ExperimentStatus
from db.transitions import Need
from scaling.compute.model_facts import CostFacts
from scaling.spec import SpecError, Submission, VerdictSpec, written
from scaling.types import THINKING_FORMATS
from worker import submit
from worker.bells import Bells
from worker.bells.demand import ring_for_waiting
from worker.datasets import BUILT_IN
from worker.expansion import Expander, expand
from worker.registry import Registry

NO_REDIS = "redis://127.0.0.1:1/0"


def found(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url)


def spec(**changes: JsonValue) -> Submission:
    data: dict[str, JsonValue] = {
        "name": "votes",
        "data_set": {"name": "ladder-test", "limit": 5},
        "models": ["tiny"],
        "arms": [{"strategy": "budget_forcing", "waits": [0, 1], "max_thinking_tokens": 64}],
        "repeats": 2,
    }
    return Submission.from_data(data | changes)


@pytest.fixture
def served(engine: Engine) -> Engine:
    """The database, with a living worker that serves the model `tiny` on 3 slots."""
    transitions.announce_model(engine, ServedModel("tiny", 700, 680_000, THINKING_FORMATS["think"], "tiny"))
    transitions.announce_worker(engine, NewWorker("host:1:a", "host", 1, ("tiny",), slots=3))
    return engine


def status(engine: Engine, experiment_id: int) -> tuple[ExperimentStatus, str | None]:
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT status, error FROM experiments WHERE id = :id"), {"id": experiment_id}
        ).one()
        return ExperimentStatus(row.status), row.error


def test_a_submission_is_stored_and_a_worker_is_woken_to_expand_it(served: Engine, redis_url: str) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada", spec_yaml="name: votes")

    assert submitted.is_new and submitted.notes == ()
    assert status(served, submitted.experiment_id) == (ExperimentStatus.QUEUED, None)
    assert Bells(redis_url).waiting_to_expand() == 1


def test_arms_are_expanded_once_however_often_they_are_looked_at(
    served: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10,000 arms take a second: they were expanded for each check, for the digest and for what is stored."""
    counting = Mock(side_effect=written.expanded)
    monkeypatch.setattr(written, "expanded", counting)
    submit.submit(served, found(redis_url), spec(), owner="ada")
    assert counting.call_count == 1


def test_the_latest_run_of_a_spec_is_found_by_its_digest_among_any_number_of_experiments(
    served: Engine, redis_url: str
) -> None:
    first = submit.submit(served, found(redis_url), spec(), owner="ada")
    latest = submit.submit(served, found(redis_url), spec(), owner="ada", again=True)
    submit.submit(served, found(redis_url), spec(name="another"), owner="ada")
    twin = queries.twin(served, spec().digest)
    assert twin is not None and (twin.id, twin.run) == (latest.experiment_id, 1)
    assert latest.experiment_id != first.experiment_id
    assert queries.twin(served, spec(name="never submitted").digest) is None


def test_the_same_spec_twice_is_one_experiment_unless_again(served: Engine, redis_url: str) -> None:
    first = submit.submit(served, found(redis_url), spec(), owner="ada")
    second = submit.submit(served, found(redis_url), spec(notes="something else", priority=5), owner="bob")
    third = submit.submit(served, found(redis_url), spec(), owner="ada", again=True)

    assert (second.experiment_id, second.is_new) == (first.experiment_id, False)
    assert third.is_new and third.experiment_id != first.experiment_id
    assert Bells(redis_url).waiting_to_expand() == 2


def test_a_rule_is_fixed_by_the_first_submission_and_a_later_one_is_told_so(served: Engine, redis_url: str) -> None:
    first_rule: dict[str, JsonValue] = {"families": {"forcing": [{"strategy": "budget_forcing"}]}, "verdict": {}}
    first = submit.submit(served, found(redis_url), spec(**first_rule), owner="ada")
    same = submit.submit(served, found(redis_url), spec(**first_rule), owner="bob")
    other = submit.submit(served, found(redis_url), spec(verdict={"margin": 5}), owner="bob")

    assert other.experiment_id == same.experiment_id == first.experiment_id
    assert same.notes == ()
    assert [note.partition(",")[0] for note in other.notes] == [
        f"The families or the verdict given now are not those of experiment {first.experiment_id}'s first submission"
    ]
    stored = queries.experiment(served, first.experiment_id)
    assert stored.verdict == VerdictSpec() and stored.families == spec(**first_rule).families

    anew = submit.submit(served, found(redis_url), spec(verdict={"margin": 5}), owner="bob", again=True)
    detail = queries.experiment(served, anew.experiment_id)
    assert (detail.verdict, detail.families) == (VerdictSpec(margin=5.0), {})


def test_an_experiment_may_have_no_rule(served: Engine, redis_url: str) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    stored = queries.experiment(served, submitted.experiment_id)
    assert (stored.verdict, stored.families) == (None, {})


def test_expansion_makes_a_job_of_each_arm_problem_and_repeat(served: Engine, redis_url: str) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")

    assert expand(served, submitted.experiment_id, Registry(), Path("/"))
    assert status(served, submitted.experiment_id) == (ExperimentStatus.RUNNING, None)
    assert transitions.waiting_by_need(served) == {Need("tiny"): 2 * 5 * 2}  # waits 0, 1 × 5 problems × 2 repeats
    assert not expand(served, submitted.experiment_id, Registry(), Path("/"))  # a second bell changes nothing


def test_bells_are_rung_for_free_slots_only_and_never_pile_up(served: Engine, redis_url: str) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    expand(served, submitted.experiment_id, Registry(), Path("/"))
    bells = Bells(redis_url)

    assert ring_for_waiting(served, bells, alive_s=30.0) == {"tiny": 3}  # 20 jobs, 3 slots
    assert ring_for_waiting(served, bells, alive_s=30.0) == {}
    assert bells.waiting_to_work("tiny") == 3


def test_a_data_set_that_cannot_be_used_fails_the_experiment_with_the_reason(
    served: Engine, redis_url: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"question": "1+1", "answer": "2"}\n{"question": \n')
    for path, reason in [("bad.jsonl", "bad.jsonl:2: not a JSON object"), ("none.jsonl", "none.jsonl: No such file")]:
        submission = spec(data_set={"path": path, "grader": "integer"})
        submitted = submit.submit(served, found(redis_url), submission, owner="ada")
        assert not expand(served, submitted.experiment_id, Registry(), tmp_path)

        is_now, error = status(served, submitted.experiment_id)
        assert is_now is ExperimentStatus.FAILED
        assert error is not None and reason in error


def test_a_fault_of_ours_fails_the_experiment_with_its_name_and_leaves_it_not_expanding_for_ever(
    served: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60,000 brackets in a row raised a RecursionError, which nobody caught: it was expanded again and again."""
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    monkeypatch.setattr("worker.expansion.load_data_set", Mock(side_effect=RecursionError("too deep")))

    assert not expand(served, submitted.experiment_id, Registry(), Path("/"))
    assert status(served, submitted.experiment_id) == (ExperimentStatus.FAILED, "RecursionError: too deep")


def test_a_database_that_is_away_while_an_experiment_is_expanded_fails_nothing(
    served: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    monkeypatch.setattr("worker.expansion.load_data_set", Mock(side_effect=DatabaseUnavailableError("away")))

    with pytest.raises(DatabaseUnavailableError):
        expand(served, submitted.experiment_id, Registry(), Path("/"))
    assert status(served, submitted.experiment_id) == (ExperimentStatus.EXPANDING, None)


def test_an_expansion_that_lost_its_connection_is_begun_again_at_once(
    served: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was left for dead for a minute first."""
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    monkeypatch.setattr("worker.expansion.load_data_set", Mock(side_effect=DatabaseUnavailableError("away")))

    Expander(served, Registry(), Path("/"), Bells(redis_url), alive_s=30.0).expand(submitted.experiment_id)
    assert transitions.begin_expansion(served, submitted.experiment_id) is not None


def test_a_machine_that_can_open_no_file_now_leaves_the_experiment_to_be_expanded_later(
    served: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    expander = Expander(served, Registry(), Path("/"), Bells(redis_url), alive_s=30.0)
    with monkeypatch.context() as full:
        full.setattr(Path, "read_bytes", Mock(side_effect=OSError(errno.EMFILE, "Too many open files")))
        expander.expand(submitted.experiment_id)
    expander.expand(submitted.experiment_id)
    assert status(served, submitted.experiment_id) == (ExperimentStatus.RUNNING, None)


def test_a_stored_spec_that_cannot_be_read_fails_the_experiment_and_is_not_tried_for_ever(
    served: Engine, redis_url: str
) -> None:
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")
    with served.begin() as connection:
        connection.execute(text("UPDATE experiments SET spec = spec || '{\"from_a_later_version\": 1}'"))

    assert not expand(served, submitted.experiment_id, Registry(), Path("/"))
    is_now, error = status(served, submitted.experiment_id)
    assert is_now is ExperimentStatus.FAILED
    assert error is not None and "from_a_later_version" in error


def test_columns_of_a_file_go_by_the_names_that_the_spec_gives(served: Engine, redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("problem,solution,nr\n1+1,2,a\n")
    data_set = {"path": "mine.csv", "question": "problem", "answer": "solution", "id": "nr", "grader": "integer"}
    submitted = submit.submit(served, found(redis_url), spec(data_set=data_set), owner="ada")
    expand(served, submitted.experiment_id, Registry(), tmp_path)

    job = transitions.claim(served, "tiny", "host:1:a")
    assert job is not None
    assert (job.problem.id, job.problem.question, job.problem.answer) == ("a", "1+1", "2")


def test_a_model_that_nobody_has_served_yet_is_waited_for_with_a_note_that_names_the_nearest(
    served: Engine, redis_url: str
) -> None:
    """A queue that refuses work while no worker is alive is no queue; what was misspelt is seen by the note."""
    submitted = submit.submit(served, found(redis_url), spec(models=["tinny"]), owner="ada")
    [note] = submitted.notes
    assert note.startswith("spec: models[0]: no worker serves tinny; did you mean tiny? Served: tiny. If that is right")
    assert expand(served, submitted.experiment_id, Registry(), Path("/"))
    assert transitions.waiting_by_need(served) == {Need("tinny"): 20}

    transitions.announce_model(served, ServedModel("tinny", 700, 680_000, THINKING_FORMATS["think"], "tinny"))
    transitions.announce_worker(served, NewWorker("host:2:b", "host", 2, ("tinny",), slots=1))
    assert transitions.claim(served, "tinny", "host:2:b") is not None


def test_whoever_waits_for_the_end_may_have_an_unknown_model_refused(served: Engine) -> None:
    checked = submit.check(served, spec(models=["tinny"]), alive_s=30.0)
    checked.require_fit()
    with pytest.raises(SpecError, match="no worker serves tinny; did you mean tiny"):
        checked.require_known()


def test_what_does_not_fit_a_model_that_came_later_fails_at_its_expansion_with_the_reason(
    served: Engine, redis_url: str
) -> None:
    """699 thinking tokens, one of the answer, and a context of 700."""
    arms: JsonValue = [{"strategy": "budget_forcing", "max_thinking_tokens": 699}]
    submitted = submit.submit(served, found(redis_url), spec(models=["later"], arms=arms), owner="ada")
    transitions.announce_model(served, ServedModel("later", 700, 680_000, THINKING_FORMATS["think"], "later"))
    assert not expand(served, submitted.experiment_id, Registry(), Path("/"))
    is_now, error = status(served, submitted.experiment_id)
    assert is_now is ExperimentStatus.FAILED
    assert error is not None and error.startswith("arms[0]: 699 thinking tokens and 1 for the answer do not fit")


def test_a_budget_larger_than_the_context_is_refused(served: Engine, redis_url: str) -> None:
    arms: JsonValue = [{"strategy": "budget_forcing", "max_thinking_tokens": [64, 699]}]
    with pytest.raises(SpecError, match="699 thinking tokens and 1 for the answer do not fit"):
        submit.submit(served, found(redis_url), spec(arms=arms), owner="ada")


def test_an_experiment_keeps_what_its_models_were_trained_from(served: Engine, redis_url: str) -> None:
    instruct = ServedModel("instruct", 700, 680_000, THINKING_FORMATS["plain"], "instruct")
    trained = ServedModel("s1", 700, 680_000, THINKING_FORMATS["s1"], "s1", base="instruct")
    for model in (instruct, trained):
        transitions.announce_model(served, model)
    submitted = submit.submit(served, found(redis_url), spec(models=["s1", "instruct"]), owner="ada")
    expand(served, submitted.experiment_id, Registry(), Path("/"))

    assert {model.name: model.base for model in queries.models(served)} == {
        "instruct": None,
        "s1": "instruct",
        "tiny": None,
    }
    kept = queries.experiment(served, submitted.experiment_id).models
    assert kept is not None
    assert kept["s1"]["base"] == "instruct" and "base" not in kept["instruct"]  # type: ignore[index, call-overload, operator]


BEST_OF_2: JsonValue = [{"strategy": "best_of_n", "samples": 2, "verifier": "tiny-prm"}]


def announce_verifier(engine: Engine, name: str, scores_steps: bool = True) -> None:
    transitions.announce_verifier(engine, ServedVerifier(name, "token_prm", scores_steps, 700, 680_000, "tiny"))


def test_a_verifier_that_nobody_announced_is_waited_for_with_a_note_that_names_the_nearest(
    served: Engine, redis_url: str
) -> None:
    announce_verifier(served, "tiny-rpm")
    submitted = submit.submit(served, found(redis_url), spec(arms=BEST_OF_2), owner="ada")
    [note] = submitted.notes
    assert "no worker serves the verifier tiny-prm; did you mean tiny-rpm" in note


def test_a_verifier_that_no_live_worker_of_the_model_serves_is_accepted_with_a_note(
    served: Engine, redis_url: str
) -> None:
    announce_verifier(served, "tiny-prm")
    transitions.announce_worker(served, NewWorker("host:2:b", "host", 2, ("other",), 3, ("tiny-prm",)))
    submitted = submit.submit(served, found(redis_url), spec(arms=BEST_OF_2), owner="ada")

    assert "no worker that serves 'tiny' and the verifier 'tiny-prm' is alive now" in submitted.notes[0]


def test_a_verifier_is_kept_with_the_arms_that_ask_it_and_bells_ring_for_workers_that_serve_it(
    served: Engine, redis_url: str
) -> None:
    announce_verifier(served, "tiny-prm")
    arms: JsonValue = [{"strategy": "chain_of_thought"}, *BEST_OF_2]  # type: ignore[misc]
    submitted = submit.submit(served, found(redis_url), spec(arms=arms, repeats=1), owner="ada")
    expand(served, submitted.experiment_id, Registry(), Path("/"))

    detail = queries.experiment(served, submitted.experiment_id)
    assert [arm.verifier for arm in detail.arms] == [None, "tiny-prm"]
    assert detail.models is not None and detail.models["tiny-prm"] == {
        "kind": "token_prm",
        "scores_steps": True,
        "context_length": 700,
        "parameters": 680_000,
        "served_as": "tiny",
        "facts": None,
        "cost_facts": CostFacts().model_dump(mode="json"),
    }
    bells = Bells(redis_url)
    assert transitions.waiting_by_need(served) == {Need("tiny"): 5, Need("tiny", "tiny-prm"): 5}
    for _ in range(5):
        assert transitions.claim(served, "tiny", "host:1:a") is not None  # the plain arm's jobs
    assert ring_for_waiting(served, bells, alive_s=30.0) == {}  # the one worker serves no verifier
    transitions.announce_worker(served, NewWorker("host:2:b", "host", 2, ("tiny",), 2, ("tiny-prm",)))
    assert ring_for_waiting(served, bells, alive_s=30.0) == {"tiny": 2}


def test_a_model_whose_workers_are_gone_is_accepted_with_a_note(served: Engine, redis_url: str) -> None:
    transitions.retire_worker(served, "host:1:a")
    submitted = submit.submit(served, found(redis_url), spec(), owner="ada")

    assert submitted.is_new
    assert "no worker that serves 'tiny' is alive now" in submitted.notes[0]


def test_without_redis_the_experiment_is_stored_and_the_submitter_is_told(served: Engine) -> None:
    submitted = submit.submit(served, found(NO_REDIS), spec(), owner="ada")

    assert submitted.is_new
    assert "Redis does not answer at" in submitted.notes[0]
    assert "The experiment is stored, and starts when Redis is back." in submitted.notes[0]
    assert transitions.queued_experiments(served) == (submitted.experiment_id,)


def test_every_built_in_data_set_can_be_read() -> None:
    assert all(entry.path.is_file() for entry in BUILT_IN.values())
