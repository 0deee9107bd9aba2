"""Searching the texts of traces: which words they have, what was asked for, and where it stands."""
