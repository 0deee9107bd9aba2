"""Which arm is best, in a few sentences that no number of its arms can make say more than they show."""

from results.best.question import BEST
from results.best.ranking import Found, Rival
from results.best.words import best_words

__all__ = ["BEST", "Found", "Rival", "best_words"]
