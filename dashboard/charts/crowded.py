"""Where marks and their names stand so that all can be read: side by side at one cost, and no name over another. Pure.

In pixels of a plot of about the usual size; the browser's may be larger, and then there is more room.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH_PX, HEIGHT_PX = 780.0, 430.0
NEAR_PX = 8.0
"""Marks that are closer than this have their intervals over one another."""
BESIDE_PX = 10.0
CHARACTER_PX, LINE_PX, MARK_PX = 6.2, 13.0, 7.0
PLACES = (
    "middle right", "middle left", "top center", "bottom center", "top right", "bottom right", "top left",
    "bottom left",
)  # fmt: skip
"""Plotly's words, the best first."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; downwards, as on a screen."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From amounts to pixels. The ends of a logarithmic one are powers of ten."""

    low: float
    high: float
    length_px: float
    is_log: bool = False

    def px(self, value: float) -> float:
        at = math.log10(value) if self.is_log else value
        return (at - self.low) / (self.high - self.low) * self.length_px

    def moved(self, value: float, by_px: float) -> float:
        step = by_px / self.length_px * (self.high - self.low)
        return value * 10**step if self.is_log else value + step


def side_by_side(places_px: Sequence[float]) -> tuple[float, ...]:
    """How far each mark is to be moved: marks so near that they cover one another spread around their middle."""
    moves = [0.0] * len(places_px)
    for group in _near(places_px):
        middle = sum(places_px[at] for at in group) / len(group)
        for number, at in enumerate(group if len(group) > 1 else ()):
            moves[at] = middle + (number - (len(group) - 1) / 2) * BESIDE_PX - places_px[at]
    return tuple(moves)


def _near(places_px: Sequence[float]) -> Iterator[list[int]]:
    """Chains of marks each near to the next, by their index, from left to right."""
    group: list[int] = []
    for at in sorted(range(len(places_px)), key=lambda index: (places_px[index], index)):
        if group and places_px[at] - places_px[group[-1]] >= NEAR_PX:
            yield group
            group = []
        group.append(at)
    if group:
        yield group


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark and what is to be said beside it, in pixels from the upper left corner."""

    x: float
    y: float
    text: str


def text_places(spots: Sequence[Spot], width_px: float = WIDTH_PX, height_px: float = HEIGHT_PX) -> list[str | None]:
    """For each mark where its text covers no mark and no text before it; None: nowhere."""
    taken = [_around(spot) for spot in spots]
    found: list[str | None] = []
    for number, spot in enumerate(spots):
        others = [*taken[:number], *taken[number + 1 :]]
        place = next((each for each in PLACES if _is_free(_text_box(spot, each), others, width_px, height_px)), None)
        found.append(place if spot.text else None)
        if found[-1] is not None and place is not None:
            taken.append(_text_box(spot, place))
    return found


def _around(spot: Spot) -> Box:
    return (spot.x - MARK_PX, spot.y - MARK_PX, spot.x + MARK_PX, spot.y + MARK_PX)


def _text_box(spot: Spot, place: str) -> Box:
    upright, sideways = place.split()
    width = CHARACTER_PX * len(spot.text)
    left = {"right": spot.x + MARK_PX, "left": spot.x - MARK_PX - width, "center": spot.x - width / 2}[sideways]
    top = {"top": spot.y - MARK_PX - LINE_PX, "bottom": spot.y + MARK_PX, "middle": spot.y - LINE_PX / 2}[upright]
    return (left, top, left + width, top + LINE_PX)


def _is_free(box: Box, taken: Sequence[Box], width_px: float, height_px: float) -> bool:
    left, top, right, bottom = box
    is_inside = left >= 0 and right <= width_px and top >= 0 and bottom <= height_px
    return is_inside and not any(left < its[2] and its[0] < right and top < its[3] and its[1] < bottom for its in taken)
