"""Rejection sampling: think again until the thinking fits a budget [s1 §3.1, arXiv 2501.19393]."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from scaling.endings import answer_of, answered, num_forced, shortage
from scaling.record import Recorder
from scaling.strategy import Chain
from scaling.types import Candidate, Problem


class RejectionSampling(Chain):
    """Reason until `max_thinking_tokens` were enough, at most `tries` times.

    A try is cut where it can no longer fit, so a rejected one costs the budget and not the rest of its thoughts; all
    that was rejected is counted. If every try is rejected, the last is the candidate, and was cut. The paper
    resamples without a bound.
    """

    draws_by: ClassVar[str] = "tries"
    said_as: ClassVar[Mapping[str, str]] = {"tries": "{} tries"}

    strategy: Literal["rejection_sampling"] = "rejection_sampling"
    max_thinking_tokens: int = Field(ge=1, description="what the thinking has to fit, its end included")
    tries: int = Field(default=16, ge=1, description="chains at most, rejected ones included")

    @property
    def short_name(self) -> str:
        return f"rejected over {self.max_thinking_tokens}"

    @property
    def num_chains(self) -> int:
        return self.tries

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        prompt = await recorder.ask(problem)
        asked, ending = self.max_thinking_tokens, self.ending
        limit = recorder.thinking_room(prompt, asked, problem, await num_forced(recorder, ending))
        last = (sample + 1) * self.tries - 1
        for index in range(sample * self.tries, last):
            thought = await recorder.think(prompt, limit, index=index, keep_delimiter=True)
            if thought.is_stopped:
                return await answered(problem, thought, recorder)
            recorder.tape.prune(thought.path)
        thought = await recorder.think(prompt, limit, index=last, keep_delimiter=True)
        return await answer_of(problem, thought, recorder, ending, note=shortage(asked, limit))
