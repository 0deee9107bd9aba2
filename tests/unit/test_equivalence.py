"""Votes are among answers that the grader calls equal, whatever they are spelled like, in every strategy and curve."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.answers.equivalence import Equivalence
from scaling.answers.graders import GRADERS
from scaling.answers.voting import MAJORITY, WEIGHTED, Selection
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.statistics.at_k import JobBallot, maj_at_k
from scaling.statistics.rollup import roll_up
from scaling.strategies.adaptive_vote import AdaptiveVote
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.deepconf import DeepConf
from scaling.strategies.dvts import DiverseTrees
from scaling.strategies.lookahead import Lookahead
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategies.rebase import Rebase
from scaling.strategies.revisions import Revisions
from scaling.strategy import Strategy
from scaling.types import Candidate, GraderName, Problem, PromptFormat, Reading, Sampling, Unread, Verdict
from tests.unit.scripted_engine import LINES, SEED_KEY, Alternating, AnyScores, AnyTree, ScriptedEngine

MATH = Problem("p1", "2+3-1", "4", GraderName.MATH)


class TableGrader:
    """Answers are equal if their pair is in the table. The last word is the answer, and its key."""

    def __init__(self, equal: Iterable[tuple[str, str]] = ()) -> None:
        self.equals = {frozenset(pair) for pair in equal}
        self.asked: list[frozenset[str]] = []

    async def read(self, problem: Problem, text: str) -> Reading:
        words = text.removesuffix("<|im_end|>").split()
        return Reading(words[-1], words[-1]) if words else Reading(None, None, Unread.NOTHING)

    async def equal(self, problem: Problem, first: str, second: str) -> bool:
        self.asked.append(frozenset((first, second)))
        return self.asked[-1] in self.equals


class OneAnswer(TableGrader):
    """Everything is the same."""

    async def equal(self, problem: Problem, first: str, second: str) -> bool:
        return True


def candidate(key: str | None, score: float | None = None, *, truncated: bool = False) -> Candidate:
    return Candidate((0,), "", key, key, truncated, 1, 1, score)


def candidates_of(keys: Sequence[str | None]) -> list[Candidate]:
    return [candidate(key) for key in keys]


async def keys_of(grader: TableGrader, keys: Sequence[str | None], problem: Problem = MATH) -> list[str | None]:
    return [each.key for each in await Equivalence(grader).clustered(problem, candidates_of(keys))]


def chosen_by(selection: Selection, candidates: Sequence[Candidate]) -> str | None:
    return candidates[selection.concluded(candidates, seed=0).chosen].answer


async def test_three_spellings_of_one_answer_outvote_two_of_another() -> None:
    spellings = [r"\frac{2}{\sqrt{2}}", r"\sqrt{2}", "2^{1/2}"]
    grader = TableGrader(combinations(spellings, 2))
    clustered = await Equivalence(grader).clustered(MATH, candidates_of([*spellings, "1", "1"]))
    assert chosen_by(MAJORITY, clustered) == spellings[0]
    keys = [each.key for each in clustered]
    assert maj_at_k(keys, [True, True, True, False, False], 5) == 1.0


async def test_the_scores_of_one_answer_add_up_whatever_it_is_spelled_like() -> None:
    """(x+1)^2 .4 and x^2+2x+1 .4 are .8 against x^2 .6."""
    candidates = [candidate("(x+1)^2", 0.4), candidate("x^2", 0.6), candidate("x^2+2x+1", 0.4)]
    assert chosen_by(WEIGHTED, candidates) == "x^2"
    clustered = await Equivalence(TableGrader([("(x+1)^2", "x^2+2x+1")])).clustered(MATH, candidates)
    assert chosen_by(WEIGHTED, clustered) == "(x+1)^2"


async def test_the_most_frequent_spelling_leads_and_of_equals_the_shorter() -> None:
    assert await keys_of(TableGrader([("0.50", "1/2")]), ["1/2", "0.50", "0.50"]) == ["0.50"] * 3
    assert await keys_of(TableGrader([("0.50", "1/2")]), ["0.50", "1/2"]) == ["1/2"] * 2


async def test_a_rare_spelling_between_two_frequent_answers_does_not_make_them_one() -> None:
    """50% is 50, and it is 0.5; 50 is not 0.5. It joins the more frequent of them, whichever that is."""
    percent = TableGrader([("50%", "50"), ("50%", "0.5")])
    assert await keys_of(percent, ["0.5", "0.5", "50%", "50", "50", "50"]) == ["0.5", "0.5", *["50"] * 4]
    assert await keys_of(percent, ["0.5", "0.5", "50%", "50"]) == ["0.5", "0.5", "0.5", "50"]
    assert await keys_of(percent, ["50%", "50%", "0.5", "50"]) == ["50%"] * 4  # each equals it


KEYS = st.lists(st.sampled_from([None, *"abcdef"]), max_size=9)
PAIRS = st.sets(st.sampled_from(list(combinations("abcdef", 2))))


@given(KEYS, PAIRS, st.randoms(use_true_random=False))
async def test_neither_the_order_of_the_candidates_nor_that_of_the_draws_changes_a_cluster(
    keys: list[str | None], equal: set[tuple[str, str]], random: object
) -> None:
    shuffled = keys[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    at_once = dict(zip(keys, await keys_of(TableGrader(equal), keys), strict=True))
    assert dict(zip(shuffled, await keys_of(TableGrader(equal), shuffled), strict=True)) == at_once
    one_by_one = Equivalence(TableGrader(equal))
    for drawn in range(len(keys) + 1):
        told = await one_by_one.clustered(MATH, candidates_of(keys[:drawn]))
    assert [each.key for each in told] == [at_once[key] for key in keys]


@given(KEYS, PAIRS)
async def test_a_cluster_is_its_leader_and_what_equals_it(keys: list[str | None], equal: set[tuple[str, str]]) -> None:
    grader = TableGrader(equal)
    for key, leader in zip(keys, await keys_of(grader, keys), strict=True):
        assert key == leader or frozenset((key, leader)) in grader.equals
    assert len(set(grader.asked)) == len(grader.asked)  # each pair once
    distinct = len(set(keys) - {None})
    assert len(grader.asked) == distinct * (distinct - 1) // 2


async def test_where_keys_tell_all_nothing_is_asked() -> None:
    for grader_name in GraderName:
        grader, problem = TableGrader([("a", "b")]), Problem("p", "q", "a", grader_name)
        told = await keys_of(grader, ["a", "b"], problem)
        assert (told, grader.asked) == (
            (["a", "b"], []) if GRADERS[grader_name].is_told_by_keys else (["a", "a"], [{"a", "b"}])
        )


async def test_what_does_not_vote_is_not_compared() -> None:
    grader = TableGrader([("a", "b"), ("a", "c")])
    candidates = [candidate("a"), candidate(None), candidate("b", truncated=True), candidate("c")]
    told = await Equivalence(grader).clustered(MATH, candidates)
    assert [each.key for each in told] == ["a", None, "b", "a"]
    assert grader.asked == [{"a", "c"}]


async def test_answers_of_one_cluster_that_were_judged_apart_count_with_the_share_that_is_right() -> None:
    """a is b and b is right, but a is not: the grader contradicts itself. Of the cluster's 3 candidates 2 are right, so
    that the vote that it wins is right by 2/3. The job has the verdict of the answer that speaks for it: the first."""
    clustered = await Equivalence(TableGrader([("a", "b")])).clustered(MATH, candidates_of(["a", "b", "c", "b"]))
    verdicts = [Verdict.WRONG, Verdict.CORRECT, Verdict.WRONG, Verdict.CORRECT]
    ballot = JobBallot.of("p", [each.key for each in clustered], verdicts, [0.5] * 4)
    rollup = roll_up(ballot, [()] * 4)
    assert rollup.maj_at_k[-1] == pytest.approx(2 / 3)
    assert rollup.weighted_of_k is not None and rollup.weighted_of_k[-1] == pytest.approx(2 / 3)
    assert MAJORITY.concluded(clustered, seed=0).chosen == 0


# --- in every strategy

VERIFIED = {"verifier": "v", "max_thinking_tokens": 40, "max_rounds": 6}
VOTING: list[Strategy] = [
    MajorityVote(samples=6),
    AdaptiveVote(samples=6),
    DeepConf(samples=6, keep=1.0),
    BestOfN(samples=6, verifier="v"),
    BestOfN(samples=6, verifier="v", select="naive"),
    BeamSearch(width=12, branches=2, **VERIFIED),
    Lookahead(width=12, branches=2, lookahead=1, **VERIFIED),
    DiverseTrees(width=12, branches=2, **VERIFIED),
    Rebase(width=12, **VERIFIED),
    Revisions(chains=3, revisions=2),
    Revisions(chains=3, revisions=2, verifier="v"),
]


def recorder_of(engine: ScriptedEngine, grader: TableGrader, temperature: float = 0.8) -> Recorder:
    return Recorder(
        engine,
        grader=grader,
        thinking=LINES,
        sampling=Sampling(temperature=temperature, max_answer_tokens=16),
        prompt=PromptFormat(),
        seed_key=SEED_KEY,
        verifier=AnyScores([]),
    )


@pytest.mark.parametrize("strategy", VOTING, ids=lambda each: each.strategy)
async def test_a_strategy_keeps_one_key_for_all_that_the_grader_calls_equal(strategy: Strategy) -> None:
    apart = await strategy.solve(MATH, recorder_of(AnyTree([]), TableGrader()))
    together = await strategy.solve(MATH, recorder_of(AnyTree([]), OneAnswer()))
    assert len({each.key for each in apart.candidates if each.can_vote}) > 1
    assert len({each.key for each in together.candidates if each.can_vote}) == 1
    assert not together.is_tie


async def test_an_adaptive_vote_stops_when_four_agree_however_each_spells_it() -> None:
    """(4, 0) is .9688. By spelling it is (2, 2) after four, and goes on to the last."""
    vote = AdaptiveVote(samples=12, chain=ChainOfThought())
    split = await vote.solve(MATH, recorder_of(Alternating("1/2", "0.5"), TableGrader()))
    agreed = await vote.solve(MATH, recorder_of(Alternating("1/2", "0.5"), TableGrader([("1/2", "0.5")])))
    assert (len(split.candidates), len(agreed.candidates)) == (12, 4)
    assert {each.key for each in agreed.candidates} == {"0.5"}
