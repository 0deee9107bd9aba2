"""A finding in words: which arm is best, at what cost, and what these problems cannot show. Worked by hand."""

import math
from dataclasses import replace
from itertools import pairwise
from math import comb

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from db.queries import Arm, JobCounts
from results import Found, best_words
from results.best import Rival
from results.measured.point import Point
from scaling.compute.axes import Axis
from scaling.statistics.comparisons import paired_difference, together
from scaling.statistics.estimates import share
from tests.unit.told_points import told_point

FORCED = {"strategy": "budget_forcing", "max_thinking_tokens": 800}
CHAIN = Arm(1, 0, "chain_of_thought", "tiny", "chain_of_thought", {}, {"strategy": "chain_of_thought"})
WAITS = [
    Arm(
        10 + n, n, f"budget_forcing max_thinking_tokens=800 waits={n}", "tiny", "budget_forcing",
        {"max_thinking_tokens": 800, "waits": n}, {**FORCED, "waits": n},
    )
    for n in range(1, 6)
]  # fmt: skip


def right(num_correct: int, num_problems: int = 100) -> np.ndarray:
    """Problems × 1, the first ones right."""
    return np.array([[1.0]] * num_correct + [[0.0]] * (num_problems - num_correct))


def point(arm: Arm, num_correct: int, cost: float = math.nan, num_problems: int = 100) -> Point:
    return told_point(arm, share(right(num_correct, num_problems)), cost)


def found(*points: Point, is_open: bool = False, arms: tuple[Arm, ...] = ()) -> Found:
    """The first is the best; all answer the first problems rightly and no others."""
    best, *others = points
    corrects = [right(round(each.value.value * each.value.n), each.value.n) for each in points]
    made = [paired_difference(each, corrects[0]) for each in corrects[1:]]
    compared = together(made, among=comb(len(points), 2)) if made else ()
    rivals = tuple(Rival(each, result) for each, result in zip(others, compared, strict=True))
    return Found(Axis.GENERATED_BY_ALL, arms or tuple(each.arm for each in points), best, rivals, is_open)


def test_before_a_result_nothing_is_found() -> None:
    nothing = Found(Axis.GENERATED_BY_ALL, (CHAIN,), None, (), is_open=True)
    assert (best_words(nothing).lead, best_words(nothing).rest) == ("No job has succeeded yet.", ())


def test_one_arm_is_the_best_of_nothing() -> None:
    """Agresti and Coull: .6 − .1 · 3.84/103.84 = .5963, ± 1.96 · √(.5963 · .4037/103.84) = .0944."""
    said = best_words(found(point(CHAIN, 60, cost=34.0)))
    assert said.lead == "one chain, 60.0% (50.2 … 69.1) at 34 generated tokens of all models a problem."
    assert said.rest == ()


def test_a_difference_that_is_clear_is_claimed_and_nothing_else_said() -> None:
    """90 against 60 of 100: 30 : 0, p = 2 · 2⁻³⁰. Agresti and Coull: .9 − .4 · 3.84/103.84 = .8852, ± .0613."""
    said = best_words(found(point(WAITS[1], 90, cost=480.25), point(CHAIN, 60, cost=34.0)))
    lead = "Best of 2 arms: 2 Waits, 90.0% (82.4 … 94.7) at 480.2 generated tokens of all models a problem."
    assert (said.lead, said.rest) == (lead, ("That is clearly better than one chain.",))


def test_a_difference_that_the_problems_cannot_show_is_not_claimed_and_what_it_would_take_is_said() -> None:
    """92 against 90 of 100: 2 : 0, p = 1/2. n for 80 %: (1.96·√.02 + .8416·√(.02 − .0004))²/.0004 = 390.1, so 391;
    one chain spends 34/480 = 7 %."""
    said = best_words(found(point(WAITS[1], 92, cost=480.0), point(CHAIN, 90, cost=34.0)))
    assert said.rest == (
        "Not told apart from one chain (90.0% at 34): 100 problems cannot show such a difference.",
        "If the difference to one chain is as large as it looks, about 391 problems would show it.",
        "Of these one chain spends least, 7% of the best's.",
    )


