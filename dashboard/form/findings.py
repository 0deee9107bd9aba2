"""What is wrong with a spec, each at its field: room is held free while the form is drawn, and filled once it is known.

A fault stands at the field of its place, or of the nearest thing around it that has a field. None is lost: what has no
place of its own stands at the head of the form.
"""

from collections import defaultdict
from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.escaping import in_html
from scaling.spec.errors import Place, SpecFault
from scaling.spec.words import called


class Findings:
    """Made before the form is drawn; its first place is where it was made."""

    def __init__(self) -> None:
        self._places: dict[Place, DeltaGenerator] = {(): st.empty()}

    def below(self, *place: str | int) -> None:
        """Here will stand what is wrong with the field above, or with anything inside of it."""
        self._places[place] = st.empty()

    def tell(self, faults: Iterable[SpecFault], remarks: Iterable[SpecFault] = ()) -> None:
        """Faults in red; remarks, which keep nothing from running, beside them in amber."""
        said: dict[Place, list[str]] = defaultdict(list)
        for css_class, found in (("ot-error", faults), ("ot-remark", remarks)):
            for fault in found:
                place = self._nearest(fault.place)
                said[place].append(f'<div class="{css_class}">{in_html(words(fault, place))}</div>')
        for place, lines in said.items():
            self._places[place].html("".join(lines))

    def _nearest(self, place: Place) -> Place:
        return next(place[:end] for end in range(len(place), -1, -1) if place[:end] in self._places)


def words(fault: SpecFault, place: Place = ()) -> str:
    """As it is said at a field of that place: of a sweep the value, else what inside of the field is meant."""
    rest = fault.place[len(place) :]
    if len(rest) == 1 and isinstance(rest[0], int) and place and place != ("arms",):
        return f"value {rest[0] + 1}: {fault.message}"
    return ": ".join([*_steps(rest, place), fault.message])


def _steps(rest: Place, place: Place) -> list[str]:
    said: list[str] = []
    for end, step in enumerate(rest, start=1):
        is_arm = isinstance(step, int) and (*place, *rest[: end - 1]) == ("arms",)
        if isinstance(step, int):
            said.append(f"arm {step + 1}" if is_arm else f"value {step + 1}")
        elif step != "arms":
            said.append(called(*place, *rest[:end]))
    return said
