"""One answer out of many, by number and by score; every expectation worked by hand."""

from dataclasses import replace
from itertools import combinations
from math import log, nan
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.answers.voting import MAJORITY, NAIVE, WEIGHTED, Selection, aggregate
from scaling.statistics.at_k import maj_at_k
from scaling.types import Candidate
from tests.ballots import best_of_k


def candidate(key: str | None, score: float | None = None, *, truncated: bool = False, place: int = 0) -> Candidate:
    return Candidate((0, place), f"it is {key}", key, key, truncated, 10, 12, score)


def select(candidates: list[Candidate], selection: Selection, seed: int) -> str | None:
    index = selection.choose(candidates, seed).index
    return None if index is None else candidates[index].answer


def vote(keys: list[str | None], seed: int) -> str | None:
    return select([candidate(key) for key in keys], MAJORITY, seed)


def test_the_three_ways_may_choose_three_answers() -> None:
    """a: 3 votes, sum .3 + .3 + .2 = .8. b: 2 votes, .5 + .5 = 1.0. c: 1 vote, .9."""
    candidates = [*(candidate("a", s) for s in (0.3, 0.3, 0.2)), candidate("b", 0.5), candidate("b", 0.5)]
    candidates.append(candidate("c", 0.9))
    assert select(candidates, MAJORITY, seed=0) == "a"
    assert select(candidates, WEIGHTED, seed=0) == "b"
    assert select(candidates, NAIVE, seed=0) == "c"


def test_of_the_winning_answer_the_candidate_that_scored_highest_speaks() -> None:
    candidates = [candidate("a", 0.2), candidate("b", 0.3), candidate("a", 0.4)]
    assert WEIGHTED.choose(candidates, seed=0).index == 2  # a: .6, b: .3
    assert MAJORITY.choose(candidates, seed=0).index == 0  # votes are equal: the first


def test_equivalent_answers_are_counted_together_and_told_as_the_speaker_wrote_it() -> None:
    half = Candidate((0, 1), "", "1/2", "0.5", False, 1, 1, 0.5)
    point_five = Candidate((0, 2), "", "0.5", "0.5", False, 1, 1, 0.6)
    assert select([half, candidate("7", 0.9), point_five], WEIGHTED, seed=0) == "0.5"  # 1.1 against .9


def test_unparsed_truncated_and_unscored_answers_do_not_vote() -> None:
    candidates = [candidate(None, 0.9), candidate("a", 0.8, truncated=True), candidate("b"), candidate("c", 0.1)]
    assert select(candidates, NAIVE, seed=0) == "c"
    assert select(candidates, WEIGHTED, seed=0) == "c"
    assert select(candidates[:2], MAJORITY, seed=0) is None
    assert MAJORITY.concluded(candidates[:2], 0).chosen == 0


@pytest.mark.parametrize("how", [NAIVE, WEIGHTED])
def test_where_nothing_was_scored_the_most_frequent_answer_is_chosen_and_not_the_first(how: Selection) -> None:
    candidates = [candidate("a"), candidate("b"), candidate("b", nan), candidate("c", 0.9, truncated=True)]
    assert select(candidates, how, seed=0) == "b"
    assert how.concluded(candidates, 0).chosen == 1
    assert how.choose([candidate("a"), candidate("b")], 0).is_tie


def test_a_tie_is_drawn_reported_and_the_same_for_every_order() -> None:
    tied = [candidate(key, 0.5) for key in "abcd"]
    drawn = {select(tied, WEIGHTED, seed) for seed in range(100)}
    assert drawn == set("abcd")
    assert all(select(tied, NAIVE, seed) == select(tied[::-1], NAIVE, seed) for seed in range(20))
    assert NAIVE.choose(tied, seed=0).is_tie
    assert not NAIVE.choose([candidate("a", 0.5), candidate("a", 0.5)], seed=0).is_tie  # one answer, twice


def test_sums_that_are_equal_are_a_tie_whatever_order_they_are_added_in() -> None:
    """.1 + .2 + .3 is .6000000000000001 from left to right, and .6 from right to left."""
    up = [candidate("a", 0.1), candidate("a", 0.2), candidate("a", 0.3)]
    down = [candidate("b", 0.3), candidate("b", 0.2), candidate("b", 0.1)]
    assert WEIGHTED.choose(up + down, seed=0).is_tie


def test_of_equal_scores_naive_draws_a_candidate_and_weighted_an_answer() -> None:
    """a twice and b once with the same score: naive chooses a two times in three; two of a weigh more than one of b.

    Of 3,000 seeds a share of 2/3 has a standard error of .0086.
    """
    candidates = [candidate("a", 0.5), candidate("b", 0.5), candidate("a", 0.5)]
    drawn = [select(candidates, NAIVE, seed) for seed in range(3000)]
    assert drawn.count("a") / 3000 == pytest.approx(2 / 3, abs=0.035)
    assert {select(candidates, WEIGHTED, seed) for seed in range(20)} == {"a"}


