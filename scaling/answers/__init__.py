"""Answers: how they are read out of texts, which of them are equal, and how many are put together into one."""
