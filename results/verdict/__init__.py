"""The verdict: does one family of settings beat another at equal compute, on several axes, by a rule fixed beforehand?

`claims` says what is asked and of which arms, `offers` what they offer on an axis, `finding` puts it before the rule
(`scaling.verdict`), `question` has the columns, `words` what it comes to in sentences, and `missing` what would have to
be run for a full answer.
"""

from results.verdict.claims import Claim
from results.verdict.finding import Claimed, Standing, Verdicts
from results.verdict.question import VERDICT

__all__ = ["VERDICT", "Claim", "Claimed", "Standing", "Verdicts"]
