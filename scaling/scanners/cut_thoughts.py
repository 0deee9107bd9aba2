"""Thoughts that a limit cut: the model did not end them itself, whether an answer was forced behind them or not."""

from typing import Literal

from scaling.scanners.chain_text import ChainText
from scaling.scanners.scanner import NOTHING, Found, Rule
from scaling.types import FinishReason, Phase

LAST_CHARACTERS = 60


class CutThought(Rule):
    """1 if the last thought of a chain ended by its limit. What is told is the end of it."""

    scanner: Literal["cut_thought"] = "cut_thought"

    def find(self, chain: ChainText) -> Found:
        thoughts = list(chain.own(Phase.THINKING))
        if not thoughts or thoughts[-1].last.finish_reason is not FinishReason.LENGTH:
            return NOTHING
        end = len(thoughts[-1].text)
        return Found(1, (thoughts[-1].place(max(0, end - LAST_CHARACTERS), end),) if end else ())
