"""Diverse verifier tree search (Beeching, Tunstall and Rush 2024, the search-and-learn code)."""

from typing import Literal

from scaling.search import BranchingSearch


class DiverseTrees(BranchingSearch):
    """(N, M): N/M trees that know nothing of each other; each samples M steps, keeps the best, and goes on from it.

    That is N/M independent beam searches of width M, and the weighted best of N over all that they end with. One
    departure: where steps of a round end, the released code drops the tree's open ones if the best of all has ended,
    and the ended ones otherwise; here, as in beam search, ended ones keep their place and the best open one goes on.
    """

    strategy: Literal["dvts"] = "dvts"

    @property
    def short_name(self) -> str:
        return f"DVTS {self.width}/{self.branches}"

    @property
    def num_trees(self) -> int:
        return self.width // self.branches
