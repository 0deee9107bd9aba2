"""The command against a real PostgreSQL and Redis; a scene stands in for the worker."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

import overthink as package
from db import transitions
from db.records import NewWorker, ServedModel, ServedVerifier
from overthink.cli.exits import Exit
from scaling.compute.spending import Unknown
from scaling.spec import SpecError
from scaling.types import THINKING_FORMATS, Verdict
from tests.cli import Overthink, overthink
from tests.integration.fake_chat import FakeChat
from tests.integration.fake_verifier import fake_verifier
from tests.integration.fake_vllm import running
from tests.integration.scenes import claimed, finish, new_arm, new_experiment, running_experiment, spent, succeed

__all__ = ["overthink"]
SPEC = """
name: mine
data_set: {name: ladder-test, limit: 7}
models: [tiny]
arms:
  - strategy: budget_forcing
    max_thinking_tokens: [8, 16]
"""
RUN_KEYS = {"experiment", "status", "seconds", "arms"}
ARM_KEYS = {
    "label",
    "strategy",
    "params",
    "problems",
    "failed",
    "truncated",
    "right_if_read",
    "unparsed",
    "unread",
    "candidates",
    "waits",
    "cuts",
    "unscored",
    "accuracy",
    "ci_low",
    "ci_high",
    "thinking_tokens_mean",
    "generated_tokens_total",
    "forced_tokens_total",
    "verifier_tokens_total",
    "unrewarded_generated_tokens",
    "unknown_requests",
    "unknown_tokens",
    "server_seconds_total",
    "queue_seconds_total",
    "gate_seconds_total",
    "retry_seconds_total",
}


@pytest.fixture
def service(overthink: Overthink, monkeypatch: pytest.MonkeyPatch, database: str, redis_url: str) -> Overthink:
    """The command, configured for this test's PostgreSQL and Redis."""
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", database)
    monkeypatch.setenv("OVERTHINK_REDIS_URL", redis_url)
    monkeypatch.setenv("OVERTHINK_OWNER", "ann")
    return overthink


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(SPEC)
    return str(path)


def announce(engine: Engine, context_length: int = 1024) -> None:
    transitions.announce_model(engine, ServedModel("tiny", context_length, 680_000, THINKING_FORMATS["think"], "tiny"))
    transitions.announce_worker(engine, NewWorker("host:1:a", "host", 1, ("tiny",), 64))


def report(service: Overthink, *arguments: str) -> dict[str, object]:
    done = service(*arguments, "--json")
    assert done.code == Exit.OK, done.err
    document: dict[str, object] = json.loads(done.out)
    return document


def test_the_same_spec_is_queued_once_and_again_when_asked(service: Overthink, engine: Engine, spec: str) -> None:
    announce(engine)
    first = report(service, "submit", spec)
    assert first["is_new"] is True
    assert first["status"] == "queued"
    same = report(service, "submit", spec, "--set", "notes=other words")  # notes are no science
    assert (same["experiment"], same["is_new"]) == (first["experiment"], False)
    again = report(service, "submit", spec, "--again")
    assert again["is_new"] is True
    assert again["experiment"] != first["experiment"]


def test_a_model_that_nobody_has_served_waits_for_one_and_the_near_name_is_said(
    service: Overthink, engine: Engine, spec: str
) -> None:
    announce(engine)
    Path(spec).write_text(SPEC.replace("[tiny]", "[tinny]"))
    done = service("submit", spec)
    assert done.code == Exit.OK
    assert f"{spec}:4: models" in done.err
    assert "did you mean tiny?" in done.err
    assert [each["status"] for each in report(service, "status")["experiments"]] == ["queued"]


def test_a_budget_larger_than_the_context_is_refused(service: Overthink, engine: Engine, spec: str) -> None:
    announce(engine, context_length=16)
    done = service("submit", spec, "--dry-run")
    assert done.code == Exit.BAD_INPUT
    assert "16 thinking tokens" in done.err


