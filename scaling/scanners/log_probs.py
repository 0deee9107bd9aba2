"""How likely a model held each token of a trace, given all before it: log-probs in nats, of the very ids that it wrote
or was given. Asking is the worker's.

A hit is a surprising token of the model's own: one whose log-prob is below a threshold.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from scaling.scanners.chain_text import Place
from scaling.scanners.id_chains import StepLogProbs
from scaling.scanners.scanner import MOST_PLACES, Found, Scanner


class LogProbs(Scanner):
    """Asks the model `of` for the log-probs of the traces that it made; of no others. Counts tokens below `below`."""

    scanner: Literal["log_probs"] = "log_probs"
    of: str = Field(min_length=1, description="the served model whose traces they are, and which is asked")
    below: float = Field(default=-3.0, lt=0, description="nats: less likely tokens are hits")

    @property
    def words(self) -> str:
        return f"log-probs of {self.of}"

    @property
    def model(self) -> str | None:
        return self.of

    @property
    def made_by(self) -> str | None:
        return self.of

    def found(self, steps: Sequence[StepLogProbs]) -> Found:
        """In one chain: how many tokens of its own are below the threshold, and where the first of them stand."""
        places = [place for step in steps if not step.step.is_forced for place in self._below(step)]
        return Found(float(len(places)), tuple(places[:MOST_PLACES]))

    def _below(self, of: StepLogProbs) -> Iterator[Place]:
        for start, end, value in zip((0, *of.ends), of.ends, of.values, strict=False):
            if value is not None and value < self.below:
                yield Place(of.step.path, start, end, of.step.text[start:end])
