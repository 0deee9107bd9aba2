"""How an answer is reached from chains. A new strategy is one file and one line here; chains are strategies too."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from scaling.chains import CHAINS
from scaling.strategies.adaptive_vote import AdaptiveVote
from scaling.strategies.beam_search import BeamSearch
from scaling.strategies.best_of_n import BestOfN
from scaling.strategies.deepconf import DeepConf
from scaling.strategies.dvts import DiverseTrees
from scaling.strategies.lookahead import Lookahead
from scaling.strategies.majority_vote import MajorityVote
from scaling.strategies.rebase import Rebase
from scaling.strategies.revisions import Revisions
from scaling.strategies.unknown import UnknownStrategy
from scaling.strategy import Strategy

STRATEGIES: dict[str, type[Strategy]] = {
    **CHAINS,
    "majority_vote": MajorityVote,
    "adaptive_vote": AdaptiveVote,
    "deepconf": DeepConf,
    "best_of_n": BestOfN,
    "beam_search": BeamSearch,
    "lookahead": Lookahead,
    "dvts": DiverseTrees,
    "rebase": Rebase,
    "revisions": Revisions,
}

if TYPE_CHECKING:
    AnyStrategy = Strategy
else:
    AnyStrategy = Annotated[reduce(or_, STRATEGIES.values()), Field(discriminator="strategy")]

STRATEGY: TypeAdapter[Strategy] = TypeAdapter(AnyStrategy)
"""Reads one of them from its fields. Raises ValidationError."""


def remembered(fields: Mapping[str, JsonValue]) -> Strategy:
    """The strategy that was once run with these fields, whether or not this version still has it."""
    try:
        return STRATEGY.validate_python(fields)
    except ValidationError:
        return UnknownStrategy(strategy=str(fields.get("strategy", "")))
