"""Compute: what jobs made their models do, on every axis that accuracy is drawn against."""
