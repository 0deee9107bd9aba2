"""What workers told, put together for each model: their own requests are summed, a server's measures count once."""

import datetime as dt

import pytest

from db.queries import Fleet, Worker
from results.progress.vitals import Load, load_of, vitals_of

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
UNTOLD = Load(None, None, None, None, None)


def server(names: list[str], in_flight: int, address: str = "gpu1:8000", tokens_per_s: float | None = 500.0) -> object:
    metrics = {
        "running": 9,
        "waiting": 1,
        "cache_use": 0.25,
        "generated_tokens": 10,
        "generated_tokens_per_s": tokens_per_s,
    }
    return {"names": names, "address": address, "in_flight": in_flight, "limit": 32, "at_gate": 2, "metrics": metrics}


def worker(*servers: object, age_s: float = 2.0, vitals: object = None) -> Worker:
    told = vitals or {"build": {"overthink": "0.1"}, "servers": list(servers), "gpus": None}
    return Worker("a", "host", 1, ("tiny",), (), 64, 4, 1.0, NOW, NOW, None, told, age_s)  # type: ignore[arg-type]


def fleet(*workers: Worker) -> Fleet:
    return Fleet(30.0, workers, ())


def test_two_workers_on_one_server_have_requests_of_their_own_and_its_measures_once() -> None:
    found = load_of(fleet(worker(server(["tiny"], 30)), worker(server(["tiny"], 12))), "tiny")
    assert found == Load(42, 64, 4, 500.0, 0.25, frozenset({"gpu1:8000"}))


def test_two_servers_add_up() -> None:
    found = load_of(fleet(worker(server(["tiny"], 30)), worker(server(["tiny"], 12, "gpu2:8000"))), "tiny")
    assert found.tokens_per_s == 1000.0


def test_a_rate_that_one_server_does_not_tell_makes_the_sum_unknown() -> None:
    silent = server(["tiny"], 12, "gpu2:8000", tokens_per_s=None)
    assert load_of(fleet(worker(server(["tiny"], 30)), worker(silent)), "tiny").tokens_per_s is None


def test_of_another_model_nothing_is_told() -> None:
    assert load_of(fleet(worker(server(["tiny"], 30))), "large") == UNTOLD


@pytest.mark.parametrize(
    "one",
    [worker(server(["tiny"], 1), age_s=31.0), worker(vitals={"servers": "none"}), worker(vitals={"servers": [{}]})],
)
def test_what_was_told_long_ago_or_by_another_version_is_not_told(one: Worker) -> None:
    assert vitals_of(one, 30.0) is None
    assert load_of(fleet(one), "tiny") == UNTOLD


def test_fields_of_a_later_version_are_passed_over() -> None:
    later = worker(vitals={"build": {"overthink": "9.9", "moon": "full"}, "weather": [1]})
    found = vitals_of(later, 30.0)
    assert found is not None and found.build.overthink == "9.9" and found.gpus is None
