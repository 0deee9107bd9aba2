"""Length control by asking: the baselines that budget forcing is compared with [s1 §3.1, arXiv 2501.19393].

The sentences are those of the released evaluation code.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from scaling.abilities import Ability
from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.endings import AtLimit
from scaling.record import Recorder
from scaling.strategy import Chain
from scaling.types import Candidate, Problem

SHORT = "Answer after a short amount of thinking. Do not spend excessive time double-checking your work."
LONG = (
    "Answer after a long amount of thinking. If you feel like you are finished early, spend the extra time trying to "
    "double-check your work until you are absolutely sure that you have the correct answer."
)


class LengthControl(Chain):
    """Say behind the question how long to think: for `tokens`, for `steps`, or a `length`; give one of the three.

    The instruction binds nobody. With `max_thinking_tokens` it is enforced as well, by budget forcing; without, it
    stands alone, over a plain chain of thought.
    """

    said_as: ClassVar[Mapping[str, str]] = {"max_thinking_tokens": "held to {}", "waits": "Waits {}"}

    strategy: Literal["length_control"] = "length_control"
    tokens: int | None = Field(default=None, ge=1, description="token-conditional: Think for up to so many tokens.")
    steps: int | None = Field(default=None, ge=1, description="step-conditional: Think for up to so many steps.")
    length: Literal["short", "long"] | None = Field(default=None, description="class-conditional: short or long")
    max_thinking_tokens: int | None = Field(
        default=None, ge=1, description="None: the instruction alone; else budget forcing enforces this budget"
    )
    waits: int = Field(default=0, ge=0, description="with max_thinking_tokens: Waits, as in budget forcing")

    @model_validator(mode="after")
    def _is_one_instruction(self) -> "LengthControl":
        given = [name for name in ("tokens", "steps", "length") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of tokens, steps and length, got {' and '.join(given) or 'none'}")
        if self.waits and self.max_thinking_tokens is None:
            raise ValueError(f"waits={self.waits} need a budget that they share; give max_thinking_tokens")
        return self

    @property
    def short_name(self) -> str:
        return f"told {self.length or self._asked_amount}"

    @property
    def thinking_limit(self) -> int | None:
        return self.max_thinking_tokens

    @property
    def chain_budget(self) -> int | None:
        """What was asked for, though a limit may enforce another number."""
        return self.max_thinking_tokens if self.tokens is None else self.tokens

    @property
    def asked_waits(self) -> int:
        return self.waits

    @property
    def instruction(self) -> str:
        if self.length is not None:
            return SHORT if self.length == "short" else LONG
        return f"Think for up to {self._asked_amount}."

    @property
    def _asked_amount(self) -> str:
        return f"{self.tokens} tokens" if self.tokens is not None else f"{self.steps} steps"

    @property
    def ending(self) -> AtLimit:
        return self._chain.ending

    @property
    def needs(self) -> frozenset[Ability]:
        return self._chain.needs

    async def reason(self, problem: Problem, recorder: Recorder, sample: int = 0) -> Candidate:
        told = replace(problem, question=f"{problem.question}\n\n{self.instruction}")
        return await self._chain.reason(told, recorder, sample)

    @property
    def _chain(self) -> Chain:
        if self.max_thinking_tokens is None:
            return ChainOfThought(at_limit=self.at_limit)
        return BudgetForcing(max_thinking_tokens=self.max_thinking_tokens, waits=self.waits, at_limit=self.at_limit)
