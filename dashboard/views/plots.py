"""A plot on a page: drawn, clicked (a mark opens the traces behind it), and taken away as a picture or as numbers."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import plotly.graph_objects as go
import streamlit as st

from dashboard import copying, download
from dashboard.address import Page, here, href
from dashboard.copying import Asked
from dashboard.views import plot_element
from db.queries import ExperimentDetail


class Picture(StrEnum):
    """What the camera above a plot saves."""

    SVG = "SVG"
    PNG = "PNG"


PNG_SCALE = 3
"""Pixels of a saved picture for each on the page: sharp in print."""


@dataclass(frozen=True, slots=True)
class Plot:
    """`name` is unique on its page and becomes the names of files; `csv` has every number that is drawn, or makes it
    when it is asked for.

    A mark's custom data are an address, or name, as JSON, filters of the traces that it stands for; or, where
    `sets_options`, options of the page itself. `click` says what a click does. `legend` is the list of arms beside it,
    if it has one. `asked` is what it answers, for the menu that copies.
    """

    name: str
    figure: go.Figure
    csv: str | Callable[[], str]
    click: str = "A click on a mark opens its traces."
    sets_options: bool = False
    legend: Mapping[str, object] | None = None
    asked: Sequence[Asked] = ()


def show(detail: ExperimentDetail, plot: Plot) -> None:
    """Draws it with its downloads below."""
    draw(detail, plot)
    _downloads(plot, _stem(detail, plot))


def draw(detail: ExperimentDetail, plot: Plot) -> None:
    """A mark that has custom data opens what they say, as any link does."""
    plot_element.drawn(
        f"{plot.name}_plot",
        _with_doors(plot, detail.id),
        detail.summary.jobs.ended,
        {"toImageButtonOptions": _saved_picture(plot.name, _stem(detail, plot))},
        legend=plot.legend,
    )


def _stem(detail: ExperimentDetail, plot: Plot) -> str:
    return f"experiment-{detail.id}-{plot.name}"


def _with_doors(plot: Plot, experiment_id: int) -> go.Figure:
    """The figure with addresses for its marks' custom data."""
    for trace in plot.figure.data:
        if trace.customdata is not None:
            trace.customdata = [_door(plot, experiment_id, each) for each in trace.customdata]
    return plot.figure


def _door(plot: Plot, experiment_id: int, said: str | None) -> str | None:
    if said is None or said.startswith(("./", "?")):
        return said
    parameters = json.loads(said)
    if plot.sets_options:
        return here(Page.EXPERIMENT, **parameters)
    return href(Page.TRACES, **{"experiment": experiment_id, **parameters})


def _saved_picture(name: str, stem: str) -> dict[str, object]:
    """As the camera above a plot saves it."""
    picture = Picture(st.session_state.get(f"{name}.picture") or Picture.SVG)
    return {
        "format": picture.value.lower(),
        "filename": stem,
        "scale": PNG_SCALE if picture is Picture.PNG else 1,
    }


def _downloads(plot: Plot, stem: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        download.button("CSV", plot.csv, f"{stem}.csv", key=f"{plot.name}.csv")
        if plot.asked:
            copying.menu(plot.name, stem, plot.asked)
        st.segmented_control(
            "Picture", list(Picture), default=Picture.SVG, required=True, key=f"{plot.name}.picture",
            label_visibility="collapsed", format_func=lambda each: each.value,
        )  # fmt: skip
        st.caption(f"The camera above the plot saves it in this format. {plot.click}")
