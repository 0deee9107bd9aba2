"""Budget forcing: thinking cut short, or made longer by a Wait [s1 §3.1, arXiv 2501.19393].

As in the released code, which sends `min_tokens=1` with each round behind a Wait, the model cannot end such a round
before its first token; otherwise it would mostly end again at once, and a Wait would buy nothing. Two departures from
that code, where each round gets the whole budget again and the overshoot is cut from the ids but not from the text:
here there is one budget, decremented by every token, forced ones included.
"""

from typing import Literal

from pydantic import Field

from scaling.record import Node, Recorder
from scaling.strategy import Chain
from scaling.types import Candidate, Phase, Problem


class BudgetForcing(Chain):
    """Think for at most `max_thinking_tokens`, and if the model stops by itself, make it go on `waits` times."""

    strategy: Literal["budget_forcing"] = "budget_forcing"
    max_thinking_tokens: int = Field(ge=0, description="one budget for all rounds, Waits included")
    waits: int = Field(default=0, ge=0, description="how often an end of thinking is replaced by the wait string")
    wait: str = Field(default="Wait", description="appended as it stands: no space, no newline")

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        prompt = await recorder.ask(problem)
        thought, is_cut = await self._think(problem, prompt, recorder, sample)
        if recorder.thinking.answers_in_thinking and not is_cut:
            return await recorder.candidate(problem, thought, truncated=False)
        index = sample if thought is prompt else 0
        opener = await recorder.force(thought, _opener(thought, recorder, is_cut), Phase.ANSWER, index=index)
        answer = await recorder.answer(opener)
        return await recorder.candidate(problem, answer, truncated=not answer.is_stopped)

    async def _think(self, problem: Problem, prompt: Node, recorder: Recorder, sample: int) -> tuple[Node, bool]:
        """All rounds of thinking. Returns where it ended and whether the budget, not the model, ended it."""
        final = await recorder.tokenize("\n" + recorder.thinking.answer_opener + recorder.thinking.final_answer)
        recorder.require_room(prompt, self.max_thinking_tokens, problem, num_forced=len(final))
        wait_length = len(await recorder.tokenize(self.wait))
        thought, budget, waits, index = prompt, self.max_thinking_tokens, self.waits, sample
        while budget > 0:
            thought = await recorder.think(thought, budget, index=index, goes_on=waits < self.waits)
            budget -= thought.step.generated_tokens
            if not thought.is_stopped:
                break
            if waits == 0 or budget <= wait_length:  # a Wait with no token left to think with buys nothing
                return thought, False
            thought = await recorder.force(thought, self.wait, Phase.THINKING)
            budget, waits, index = budget - wait_length, waits - 1, 0
        return thought, True


def _opener(thought: Node, recorder: Recorder, is_cut: bool) -> str:
    """What leads to the answer: after a cut on a line of its own, and with the words that ask for it."""
    if not is_cut:
        return recorder.thinking.answer_opener
    newline = "" if thought.text.endswith("\n") else "\n"
    return newline + recorder.thinking.answer_opener + recorder.thinking.final_answer
