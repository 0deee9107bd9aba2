"""What every scanner is: a frozen model wearing its parameters, with one method that looks at one chain.

It gives a number, and a number above 0 is a *hit*. Pure: it asks nobody, and does the same whenever it is asked.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from scaling.errors import BadInputError
from scaling.scanners.chain_text import ChainText, Place
from scaling.scanners.id_chains import StepLogProbs

MOST_PLACES = 8
"""That are kept of one trace: the first ones."""


class BadScannerError(BadInputError):
    """There is no such scanner, or it cannot be used with these parameters. The message says what it takes."""


class UnscannableError(Exception):
    """Nothing can be said of this chain: looking at it took too long, or a judge did not say. The message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """In one chain. `label` and `why` are a judge's."""

    value: float
    places: tuple[Place, ...] = ()
    label: str | None = None
    why: str | None = None


NOTHING = Found(0.0)


class Scanner(BaseModel):
    """A subclass names itself in `scanner`, which is its name in the registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scanner: str

    @property
    def words(self) -> str:
        """What it is called unless somebody says otherwise."""
        return self.scanner

    @property
    def model(self) -> str | None:
        """The served model that it asks; None: it asks none."""
        return None

    @property
    def made_by(self) -> str | None:
        """The model whose traces it looks at; None: it looks at all."""
        return None


class Rule(Scanner):
    """A scanner that asks nobody."""

    @abstractmethod
    def find(self, chain: ChainText) -> Found:
        """Raises UnscannableError."""


@dataclass(frozen=True, slots=True)
class Finding:
    """In one trace, over those of its chains of which something can be said.

    `value` is their mean, `hits` how many of the `chains` have one. `is_chosen_hit` is of the chain whose answer speaks
    for the job. None: nothing can be said of any, or of that one; `why` says why, or is what a judge said.
    """

    chains: int
    hits: int
    value: float | None
    is_chosen_hit: bool | None
    places: tuple[Place, ...] = ()
    label: str | None = None
    why: str | None = None
    log_probs: tuple[StepLogProbs, ...] = ()
    """Of its steps, where a model was asked for them; each step once."""
    thinking_log_prob: float | None = None
    answer_log_prob: float | None = None
    """Means over the model's own tokens of a phase; None: not asked for, or there are none."""

    @property
    def says_nothing(self) -> bool:
        return not self.chains

    @classmethod
    def of(cls, looked_at: "Sequence[tuple[bool, Found | UnscannableError]]") -> "Finding":
        """Of each chain, whether it is the chosen one, and what was found in it."""
        found = [(is_chosen, each) for is_chosen, each in looked_at if isinstance(each, Found)]
        failed = [str(each) for _, each in looked_at if isinstance(each, UnscannableError)]
        told = [each for _, each in found]
        return cls(
            chains=len(told),
            hits=sum(each.value > 0 for each in told),
            value=sum(each.value for each in told) / len(told) if told else None,
            is_chosen_hit=next((each.value > 0 for is_chosen, each in found if is_chosen), None),
            places=tuple(place for each in told for place in each.places)[:MOST_PLACES],
            label=next((each.label for each in told if each.label), None),
            why=next((each.why for each in told if each.why), failed[0] if failed else None),
        )


def scanned(rule: Rule, chains: Sequence[ChainText]) -> Finding:
    """What a rule finds in a trace."""
    return Finding.of([(chain.is_chosen, _found(rule, chain)) for chain in chains])


def _found(rule: Rule, chain: ChainText) -> Found | UnscannableError:
    try:
        return rule.find(chain)
    except UnscannableError as error:
        return error
