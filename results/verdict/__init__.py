"""The verdict: does one family of settings beat another at equal compute, on several axes, by a rule fixed beforehand?

`claims` says what is asked and of which arms, `rules` by which rule, `offers` what families offer on an axis, `finding`
puts that before the rule (`scaling.verdict`), `question` has the columns, `words` what it comes to in sentences, and
`missing` what would have to be run for a full answer.
"""

from results.verdict.claims import Claim
from results.verdict.finding import Claimed, Rule, Standing, Verdicts
from results.verdict.missing import Missing, missing, spec_of
from results.verdict.question import VERDICT, document, places_table

__all__ = [
    "VERDICT",
    "Claim",
    "Claimed",
    "Missing",
    "Rule",
    "Standing",
    "Verdicts",
    "document",
    "missing",
    "places_table",
    "spec_of",
]
