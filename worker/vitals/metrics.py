"""What a vLLM server measures of itself, read from its `/metrics` (Prometheus' text format). What is not there is None.

Names are those of vLLM's V1 engine; the cache's use was named otherwise before.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

SAMPLE = re.compile(r"^(?P<name>[A-Za-z_:][\w:]*)(?:\{[^\n]*\})?\s+(?P<value>\S+)(?:\s+-?\d+)?\s*$", re.MULTILINE)
RUNNING, WAITING = "vllm:num_requests_running", "vllm:num_requests_waiting"
GENERATED = "vllm:generation_tokens_total"
CACHE_USE = ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")


@dataclass(frozen=True, slots=True)
class Metrics:
    """Of all that ask the server, not of one worker alone. `cache_use` is a share, 0 to 1, of the fullest engine."""

    running: int | None
    waiting: int | None
    cache_use: float | None
    generated_tokens: int | None
    """Since the server was started."""


def metrics_of(text: str) -> Metrics:
    uses = [value for name in CACHE_USE for value in _values(text, name)]
    return Metrics(_sum(text, RUNNING), _sum(text, WAITING), max(uses, default=None), _sum(text, GENERATED))


def _sum(text: str, name: str) -> int | None:
    """Over all engines behind the server."""
    values = list(_values(text, name))
    return int(sum(values)) if values else None


def _values(text: str, name: str) -> Iterator[float]:
    for sample in SAMPLE.finditer(text):
        if sample["name"] == name and math.isfinite(value := _number(sample["value"])):
            yield value


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return math.nan