def test_a_dry_run_says_what_difference_so_many_problems_can_show(
    service: Overthink, engine: Engine, spec: str
) -> None:
    announce(engine)
    Path(spec).write_text(
        "name: two\ndata_set: {name: ladder-test, limit: 120}\nmodels: [tiny]\narms:\n"
        "  - {strategy: chain_of_thought, max_thinking_tokens: 64}\n"
        "  - {strategy: majority_vote, samples: 4, chain: {strategy: chain_of_thought, max_thinking_tokens: 64}}\n"
    )
    said = service("submit", spec, "--dry-run").out.replace("\n", " ")
    assert "120 problems can show a difference of 8.8 to 18.7 points between two arms: four times in five" in said
    power = report(service, "submit", spec, "--dry-run")["power"]
    assert isinstance(power, dict)
    assert (power["comparisons"], power["discordant"]) == (1, [0.1, 0.5])
    assert power["smallest_difference"] == power["smallest_difference_among"]


def test_a_data_file_that_failed_to_load_is_tried_again(service: Overthink, engine: Engine, spec: str) -> None:
    """Whoever mends the file and submits again gets it run, not the old failure."""
    announce(engine)
    experiment = report(service, "submit", spec)["experiment"]
    assert isinstance(experiment, int)
    transitions.begin_expansion(engine, experiment)
    transitions.fail_expansion(engine, experiment, "data.jsonl: No such file")
    done = service("submit", spec)
    assert done.code == Exit.OK
    assert "data.jsonl: No such file" in done.err
    assert f"Experiment {experiment} is queued" in done.out


def test_a_run_of_what_was_run_before_reports_it(service: Overthink, engine: Engine, spec: str) -> None:
    announce(engine)
    experiment = report(service, "submit", spec)["experiment"]
    assert isinstance(experiment, int)
    service("cancel", str(experiment))
    done = service("run", spec, "--json")
    assert done.code == Exit.FAILURES
    assert json.loads(done.out)["status"] == "cancelled"
    assert "submitted before" in done.err
    assert "--again" in done.err


def test_results_have_the_documented_shape(service: Overthink, engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2, arms=(new_arm("plain"), new_arm("more")))
    for verdict in (Verdict.WRONG, Verdict.CORRECT, Verdict.TRUNCATED):
        succeed(engine, claimed(engine).lease, verdict=verdict)
    transitions.fail_attempt(engine, claimed(engine).lease, "the prompt is too long", spent(5), retryable=False)
    transitions.close_finished_experiments(engine)
    done = service("watch", "scene", "--json")
    assert done.code == Exit.FAILURES
    document = json.loads(done.out)
    assert set(document) == RUN_KEYS
    assert (document["experiment"], document["status"]) == (experiment, "finished_with_failures")
    plain, more = document["arms"]
    assert set(plain) == set(more) == ARM_KEYS
    assert (plain["label"], plain["problems"], plain["truncated"], plain["accuracy"]) == ("plain", 2, 1, 0.0)
    assert (more["failed"], more["accuracy"]) == (1, 1.0)
    assert more["generated_tokens_total"] == 4 + 5  # a trace of 3 + 1 tokens, and 5 of the attempt that failed
    assert "1 × the prompt is too long" in done.err
    assert (more["unrewarded_generated_tokens"], more["unknown_requests"], more["unknown_tokens"]) == (5, 0, 0)
    assert (plain["server_seconds_total"], plain["gate_seconds_total"]) == (2 * 0.75, 0.0)  # 0.5 + 0.25 s a chain


def test_what_nobody_knows_of_the_spending_stands_beside_the_totals(service: Overthink, engine: Engine) -> None:
    """A worker that was killed had told of two requests of at most 3 + 7 tokens each."""
    experiment = running_experiment(engine, num_problems=2)
    succeed(engine, claimed(engine).lease)
    transitions.tell_spending(engine, {claimed(engine).lease: (spent(5), Unknown(2, 6, 14))})
    transitions.free_expired_leases(engine, lease_ttl_s=-1)
    status = json.loads(service("status", str(experiment), "--json").out)["spending"]
    assert (status["generated_tokens"], status["unrewarded_generated_tokens"]) == (4 + 5, 5)
    assert (status["unknown_requests"], status["unknown_tokens"]) == (2, 20)
    (arm,) = json.loads(service("results", str(experiment), "--json").out)["arms"]
    assert (arm["generated_tokens_total"], arm["unknown_requests"], arm["unknown_tokens"]) == (4 + 5, 2, 20)
    said = " ".join(service("results", str(experiment)).out.split())
    assert "Of 2 requests at most it is not known what they cost" in said
    assert "at most 20 tokens more than is counted" in said


