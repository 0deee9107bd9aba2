"""What a server says that an answer cost, wherever it says it: in a completion, a pooled row or an error's body."""

from dataclasses import dataclass

from scaling.types import Usage


@dataclass(frozen=True, slots=True)
class Cost:
    """The server's own counts. None: it does not tell them."""

    prompt_tokens: int | None
    cached_tokens: int | None
    generated_tokens: int | None
    queue_seconds: float | None

    @property
    def usage(self) -> Usage:
        return Usage(self.prompt_tokens, self.cached_tokens, self.generated_tokens)


UNTOLD = Cost(None, None, None, None)
"""Of an answer of a server that tells nothing."""


def cost_of(answer: object) -> Cost | None:
    """None unless the answer says how many tokens it took: nothing is guessed."""
    usage = answer.get("usage") if isinstance(answer, dict) else None
    prompt, generated = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if prompt is None or not isinstance(answer, dict) or not isinstance(usage, dict):
        return None
    if generated is None and "choices" in answer:
        return None
    cached = _count(usage.get("prompt_tokens_details"), "cached_tokens")
    return Cost(prompt, cached, generated or 0, _queue_seconds(answer.get("metrics")))


def _queue_seconds(metrics: object) -> float | None:
    """vLLM tells with --enable-per-request-metrics."""
    told = metrics.get("queue_time_ms") if isinstance(metrics, dict) else None
    return told / 1000.0 if isinstance(told, int | float) else None


def _count(told: object, name: str) -> int | None:
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
