"""What accuracy is drawn against: the axes, by name, each with what it counts. One table for code, pages and docs.

The names are stable words: they stand in commands, addresses, JSON and CSV. `docs/AXES.md` says the same at length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scaling.errors import suggestion


class Axis(StrEnum):
    """One way to count what a job spent. `counts` says what it counts."""

    THINKING = "thinking"
    GENERATED = "generated"
    GENERATED_BY_ALL = "generated-by-all"
    PROCESSED = "processed"
    GENERATIONS = "generations"
    CANDIDATES = "candidates"
    LONGEST_PATH = "longest-path"
    FLOPS = "flops"
    FLOPS_WITH_ATTENTION = "flops-with-attention"
    EFLOPS = "eflops"
    SECONDS = "seconds"
    GPU_SECONDS = "gpu-seconds"
    PRICE = "price"

    @property
    def label(self) -> str:
        return AXES[self].label

    @property
    def unit(self) -> str:
        return AXES[self].unit

    @property
    def in_unit(self) -> str:
        """What a title has to add to the label; empty where that says it."""
        return "" if self.unit in self.label else f", in {self.unit}"

    @property
    def counts(self) -> str:
        return AXES[self].counts

    @property
    def of_k(self) -> str:
        """What k of a job's n candidates cost on it."""
        return AXES[self].of_k

    @property
    def is_whole(self) -> bool:
        """Whether it counts things that are read one by one: tokens, generations, candidates."""
        return self.unit in ("tokens", "generations", "candidates")

    @property
    def is_scientific(self) -> bool:
        """Whether its numbers are so large that they are written with an exponent."""
        return self.unit in ("FLOPs", "eFLOPs")


@dataclass(frozen=True, slots=True)
class AxisWords:
    label: str
    unit: str
    counts: str
    of_k: str


SHARE = "k/n of the job"
SHARE_AND_PROMPT = "k/n of the job, and the first of them pays its whole prompt"

AXES: Mapping[Axis, AxisWords] = {
    Axis.THINKING: AxisWords(
        "thinking tokens",
        "tokens",
        "generated while thinking, dropped delimiters included, and what was forced there (Waits); not the budget",
        SHARE,
    ),
    Axis.GENERATED: AxisWords(
        "generated tokens of the generator",
        "tokens",
        "all that the generator generated: pruned branches, rollouts and rejected tries too; no verifier's",
        SHARE,
    ),
    Axis.GENERATED_BY_ALL: AxisWords(
        "generated tokens of all models",
        "tokens",
        "those, and all that the verifier generated; what a verifier only reads is not in it",
        SHARE,
    ),
    Axis.PROCESSED: AxisWords(
        "processed tokens of all models",
        "tokens",
        "prompt tokens that were not cached, and generated ones, of generator and verifier alike",
        SHARE_AND_PROMPT,
    ),
    Axis.GENERATIONS: AxisWords(
        "generations",
        "generations",
        "chains begun, as Snell et al. count: N of a vote or a beam search, N(k + 1) of lookahead, every rejected try",
        SHARE,
    ),
    Axis.CANDIDATES: AxisWords(
        "candidates", "candidates", "the answers that a job ends with; what was pruned or rejected is none", "k"
    ),
    Axis.LONGEST_PATH: AxisWords(
        "tokens on the longest path",
        "tokens",
        "generated one after the other, by generator and verifier: latency without a clock",
        "the mean longest of k chains, in as many turns as they are drawn in",
    ),
    Axis.FLOPS: AxisWords(
        "FLOPs by weights",
        "FLOPs",
        "2 · parameters · processed tokens, each model with its own parameters",
        SHARE_AND_PROMPT,
    ),
    Axis.FLOPS_WITH_ATTENTION: AxisWords(
        "FLOPs with attention",
        "FLOPs",
        "those, and 4 · layers · heads · head size · positions attended to",
        SHARE_AND_PROMPT,
    ),
    Axis.EFLOPS: AxisWords(
        "eFLOPs",
        "eFLOPs",
        "those, and intensity · bytes of the KV cache that decoding reads [Kinetics]",
        SHARE_AND_PROMPT,
    ),
    Axis.SECONDS: AxisWords(
        "wall time", "s", "from the job's claim to its end, waiting for others included", "not known for k < n"
    ),
    Axis.GPU_SECONDS: AxisWords(
        "GPU-seconds",
        "GPU·s",
        "seconds that requests were at their server, times its GPUs: at most, since a batch shares them",
        SHARE,
    ),
    Axis.PRICE: AxisWords(
        "price",
        "$",
        "tokens by the registry's price per million; without one GPU-seconds by its price per GPU-hour",
        "as tokens: " + SHARE_AND_PROMPT,
    ),
}

RENAMED: Mapping[str, tuple[Axis, ...]] = {
    "samples": (Axis.GENERATIONS, Axis.CANDIDATES),
    "generated+verifier": (Axis.GENERATED_BY_ALL, Axis.PROCESSED),
    "with_verifier": (Axis.GENERATED_BY_ALL, Axis.PROCESSED),
}


def axis_named(name: str) -> Axis:
    """Raises ValueError, which names the nearest."""
    known = [axis.value for axis in Axis]
    if name in known:
        return Axis(name)
    if name in RENAMED:
        raise ValueError(f"axis {name!r} is called {' or '.join(RENAMED[name])} now, for what it counts")
    raise ValueError(f"there is no axis {name!r}{suggestion(name, known)}")