def test_sums_that_differ_by_rounding_are_a_tie_and_a_score_of_nan_is_none() -> None:
    """.1 + .2 is .30000000000000004."""
    candidates = [candidate("a", 0.1), candidate("a", 0.2), candidate("b", 0.3)]
    assert WEIGHTED.choose(candidates, seed=0).is_tie
    assert select([candidate("a", float("nan")), candidate("b", 0.1)], NAIVE, seed=0) == "b"


@pytest.mark.parametrize("how", [MAJORITY, NAIVE, WEIGHTED])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_curves_are_what_the_strategies_choose_on_average(how: Selection, k: int) -> None:
    """Every subset of k, chosen from with 100 seeds: ties of .5 and of .2 + .3 with .5, one unread and one truncated,
    two that were not scored.

    Draws of one subset have a standard error of at most .05, their mean over subsets less.
    """
    made = [("a", 0.5), ("b", 0.2), ("b", 0.3), ("c", 0.5), ("c", 0.5), (None, 0.9), ("d", 0.8), ("a", nan), ("c", nan)]
    candidates = [candidate(key, score, truncated=key == "d", place=place) for place, (key, score) in enumerate(made)]
    keys = [None if each.truncated else each.key for each in candidates]
    correct = [key in ("a", "b") for key in keys]
    chosen = []
    for places in combinations(range(len(candidates)), k):
        for seed in range(100):
            index = how.choose([candidates[place] for place in places], seed).index
            chosen.append(index is not None and correct[places[index]])
    scores = [score for _, score in made]
    curve = maj_at_k(keys, correct, k) if how is MAJORITY else best_of_k(scores, keys, correct, k, how.name)
    assert curve == pytest.approx(sum(chosen) / len(chosen), abs=0.02)


@given(
    st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.one_of(st.none(), st.floats(0, 1)))),
    st.sampled_from([MAJORITY, NAIVE, WEIGHTED]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_candidates_changes_nothing(
    drawn: list[tuple[str | None, float | None]], how: Selection, random: object
) -> None:
    candidates = [candidate(key, score) for key, score in drawn]
    shuffled = candidates[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert select(candidates, how, seed=1) == select(shuffled, how, seed=1)
    assert how.choose(candidates, seed=1).is_tie == how.choose(shuffled, seed=1).is_tie


def test_the_scores_of_steps_become_one() -> None:
    scores = (0.5, 0.2, 0.8)
    assert aggregate(scores, "last") == 0.8
    assert aggregate(scores, "min") == 0.2
    assert aggregate(scores, "product") == pytest.approx(0.08)  # .5 · .2 · .8
    assert aggregate(scores, "mean") == pytest.approx(0.5)  # 1.5 / 3
    assert aggregate((), "min") is None


def test_the_most_frequent_answer_wins_and_the_unparsed_do_not_vote() -> None:
    choice = MAJORITY.choose([candidate(key) for key in (None, "3", None, "5", "5", None)], seed=0)
    assert (choice.index, choice.is_tie) == (3, False)


def test_nobody_wins_where_nobody_votes() -> None:
    choice = MAJORITY.choose([candidate(None), candidate(None)], seed=0)
    assert (choice.index, choice.is_tie) == (None, False)
    assert MAJORITY.choose([], seed=0).index is None


@given(st.permutations(["3", "3", "5", "5", "7", None]), st.integers())
def test_a_tie_is_drawn_by_the_seed_and_not_by_the_order(keys: list[str | None], seed: int) -> None:
    choice = MAJORITY.choose([candidate(key) for key in keys], seed)
    assert choice.is_tie
    winner = vote(keys, seed)
    assert winner == vote(["3", "5", "3", "5", "7"], seed)
    assert winner in {"3", "5"}
    assert choice.index == keys.index(winner)


def test_a_draw_is_fair_over_seeds_and_over_problems() -> None:
    """1,000 fair draws: 500 ± 16 (one standard error); 420 is five of them away."""
    over_seeds = sum(vote(["3", "5"], seed) == "3" for seed in range(1000))
    over_problems = sum(vote([str(n), str(n + 10_000)], seed=0) == str(n) for n in range(10_000, 11_000))
    assert 420 < over_seeds < 580
    assert 420 < over_problems < 580


def test_a_way_to_choose_of_ones_own_is_what_a_vote_weighs_and_which_answers_lead() -> None:
    """The shortest majority vote (arXiv 2502.12215) weighs an answer by its votes over the log of their mean length:
    a has 3 / ln 800 = .45, b 2 / ln 8 = .96."""
    shortest = Selection(
        "shortest",
        lambda each: -float(each.thinking_tokens),
        lambda votes: [max(votes, key=lambda key: len(votes[key]) / log(-mean(votes[key])))],
    )
    lengths = [("a", 800), ("a", 800), ("b", 9), ("a", 800), ("b", 7)]
    candidates = [replace(candidate(key), thinking_tokens=length) for key, length in lengths]
    assert select(candidates, MAJORITY, seed=0) == "a"
    assert shortest.choose(candidates, seed=0).index == 4  # the shortest of b speaks for it
