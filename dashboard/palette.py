"""One colour per family of strategies, everywhere, and the marks that tell apart what shares a colour.

The first colours are Okabe and Ito's, which people with any common colour blindness can tell apart, on white and on
black; what comes after them also differs by its mark.
"""

from scaling.types import Verdict

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILION, PURPLE = "#E69F00", "#D55E00", "#CC79A7"

FAMILY_COLOURS: dict[str, tuple[str, ...]] = {
    "chain_of_thought": (BLUE, "#7FB2D9"),
    "budget_forcing": (VERMILION, ORANGE),
    "majority_vote": (GREEN, "#4FBF9F"),
    "best_of_n": (PURPLE, "#E3A8CB"),
    "beam_search": ("#5B4B8A", "#9D8FC4"),
    "dvts": (SKY, "#A6D6F2"),
    "rebase": ("#8C5A1E", "#C9A06C"),
    "lookahead": ("#6B7A8F", "#A3AEBD"),
    "adaptive_vote": ("#4FBF9F", GREEN),
}
OTHER_FAMILIES = ("#8A8A8A", "#B5B5B5")
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
    Verdict.UNPARSED: PURPLE,
    Verdict.TRUNCATED: ORANGE,
}


def family_colour(family: str, index: int = 0) -> str:
    """The colour of the family's curve number `index`; colours repeat, symbols then differ."""
    colours = FAMILY_COLOURS.get(family, OTHER_FAMILIES)
    return colours[index % len(colours)]


def symbol(index: int) -> str:
    return SYMBOLS[index % len(SYMBOLS)]
