"""Answers: how they are read out of texts, which of them are equal, and how many are put together into one."""

from scaling.answers.voting import Aggregate, How, VoteResult, aggregate, choose, concluded, select, vote

__all__ = ["Aggregate", "How", "VoteResult", "aggregate", "choose", "concluded", "select", "vote"]
