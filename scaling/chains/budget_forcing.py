"""Budget forcing: thinking cut short, or made longer by a Wait [s1 §3.1, arXiv 2501.19393].

As in the released code, which sends `min_tokens=1` with each round behind a Wait, the model cannot end such a round
before its first token; otherwise it would mostly end again at once, and a Wait would buy nothing. Two departures from
that code, where each round gets the whole budget again and the overshoot is cut from the ids but not from the text:
here there is one budget, decremented by every token, forced ones included.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from scaling.abilities import Ability
from scaling.endings import AtLimit, cut_off, forced, num_forced, shortage
from scaling.record import Recorder
from scaling.strategy import Chain, counted
from scaling.tape import Node
from scaling.types import Candidate, Phase, Problem


class BudgetForcing(Chain):
    """Think for at most `max_thinking_tokens`, and if the model stops by itself, make it go on `waits` times."""

    forces_thinking: ClassVar[bool] = True
    said_as: ClassVar[Mapping[str, str]] = {"max_thinking_tokens": "within {}", "wait": "saying {}"}

    strategy: Literal["budget_forcing"] = "budget_forcing"
    max_thinking_tokens: int = Field(ge=0, description="one budget for all rounds, Waits included")
    waits: int = Field(default=0, ge=0, description="how often an end of thinking is replaced by the wait string")
    wait: str = Field(default="Wait", description="appended as it stands: no space, no newline")

    @model_validator(mode="after")
    def _can_answer(self) -> "BudgetForcing":
        if self.max_thinking_tokens == 0 and self.ending == "truncate":
            raise ValueError("max_thinking_tokens=0 with at_limit=truncate is no thought and no answer; drop at_limit")
        return self

    @property
    def short_name(self) -> str:
        """Without a Wait it is nothing but a cut."""
        return counted(self.waits, "Wait") if self.waits else f"cut at {self.max_thinking_tokens}"

    @property
    def ending(self) -> AtLimit:
        return self.at_limit or "answer"

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    @property
    def needs(self) -> frozenset[Ability]:
        """What ends or goes on is forced."""
        return frozenset({Ability.TOKEN_IDS})

    @property
    def asked_waits(self) -> int:
        return self.waits

    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        prompt = await recorder.ask(problem)
        asked, kept_free = self.max_thinking_tokens, await num_forced(recorder, "answer")
        budget = recorder.thinking_room(prompt, asked, problem, kept_free)
        thought, is_cut = await self._think(prompt, budget, recorder, sample)
        if is_cut:
            index, note = sample if thought is prompt else 0, shortage(asked, budget)
            return await cut_off(problem, thought, recorder, self.ending, index=index, note=note)
        if recorder.thinking.answers_in_thinking:
            return await recorder.candidate(problem, thought, truncated=False)
        return await forced(problem, thought, recorder, recorder.thinking.answer_opener)

    async def _think(self, prompt: Node, budget: int, recorder: Recorder, sample: int) -> tuple[Node, bool]:
        """All rounds of thinking. Returns where it ended and whether the budget, not the model, ended it."""
        wait_length = len(await recorder.tokenize(self.wait))
        thought, waits, index = prompt, self.waits, sample
        while budget > 0:
            thought = await recorder.think(thought, budget, index=index, goes_on=waits < self.waits)
            budget -= thought.step.charged_tokens
            if not thought.is_stopped:
                break
            if waits == 0 or budget <= wait_length:  # a Wait with no token left to think with buys nothing
                return thought, False
            thought = await recorder.force(thought, self.wait, Phase.THINKING)
            budget, waits, index = budget - wait_length, waits - 1, 0
        return thought, True
