"""What strategies have in common that leave the reasoning to a chain: of a chain they say what it says of itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from scaling.abilities import Ability
from scaling.endings import AtLimit
from scaling.strategy import Chain, Strategy, StrategyFamily


class OverChains(Strategy):
    """Subclasses have `chain: AnyChain = ChainOfThought()` for their last field."""

    if TYPE_CHECKING:
        chain: Chain  # declared here in earnest, it would come before their own fields in forms, labels and sweeps

    @property
    def details(self) -> Mapping[str, str]:
        """The chain's too, if it has none of the same name."""
        return {**self.chain.details, **super().details}

    @property
    def thinking_limit(self) -> int | None:
        return self.chain.thinking_limit

    @property
    def chain_budget(self) -> int | None:
        return self.chain.chain_budget

    @property
    def asked_waits(self) -> int | None:
        return self.chain.asked_waits

    @property
    def ending(self) -> AtLimit | None:
        return self.chain.ending

    @property
    def needs(self) -> frozenset[Ability]:
        return self.chain.needs


class SampledChains(OverChains):
    """`samples` chains from one prompt, all at once unless a subclass says otherwise."""

    draws_by: ClassVar[str] = "samples"

    samples: int = Field(ge=1)

    @property
    def drawn(self) -> str:
        """How many chains, and of what kind if not left to themselves: `16`, `4 × 2 Waits`."""
        return str(self.samples) if self.chain.is_baseline else f"{self.samples} × {self.chain.short_name}"

    @property
    def family(self) -> StrategyFamily:
        return StrategyFamily.PARALLEL if self.chain.is_baseline else StrategyFamily.HYBRID

    @property
    def num_samples(self) -> int:
        return self.samples

    @property
    def num_chains(self) -> int:
        return self.samples * self.chain.num_chains

    @property
    def side_by_side(self) -> int:
        return self.samples
