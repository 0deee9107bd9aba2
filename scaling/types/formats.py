"""How a model is spoken to: how it marks its thinking, how tokens are drawn, what is said around the question."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scaling.abilities import Ability


class ThinkingFormat(BaseModel):
    """How a model marks its thinking [s1 §3.1].

    `start` opens the thinking (appended to the rendered prompt unless the chat template already did); thinking
    ends at any of `stop`, or at the end-of-sequence token; `answer_opener` leads to the answer; after a cut,
    `final_answer` follows it. A model whose `answer_opener` is empty answers inside its reasoning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str = ""
    stop: tuple[str, ...] = ()
    answer_opener: str = ""
    final_answer: str = "Final Answer:"
    step_delimiter: str = Field(default="\n\n", min_length=1, description="what ends a step of reasoning, for search")

    @property
    def answers_in_thinking(self) -> bool:
        return not self.answer_opener


THINKING_FORMATS: dict[str, ThinkingFormat] = {
    "s1": ThinkingFormat(
        start="<|im_start|>think",
        stop=("<|im_start|>",),
        answer_opener="<|im_start|>answer",
        final_answer="\nFinal Answer:",
    ),
    "think": ThinkingFormat(
        start="<think>\n", stop=("</think>",), answer_opener="</think>\n\n", final_answer="Final Answer:"
    ),
    "plain": ThinkingFormat(final_answer="Final Answer:"),
}


SAMPLING_NEEDS = {"top_k": Ability.TOP_K, "cache": Ability.PRIVATE_CACHE}


class Sampling(BaseModel):
    """How tokens are drawn. Temperature 0 is greedy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(default=0.7, ge=0.0, le=2.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    top_k: int | None = Field(default=None, ge=1, description="None: no limit")
    max_answer_tokens: int | None = Field(
        default=None,
        ge=1,
        description="limit on the answer that follows the thinking; None: what the context leaves, at most 32,768",
    )
    segment_tokens: int = Field(
        default=1024,
        ge=1,
        description="a generation is made in requests of this many tokens, each with its own seed",
    )
    cache: Literal["job", "shared"] = Field(
        default="job",
        description="whose computed prefixes a server may find in its cache. job: those of the same job alone, so that "
        "what it costs does not depend on who ran before. shared: everybody's; less is computed, and FLOPs then count "
        "what the cache happened to hold: the same job may cost a fifth",
    )

    @property
    def needs(self) -> Mapping[str, Ability]:
        """What an engine must be able to do to draw like this, by the field that asks for it."""
        asked = {"top_k": self.top_k is not None, "cache": self.cache == "job"}
        return {name: ability for name, ability in SAMPLING_NEEDS.items() if asked[name]}

    @property
    def greedy_by(self) -> str | None:
        """The setting that makes every draw the same; None: draws differ. vLLM takes a temperature below 1e-5 for 0."""
        if self.temperature < 1e-5:
            return "temperature"
        return "top_k" if self.top_k == 1 else None


class PromptFormat(BaseModel):
    """What is said to the model around the question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str | None = Field(default=None, description="system message; None: the chat template's own")
    instruction: str = Field(default="", description="appended to the question after a blank line")

    def messages(self, question: str) -> list[dict[str, str]]:
        user = f"{question}\n\n{self.instruction}" if self.instruction else question
        system = [] if self.system is None else [{"role": "system", "content": self.system}]
        return [*system, {"role": "user", "content": user}]
