"""What requests made the models do, from the steps of a trace."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scaling.compute.axes import Axis
from scaling.compute.costs import Facts, Spent, Used
from scaling.compute.model_facts import Architecture, ModelFacts
from scaling.compute.work import attended, kv_read, longest_of_k, mean_of_largest, work_of
from scaling.types import Candidate, Outcome, Phase, Step, StepKind, Trace, Usage

PROMPT = Step((0,), StepKind.PROMPT, Phase.PROMPT, (1,) * 100, "?")


def think(path: tuple[int, ...], *usages: Usage, **others: Any) -> Step:
    return Step(
        path, StepKind.THINK, Phase.THINKING, (), "", requests=len(usages), usages=usages,
        generated_tokens=sum(usage.generated_tokens for usage in usages), **others,
    )  # fmt: skip


def trace(*steps: Step, ends: list[tuple[int, ...]]) -> Trace:
    candidates = tuple(Candidate(path, "", None, None, False, 0, 0) for path in ends)
    return Trace((PROMPT, *steps), Outcome(candidates, 0), longest_path=7)


def test_each_processed_token_attends_to_all_positions_up_to_its_own() -> None:
    """Positions 1 to 5 are 15; of a prompt of 3 of which 2 were cached, 3 + 4 + 5."""
    assert attended(Usage(3, 0, 2)) == 1 + 2 + 3 + 4 + 5
    assert attended(Usage(3, 2, 2)) == 3 + 4 + 5
    assert attended(Usage(3, None, 2)) == 15  # at most


def test_decoding_reads_the_cache_once_a_token_and_a_prompt_reads_nothing() -> None:
    assert kv_read(Usage(3, 0, 2)) == 4 + 5
    assert kv_read(Usage(3, 0, 0)) == 0


QWEN_32B = Architecture(layers=64, heads=40, kv_heads=8, head_size=128)


def spent_by(num_chains: int, length: int, parameters: int = 32_764_000_000) -> dict[Axis, float]:
    """Of chains behind a prompt of 200 tokens, which was processed once."""
    chains = [Usage(200, 200 if number else 0, length) for number in range(num_chains)]
    numbers = {
        "prompt_tokens": 200 * num_chains,
        "cached_tokens": 200 * (num_chains - 1),
        "generated_tokens": length * num_chains,
        "attended": sum(map(attended, chains)),
        "kv_read": sum(map(kv_read, chains)),
    }
    used = Used(**{name: np.array([float(numbers.get(name, 0))]) for name in Used.__dataclass_fields__})
    nothing, zero = Used(*[np.zeros(1)] * 8), np.zeros(1)
    spent = Spent(used, nothing, zero, zero, np.array([float(num_chains)]), zero, zero)
    facts = Facts(ModelFacts(parameters=parameters, architecture=QWEN_32B))
    return {axis: float(spent.on(axis, facts)[0]) for axis in (Axis.FLOPS, Axis.FLOPS_WITH_ATTENTION, Axis.EFLOPS)}


def test_one_long_chain_and_many_short_ones_are_equal_by_weights_alone() -> None:
    """Both 2 · 32.764e9 · 16,584. Attention: 4·64·40·128 = 1,310,720 a position.

    One chain: 16,584 · 16,585 / 2 = 137.5e6 positions, 1.80e14 of 1.087e15 FLOPs, 17 %. Sixteen: 200 · 201 / 2 for the
    prompt and 16 · (1,224 · 1,225 − 200 · 201) / 2 = 11.7e6 positions, 1.5e13 FLOPs, 1.4 %.
    """
    one, sixteen = spent_by(1, 16_384), spent_by(16, 1_024)
    assert one[Axis.FLOPS] == sixteen[Axis.FLOPS] == 2 * 32_764_000_000 * 16_584
    assert one[Axis.FLOPS_WITH_ATTENTION] / one[Axis.FLOPS] - 1 == pytest.approx(0.166, abs=0.001)
    assert sixteen[Axis.FLOPS_WITH_ATTENTION] / sixteen[Axis.FLOPS] - 1 == pytest.approx(0.014, abs=0.001)


def test_one_long_chain_reads_twelve_times_as_much_of_its_cache() -> None:
    """262,144 bytes a position (2·64·8·128 numbers of 2 bytes), 562.5 FLOPs a byte.

    One chain: 16,384 · 200 + 16,384 · 16,385 / 2 = 137.5e6 positions, 36.0 TB. Sixteen: 16 · (204,800 + 524,800) =
    11.7e6 positions, 3.06 TB.
    """
    assert QWEN_32B.kv_bytes_per_position == 262_144
    read = {n: (spent[Axis.EFLOPS] - spent[Axis.FLOPS_WITH_ATTENTION]) / 562.5 / 1e12
            for n, spent in ((1, spent_by(1, 16_384)), (16, spent_by(16, 1_024)))}  # fmt: skip
    assert read == {1: pytest.approx(36.04, abs=0.01), 16: pytest.approx(3.06, abs=0.01)}


def test_work_sums_over_every_request_of_every_step_pruned_ones_too() -> None:
    """A chain of two requests, the second of which goes on behind 100 + 10 cached tokens; and a pruned one."""
    chain = think((0, 0), Usage(100, 0, 10), Usage(110, 96, 5))
    other = think((0, 1), Usage(100, 96, 3), kept=False)
    work = work_of(trace(chain, other, ends=[(0, 0)]))
    assert work.attended == 110 * 111 // 2 + (115 * 116 - 96 * 97) // 2 + (103 * 104 - 96 * 97) // 2
    assert work.kv_read == (10 * 100 + 55) + (5 * 110 + 15) + (3 * 100 + 6)
    assert (work.verifier_attended, work.verifier_kv_read, work.longest_path) == (0, 0, 7)


def test_a_verifier_is_counted_by_what_it_read_and_generated() -> None:
    verified = replace(
        think((0, 0), Usage(100, 0, 10)), verifier_tokens=61, verifier_calls=1, verifier_generated_tokens=1,
        verifier_cached_tokens=0, verifier_usages=(Usage(60, 0, 1),),
    )  # fmt: skip
    work = work_of(trace(verified, ends=[(0, 0)]))
    assert (work.verifier_attended, work.verifier_kv_read) == (61 * 62 // 2, 61)


def test_sums_of_one_request_are_as_good_as_the_request_and_those_of_several_are_not_known() -> None:
    told = replace(think((0, 0), Usage(100, 0, 10)), prompt_tokens=100)
    summed = replace(told, usages=())
    assert work_of(trace(summed, ends=[(0, 0)])) == work_of(trace(told, ends=[(0, 0)]))
    several = work_of(trace(replace(summed, requests=2), ends=[(0, 0)]))
    assert (several.attended, several.kv_read, several.spared_tokens) == (None, None, None)


def test_chains_are_begun_behind_every_prompt_and_tries_and_revisions_count() -> None:
    """Two tries behind the question, a revision behind the second."""
    revision = Step((0, 1, 0), StepKind.REVISION, Phase.PROMPT, (), "again?")
    made = trace(think((0, 0)), think((0, 1)), revision, think((0, 1, 0, 0)), ends=[(0, 1), (0, 1, 0, 0)])
    assert work_of(made).chains == 3


def test_what_chains_were_spared_is_what_their_first_request_found_cached() -> None:
    """The second chain found 96 tokens of the prompt, the third 64. What a chain finds of itself is its own."""
    chains = (
        think((0, 0), Usage(100, 0, 10), Usage(110, 96, 5)),
        think((0, 1), Usage(100, 96, 10)),
        think((0, 2), Usage(100, 64, 10)),
    )
    work = work_of(trace(*chains, ends=[(0, 0), (0, 1), (0, 2)]))
    assert (work.spared_tokens, work.spared_attended) == (96 + 64, 96 * 97 // 2 + 64 * 65 // 2)


def test_a_chain_was_spared_all_that_its_verifier_would_have_done_where_another_shows_it_the_same() -> None:
    """Alone, the second chain would have had 60 tokens read and one generated; the third was read with 48 cached."""
    read = {"verifier_calls": 1, "verifier_tokens": 61, "verifier_generated_tokens": 1}
    chains = (
        think((0, 0), Usage(100, 0, 10), verifier_usages=(Usage(60, 0, 1),), **read),
        think((0, 1), Usage(100, 96, 10), verifier_spared_usages=(Usage(60, 0, 1),)),
        think((0, 2), Usage(100, 96, 10), verifier_usages=(Usage(60, 48, 1),), **read),
    )
    work = work_of(trace(*chains, ends=[(0, 0), (0, 1), (0, 2)]))
    assert work.verifier_spared_tokens == 61 + 48
    assert work.verifier_spared_attended == 61 * 62 // 2 + 48 * 49 // 2
    assert work.verifier_attended == 61 * 62 // 2 + (61 * 62 - 48 * 49) // 2


def test_later_tries_of_one_chain_find_its_own_prompt() -> None:
    tries = (think((0, 0), Usage(100, 0, 10), kept=False), think((0, 1), Usage(100, 96, 10)))
    other = (think((0, 2), Usage(100, 80, 10)),)
    assert work_of(trace(*tries, *other, ends=[(0, 1), (0, 2)])).spared_tokens == 0 + 80


def test_the_longest_of_k_chains_is_a_mean_over_all_choices_of_k() -> None:
    """Of 1, 2, 4: the pairs' longest are 2, 4, 4."""
    assert [mean_of_largest([1, 2, 4], k) for k in (1, 2, 3)] == [pytest.approx(7 / 3), pytest.approx(10 / 3), 4]


def test_a_chain_s_path_is_all_that_was_generated_for_its_candidate() -> None:
    """10 + 10 in two tries; 5 and the verifier's 2."""
    tries = (think((0, 0), Usage(9, 0, 10), kept=False), think((0, 1), Usage(9, 0, 10)))
    other = think((0, 2), Usage(9, 0, 5), verifier_generated_tokens=2)
    made = trace(*tries, other, ends=[(0, 1), (0, 2)])
    assert longest_of_k(made, (1, 2)) == (pytest.approx((20 + 7) / 2), 20)


def test_candidates_that_grew_from_one_beginning_have_no_chains_of_their_own() -> None:
    beams = (think((0, 0)), think((0, 0, 0)), think((0, 0, 1)))
    assert longest_of_k(trace(*beams, ends=[(0, 0, 0), (0, 0, 1)]), (1, 2)) is None
