"""Chain of thought: one generation from the chat prompt. The baseline."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from scaling.endings import answer_of, num_forced, shortage
from scaling.record import Recorder
from scaling.strategy import Chain
from scaling.types import Candidate, Problem


class ChainOfThought(Chain):
    """Reason and answer without intervention.

    The thinking start is in the prompt: without it the baseline of a reasoning model loses about 20 % and
    flatters whatever it is compared with [s1]. The delimiter between thinking and answer is the model's own and
    stays in the context: the two are one generation, and one request where limits allow. A chain whose thinking runs
    out of tokens is truncated, unless `at_limit` forces an answer out of it.
    """

    is_baseline: ClassVar[bool] = True
    said_as: ClassVar[Mapping[str, str]] = {"max_thinking_tokens": "up to {}"}

    strategy: Literal["chain_of_thought"] = "chain_of_thought"
    max_thinking_tokens: int | None = Field(default=None, ge=1, description="None: as many as the context takes")

    @property
    def short_name(self) -> str:
        return "one chain"

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        prompt = await recorder.ask(problem)
        asked, ending = self.max_thinking_tokens, self.ending
        limit = recorder.thinking_room(prompt, asked, problem, await num_forced(recorder, ending))
        thought = await recorder.think(prompt, limit, index=sample, keep_delimiter=True)
        return await answer_of(problem, thought, recorder, ending, note=shortage(asked, limit))
