"""How a thought ends: the model answers by itself, or it is cut, and then has no answer or is forced to give one.

Budget forcing forces an answer at its limit [s1 §3.1]; chains of thought, votes and searches count what was cut as not
correct, as their papers do. A comparison of the two compares their endings as well, unless `at_limit` makes them one.
"""

from dataclasses import replace
from typing import Literal

from scaling.record import Recorder
from scaling.tape import Node
from scaling.types import Candidate, Phase, Problem

AtLimit = Literal["truncate", "answer"]
"""truncate: a thought that is cut has no answer. answer: the words that ask for one are put behind it."""


async def answer_of(
    problem: Problem, thought: Node, recorder: Recorder, at_limit: AtLimit, *, note: str | None = None
) -> Candidate:
    """The model's own answer if it ended its thought, else as `at_limit` says, and then with the note."""
    if thought.is_stopped:
        return await answered(problem, thought, recorder)
    return await cut_off(problem, thought, recorder, at_limit, note=note)


async def answered(problem: Problem, thought: Node, recorder: Recorder) -> Candidate:
    """The model goes on to its answer if it ended its thinking with the delimiter for that; nothing is forced."""
    if thought.stopped_at is None:
        return await recorder.candidate(problem, thought, truncated=False)
    answer = await recorder.answer(thought)
    return await recorder.candidate(problem, answer, truncated=not answer.is_stopped)


async def cut_off(
    problem: Problem, thought: Node, recorder: Recorder, at_limit: AtLimit, *, index: int = 0, note: str | None = None
) -> Candidate:
    """What becomes of a thought that did not end. `index` numbers what is forced among the thought's children."""
    if at_limit == "truncate":
        candidate = await recorder.candidate(problem, thought, truncated=True)
    else:
        candidate = await forced(problem, thought, recorder, _asking_for_an_answer(thought, recorder), index=index)
    return replace(candidate, is_cut=True, note=note)


async def forced(problem: Problem, thought: Node, recorder: Recorder, opener: str, *, index: int = 0) -> Candidate:
    """The model's answer behind words that were put into its mouth."""
    opened = await recorder.force(thought, opener, Phase.ANSWER, index=index)
    answer = await recorder.answer(opened)
    return await recorder.candidate(problem, answer, truncated=not answer.is_stopped)


async def num_forced(recorder: Recorder, at_limit: AtLimit) -> int:
    """How many tokens have to be kept free for what a cut puts between thought and answer."""
    if at_limit == "truncate":
        return 0
    return len(await recorder.tokenize("\n" + recorder.thinking.answer_opener + recorder.thinking.final_answer))


def shortage(asked: int | None, given: int) -> str | None:
    """What is to be said of a thought whose limit is the context's and not its own."""
    is_short = asked is not None and given < asked
    return f"the context left {given} of {asked} thinking tokens" if is_short else None


def _asking_for_an_answer(thought: Node, recorder: Recorder) -> str:
    """On a line of its own, the words that lead to the answer and ask for it."""
    newline = "" if thought.text.endswith("\n") else "\n"
    return newline + recorder.thinking.answer_opener + recorder.thinking.final_answer
