"""What requests may have cost whose cost nobody told: lost connections, time-outs, cancelled jobs, killed workers."""

from collections.abc import Callable, Iterable
from operator import add, le, sub
from typing import NamedTuple


class Unknown(NamedTuple):
    """At most so many requests, and at most so many tokens of theirs: prompts as sent and all that was allowed.

    What was spent lies between what is counted and that plus this, in each of the numbers. A tuple, since every request
    is reckoned with a dozen times.
    """

    requests: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    verifier_requests: int = 0
    verifier_tokens: int = 0
    """Prompt and generated tokens together."""

    @property
    def is_nothing(self) -> bool:
        return self == Unknown()

    @property
    def all_requests(self) -> int:
        """To generators and verifiers."""
        return self.requests + self.verifier_requests

    @property
    def all_tokens(self) -> int:
        """Of generators and verifiers, prompts included."""
        return self.prompt_tokens + self.generated_tokens + self.verifier_tokens

    def __add__(self, other: "Unknown") -> "Unknown":  # type: ignore[override]
        return self._with(other, add)

    def __sub__(self, other: "Unknown") -> "Unknown":
        return self._with(other, sub)

    def at_most(self, other: "Unknown") -> "Unknown":
        """The smaller of each number."""
        return self._with(other, min)

    def at_least(self, other: "Unknown") -> "Unknown":
        """The larger of each number."""
        return self._with(other, max)

    def fits(self, limit: "Unknown") -> bool:
        """Whether no number is larger than the limit's."""
        return all(map(le, self, limit))

    def _with(self, other: "Unknown", of_two: Callable[[int, int], int]) -> "Unknown":
        return Unknown._make(map(of_two, self, other))

    @classmethod
    def total(cls, unknowns: Iterable["Unknown | None"]) -> "Unknown | None":
        """None if one of them was not told."""
        found = tuple(unknowns)
        return None if None in found else sum((each for each in found if each is not None), cls())

    @property
    def sentence(self) -> str:
        return (
            f"Of {self.all_requests:,} requests at most it is not known what they cost (their worker was killed, their "
            "connection lost, their time over, their job cancelled, or they are under way): at most "
            f"{self.all_tokens:,} tokens more than is counted, prompts included."
        )


NOTHING_UNKNOWN = Unknown()