def test_what_is_clear_alone_but_not_among_all_pairs_is_not_claimed() -> None:
    """8 : 0 is p = .0078, clear alone. Of 10 pairs three are 40 : 0, and this comes after them: 7 · .0078 = .055."""
    alone = found(point(WAITS[0], 60), point(CHAIN, 52))
    assert alone.rivals[0].is_beaten
    others = [point(each, 20) for each in WAITS[1:4]]
    among = found(point(WAITS[0], 60), point(CHAIN, 52), *others)
    assert among.rivals[0].result is not None
    assert among.rivals[0].result.adjusted_p_value == 7 * 2 / 256
    assert best_words(among).rest[:2] == (
        "Clearly better than 3 of the 4 others, even among all 10 pairs of arms (Holm).",
        "Not told apart from one chain (52.0%): 100 problems cannot show such differences among 10 pairs of arms.",
    )


def test_the_best_of_several_that_are_close_is_said_to_be_partly_luck() -> None:
    close = [point(each, 90 - n) for n, each in enumerate(WAITS)]
    said = " ".join(best_words(found(*close)).rest)
    assert "Not told apart from 2 Waits (89.0%), 3 Waits (88.0%), 4 Waits (87.0%), 1 more" in said
    assert "The best of 5 that are close is partly luck: expect less of it in another run." in said
    assert "partly luck" not in " ".join(best_words(found(*close[:2])).rest)


def test_equally_accurate_arms_need_no_problems_to_differ() -> None:
    said = best_words(found(point(CHAIN, 90), point(WAITS[0], 90)))
    assert said.rest == ("Not told apart from 1 Wait (90.0%): 100 problems cannot show such a difference.",)


def test_arms_that_got_nothing_right_have_no_best_one() -> None:
    said = best_words(found(point(CHAIN, 0, cost=34.0), point(WAITS[0], 0, cost=480.0)))
    assert (said.lead, said.rest) == ("None of 2 arms has solved a problem.", ())
    alone = best_words(found(point(CHAIN, 0), is_open=True))
    assert (alone.lead, alone.rest) == ("one chain has solved no problem so far.", ())


def test_while_jobs_are_to_come_it_is_so_far_and_arms_with_few_results_are_not_ranked() -> None:
    early = found(point(CHAIN, 60), is_open=True, arms=(CHAIN, *WAITS[:2]))
    said = best_words(early)
    assert said.lead == "So far: one chain, 60.0% (50.2 … 69.1)."
    assert said.rest == ("2 arms have too few results to be ranked.",)


def test_failed_jobs_of_the_best_could_have_been_anything() -> None:
    best = replace(point(CHAIN, 60), jobs=JobCounts(0, 0, 100, 3, 0), if_failed=(0.58, 0.61))
    assert best_words(found(best)).rest == (
        "3 of its jobs failed and are left out: had they all been wrong or all right, it would be 58.0% or 61.0%.",
    )


@given(st.lists(st.integers(0, 60), min_size=2, max_size=5).filter(any))
def test_no_arm_is_called_better_than_one_whose_interval_of_the_difference_has_0_in_it(corrects: list[int]) -> None:
    arms = [CHAIN, *WAITS]
    ranked = sorted(corrects, reverse=True)
    answer = found(*(point(arm, each, num_problems=60) for arm, each in zip(arms, ranked, strict=False)))
    assert all(high >= low for high, low in pairwise(ranked))
    said = " ".join(best_words(answer).rest)
    clear = [each for each in answer.rivals if each.result is not None and each.result.is_clear]
    assert ("learly better" in said) == bool(clear)
    assert ("Not told apart" in said) == (len(clear) < len(answer.rivals))
