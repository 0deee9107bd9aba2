"""The difference first: in a line for two arms, and beside it, where several are held against one, all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import streamlit as st

from dashboard import download
from dashboard.address import Page, here, href
from dashboard.charts.differences import forest_figure
from dashboard.charts.palette import colours_of
from dashboard.compare.chosen import Chosen, Reference
from dashboard.copying import Asked
from dashboard.escaping import in_html
from dashboard.linked_table import Named
from dashboard.views import answers
from dashboard.views.plots import Plot, show
from db.queries import ExperimentDetail
from results import Comparison, Joined, comparisons
from results.words.arm_names import arm_names, pair_name
from results.words.differences import difference_words

WHAT = "The second minus the first, paired by problem, each with its own 95 % interval."


def line(chosen: Chosen, compared: Comparison) -> None:
    words = difference_words(compared, chosen.name(compared.first), chosen.name(compared.second))
    st.html(f'<p class="ot-difference" dir="auto">{in_html(words)}</p>')
    about = [chosen.measured.words] if isinstance(chosen.measured, Joined) else []
    if told := " ".join([*about, *_beside(chosen, compared)]):
        st.html(f'<p class="ot-compare-note" dir="auto">{in_html(told)}</p>')


def _beside(chosen: Chosen, compared: Comparison) -> Iterator[str]:
    """What the accuracies leave out, where there is any of it."""
    for side in compared.sides:
        counts = {"failed": side.failed, "cut": side.truncated, "without a readable answer": side.unparsed}
        if said := ", ".join(f"{count:,} {name}" for name, count in counts.items() if count):
            yield f"{chosen.name(side.arm)}: {said}."


def against_one(chosen: Chosen, compared: Sequence[Comparison]) -> None:
    """A row looks at its pair, below."""
    table = replace(comparisons.table(compared), order=("second", *comparisons.SHOWN[1:]))
    doors = [here(Page.COMPARE, look=str(at), pair=None, of_job=None, alt=None) for at in range(1, len(compared) + 1)]
    answers.show("against", table, doors, {"second": lambda each: chosen.name(each.second)})
    answers.notes(table, WHAT)
    download.button("CSV", lambda: table.csv, f"experiment-{chosen.detail.id}-against.csv", key="against.csv")


def worthwhile(detail: ExperimentDetail, asked: Asked) -> None:
    """A row or a mark opens its pair."""
    compared: tuple[Comparison, ...] = asked.answer()
    table, names = comparisons.table(compared), arm_names(detail.arms)
    doors = [_pair(detail, each) for each in compared]
    pairs = [pair_name(each.first, each.second, names) for each in compared]
    figure = forest_figure(compared, pairs, colours_of(detail.arms), doors)
    click = "A click on a mark opens that pair."
    show(detail, Plot("worthwhile", figure, lambda: table.csv, click, asked=[asked]))
    answers.notes(table, WHAT)
    answers.show(
        "worthwhile", table, doors, {"first": lambda each: Named(pair_name(each.first, each.second, names), each.label)}
    )


def _pair(detail: ExperimentDetail, each: Comparison) -> str:
    first, second = (str(Reference(detail.id, arm.label)) for arm in (each.first, each.second))
    return href(Page.COMPARE, **{"from": first, "to": second})
