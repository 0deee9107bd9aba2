"""How scores of steps are coloured, in the text and in the tree: over the span that a trace's own scores have."""

SCALE = ("#3B528B", "#21918C", "#5EC962", "#FDE725")
"""Viridis, whose lightness rises with the score, without its darkest quarter, which a dark page would swallow."""
