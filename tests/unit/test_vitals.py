"""What servers and drivers tell of themselves, read as they tell it."""

import pytest

from worker.vitals.gpus import Gpu, gpus_of
from worker.vitals.metrics import Metrics, metrics_of
from worker.vitals.reporting import RATE_S, Rate

TOLD = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="ladder-tiny"} 12.0
vllm:num_requests_waiting{engine="0",model_name="ladder-tiny"} 3.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="ladder-tiny",reason="capacity"} 3.0
vllm:kv_cache_usage_perc{engine="0",model_name="ladder-tiny"} 0.25
vllm:generation_tokens_total{engine="0",model_name="ladder-tiny"} 1.0e+06
"""


def test_the_metrics_of_a_server_are_read() -> None:
    assert metrics_of(TOLD) == Metrics(12, 3, 0.25, 1_000_000)


def test_engines_behind_one_server_are_summed_and_the_fullest_cache_counts() -> None:
    second = TOLD.replace('engine="0"', 'engine="1"').replace(" 0.25", " 0.75")
    assert metrics_of(TOLD + second) == Metrics(24, 6, 0.75, 2_000_000)


def test_the_cache_of_an_older_engine_has_another_name() -> None:
    assert metrics_of('vllm:gpu_cache_usage_perc{model_name="m"} 0.5\n') == Metrics(None, None, 0.5, None)


@pytest.mark.parametrize(
    "text", ["", "<html>404</html>", "vllm:num_requests_running{} NaN\n", "vllm:generation_tokens_total x"]
)
def test_what_is_not_told_is_none(text: str) -> None:
    assert metrics_of(text) == Metrics(None, None, None, None)


def test_a_rate_takes_two_looks_and_forgets_what_is_long_ago() -> None:
    """100 tokens in 10 s; then 700 in the 70 s since, of which the first look is more than a minute ago."""
    rate = Rate()
    assert rate.per_s(0, 0.0) is None
    assert rate.per_s(100, 10.0) == 10.0
    assert rate.per_s(700, 10.0 + RATE_S) == pytest.approx(600 / RATE_S)


def test_a_server_that_was_started_again_begins_anew() -> None:
    rate = Rate()
    rate.per_s(500, 0.0)
    assert rate.per_s(3, 10.0) is None
    assert rate.per_s(103, 20.0) == 10.0


def test_a_server_that_tells_no_more_has_no_rate() -> None:
    rate = Rate()
    rate.per_s(500, 0.0)
    assert rate.per_s(None, 10.0) is None
    assert rate.per_s(600, 20.0) is None


def test_gpus_are_read_from_what_the_driver_prints() -> None:
    told = "NVIDIA H100 80GB HBM3, 71234, 81559, 97\nNVIDIA A100 MIG 1g.10gb, [N/A], [N/A], [N/A]\n"
    assert gpus_of(told) == (
        Gpu("NVIDIA H100 80GB HBM3", 71_234, 81_559, 0.97),
        Gpu("NVIDIA A100 MIG 1g.10gb", None, None, None),
    )


@pytest.mark.parametrize("told", ["", "No devices were found\n", "a, b\n"])
def test_a_driver_that_finds_none_tells_of_none(told: str) -> None:
    assert gpus_of(told) == ()
