"""How an experiment goes on, in numbers and words: what is left of it, what it has spent, which arm leads."""
