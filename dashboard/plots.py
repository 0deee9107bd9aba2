"""A plot on a page: drawn, clicked (a mark opens the traces behind it), and taken away as a picture or as numbers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.plotly_chart import PlotlyState

from dashboard import frame
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
    picture = Picture(st.session_state.get(f"{plot.name}.picture") or Picture.SVG)
    key = f"{plot.name}_plot"
    event = st.plotly_chart(
        plot.figure,
        key=key,
        on_select=partial(set_options, key) if plot.sets_options else "rerun",
        selection_mode="points",
        config={
            "displaylogo": False,
            "displayModeBar": True,
            "modeBarButtonsToRemove": ["select2d", "lasso2d"],
            "toImageButtonOptions": {
                "format": picture.value.lower(),
                "filename": stem,
                "scale": PNG_SCALE if picture is Picture.PNG else 1,
            },
        },
    )
    downloads(plot, stem)
    if not plot.sets_options and (address := clicked(event)):
        frame.go_to(frame.TRACES, {"experiment": str(detail.id), **address})


def downloads(plot: Plot, stem: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "CSV", plot.csv, f"{stem}.csv", "text/csv",
            key=f"{plot.name}.csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.segmented_control(
            "Picture", list(Picture), default=Picture.SVG, required=True, key=f"{plot.name}.picture",
            label_visibility="collapsed", format_func=lambda each: each.value,
        )  # fmt: skip
        st.caption(f"The camera above the plot saves it in this format. {plot.click}")


def set_options(key: str) -> None:
    """Before the page is drawn again, so that its widgets take the values."""
    st.session_state.update(clicked(st.session_state[key]))


def clicked(event: PlotlyState) -> dict[str, str]:
    """The address of the mark that was clicked; empty: none was, or it has none."""
    custom_data = [point.get("customdata") for point in event.selection.points]
    addresses = [each[0] if isinstance(each, list) else each for each in custom_data if each]
    return json.loads(str(addresses[0])) if addresses else {}
