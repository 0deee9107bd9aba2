"""What a job spent, on each axis."""

import math
from dataclasses import replace

import numpy as np
import pytest

from scaling.arrays import Floats
from scaling.compute.axes import Axis
from scaling.compute.costs import Facts, Spent, Used
from scaling.compute.model_facts import Architecture, ModelFacts, PricePerMillion

NAN = math.nan
SHAPE = Architecture(layers=2, heads=3, kv_heads=1, head_size=5)  # 4·2·3·5 = 120 FLOPs, 2·2·1·5·2 = 40 bytes a position
BIG = ModelFacts(parameters=10, architecture=SHAPE, intensity=2.0, gpus=4, price_per_gpu_hour=36.0)
SMALL = ModelFacts(parameters=3, architecture=SHAPE, intensity=2.0, gpus=1, price_per_gpu_hour=3.6)
BOTH = Facts(BIG, SMALL)


def used(**numbers: list[float]) -> Used:
    names = Used.__dataclass_fields__
    return Used(**{name: np.array(numbers.get(name, [0.0, 0.0, 0.0])) for name in names})


# Three jobs: plain; with a verifier; one whose engine does not report what was cached.
SPENT = Spent(
    generator=used(
        prompt_tokens=[100, 300, 100],
        cached_tokens=[0, 200, NAN],
        generated_tokens=[50, 60, 70],
        attended=[1000, 2000, 3000],
        kv_read=[100, 200, 300],
        seconds=[1.0, 2.0, 3.0],
    ),
    verifier=used(
        prompt_tokens=[0, 78, 0],
        cached_tokens=[0, 30, 0],
        generated_tokens=[0, 2, 0],
        attended=[0, 500, 0],
        kv_read=[0, 50, 0],
        seconds=[0.0, 4.0, 0.0],
    ),
    thinking_tokens=np.array([40.0, 50.0, 60.0]),
    wall_s=np.array([1.5, 2.5, NAN]),
    candidates=np.array([1.0, 4.0, 1.0]),
    generations=np.array([1.0, 8.0, 3.0]),
    longest_path=np.array([50.0, 20.0, NAN]),
)


def same(found: Floats, expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected)


def test_each_axis_counts_its_own() -> None:
    same(SPENT.on(Axis.THINKING, BOTH), [40, 50, 60])
    same(SPENT.on(Axis.GENERATED, BOTH), [50, 60, 70])
    same(SPENT.on(Axis.GENERATED_BY_ALL, BOTH), [50, 60 + 2, 70])
    same(SPENT.on(Axis.CANDIDATES, BOTH), [1, 4, 1])
    same(SPENT.on(Axis.GENERATIONS, BOTH), [1, 8, 3])
    same(SPENT.on(Axis.LONGEST_PATH, BOTH), [50, 20, NAN])
    same(SPENT.on(Axis.SECONDS, BOTH), [1.5, 2.5, NAN])


def test_processed_tokens_leave_out_what_was_cached_of_either_model() -> None:
    """100 + 50; 300 − 200 + 60 of the generator and 78 − 30 + 2 of the verifier; 100 + 70 at most."""
    same(SPENT.on(Axis.PROCESSED, BOTH), [150, 160 + 50, 170])


def test_flops_are_of_generator_and_verifier_each_with_its_own_parameters() -> None:
    """2·10·150; 2·10·160 + 2·3·50; 2·10·170 at most."""
    same(SPENT.on(Axis.FLOPS, BOTH), [3000, 3200 + 300, 3400])


def test_attention_adds_what_each_position_costs() -> None:
    same(SPENT.on(Axis.FLOPS_WITH_ATTENTION, BOTH), [3000 + 120_000, 3500 + 240_000 + 60_000, 3400 + 360_000])


def test_eflops_add_what_could_be_computed_while_the_cache_is_read() -> None:
    """Twice 40 bytes for each position: 80 · 100; 80 · (200 + 50); 80 · 300."""
    same(SPENT.on(Axis.EFLOPS, BOTH), [123_000 + 8_000, 303_500 + 20_000, 363_400 + 24_000])


def test_gpu_seconds_are_those_of_requests_times_the_gpus_of_their_server() -> None:
    same(SPENT.on(Axis.GPU_SECONDS, BOTH), [4, 2 * 4 + 4 * 1, 12])


def test_the_price_is_that_of_tokens_or_of_gpu_hours() -> None:
    """A million prompt tokens cost 10, cached ones 1, generated ones 100. Of the verifier: 4 s · 3.6 an hour = .004."""
    tokens = ModelFacts(price_per_million=PricePerMillion(input=10, cached_input=1, output=100))
    plain = (100 * 10 + 50 * 100) / 1e6
    cached = (100 * 10 + 200 * 1 + 60 * 100) / 1e6
    same(SPENT.on(Axis.PRICE, Facts(tokens, SMALL)), [plain, cached + 0.004, (100 * 10 + 70 * 100) / 1e6])
    same(SPENT.on(Axis.PRICE, BOTH), [4 * 36 / 3600, 8 * 36 / 3600 + 0.004, 12 * 36 / 3600])
    same(SPENT.on(Axis.PRICE, Facts(BIG)), [4 * 36 / 3600, NAN, 12 * 36 / 3600])  # who asked none needs no price of it


