"""Problem by problem: the four cells with their counts, the problems of one of them, and the way from each to the next.

Keys: `1` to `4` a cell, `j` and `k` the next and the previous problem in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import copying, download
from dashboard import page as frame
from dashboard.address import Page, here
from dashboard.compare.chosen import Chosen
from dashboard.copying import Asked
from dashboard.escaping import in_html
from dashboard.keys import attributes
from results import Comparison, Flip
from results.problems import PROBLEMS, Order, SideBySide, flips_table
from results.wording import percent
from scaling.statistics.comparisons import Agreement, Cell

LISTED = 100
CELLS = (Cell.BOTH_RIGHT, Cell.GAINED, Cell.LOST, Cell.BOTH_WRONG)
"""In the order of their keys."""
SIGNS = {Cell.BOTH_RIGHT: "✓✓", Cell.GAINED: "✗✓", Cell.LOST: "✓✗", Cell.BOTH_WRONG: "✗✗"}
HELP = {
    Cell.BOTH_RIGHT: "right under both arms",
    Cell.GAINED: "right under the second only",
    Cell.LOST: "right under the first only",
    Cell.BOTH_WRONG: "right under neither; what is cut or unread is not right",
}


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """The pairs of answers in one cell, and the one that is looked at; `flips` is empty if the cell is."""

    asked: Asked
    found: SideBySide
    cell: Cell
    flips: Sequence[Flip]
    at: int

    @property
    def flip(self) -> Flip | None:
        return self.flips[self.at] if self.flips else None


def listing(chosen: Chosen, compared: Comparison) -> Listing:
    """As the address has it; what it does not say is the first of what there is."""
    pair = {"first": compared.first.label, "second": compared.second.label}
    asked = Asked(PROBLEMS, chosen.detail, pair, chosen.others)
    found: SideBySide = asked.answer()
    looked_at = found.pairs.of_job(frame.number_in_url("of_job"))
    cell = _cell(compared.agreement) if looked_at is None else found.pairs.cell_of(looked_at)
    order = next((each for each in found.orders if each.value == st.query_params.get("problems")), found.orders[0])
    flips = flips_table(found, cell, order).rows
    said = st.query_params.get("pair") if looked_at is None else place(looked_at)
    at = next((at for at, each in enumerate(flips) if place(each) == said), 0)
    return Listing(asked, found, cell, flips, at)


def _cell(agreement: Agreement) -> Cell:
    """The one that was asked for; else what was gained, or the first where there is something."""
    said = next((each for each in Cell if each.value == st.query_params.get("cell")), None)
    filled = (each for each in (Cell.GAINED, Cell.LOST, *Cell) if agreement.count(each))
    return said or next(filled, Cell.GAINED)


def place(flip: Flip) -> str:
    return f"{flip.problem}.{flip.repeat}"


def cells(agreement: Agreement, current: Cell) -> None:
    links = (_cell_html(number, each, agreement, each is current) for number, each in enumerate(CELLS, 1))
    st.html(f'<nav class="ot-cells" aria-label="Pairs of answers">{"".join(links)}</nav>')


def _cell_html(number: int, cell: Cell, agreement: Agreement, is_current: bool) -> str:
    here_to = here(Page.COMPARE, cell=cell.value, pair=None, of_job=None, alt=None)
    current = ' aria-current="true"' if is_current else ""
    return (
        f'<a href="{in_html(here_to)}" data-replaces{current}{attributes(str(number), HELP[cell])}>'
        f"<span>{SIGNS[cell]}</span> {cell.value} <b>{agreement.count(cell):,}</b></a>"
    )


def problems(chosen: Chosen, listed: Listing) -> None:
    """Those around the one that is looked at; a click looks at another."""
    _head(listed)
    start = max(0, listed.at - listed.at % LISTED)
    rows = list(enumerate(listed.flips))[start : start + LISTED]
    items = "".join(_item_html(listed, at, flip) for at, flip in rows)
    st.html(f'<nav class="ot-flips" aria-label="Problems">{items or "none"}</nav>')
    if len(listed.flips) > len(rows):
        st.caption(f"{start + 1:,} to {start + len(rows):,} of {len(listed.flips):,}")
    stem = f"experiment-{chosen.detail.id}-flips"
    with st.container(horizontal=True, gap="small"):
        download.button("CSV", lambda: PROBLEMS.table(listed.found).csv, f"{stem}.csv", key="flips.csv")
        copying.menu("flips", stem, [listed.asked])


def _head(listed: Listing) -> None:
    if len(listed.found.orders) < 2:
        return
    said = st.query_params.get("problems")
    links = (_order_html(each, each.value == (said or listed.found.orders[0].value)) for each in listed.found.orders)
    st.html(f'<div class="ot-order">{" · ".join(links)}</div>')


def _order_html(order: Order, is_current: bool) -> str:
    current = ' aria-current="true"' if is_current else ""
    return f'<a data-replaces{current} href="{in_html(here(Page.COMPARE, problems=order.value))}">{order.value}</a>'


def _item_html(listed: Listing, at: int, flip: Flip) -> str:
    """The neighbours of the current one have the keys."""
    key = {listed.at + 1: "j", listed.at - 1: "k"}.get(at)
    says = {"j": "next problem", "k": "previous problem"}.get(key or "", "")
    current = ' aria-current="true"' if at == listed.at else ""
    repeat = f" · repeat {flip.repeat}" if flip.repeat else ""
    name = f"{listed.found.keys[flip.problem]}{repeat}"
    return (
        f'<a data-replaces{current} href="{in_html(here(Page.COMPARE, pair=place(flip), of_job=None, alt=None))}"'
        f'{attributes(key, says)} dir="auto"><bdi>{in_html(name)}</bdi>{_ease_html(listed.found, flip)}</a>'
    )


def _ease_html(found: SideBySide, flip: Flip) -> str:
    share = found.others_of(flip.problem)
    return "" if math.isnan(share) else f'<small title="right under the other arms">{percent(share)}</small>'
