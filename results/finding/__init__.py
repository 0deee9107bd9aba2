"""What an experiment found, in a few sentences that no number of its arms can make say more than they show."""

from results.finding.question import FINDING
from results.finding.ranking import Found, Rival
from results.finding.words import finding_words

__all__ = ["FINDING", "Found", "Rival", "finding_words"]
