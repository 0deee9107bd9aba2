"""Beam search over steps [Snell §5.2, arXiv 2408.03314]."""

from typing import Literal

from scaling.search import BranchingSearch


class BeamSearch(BranchingSearch):
    """(N, M): sample N first steps, keep the N/M that score best, sample M continuations of each, and so on.

    A beam's score is the verifier's of its last step. When all have ended, or after `max_rounds`, the answer is the
    weighted best of N. See `scaling.search` for what becomes of beams that end early.
    """

    strategy: Literal["beam_search"] = "beam_search"

    @property
    def short_name(self) -> str:
        return f"beam {self.width}/{self.branches}"
