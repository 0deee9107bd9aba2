"""Reading candidates anew: their answers, who is equal, and who speaks for the job."""

import asyncio

import pytest

from scaling.generation import draw_seed, seed_key
from scaling.regrading import concluded_anew
from scaling.strategies import STRATEGY
from scaling.types import Candidate, GraderName, Outcome, Problem, ThinkingFormat, Unread
from worker.graders.grading import Grading

PROBLEM = Problem("p", "1 + 1 = ?", "2", GraderName.INTEGER)
KEY = seed_key(0, "p", 0)


def candidate(path: tuple[int, ...], text: str, score: float | None = None, truncated: bool = False) -> Candidate:
    """As it was stored by rules that could read nothing."""
    return Candidate(path, text, None, None, truncated, 1, 1, score, unread=Unread.NOTHING)


def anew(strategy: dict[str, object], *candidates: Candidate, thinking: ThinkingFormat | None = None) -> Outcome:
    made = STRATEGY.validate_python(strategy)
    return asyncio.run(concluded_anew(made, PROBLEM, candidates, Grading(), thinking or ThinkingFormat(), KEY))


def test_what_could_not_be_read_is_read_and_votes() -> None:
    vote = {"strategy": "majority_vote", "samples": 3}
    outcome = anew(
        vote, candidate((0, 0), "\\boxed{5}"), candidate((0, 1), "It is \\boxed{2}"), candidate((0, 2), "so 2")
    )
    assert [each.answer for each in outcome.candidates] == ["5", "2", "2"]
    assert (outcome.chosen, outcome.is_tie) == (1, False)
    assert all(each.unread is None for each in outcome.candidates)


def test_a_cut_answer_stays_cut_and_does_not_vote() -> None:
    vote = {"strategy": "majority_vote", "samples": 2}
    outcome = anew(vote, candidate((0, 0), "\\boxed{5}", truncated=True), candidate((0, 1), "\\boxed{2}"))
    assert outcome.candidates[0].unread is Unread.CUT
    assert outcome.chosen == 1


def test_ties_are_parted_by_the_draw_that_the_job_itself_would_have_made() -> None:
    vote = STRATEGY.validate_python({"strategy": "majority_vote", "samples": 2})
    outcome = anew(vote.model_dump(), candidate((0, 0), "\\boxed{5}"), candidate((0, 1), "\\boxed{2}"))
    assert outcome == vote.conclude(outcome.candidates, draw_seed("0/p/0", "vote"))
    assert outcome.is_tie


def test_scores_are_those_of_before() -> None:
    best = {"strategy": "best_of_n", "samples": 2, "verifier": "v", "select": "naive"}
    outcome = anew(best, candidate((0, 0), "\\boxed{2}", 0.1), candidate((0, 1), "\\boxed{5}", 0.9))
    assert outcome.chosen == 1


def test_of_one_chain_there_is_nothing_to_choose() -> None:
    outcome = anew({"strategy": "chain_of_thought"}, candidate((0, 0), "I do not know."))
    assert (outcome.chosen, outcome.candidates[0].unread) == (0, Unread.ABSTAINED)


def test_a_formats_own_words_ask_for_the_answer() -> None:
    thinking = ThinkingFormat(final_answer="Ergo")
    assert (
        anew({"strategy": "chain_of_thought"}, candidate((0,), "7 no. Ergo 2", truncated=False), thinking=thinking)
        .candidates[0]
        .answer
        == "2"
    )


@pytest.mark.parametrize("length", [2, 3])
def test_chains_of_revisions_are_told_apart_by_their_paths_even_if_one_ended_early(length: int) -> None:
    """Chain 0 ended after one attempt. In each the best answer leads, and across chains the heaviest sum."""
    revisions = {"strategy": "revisions", "chains": 2, "revisions": length, "verifier": "v"}
    outcome = anew(
        revisions,
        candidate((0, 0, 0), "\\boxed{5}", 0.6),
        candidate((0, 1, 0), "\\boxed{2}", 0.5),
        candidate((0, 1, 0, 0, 0), "\\boxed{2}", 0.4),  # with the one before .9 of its chain, which .5 speaks for
    )
    assert outcome.chosen == 0  # .6 against .5; as one chain of three, 2 would have had .9


def test_confident_chains_alone_vote() -> None:
    deep = {"strategy": "deepconf", "samples": 3, "keep": 0.3}
    texts = [
        candidate((0, n), f"\\boxed{{{answer}}}", score)
        for n, (answer, score) in enumerate([(5, 9.0), (2, 1.0), (2, 1.0)])
    ]
    assert anew(deep, *texts).chosen == 0
