"""What jobs spent, on any axis. What is not known is NaN, never 0; what is known up to a bound says so.

Counts are the engines' own. FLOPs of inference are 2 · parameters · tokens that went through the model [Snell §7], and
those are the prompt without its cached part and the generated ones, for generator and verifier each with its own
parameters: the active ones for a mixture of experts. Attention adds 4 · layers · heads · head size for each position
that a token attends to, and Kinetics (arXiv 2506.05333) intensity · bytes for what decoding reads of the cache of keys
and values; reading the weights is taken to be shared by so large a batch that it does not count, as there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from scaling.arrays import Booleans, Floats
from scaling.compute.axes import Axis
from scaling.compute.model_facts import ModelFacts

NAN = float("nan")
SECONDS_PER_HOUR = 3600.0
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Facts:
    """Of an arm's generator and of its verifier; None: it asks none."""

    generator: ModelFacts
    verifier: ModelFacts | None = None

    @property
    def both(self) -> tuple[ModelFacts, ModelFacts]:
        return self.generator, self.verifier or ModelFacts()


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """What jobs asked of one model, as arrays of one shape; all 0 where it was not asked, NaN where it is not known.

    `attended` and `kv_read` are positions. `seconds` are those of its requests, which overlap. `spared_tokens` and
    `spared_attended` are what a job's chains found cached of one another (`scaling.compute.work`), over its candidates.
    """

    prompt_tokens: Floats
    cached_tokens: Floats
    generated_tokens: Floats
    attended: Floats
    kv_read: Floats
    seconds: Floats
    spared_tokens: Floats
    spared_attended: Floats

    @property
    def is_asked(self) -> Booleans:
        return np.asarray((self.prompt_tokens != 0) | (self.generated_tokens != 0))

    @property
    def is_cached_unknown(self) -> Booleans:
        """Of prompts that were counted."""
        return np.asarray(np.isnan(self.cached_tokens) & ~np.isnan(self.prompt_tokens))

    @property
    def cached(self) -> Floats:
        """At least: where it is not told, none."""
        return np.nan_to_num(self.cached_tokens)

    @property
    def processed(self) -> Floats:
        """At most, where it is not told what was cached."""
        return self.prompt_tokens - self.cached + self.generated_tokens

    def of_k(self, share: Floats, alone: Floats) -> "Used":
        """Of a `share` of the candidates. `alone`: of what all chains together were spared, how much these were not;
        where that is not known, their prompts are not."""
        unspared = part(self.spared_tokens, alone)
        return Used(
            prompt_tokens=self.prompt_tokens * share + 0.0 * unspared,
            cached_tokens=self.cached_tokens * share - unspared,
            generated_tokens=self.generated_tokens * share,
            attended=self.attended * share + part(self.spared_attended, alone),
            kv_read=self.kv_read * share,
            seconds=self.seconds * share,
            spared_tokens=self.spared_tokens * share,
            spared_attended=self.spared_attended * share,
        )

    def flops(self, facts: ModelFacts) -> Floats:
        return self._if_asked(2.0 * known(facts.parameters) * self.processed)

    def attention(self, facts: ModelFacts) -> Floats:
        shape = facts.architecture
        return self._if_asked(known(None if shape is None else shape.flops_per_position) * self.attended)

    def kv_flops(self, facts: ModelFacts) -> Floats:
        """What could have been computed in the time in which the keys and values are read."""
        shape = facts.architecture
        num_bytes = known(None if shape is None else shape.kv_bytes_per_position) * self.kv_read
        return self._if_asked(facts.intensity * num_bytes)

    def gpu_seconds(self, facts: ModelFacts) -> Floats:
        return self._if_asked(known(facts.gpus) * self.seconds)

    def price(self, facts: ModelFacts) -> Floats:
        by_token = facts.price_per_million
        if by_token is None:
            return self._if_asked(self.gpu_seconds(facts) * known(facts.price_per_gpu_hour) / SECONDS_PER_HOUR)
        fresh = (self.prompt_tokens - self.cached) * by_token.input
        return (fresh + self.cached * by_token.cached + self.generated_tokens * by_token.output) / MILLION

    def _if_asked(self, values: Floats) -> Floats:
        """A job that did not ask the model needs no facts of it."""
        return np.where(self.is_asked, values, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Spent:
    """What jobs spent, as arrays of one shape (J jobs, or problems × repeats); NaN where it is not known."""

    generator: Used
    verifier: Used
    thinking_tokens: Floats
    wall_s: Floats
    candidates: Floats
    generations: Floats
    longest_path: Floats

    def on(self, axis: Axis, facts: Facts) -> Floats:
        """In the axis' unit."""
        return ON_AXIS[axis](self, facts)

    def is_bound(self, axis: Axis, facts: Facts) -> Booleans:
        """Where what is told is an upper bound: what was cached is not known, or a batch shared the GPUs."""
        models = zip((self.generator, self.verifier), facts.both, strict=True)
        return np.asarray(np.any([used.is_asked & bounded(axis, used, told) for used, told in models], axis=0))

    def of_k(self, k: int, side_by_side: int | None, longest: Callable[[int], Floats]) -> "Spent":
        """Of k of each job's n candidates, which are made `side_by_side` (`Strategy.side_by_side`).

        Each costs 1/n of what the job took, but one chain alone is spared nothing, and all n were spared S tokens of
        their prompts: k chains are spared S · (k − 1)/(n − 1). So k = 1 is what a single chain costs, and k = n is the
        job. Candidates that depend on one another cannot be divided: NaN, but for all n. `longest` tells the longest
        path among k chains.
        """
        count = self.candidates
        is_all = count == k
        share = np.where(is_all | (side_by_side is not None), k / count, NAN)
        alone = np.where(is_all, 0.0, (count - k) / np.maximum(count - 1, 1) / count)
        return replace(
            self,
            generator=self.generator.of_k(share, alone),
            verifier=self.verifier.of_k(share, alone),
            thinking_tokens=self.thinking_tokens * share,
            wall_s=np.where(is_all, self.wall_s, NAN),
            candidates=np.full_like(count, k),
            generations=self.generations * share,
            longest_path=np.where(is_all, self.longest_path, self._in_turns(k, side_by_side, longest)),
        )

    def _in_turns(self, k: int, side_by_side: int | None, longest: Callable[[int], Floats]) -> Floats:
        """k chains one after the other in turns of so many."""
        if side_by_side is None:
            return np.full_like(self.longest_path, NAN)
        turns, rest = divmod(k, side_by_side)
        path = turns * longest(side_by_side) if turns else np.zeros_like(self.longest_path)
        return path + longest(rest) if rest else path


def bounded(axis: Axis, used: Used, facts: ModelFacts) -> Booleans:
    is_by_second = axis is Axis.GPU_SECONDS or (axis is Axis.PRICE and facts.price_per_million is None)
    needs_cached = axis in (Axis.PROCESSED, Axis.FLOPS, Axis.FLOPS_WITH_ATTENTION, Axis.EFLOPS, Axis.PRICE)
    return np.full_like(used.is_cached_unknown, is_by_second) | (used.is_cached_unknown & needs_cached)


def _processed(spent: Spent, _: Facts) -> Floats:
    return spent.generator.processed + spent.verifier.processed


def _of_both(of_model: Callable[[Used, ModelFacts], Floats]) -> Callable[[Spent, Facts], Floats]:
    def summed(spent: Spent, facts: Facts) -> Floats:
        generator, verifier = facts.both
        return of_model(spent.generator, generator) + of_model(spent.verifier, verifier)

    return summed


def _with_attention(used: Used, facts: ModelFacts) -> Floats:
    return used.flops(facts) + used.attention(facts)


def _eflops(used: Used, facts: ModelFacts) -> Floats:
    return _with_attention(used, facts) + used.kv_flops(facts)


ON_AXIS: Mapping[Axis, Callable[[Spent, Facts], Floats]] = {
    Axis.THINKING: lambda spent, _: spent.thinking_tokens,
    Axis.GENERATED: lambda spent, _: spent.generator.generated_tokens,
    Axis.GENERATED_BY_ALL: lambda spent, _: spent.generator.generated_tokens + spent.verifier.generated_tokens,
    Axis.PROCESSED: _processed,
    Axis.GENERATIONS: lambda spent, _: spent.generations,
    Axis.CANDIDATES: lambda spent, _: spent.candidates,
    Axis.LONGEST_PATH: lambda spent, _: spent.longest_path,
    Axis.FLOPS: _of_both(Used.flops),
    Axis.FLOPS_WITH_ATTENTION: _of_both(_with_attention),
    Axis.EFLOPS: _of_both(_eflops),
    Axis.SECONDS: lambda spent, _: spent.wall_s,
    Axis.GPU_SECONDS: _of_both(Used.gpu_seconds),
    Axis.PRICE: _of_both(Used.price),
}


def part(values: Floats, share: Floats) -> Floats:
    """No part of what is not known is nothing."""
    return np.where(share == 0, 0.0, values * share)


def known(number: float | None) -> float:
    return NAN if number is None else float(number)
