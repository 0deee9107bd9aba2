"""Bells, messages that say "there is something to do": how they are rung, how many, and how they are heard."""

from worker.bells.ringing import BellError, Bells

__all__ = ["BellError", "Bells"]
