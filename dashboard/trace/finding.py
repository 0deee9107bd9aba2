"""Where a text stands in the steps that are shown, whatever the case. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.trace.pieces import Rows, piece_at

MOST_PLACES = 2_000
"""That can be walked through; of more, only their number is told."""


@dataclass(frozen=True, slots=True)
class Place:
    """The match is number `nth` (from 0) of those in piece `piece` of the step's text."""

    step: int
    piece: int
    nth: int


@dataclass(frozen=True, slots=True)
class Found:
    """All matches, of which the first are in `places`."""

    seek: str
    total: int
    places: tuple[Place, ...]

    def told(self, rows: Rows) -> dict[str, object]:
        """For the browser: each place as its row and its number there."""
        first_S = rows.first_S
        places = [[int(first_S[place.step]) + place.piece, place.nth] for place in self.places]
        return {"seek": self.seek, "total": self.total, "places": places}


def found(texts_S: Sequence[str], seek: str) -> Found:
    """`seek` is looked for as it stands; what is empty is nowhere."""
    if not seek:
        return Found("", 0, ())
    pattern = re.compile(re.escape(seek), re.IGNORECASE)
    total, places = 0, list[Place]()
    for step, text in enumerate(texts_S):
        before = (-1, -1)
        for match in pattern.finditer(text):
            total += 1
            if len(places) < MOST_PLACES:
                number = piece_at(text, match.start())
                before = (number, before[1] + 1 if number == before[0] else 0)
                places.append(Place(step, *before))
    return Found(seek, total, tuple(places))
