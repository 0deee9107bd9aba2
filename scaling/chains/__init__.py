"""How one chain of reasoning is made. A new chain is one file and one line here."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from scaling.chains.budget_forcing import BudgetForcing
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.chains.length_control import LengthControl
from scaling.chains.rejection_sampling import RejectionSampling
from scaling.strategy import Chain

CHAINS: dict[str, type[Chain]] = {
    "chain_of_thought": ChainOfThought,
    "budget_forcing": BudgetForcing,
    "length_control": LengthControl,
    "rejection_sampling": RejectionSampling,
}

if TYPE_CHECKING:
    AnyChain = Chain
else:
    AnyChain = Annotated[reduce(or_, CHAINS.values()), Field(discriminator="strategy")]