def test_results_for_people_show_failures_and_what_they_could_change(service: Overthink, engine: Engine) -> None:
    experiment = running_experiment(engine, num_problems=2)
    succeed(engine, claimed(engine).lease)
    transitions.fail_attempt(engine, claimed(engine).lease, "the prompt is too long", spent(), retryable=False)
    transitions.close_finished_experiments(engine)
    done = service("results", "scene")
    assert done.code == Exit.OK
    assert "finished with failures" in done.out
    assert "had they all been wrong or all right, accuracy would be 50.0% or 100.0%" in done.out
    assert "1 × the prompt is too long" in done.out
    assert f"overthink retry {experiment}" in done.out


def test_an_experiment_is_steered_by_name(service: Overthink, engine: Engine) -> None:
    running_experiment(engine)
    assert report(service, "pause", "scene")["status"] == "paused"
    assert report(service, "resume", "scene")["status"] == "running"
    assert report(service, "cancel", "scene")["status"] == "cancelled"
    assert report(service, "retry", "scene")["status"] == "running"
    finish(engine)
    done = service("cancel", "scene")
    assert done.code == Exit.BAD_INPUT
    assert "succeeded and cannot be cancelled" in done.err


def test_priority_notes_and_tags_are_edited(service: Overthink, engine: Engine) -> None:
    number = running_experiment(engine)
    edited = report(service, "edit", "scene", "--priority", "10", "--note", "wrong prompt", "--tag", "draft")
    assert edited == {
        "experiment": number, "status": "running", "priority": 10, "token_cap": None, "tags": ["demo", "draft"],
        "notes": "wrong prompt",
    }  # fmt: skip
    said = service("edit", str(number), "--untag", "demo", "--priority", "-2").out
    assert said == f"Experiment {number} (scene) has priority -2, tags draft.\n"
    assert report(service, "edit", "scene", "--token-cap", "2000000")["token_cap"] == 2_000_000
    said = service("edit", "scene", "--priority", "0").out
    assert said == f"Experiment {number} (scene) has priority 0, a cap of 2,000,000 generated tokens, tags draft.\n"
    assert report(service, "edit", "scene", "--no-token-cap")["token_cap"] is None


def test_an_edit_that_cannot_be_is_refused(service: Overthink, engine: Engine) -> None:
    running_experiment(engine)
    nothing, blank = service("edit", "scene"), service("edit", "scene", "--tag", " ")
    nought = service("edit", "scene", "--token-cap", "0")
    assert nothing.code == blank.code == nought.code == Exit.BAD_INPUT
    assert "'--token-cap': Input should be greater than or equal to 1" in nought.err
    assert "say what to change" in nothing.err
    assert blank.err == "tag[0]: empty; give a name\n"


def test_an_unknown_experiment_is_answered_with_near_names(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, new=new_experiment(name="ladder sweep"))
    done = service("results", "lader sweep")
    assert done.code == Exit.BAD_INPUT
    assert "did you mean ladder sweep?" in done.err


def test_two_arms_are_compared_by_number_or_label(service: Overthink, engine: Engine) -> None:
    running_experiment(engine, num_problems=2, arms=(new_arm("plain"), new_arm("more")))
    for verdict in (Verdict.WRONG, Verdict.CORRECT) * 2:
        succeed(engine, claimed(engine).lease, verdict=verdict)
    document = report(service, "compare", "scene", "plain", "2")
    assert (document["first"], document["second"], document["difference"]) == ("plain", "more", 1.0)
    assert document["problems"] == 2
    assert "1  plain" in service("compare", "scene", "plain", "fancy").err


def test_status_lists_experiments_models_and_whoever_is_missing(service: Overthink, engine: Engine) -> None:
    experiment = running_experiment(engine)
    document = report(service, "status")
    listed = document["experiments"]
    assert isinstance(listed, list)
    assert [(each["experiment"], each["name"], each["status"]) for each in listed] == [(experiment, "scene", "running")]
    said = "Waiting: no worker is alive (there never was one). 2 jobs."
    assert said in " ".join(service("status").out.split())
    assert said in " ".join(service("status", "scene").out.split())
    announce(engine)
    assert "no worker is alive" not in service("status").out
    assert report(service, "status", "scene")["unserved_models"] == []


