"""A plot on a page: drawn, clicked (a mark opens the traces behind it), and taken away as a picture or as numbers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from dashboard import download, frame, plot_element
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

    A mark's custom data are an address: of the traces that it stands for, or, where `sets_options`, of options of the
    page itself, by their keys. `click` says what a click does.
    """

    name: str
    figure: go.Figure
    csv: str | Callable[[], str]
    click: str = "A click on a mark opens its traces."
    sets_options: bool = False


def show(detail: ExperimentDetail, plot: Plot) -> None:
    """Draws it with its downloads below. A click on a mark that has custom data goes where they say."""
    stem = f"experiment-{detail.id}-{plot.name}"
    key = f"{plot.name}_plot"
    mark = plot_element.drawn(
        key,
        plot.figure,
        detail.summary.jobs.ended,
        {"toImageButtonOptions": saved_picture(plot.name, stem)},
        partial(set_options, key) if plot.sets_options else lambda: None,
    )
    downloads(plot, stem)
    if mark and not plot.sets_options:
        frame.go_to(frame.TRACES, {"experiment": str(detail.id), **address(mark)})


def saved_picture(name: str, stem: str) -> dict[str, object]:
    """As the camera above a plot saves it."""
    picture = Picture(st.session_state.get(f"{name}.picture") or Picture.SVG)
    return {
        "format": picture.value.lower(),
        "filename": stem,
        "scale": PNG_SCALE if picture is Picture.PNG else 1,
    }


def downloads(plot: Plot, stem: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        download.button("CSV", plot.csv, f"{stem}.csv", key=f"{plot.name}.csv")
        st.segmented_control(
            "Picture", list(Picture), default=Picture.SVG, required=True, key=f"{plot.name}.picture",
            label_visibility="collapsed", format_func=lambda each: each.value,
        )  # fmt: skip
        st.caption(f"The camera above the plot saves it in this format. {plot.click}")


def set_options(key: str) -> None:
    """Before the page is drawn again, so that its widgets take the values."""
    if mark := plot_element.clicked(key):
        st.session_state.update(address(mark))


def address(mark: str) -> dict[str, str]:
    """What a mark's custom data say."""
    return dict(json.loads(mark))
