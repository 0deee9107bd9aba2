"""The table of `tests.benchmarks.bench_service` on a GPU, with the stack's own vLLM: a CUDA build, where there is one.

Less than eight minutes: `.venv/bin/python -m pytest -s tests/gpu`.
"""

import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from overthink.stack import Stack
from overthink.stack.vllm import MAX_REQUESTS
from tests.benchmarks.bench_service import LONG, VOTE, compare
from tests.conftest import fresh_home, start_or_skip

WORST = 0.8
"""Of what a client that stores nothing reaches. What is aimed at is .95; a machine has other things to do."""


def has_cuda() -> bool:
    try:
        return shutil.which("nvidia-smi") is not None and bool(version("vllm"))
    except PackageNotFoundError:
        return False


pytestmark = [
    pytest.mark.skipif(not has_cuda(), reason="no GPU, or no CUDA build of vLLM"),
    pytest.mark.timeout(480),
]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with fresh_home() as home:
        stack = Stack(home, dashboard=False, names=("postgres", "redis", "vllm", "migrate"))
        try:
            start_or_skip(stack)
            yield stack
        finally:
            stack.stop()


@pytest.mark.parametrize("in_flight", [64, MAX_REQUESTS])
def test_votes_of_short_chains_go_as_fast_as_a_client_that_asks_once_for_each(
    stack: Stack, tmp_path: Path, in_flight: int
) -> None:
    ratios = compare(stack, tmp_path, "short chains", VOTE, 120, 2, in_flight)
    assert min(ratios["one request a chain"], ratios["its_hub"]) > WORST


def test_long_chains_with_waits_go_as_fast_as_the_same_requests_of_a_bare_client(stack: Stack, tmp_path: Path) -> None:
    ratios = compare(stack, tmp_path, "chains with Waits up to the context", LONG, 40, 1, MAX_REQUESTS)
    assert ratios["the same requests"] > WORST
