"""How long, and how often, an adapter tries again what may pass."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Exponential backoff with full jitter, bounded by the time since the first failure.

    The default outlives a restart of vLLM (about 40 s on a CPU, minutes with a large model).
    """

    give_up_after_s: float = 180.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 10.0

    def pause_s(self, tries: int) -> float:
        """The pause after the `tries`-th failure in a row (from 1)."""
        ceiling = min(self.longest_pause_s, self.first_pause_s * 2 ** min(tries - 1, 16))
        return random.uniform(ceiling / 2, ceiling)
