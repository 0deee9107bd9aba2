"""One colour per arm, everywhere: a hue for its strategy, lighter or darker by its place among the strategy's arms.

Some hues are Okabe and Ito's, which people with any common colour blindness can tell apart, on white and on black. Arms
of one strategy differ by lightness, and all by their names and marks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.charts.theme import opens
from db.queries import Arm
from results import ArmNames, arm_names
from results.measured.joined import Origin
from results.words.arm_names import named
from scaling.strategies import STRATEGIES
from scaling.types import Verdict
from scaling.verdict import rule

Colours = Mapping[int, str]
"""Of each arm, by its id."""

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILION, PURPLE = "#E69F00", "#D55E00", "#CC79A7"
GREY, DARK_GREY = "#8A94A3", "#626C7A"
MAGENTA = "#DC267F"
"""No arm's: what is chosen among arms, and what goes beyond a budget."""

CHOSEN_HUES = {
    "chain_of_thought": BLUE,
    "budget_forcing": "#C27C0E",
    "majority_vote": "#1593A8",
    "adaptive_vote": SKY,
    "deepconf": "#2B5F75",
    "best_of_n": PURPLE,
    "beam_search": "#5B4B8A",
    "lookahead": "#8A6FB0",
    "dvts": "#4F6BD8",
    "rebase": "#8C5A1E",
    "revisions": "#77695A",
    "length_control": "#A08A2E",
    "rejection_sampling": "#A23B72",
}
"""No green and no red: those are verdicts'. Amber is what is forced, here and in a trace."""
SPARE_HUES = ("#3D4E8C", "#6C6BD0", "#7D5A7D", "#B58A5A")
"""For strategies that nobody chose one for, in the order in which they are listed."""
UNCHOSEN = (name for name in STRATEGIES if name not in CHOSEN_HUES)
HUES: dict[str, str] = CHOSEN_HUES | dict(zip(UNCHOSEN, SPARE_HUES, strict=False))
LIGHTEST = 0.5
"""How much white the first of many arms of a strategy has in it."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "star", "hexagon", "pentagon")

VERDICT_SIGNS = {
    Verdict.CORRECT: "✓",
    Verdict.WRONG: "✗",
    Verdict.UNPARSED: "?",
    Verdict.TRUNCATED: "…",
}
VERDICT_COLOURS = {
    Verdict.CORRECT: GREEN,
    Verdict.WRONG: VERMILION,
    Verdict.UNPARSED: GREY,
    Verdict.TRUNCATED: DARK_GREY,
}
"""Of nothing else: right is green, wrong is red, and what could not be judged is grey; a sign stands beside each."""

RULED_COLOURS = {
    rule.Verdict.BETTER: GREEN,
    rule.Verdict.WORSE: VERMILION,
    rule.Verdict.EQUIVALENT: BLUE,
    rule.Verdict.UNDECIDED: GREY,
    rule.Verdict.MIXED: PURPLE,
}
"""What is said of one family against another. `style.css` has the same, see-through."""


def colours_of(arms: Sequence[Arm]) -> Colours:
    """The experiment's arms, whatever part of them is drawn: so an arm has its colour on every plot."""
    return dict(zip((arm.id for arm in arms), arm_colours([arm.strategy for arm in arms]), strict=True))


@dataclass(frozen=True, slots=True)
class Looks:
    """What a page adds to an answer: the colour of each arm, what it goes by, and where one of another experiment is at
    home."""

    colours: Colours
    homes: Mapping[int, Origin] = field(default_factory=dict)
    names: ArmNames = field(default_factory=dict)

    @classmethod
    def of(cls, arms: Sequence[Arm], homes: Mapping[int, Origin] | None = None) -> "Looks":
        return cls(colours_of(arms), homes or {}, arm_names(arms))

    def name(self, label: str) -> str:
        """Of an arm, alone or among other words."""
        return named(label, self.names)

    def colour(self, arm: Arm | None) -> str:
        return GREY if arm is None else self.colours[arm.id]

    def door(self, arm: Arm | None) -> str | None:
        """What a click opens: the arm's traces, there where it is at home."""
        if arm is None:
            return None
        home = self.homes.get(arm.id)
        return opens(arm.label) if home is None else opens(home.label, experiment=home.experiment_id)


def arm_colours(strategies: Sequence[str]) -> tuple[str, ...]:
    """A colour for each arm of an experiment, by its strategy's name; the last arm of each has its pure hue."""
    sizes, seen = Counter(strategies), Counter[str]()
    colours = []
    for name in strategies:
        seen[name] += 1
        left = sizes[name] - seen[name]
        white = min(LIGHTEST, 0.2 * (sizes[name] - 1)) * left / max(1, sizes[name] - 1)
        colours.append(with_white(HUES.get(name, GREY), white))
    return tuple(colours)


def with_white(colour: str, share: float) -> str:
    """The colour mixed with so much white, both as #RRGGBB."""
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(channel + share * (255 - channel)):02X}" for channel in channels)


def see_through(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def symbol(index: int) -> str:
    return SYMBOLS[index % len(SYMBOLS)]