def test_status_lists_verifiers_and_names_one_that_jobs_wait_for(service: Overthink, engine: Engine) -> None:
    announce(engine)
    running_experiment(engine, arms=[new_arm(verifier="tiny-prm")])
    transitions.announce_verifier(engine, ServedVerifier("tiny-prm", "token_prm", True, 1024, None, "tiny"))
    assert report(service, "status")["verifiers"] == [
        {"name": "tiny-prm", "kind": "token_prm", "scores_steps": True, "live_workers": 0}
    ]
    assert "no live worker serves tiny-prm" in service("status").out
    assert "no live worker serves it" in service("doctor").out
    transitions.announce_worker(engine, NewWorker("host:1:a", "host", 1, ("tiny",), 64, ("tiny-prm",)))
    assert "no live worker" not in service("status").out


def test_a_database_without_tables_is_answered_with_migrate(
    service: Overthink, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    monkeypatch.setenv("OVERTHINK_DATABASE_URL", postgres_url)
    done = service("status")
    assert done.code == Exit.UNREACHABLE
    assert "overthink migrate" in done.err


def test_migrate_says_when_there_is_nothing_to_do(service: Overthink, engine: Engine) -> None:
    done = service("migrate")
    assert (done.code, done.err) == (Exit.OK, "")
    assert "is up to date" in done.out


def test_the_doctor_finds_what_is_missing_and_how_to_mend_it(service: Overthink, engine: Engine) -> None:
    done = service("doctor", "--json")
    assert done.code == Exit.FAILURES
    findings = {finding["what"]: finding for finding in json.loads(done.out)["findings"]}
    assert findings["PostgreSQL"]["state"] == findings["Redis"]["state"] == findings["tables"]["state"] == "good"
    assert findings["workers"]["state"] == "bad"
    assert "overthink worker" in findings["workers"]["remedy"]
    announce(engine)
    assert service("doctor").code == Exit.OK


def test_the_doctor_audits_what_is_stored_if_asked(service: Overthink, engine: Engine) -> None:
    announce(engine)
    running_experiment(engine, num_problems=1)
    lease = claimed(engine).lease
    succeed(engine, lease)
    assert "audit:" not in service("doctor").out
    assert "every job that succeeded did so exactly once" in service("doctor", "--audit").out

    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM grades")
    done = service("doctor", "--audit")
    assert done.code == Exit.FAILURES
    assert f"audit: candidates without a grade: 1, of 1 jobs: {lease.job_id}" in " ".join(done.out.split())


def test_the_doctor_asks_each_model_server(
    service: Overthink, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    announce(engine)
    registry = tmp_path / "models.yaml"
    registry.write_text("models: {tiny: {endpoint: 'http://127.0.0.1:9'}}")
    monkeypatch.setenv("OVERTHINK_MODELS", str(registry))
    done = service("doctor")
    assert done.code == Exit.FAILURES
    assert "model tiny" in done.out
    assert "http://127.0.0.1:9" in done.out


def test_the_doctor_asks_a_server_as_its_engine_does(
    service: Overthink, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    announce(engine)
    with running(FakeChat()) as server:
        registry = tmp_path / "models.yaml"
        entry = {"endpoint": server.endpoint, "engine": "chat", "context_length": 500}
        registry.write_text(json.dumps({"models": {"fake": entry, "other": entry}}))
        monkeypatch.setenv("OVERTHINK_MODELS", str(registry))
        findings = {each["what"]: each for each in json.loads(service("doctor", "--json").out)["findings"]}

    assert findings["model fake"]["found"] == f"{server.endpoint} (chat) serves fake, 500 tokens of context"
    assert "does not serve 'other' (model 'other' of the registry)" in findings["model other"]["found"]
    assert server.num_asked == server.num_tokenized == 0


def test_the_doctor_tries_each_verifier_as_a_worker_would(
    service: Overthink, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    announce(engine)
    with fake_verifier() as server:
        registry = tmp_path / "models.yaml"
        entries = {"good": "ladder", "bad": "math-shepherd"}  # whose ids are not those of the fake tokenizer
        verifiers = {
            name: {"endpoint": server.endpoint, "served_as": "fake", "format": form} for name, form in entries.items()
        }
        registry.write_text(json.dumps({"verifiers": verifiers}))
        monkeypatch.setenv("OVERTHINK_MODELS", str(registry))
        findings = {each["what"]: each for each in json.loads(service("doctor", "--json").out)["findings"]}

    assert findings["verifier good"]["state"] == "good"
    assert "and reads it as a token_prm" in findings["verifier good"]["found"]
    assert findings["verifier bad"]["state"] == "bad"
    assert "its format says that ' +' is token 648" in findings["verifier bad"]["found"]


SEVERAL = SPEC.replace("{name: ladder-test, limit: 7}", "[ladder-test, {path: other.jsonl, grader: integer}]")


def test_a_file_with_a_list_of_data_sets_is_an_experiment_of_each(
    service: Overthink, engine: Engine, spec: str
) -> None:
    announce(engine)
    Path(spec).write_text(SEVERAL)
    Path(spec).with_name("other.jsonl").write_text('{"question": "1 + 1", "answer": "2"}\n')
    asked = json.loads(service("submit", spec, "--dry-run", "--json").out)
    assert [(each["name"], each["problems"]) for each in asked] == [("mine ladder-test", 300), ("mine other", 1)]
    lines = service("submit", spec, "--dry-run").out.splitlines()
    assert lines.index("mine ladder-test") < lines.index("mine other")

    first = json.loads(service("submit", spec, "--json").out)
    assert [each["is_new"] for each in first] == [True, True]
    again = service("submit", spec)
    assert again.out.splitlines() == [
        f"Experiment {each['experiment']} is queued. Follow it: overthink watch {each['experiment']}" for each in first
    ]
    names = {each["experiment"]: each["name"] for each in report(service, "status")["experiments"]}  # type: ignore[attr-defined]
    assert [names[each["experiment"]] for each in first] == ["mine ladder-test", "mine other"]


def test_a_run_of_several_reports_each_in_one_list(service: Overthink, engine: Engine, spec: str) -> None:
    announce(engine)
    Path(spec).write_text(SEVERAL)
    made = [each["experiment"] for each in json.loads(service("submit", spec, "--json").out)]
    for experiment in made:
        service("cancel", str(experiment))
    done = service("run", spec, "--json")
    assert done.code == Exit.FAILURES
    assert [(each["experiment"], each["status"]) for each in json.loads(done.out)] == [
        (experiment, "cancelled") for experiment in made
    ]
    shown = service("run", spec).out
    assert shown.index("mine ladder-test · experiment") < shown.index("mine other · experiment")


def test_of_several_experiments_none_is_queued_if_one_cannot_be(service: Overthink, engine: Engine, spec: str) -> None:
    announce(engine)
    Path(spec).write_text(SEVERAL.replace("grader: integer", "grader: intger"))
    done = service("submit", spec)
    assert done.code == Exit.BAD_INPUT
    assert f'{spec}:3: data_set[1].grader: unknown value "intger"; did you mean integer?' in done.err
    assert report(service, "status")["experiments"] == []


def test_python_is_told_to_submit_several_experiments_by_another_name(
    service: Overthink, engine: Engine, spec: str
) -> None:
    del service  # it configured the environment
    announce(engine)
    Path(spec).write_text(SEVERAL)
    with pytest.raises(SpecError, match=r"data_set: a list makes an experiment of each.*overthink.submit_all"):
        package.submit(spec)
    made = package.submit_all(spec)
    assert len(made) == 2 and package.submit_all(Path(spec)) == made
    alone = {"name": "mine", "data_set": "ladder-test", "models": ["tiny"], "arms": [{"strategy": "chain_of_thought"}]}
    assert package.submit_all(alone) == [package.submit(alone)]  # type: ignore[arg-type]


def test_python_submits_waits_and_reads(service: Overthink, engine: Engine, spec: str) -> None:
    del service  # it configured the environment
    announce(engine)
    assert package.submit(spec) == package.submit(Path(spec))
    running_experiment(engine, new=new_experiment(name="done"))
    finish(engine)
    (arm,) = package.wait("done", pause_s=0.01)
    assert arm.estimate is not None
    assert arm.estimate.value == 1.0
    assert package.results("done")[0].label == "plain"
