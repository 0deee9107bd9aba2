"""Chain of thought: one generation from the chat prompt. The baseline."""

from typing import Literal

from pydantic import Field

from scaling.record import Node, Recorder
from scaling.strategy import Chain
from scaling.types import Candidate, Problem


class ChainOfThought(Chain):
    """Reason and answer without intervention.

    The thinking start is in the prompt: without it the baseline of a reasoning model loses about 20 % and
    flatters whatever it is compared with [s1]. The delimiter between thinking and answer is the model's own and
    stays in the context, so the two requests make one generation. A chain whose thinking runs out of tokens is
    truncated: nothing forces an answer out of it.
    """

    strategy: Literal["chain_of_thought"] = "chain_of_thought"
    max_thinking_tokens: int | None = Field(default=None, ge=1, description="None: as many as the context takes")

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        prompt = await recorder.ask(problem)
        recorder.require_room(prompt, self.max_thinking_tokens, problem)
        limit = recorder.most_thinking(prompt, self.max_thinking_tokens)
        thought = await recorder.think(prompt, limit, index=sample, keep_delimiter=True)
        return await answered(problem, thought, recorder)


async def answered(problem: Problem, thought: Node, recorder: Recorder) -> Candidate:
    """The model goes on to its answer if it ended its thinking with the delimiter for that; nothing is forced."""
    if thought.stopped_at is None:
        return await recorder.candidate(problem, thought, truncated=not thought.is_stopped)
    answer = await recorder.answer(thought)
    return await recorder.candidate(problem, answer, truncated=not answer.is_stopped)
