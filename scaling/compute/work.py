"""What a job's requests made its models do, beyond tokens: derived from the steps of its trace when it ends. Pure.

A request of p prompt tokens, c of them cached, that generates g tokens makes the model process the tokens at positions
c + 1 to p + g, and each attends to all positions up to its own: (p + g)(p + g + 1)/2 − c(c + 1)/2 in all. Decoding
reads the cache of keys and values once per generated token: g · p + g(g + 1)/2 positions. Processing a prompt is not
charged with reading the cache, as in Kinetics (arXiv 2506.05333); a departure: its cost model lets all samples read a
shared prompt at once, and here each reads its own, as vLLM's attention does.

Where a server does not tell what was cached, nothing is taken to have been: what follows is then an upper bound, and
that the count of cached tokens is unknown says so. Where it tells no counts at all, nothing of this is known.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

from scaling.types import Phase, Step, Trace, Usage, total_if_known

Usages = tuple[Usage, ...]
OfOne = Callable[[Usage], int | None]


@dataclass(frozen=True, slots=True)
class Work:
    """Of one job. None: what each request took is not known, only sums; or the path was not measured.

    `chains` are those begun. `attended` and `kv_read` are positions, of generator and verifier each. What chains were
    *spared* is what their first request found cached, a prompt, or what a verifier had read of another chain, and all
    of a verifier's requests for what another chain shows too. A chain that had been alone would have had to process it;
    sums over candidates.
    """

    chains: int
    longest_path: int | None
    attended: int | None
    kv_read: int | None
    verifier_attended: int | None
    verifier_kv_read: int | None
    spared_tokens: int | None
    spared_attended: int | None
    verifier_spared_tokens: int | None
    verifier_spared_attended: int | None


def work_of(trace: Trace) -> Work:
    own = [usages_of(step) for step in trace.steps]
    verifiers = [verifier_usages_of(step) for step in trace.steps]
    chains = steps_by_candidate(trace)
    first = [first_cached(steps, usages_of) for steps in chains]
    verifier_first = [first_cached(steps, verifier_usages_of) for steps in chains]
    return Work(
        chains=chains_begun(trace.steps),
        longest_path=trace.longest_path,
        attended=total(own, attended),
        kv_read=total(own, kv_read),
        verifier_attended=total(verifiers, attended),
        verifier_kv_read=total(verifiers, kv_read),
        spared_tokens=None if None in own else sum(first),
        spared_attended=None if None in own else sum(map(up_to, first)),
        verifier_spared_tokens=spared_in_all(verifiers, verifier_first, chains, _processed),
        verifier_spared_attended=spared_in_all(verifiers, list(map(up_to, verifier_first)), chains, attended),
    )


def spared_in_all(
    known: Sequence[Usages | None], cached: Sequence[int], chains: Sequence[Sequence[Step]], of_one: OfOne
) -> int | None:
    """What first requests found cached, and what whole requests would have been that were not made."""
    unmade = [usage for chain in chains for step in chain for usage in step.verifier_spared_usages]
    return None if None in known else total_if_known((*cached, *map(of_one, unmade)))


def _processed(usage: Usage) -> int | None:
    return total_if_known((usage.prompt_tokens, usage.generated_tokens))


def attended(usage: Usage) -> int | None:
    """Sum of the positions that each processed token attends to, its own included."""
    if usage.prompt_tokens is None or usage.generated_tokens is None:
        return None
    return up_to(usage.prompt_tokens + usage.generated_tokens) - up_to(usage.cached_tokens or 0)


def kv_read(usage: Usage) -> int | None:
    """Sum of the positions whose keys and values are read while decoding."""
    if usage.prompt_tokens is None or usage.generated_tokens is None:
        return None
    return usage.generated_tokens * usage.prompt_tokens + up_to(usage.generated_tokens)


def up_to(number: int) -> int:
    """1 + 2 + … + number."""
    return number * (number + 1) // 2


def total(usages: Sequence[Usages | None], of_one: OfOne) -> int | None:
    return None if None in usages else total_if_known(of_one(usage) for each in usages if each for usage in each)


def usages_of(step: Step) -> Usages | None:
    """Of each of the step's requests; None if there are several and only their sums are known."""
    if step.usages or not step.requests:
        return step.usages
    alone = Usage(step.prompt_tokens, step.cached_tokens, step.generated_tokens)
    return (alone,) if step.requests == 1 else None


def verifier_usages_of(step: Step) -> Usages | None:
    if step.verifier_usages or not step.verifier_calls:
        return step.verifier_usages
    tokens, generated = step.verifier_tokens, step.verifier_generated_tokens
    if step.verifier_calls > 1 or tokens is None or generated is None:
        return None
    return (Usage(tokens - generated, step.verifier_cached_tokens, generated),)


def chains_begun(steps: Sequence[Step]) -> int:
    """A chain begins behind a prompt, be it the question's or a revision's."""
    prompts = {step.path for step in steps if step.phase is Phase.PROMPT}
    return sum(step.path[:-1] in prompts for step in steps if step.phase is not Phase.PROMPT)


def steps_by_candidate(trace: Trace) -> list[list[Step]]:
    """Each candidate's chain: what was begun behind the first prompt after the candidate before it, up to its own.

    Tries that were rejected on the way to a candidate are its. Candidates that share a beginning, as those of a search
    may, are one chain together: they cannot be told apart.
    """
    ends = sorted({candidate.path[1] for candidate in trace.outcome.candidates if len(candidate.path) > 1})
    chains: list[list[Step]] = [[] for _ in ends]
    for step in trace.steps:
        if len(step.path) > 1 and (place := bisect_left(ends, step.path[1])) < len(ends):
            chains[place].append(step)
    return chains


def first_cached(chain: Sequence[Step], usages: Callable[[Step], Usages | None]) -> int:
    """How many tokens the chain's first request found cached."""
    first = next((each[0] for step in chain if (each := usages(step))), None)
    return 0 if first is None else first.cached_tokens or 0


def longest_of_k(trace: Trace, ks: Sequence[int]) -> tuple[float, ...] | None:
    """Tokens on the longest path among k of the candidates' chains, the verifier's included, over all choices of k.

    None unless there is a chain of its own for each candidate, all of whose generated tokens were counted.
    """
    chains = steps_by_candidate(trace)
    lengths = [total_if_known(map(generated_by_all, steps)) for steps in chains]
    known = sorted(length for length in lengths if length is not None)
    if len(known) != len(trace.outcome.candidates):
        return None
    return tuple(mean_of_largest(known, k) for k in ks)


def generated_by_all(step: Step) -> int | None:
    return total_if_known((step.generated_tokens, step.verifier_generated_tokens))


def mean_of_largest(ascending: Sequence[int], k: int) -> float:
    """The largest of k of these numbers, over all choices of k: the j-th smallest is it in C(j − 1, k − 1) of them."""
    choices = comb(len(ascending), k)
    return sum(number * comb(place, k - 1) for place, number in enumerate(ascending)) / choices
