"""What fewer candidates would have given, against the definitions and arithmetic done by hand."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.statistics.at_k import JobBallot, best_of_k_mean, maj_at_k, pass_at_k, powers_of_two
from scaling.statistics.best_of import random_subsets
from tests.ballots import best_of_curve, best_of_k, curve, maj_curve, pass_curve


def test_pass_at_k_is_unbiased() -> None:
    """n=10, c=3, k=5: 1 − C(7,5)/C(10,5) = 1 − 21/252 = .9167."""
    assert pass_at_k(10, 3, 5) == pytest.approx(0.9167, abs=5e-5)
    assert pass_at_k(10, 3, 1) == pytest.approx(0.3)
    assert pass_at_k(50, 7, 12) == pytest.approx(0.8736513809964319)  # 1 − scipy.stats.hypergeom.pmf(0, 50, 7, 12)
    assert pass_at_k(10, 0, 10) == 0.0
    assert pass_at_k(10, 6, 5) == 1.0  # only 4 wrong ones: five cannot all be wrong
    assert 0 < pass_at_k(10_000, 1, 5_000) < 1


def by_enumeration(keys: Sequence[str | None], correct: Sequence[bool], k: int) -> float:
    """The definition: every subset voted on, ties shared out."""
    share = {key: np.mean([c for x, c in zip(keys, correct, strict=True) if x == key]) for key in keys}
    votes = []
    for subset in combinations(keys, k):
        counts = Counter(key for key in subset if key is not None)
        tied = [key for key, count in counts.items() if count == max(counts.values())]
        votes.append(sum(share[key] for key in tied) / len(tied) if tied else 0.0)
    return float(np.mean(votes))


@given(
    st.lists(st.tuples(st.sampled_from(["3", "5", "7", "9", None]), st.booleans()), min_size=1, max_size=9), st.data()
)
def test_maj_at_k_equals_its_definition(candidates: list[tuple[str | None, bool]], data: st.DataObject) -> None:
    keys, correct = zip(*candidates, strict=True)
    k = data.draw(st.integers(1, len(keys)))
    assert maj_at_k(keys, correct, k) == pytest.approx(by_enumeration(keys, correct, k), abs=1e-12)


def test_a_tie_counts_as_the_expected_value_of_its_draw() -> None:
    """One vote for 3 (right), one for 5: half. With a silent third and k = 2: ½·⅓ + 1·⅓ + 0·⅓ = ½."""
    assert maj_at_k(["3", "5"], [True, False], 2) == pytest.approx(0.5)
    assert maj_at_k(["3", "5", None], [True, False, False], 2) == pytest.approx(0.5)


def test_a_vote_of_one_is_one_candidate_and_a_vote_of_all_is_the_vote() -> None:
    keys = ["3"] * 3 + ["5"] * 2 + [None]
    correct = [True] * 3 + [False] * 3
    assert maj_at_k(keys, correct, 1) == pytest.approx(3 / 6)
    assert maj_at_k(keys, correct, 6) == pytest.approx(1.0)
    assert maj_at_k([None, None], [False, False], 2) == 0.0


def test_a_vote_among_hundreds_is_still_exact() -> None:
    """Two answers, 150 against 106 of 256: of 101 the winner has at least 51 (hypergeometric tail)."""
    keys = ["3"] * 150 + ["5"] * 106
    chance = maj_at_k(keys, [key == "3" for key in keys], 101)
    majority = sum(math.comb(150, j) * math.comb(106, 101 - j) for j in range(51, 102))
    assert chance == pytest.approx(majority / math.comb(256, 101), rel=1e-9)


def test_a_thousand_different_answers_have_a_vote_at_once() -> None:
    """Each once: the vote draws among k, and the right one is among them with chance k/n: 1/n in all.

    This took a minute when the ways for answers to tie were counted one by one.
    """
    started = time.process_time()
    for k in (1, 2, 64, 512, 1023, 1024):
        assert maj_at_k(range(1024), [key == 7 for key in range(1024)], k) == pytest.approx(1 / 1024, rel=1e-9)
    assert time.process_time() - started < 5


def test_hundreds_of_rivals_and_of_votes_are_exact_together() -> None:
    """100 votes for the right answer, 40 wrong ones with 20 each: k = 20, against 10,000 drawn votes (s.e. .004)."""
    keys = np.array([0] * 100 + [key for key in range(1, 41) for _ in range(20)])
    generator, right = np.random.default_rng(0), 0.0
    for _ in range(10_000):
        counts = np.bincount(keys[generator.permutation(900)[:20]], minlength=41)
        right += (counts[0] == counts.max()) / (counts == counts.max()).sum()
    assert maj_at_k(keys.tolist(), (keys == 0).tolist(), 20) == pytest.approx(right / 10_000, abs=0.02)
    assert maj_at_k(keys.tolist(), (keys == 0).tolist(), 400) == pytest.approx(1.0, abs=1e-6)


def test_what_cannot_be_drawn_is_refused_with_what_was_given() -> None:
    with pytest.raises(ValueError, match="k is 3, expected 1 to 2"):
        maj_at_k(["3", "5"], [True, False], 3)
    with pytest.raises(ValueError, match="k is 0"):
        pass_at_k(2, 1, 0)
    with pytest.raises(ValueError, match=r"k is 2.5, expected 1 to 10, the number of candidates, and no fraction"):
        pass_at_k(10, 3, 2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="c, the number of correct candidates, is 11; expected a whole number from 0"):
        pass_at_k(10, 11, 2)
    with pytest.raises(ValueError, match="c, the number of correct candidates, is nan"):
        pass_at_k(10, math.nan, 2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no candidate"):
        maj_at_k([], [], 1)
    with pytest.raises(ValueError, match="got 2 keys and 1 verdicts"):
        maj_at_k(["3", "5"], [True], 1)
    with pytest.raises(ValueError, match="a verdict is nan, expected True or False"):
        best_of_k([0.1, 0.2], ["3", "5"], [True, math.nan], 1, "naive")  # type: ignore[list-item]


def test_arrays_and_numbers_of_numpy_are_taken_as_they_come() -> None:
    """Of the pairs among 3, None, 3, 5 a vote makes {3,3} and {3,None}, twice, right, and {3,5}, twice, by half: 4/6.

    Scored .1 to .4 the 5 is chosen wherever it is: half of the pairs have it, and the others have a 3.
    """
    keys, correct = np.array([3, None, 3, 5], dtype=object), np.array([True, False, True, False])
    assert maj_at_k(keys, correct, np.int64(2)) == pytest.approx(4 / 6)
    assert maj_at_k(keys.tolist(), [1, 0, 1, 0], 2) == pytest.approx(4 / 6)
    assert best_of_k(np.array([0.1, 0.2, 0.3, 0.4]), keys, correct, 2, "naive", 1) == pytest.approx(3 / 6)
    value = pass_at_k(np.int64(10), np.int64(3), np.int64(5))
    assert isinstance(value, float) and value == pytest.approx(1 - 21 / 252)


def test_candidate_curves_average_within_a_problem_first() -> None:
    """Problem a twice (pass@1 of ½ and 1: ¾), problem b once (0): mean .375 over two problems."""
    ballots = [
        JobBallot("a", ("3", "5"), (True, False)),
        JobBallot("a", ("3", "3"), (True, True)),
        JobBallot("b", ("5", None), (False, False)),
    ]
    one, two = pass_curve(ballots, (1, 2))
    assert (one.k, one.estimate.value, one.estimate.n) == (1, pytest.approx(0.375), 2)
    assert two.estimate.value == pytest.approx(0.5)
    assert maj_curve(ballots, (2,))[0].estimate.value == pytest.approx((0.5 + 1) / 2 / 2)


def test_the_k_to_draw_are_powers_of_two_and_the_whole() -> None:
    assert powers_of_two(16) == (1, 2, 4, 8, 16)
    assert powers_of_two(12) == (1, 2, 4, 8, 12)
    assert powers_of_two(1) == (1,)
    assert powers_of_two(0) == ()


Scored = list[tuple[float, str | None, bool]]
SCORED = st.lists(
    st.tuples(
        st.sampled_from([-0.5, 0.0, 0.125, 0.25, 0.5, 0.75, math.nan]),
        st.sampled_from(["3", "5", "7", None]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
).filter(lambda candidates: any(not math.isnan(score) for score, _, _ in candidates))


def naive_of(votes: Scored, share_correct: dict[str | None, float]) -> float:
    best = [is_correct for score, _, is_correct in votes if score == max(score for score, _, _ in votes)]
    return sum(best) / len(best)


def weighted_of(votes: Scored, share_correct: dict[str | None, float]) -> float:
    sums = {key: math.fsum(score for score, other, _ in votes if other == key) for _, key, _ in votes}
    best = [share_correct[key] for key, total in sums.items() if total == max(sums.values())]
    return sum(best) / len(best)


def vote_of(unscored: Sequence[tuple[float, str | None, bool]]) -> float:
    _, keys, correct = zip(*unscored, strict=True)
    return maj_at_k(keys, correct, len(keys))


def voting(candidates: Sequence[tuple[float, str | None, bool]]) -> Scored:
    return [each for each in candidates if each[1] is not None and not math.isnan(each[0])]


@given(SCORED, st.sampled_from(["naive", "weighted"]), st.data())
def test_best_of_k_equals_its_definition(candidates: Scored, how: Literal["naive", "weighted"], data) -> None:
    scores, keys, correct = zip(*candidates, strict=True)
    k = data.draw(st.integers(1, len(keys)))
    voters = voting(candidates)
    share = {key: float(np.mean([right for _, other, right in voters if other == key])) for _, key, _ in voters}
    choose = {"naive": naive_of, "weighted": weighted_of}[how]
    drawn = list(combinations(candidates, k))
    expected = np.mean([choose(votes, share) if (votes := voting(subset)) else vote_of(subset) for subset in drawn])
    assert best_of_k(scores, keys, correct, k, how, seed=0) == pytest.approx(expected, abs=1e-12)


def test_the_best_of_two_among_three() -> None:
    """Scores .9 (right), .5 (wrong), .5 (right). Naive, k = 2: {1,2} and {1,3} are right, {2,3} a draw: 2.5/3.

    Weighted, the third agreeing with the second: 3 alone outweighs 5 alone, but .5 + .5 > .9 with all three.
    """
    correct = [True, False, True]
    assert best_of_k([0.9, 0.5, 0.5], ["3", "5", "3"], correct, 2, "naive") == pytest.approx(2.5 / 3)
    assert best_of_k([0.9, 0.5, 0.5], ["3", "5", "5"], [True, False, False], 2, "weighted") == pytest.approx(2 / 3)
    assert best_of_k([0.9, 0.5, 0.5], ["3", "5", "5"], [True, False, False], 3, "weighted") == 0.0


def test_a_large_weighted_choice_is_drawn_by_seed_within_its_error() -> None:
    """With equal scores the weighted choice is the vote, whose chance is exact."""
    keys = ["3"] * 14 + ["5"] * 11 + ["7"] * 15
    correct = [key == "3" for key in keys]
    drawn = best_of_k_mean([0.5] * 40, keys, correct, 16, "weighted", seed=1, standard_error=0.005)
    assert 0.002 < drawn.standard_error <= 0.005
    assert drawn.value == pytest.approx(maj_at_k(keys, correct, 16), abs=4 * drawn.standard_error)
    assert drawn == best_of_k_mean([0.5] * 40, keys, correct, 16, "weighted", seed=1, standard_error=0.005)
    assert drawn != best_of_k_mean([0.5] * 40, keys, correct, 16, "weighted", seed=2, standard_error=0.005)


def test_sums_that_differ_by_rounding_are_equal_and_small_ones_are_not() -> None:
    """.1 + .2 is .3, a draw; a trillionth of .1 + .1 is less than one of .3."""
    keys, correct = ["3", "3", "5"], [True, True, False]
    assert best_of_k([0.1, 0.2, 0.3], keys, correct, 3, "weighted") == pytest.approx(0.5)
    assert best_of_k([1e-13, 1e-13, 3e-13], keys, correct, 3, "weighted") == 0.0


def test_the_error_that_is_reported_is_the_error_that_is_made() -> None:
    """Over 200 seeds the standard deviation of the value is its standard error (known to 1/√400 = 5 %)."""
    generator = np.random.default_rng(3)
    keys, scores = generator.integers(4, size=30).astype(str).tolist(), generator.random(30).tolist()
    correct = [key == "0" for key in keys]
    drawn = [best_of_k_mean(scores, keys, correct, 12, "weighted", seed, standard_error=0.02) for seed in range(200)]
    spread = np.std([each.value for each in drawn])
    assert spread == pytest.approx(np.mean([each.standard_error for each in drawn]), rel=0.2)
    exact = best_of_k_mean(scores, keys, correct, 12, "weighted", seed=0, standard_error=0.001)
    assert np.mean([each.value for each in drawn]) == pytest.approx(exact.value, abs=4 * 0.02 / 200**0.5)


def test_a_weighted_choice_among_hundreds_of_answers() -> None:
    """300 candidates, two drawn: 44,850 subsets, all looked at, in pieces (of 700, at once, they took 1.5 GB).

    All scores differ and all answers too, so it is the naive choice; a vote of one has the share of right ones.
    """
    scores = np.random.default_rng(4).permutation(300) / 300 + 0.1
    correct = scores > 0.7
    assert best_of_k(scores, range(300), correct, 2, "weighted") == pytest.approx(
        best_of_k(scores, range(300), correct, 2, "naive"), abs=1e-9
    )
    drawn = best_of_k_mean(scores, range(300), correct, 150, "weighted", seed=2, standard_error=0.005)
    assert drawn.value == pytest.approx(best_of_k(scores, range(300), correct, 150, "naive"), abs=0.02)


@pytest.mark.parametrize(("num_candidates", "k"), [(40, 3), (40, 20), (40, 37)])
def test_random_subsets_have_every_candidate_and_every_pair_equally_often(num_candidates: int, k: int) -> None:
    """A pair is in a subset with chance k(k − 1)/(n(n − 1)); of 20,000 subsets its standard error is < .0036."""
    (marks_CS,) = random_subsets(num_candidates, k, 20_000)
    assert set(marks_CS.sum(axis=0)) == {k}
    together_CC = marks_CS.astype(float) @ marks_CS.T / 20_000
    np.testing.assert_allclose(np.diag(together_CC), k / num_candidates, atol=0.016)
    pairs = together_CC[np.triu_indices(num_candidates, 1)]
    np.testing.assert_allclose(pairs, k * (k - 1) / (num_candidates * (num_candidates - 1)), atol=0.016)


def test_infinite_scores_win_or_lose_and_break_nothing() -> None:
    """Of two: {∞, 1} and {∞, ∞} choose a right one, {−∞, 1} the wrong one; two answers of ∞ are a draw."""
    assert best_of_k([math.inf, 1.0], ["3", "5"], [True, False], 2, "weighted") == 1.0
    assert best_of_k([-math.inf, 1.0], ["3", "5"], [True, False], 2, "weighted") == 0.0
    assert best_of_k([math.inf, math.inf, math.inf], ["3", "3", "5"], [True, True, False], 3, "weighted") == 1.0
    assert best_of_k([math.inf, math.inf], ["3", "5"], [True, False], 2, "naive") == 0.5


def test_what_has_no_answer_or_no_score_is_never_the_best() -> None:
    """The unread one has the highest score. Of two drawn: {3, None} and {3, 5} choose 3, {None, 5} chooses 5: 2/3."""
    for how in ("naive", "weighted"):
        assert best_of_k([0.5, 0.9, 0.4], ["3", None, "5"], [True, False, False], 2, how) == pytest.approx(2 / 3)
        assert best_of_k([0.5, math.nan], ["3", "5"], [True, False], 1, how) == 0.5
        assert best_of_k([0.5, math.nan], [None, None], [False, False], 1, how) == 0.0
        assert math.isnan(best_of_k([math.nan] * 2, ["3", "5"], [True, False], 1, how))  # a job without a verifier


def test_where_none_of_the_drawn_was_scored_they_vote() -> None:
    """Scored: one 5, wrong; unscored: 3, 3, right, and 7. Two of them: {3,3} is right, {3,7}, twice, by half: 2 of 6.

    Whatever has the 5 is wrong, all four among them.
    """
    keys, correct, scores = ["5", "3", "3", "7"], [False, True, True, False], [0.1, math.nan, math.nan, math.nan]
    for how in ("naive", "weighted"):
        assert best_of_k(scores, keys, correct, 2, how) == pytest.approx(2 / 6)
        assert best_of_k(scores, keys, correct, 4, how) == 0.0


def test_a_best_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="each of the 2 candidates needs a score"):
        best_of_k([0.5], ["3", "5"], [True, False], 1, "naive")
    with pytest.raises(ValueError, match="'heaviest', expected 'naive' or 'weighted'"):
        best_of_k([0.5, 0.5], ["3", "5"], [True, False], 1, "heaviest")  # type: ignore[arg-type]


def test_a_curve_of_the_best_reports_its_error() -> None:
    """40 candidates, 16 drawn: Monte-Carlo. The curve's error is below a tenth of a point; k = 1 and 40 are exact."""
    generator = np.random.default_rng(0)
    keys = generator.integers(3, size=(50, 40)).astype(str)
    scores = generator.random((50, 40))
    ballots = [
        JobBallot(str(problem), tuple(keys[problem]), tuple(keys[problem] == "0"), tuple(scores[problem]))
        for problem in range(50)
    ]
    one, some, every = best_of_curve(ballots, (1, 16, 40), "weighted", seed=1)
    assert (one.standard_error, every.standard_error) == (0, 0)
    assert one.estimate.value == pytest.approx((keys == "0").mean())
    assert 0 < some.standard_error < 0.001
    assert best_of_curve(ballots, (16,), "weighted", seed=1)[0] == some
    assert best_of_curve(ballots, (16,), "naive")[0].standard_error == 0


def test_values_kept_per_job_make_a_curve() -> None:
    """Problem a has .2 and .4, problem b .9 and a job without a value: mean of .3 and .9. Errors: √(.3² + .4²)/2/2."""
    values_JK, errors_JK = [[0.2], [0.4], [0.9], [math.nan]], [[0.3], [0.4], [0.0], [0.0]]
    (at,) = curve(["a", "a", "b", "b"], (4,), values_JK, errors_JK)
    assert (at.k, at.estimate.value, at.estimate.n) == (4, pytest.approx(0.6), 2)
    assert at.standard_error == pytest.approx(0.125)
    assert curve([], (1,), [])[0].estimate.n == 0
