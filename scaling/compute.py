"""What accuracy is drawn against: the ways to count what a job spent. What is not known is NaN, never 0.

Counts are the engines' own. FLOPs of inference are 2 · parameters · tokens that went through the model [Snell §7], and
those are the prompt without its cached part and the generated ones, for generator and verifier each with its own
parameters: the active ones for a mixture of experts.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scaling.intervals import Floats


class Axis(StrEnum):
    """One way to count compute."""

    THINKING = "thinking"  # tokens generated while thinking, and the forced ones; the actual ones, not the budget
    GENERATED = "generated"  # all that the engine generated for the job, pruned and rejected branches too
    WITH_VERIFIER = "with_verifier"  # those, and all tokens that the verifier read or generated
    FLOPS = "flops"  # of generator and verifier
    SECONDS = "seconds"  # from the job's claim to its end
    SAMPLES = "samples"  # candidates

    @property
    def label(self) -> str:
        return _LABELS[self][0]

    @property
    def unit(self) -> str:
        return _LABELS[self][1]

    @property
    def is_whole(self) -> bool:
        """Whether it counts things that are read one by one: tokens, samples."""
        return self not in (Axis.FLOPS, Axis.SECONDS)


_LABELS = {
    Axis.THINKING: ("thinking tokens", "tokens"),
    Axis.GENERATED: ("generated tokens", "tokens"),
    Axis.WITH_VERIFIER: ("generated and verifier tokens", "tokens"),
    Axis.FLOPS: ("inference compute", "FLOPs"),
    Axis.SECONDS: ("wall time", "s"),
    Axis.SAMPLES: ("samples", "samples"),
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """How many parameters a token passes through in generator and verifier; None: unknown, or no verifier."""

    generator: int | None
    verifier: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Spent:
    """What jobs spent, as arrays of one shape (J jobs, or problems × repeats); NaN where it is not known.

    `verifier_tokens` are those it read and generated, the cached ones included; 0 where no verifier was asked.
    """

    thinking_tokens: Floats
    prompt_tokens: Floats
    cached_tokens: Floats
    generated_tokens: Floats
    verifier_tokens: Floats
    verifier_cached_tokens: Floats
    wall_s: Floats
    samples: Floats

    def on(self, axis: Axis, parameters: Parameters) -> Floats:
        """In the axis' unit."""
        if axis is Axis.FLOPS:
            return self.flops(parameters)
        if axis is Axis.WITH_VERIFIER:
            return self.generated_tokens + self.verifier_tokens
        counts = {
            Axis.THINKING: self.thinking_tokens,
            Axis.GENERATED: self.generated_tokens,
            Axis.SECONDS: self.wall_s,
            Axis.SAMPLES: self.samples,
        }
        return counts[axis]

    def flops(self, parameters: Parameters) -> Floats:
        """A job that asked no verifier needs no verifier's parameters."""
        generator = _flops(parameters.generator, self.prompt_tokens - self.cached_tokens + self.generated_tokens)
        verifier = _flops(parameters.verifier, self.verifier_tokens - self.verifier_cached_tokens)
        total: Floats = generator + np.where(self.verifier_tokens == 0, 0.0, verifier)
        return total


def _flops(parameters: int | None, tokens: Floats) -> Floats:
    return 2.0 * (math.nan if parameters is None else parameters) * tokens
