"""Graders that need more than a string comparison."""
