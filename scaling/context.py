"""How thinking and answer share a model's context. Pure.

An answer with a limit gets that many tokens, and the thinking before it leaves them free. An answer without one gets
what the thinking left, at most MOST_ANSWER_TOKENS: then no limit on thinking fails for the sake of an answer that may
be short, and an answer that the context cuts is truncated, as one that its limit cuts.
"""

from dataclasses import dataclass

MOST_ANSWER_TOKENS = 32_768
"""Of an answer without a limit; s1's evaluation code allows as many (arXiv 2501.19393)."""

RESERVED_FOR_ANSWER = 512
"""Of the context, what thinking without a limit leaves to an answer without one; an eighth of a context under 4,096."""


@dataclass(frozen=True, slots=True)
class ContextShares:
    """Both limits are in tokens. `max_answer_tokens` None: what the context leaves."""

    context_length: int
    max_answer_tokens: int | None

    def required(self, thinking_limit: int | None) -> int:
        """What has to be free behind the prompt: at least a token of thinking, and of answer, where none is limited."""
        if thinking_limit is None:
            return 1 + self._reserve
        return thinking_limit + (self.max_answer_tokens or 1)

    def most_thinking(self, room: int, thinking_limit: int | None, num_forced: int = 0) -> int:
        """How many tokens of thinking may follow where `room` are free; below 1 if none may.

        `num_forced` tokens are put between thinking and answer.
        """
        if thinking_limit is None:
            return room - num_forced - self._reserve
        return min(thinking_limit, room - num_forced - (self.max_answer_tokens or 1))

    def most_answer(self, room: int) -> int:
        """How many tokens an answer may have that begins where `room` are free."""
        return max(1, min(self.max_answer_tokens or MOST_ANSWER_TOKENS, room))

    @property
    def _reserve(self) -> int:
        return self.max_answer_tokens or max(1, min(RESERVED_FOR_ANSWER, self.context_length // 8))


def most_generated(thinking_limit: int | None, max_answer_tokens: int | None, context_length: int | None) -> int | None:
    """Tokens of one chain, at most. `context_length` None: not known; then None where nothing else limits them."""
    if thinking_limit is None:
        return context_length
    limited = thinking_limit + (max_answer_tokens or MOST_ANSWER_TOKENS)
    return limited if context_length is None else min(limited, context_length)
