"""Answers: how they are put together into one. How they are read is in `scaling.reading`."""

from scaling.voting import Aggregate, How, VoteResult, aggregate, choose, concluded, select, vote

__all__ = ["Aggregate", "How", "VoteResult", "aggregate", "choose", "concluded", "select", "vote"]
