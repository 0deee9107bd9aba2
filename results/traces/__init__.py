"""Traces themselves: those of an experiment that a filter takes, and those of all that were found by their words."""
