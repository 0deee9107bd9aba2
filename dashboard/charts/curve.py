"""What most plots draw: points with intervals, connected or alone."""

from dataclasses import dataclass
from enum import StrEnum

from scaling.statistics.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Point:
    """An arm, or k of its candidates. `share` is what is drawn upwards; `cost` is a mean per problem on some axis."""

    label: str
    arm: str
    """The label of the arm whose traces a click opens; empty: it stands for several, and a click opens nothing."""
    mark: str
    """What stands beside the marker: the swept number, or k. Empty: nothing."""
    cost: float
    share: Estimate
    colour: str
    k: int | None = None
    requested: int | None = None
    """The thinking tokens that the arm was given; None: no limit, or not what the axis counts."""
    failed: int = 0
    if_failed: tuple[float, float] | None = None
    """The share had all failed jobs been wrong, and right; None: none failed."""
    truncated: int = 0
    unparsed: int = 0
    is_bound: bool = False
    """It cost at most what is told."""
    experiment: int | None = None
    """Whose arm it is; None: of the experiment at hand."""

    @property
    def home(self) -> dict[str, str | int]:
        """For the address of its traces."""
        return {} if self.experiment is None else {"experiment": self.experiment}


class Dash(StrEnum):
    """How a curve is drawn says where it comes from. The values are Plotly's."""

    RUN = "solid"  # arms that were run
    VOTE = "dot"  # maj@k, read off the candidates of one arm
    ANY_RIGHT = "dash"  # pass@k, read off the candidates of one arm
    BEST = "dashdot"  # best-of-k, read off the scored candidates of one arm
    WEIGHTED = "longdash"  # weighted best-of-k, read off the scored candidates of one arm
    CHARGED = "longdashdot"  # a choice, with what it took to make it
    ONE_FOR_ALL = "6px,3px"  # the same choice for all problems


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to connect, in order."""

    name: str
    points: tuple[Point, ...]
    dash: Dash = Dash.RUN
    is_strong: bool = False
    """What the plot is about: thick, and on top."""

    @property
    def colour(self) -> str:
        """Of the line: its last point's."""
        return self.points[-1].colour