def test_what_is_counted_without_knowing_what_was_cached_is_a_bound_and_says_so() -> None:
    bounds = {axis: SPENT.is_bound(axis, BOTH).tolist() for axis in Axis}
    assert bounds[Axis.FLOPS] == bounds[Axis.PROCESSED] == bounds[Axis.EFLOPS] == [False, False, True]
    assert bounds[Axis.GPU_SECONDS] == bounds[Axis.PRICE] == [True, True, True]  # a batch shares the GPUs
    assert not any(bounds[Axis.GENERATED_BY_ALL] + bounds[Axis.GENERATIONS] + bounds[Axis.LONGEST_PATH])


def test_unknown_facts_make_unknown_costs_only_where_they_are_needed() -> None:
    same(SPENT.on(Axis.FLOPS, Facts(BIG)), [3000, NAN, 3400])
    same(SPENT.on(Axis.FLOPS, Facts(ModelFacts(), SMALL)), [NAN, NAN, NAN])
    same(SPENT.on(Axis.EFLOPS, Facts(ModelFacts(parameters=10))), [NAN, NAN, NAN])
    same(SPENT.on(Axis.GPU_SECONDS, Facts(ModelFacts(gpus=1))), [1, NAN, 3])
    same(SPENT.on(Axis.PRICE, Facts(ModelFacts(gpus=1), SMALL)), [NAN, NAN, NAN])


# A vote of 4: a prompt of 100 tokens, cached for three of the four chains; each chain generates 30.
VOTE = replace(
    SPENT,
    generator=used(
        prompt_tokens=[400, 400, 400],
        cached_tokens=[300, 300, 300],
        generated_tokens=[120, 120, 120],
        attended=[4 * 8515 - 3 * 5050] * 3,
        kv_read=[4 * 3465] * 3,
        spared_tokens=[300, 300, 300],
        spared_attended=[3 * 5050] * 3,
    ),
    verifier=used(),
    candidates=np.array([4.0, 4.0, 4.0]),
    generations=np.array([4.0, 4.0, 4.0]),
    longest_path=np.array([30.0, 30.0, 30.0]),
)


def on(axis: Axis, k: int, side_by_side: int | None = 4) -> float:
    longest = np.full(3, 30.0)
    return float(VOTE.of_k(k, side_by_side, lambda _: longest).on(axis, BOTH)[0])


def test_one_of_n_candidates_pays_its_whole_prompt_and_further_ones_what_they_found_uncached() -> None:
    """k chains: the prompt once, 30 tokens each."""
    assert [on(Axis.PROCESSED, k) for k in (1, 2, 3, 4)] == [130, 160, 190, 220]
    assert [on(Axis.FLOPS, k) for k in (1, 4)] == [2600, 4400]
    assert [on(Axis.GENERATED_BY_ALL, k) for k in (1, 2, 4)] == [30, 60, 120]


def test_one_of_n_candidates_costs_on_every_axis_what_a_chain_of_thought_does() -> None:
    chain = replace(
        VOTE,
        generator=used(
            prompt_tokens=[100, 100, 100],
            cached_tokens=[0, 0, 0],
            generated_tokens=[30, 30, 30],
            attended=[8515, 8515, 8515],  # 130 · 131 / 2
            kv_read=[3465, 3465, 3465],  # 30 · 100 + 30 · 31 / 2
        ),
        candidates=np.ones(3),
        generations=np.ones(3),
        thinking_tokens=VOTE.thinking_tokens / 4,
    )
    for axis in Axis:
        if axis is not Axis.SECONDS:
            assert on(axis, 1) == pytest.approx(chain.on(axis, BOTH)[0]), axis


def test_all_n_candidates_cost_what_the_job_did() -> None:
    for axis in Axis:
        assert on(axis, 4, None) == on(axis, 4) == VOTE.on(axis, BOTH)[0]


def test_fewer_candidates_of_a_search_have_no_cost_of_their_own() -> None:
    assert math.isnan(on(Axis.GENERATED, 2, None))
    assert on(Axis.CANDIDATES, 2, None) == 2


def test_where_it_was_not_counted_what_chains_were_spared_fewer_of_them_cost_nobody_knows_what() -> None:
    old = replace(VOTE, generator=replace(VOTE.generator, spared_tokens=np.full(3, NAN)))
    two, four = (old.of_k(k, 4, lambda _: np.full(3, 30.0)) for k in (2, 4))
    same(two.on(Axis.PROCESSED, BOTH), [NAN] * 3)
    same(four.on(Axis.PROCESSED, BOTH), [220] * 3)
    same(two.on(Axis.GENERATED, BOTH), [60] * 3)


def test_wall_time_of_fewer_is_not_known() -> None:
    assert math.isnan(on(Axis.SECONDS, 2))


def test_chains_that_are_drawn_in_turns_are_one_after_the_other_on_the_path() -> None:
    """Of 3 drawn one at a time, three chains; two at a time, one draw of two and one of one; at once, one."""
    assert [on(Axis.LONGEST_PATH, 3, side_by_side) for side_by_side in (1, 2, 4)] == [90, 60, 30]
