"""A plot on a page: drawn, clicked (a mark opens the traces behind it), and taken away as a picture or as numbers."""

import json
from dataclasses import dataclass
from enum import StrEnum

import plotly.graph_objects as go
import streamlit as st

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
    """`name` is unique on its page and becomes the names of files; `csv` has every number that is drawn."""

    name: str
    figure: go.Figure
    csv: str


def show(detail: ExperimentDetail, plot: Plot) -> None:
    """Draws it with its downloads below. A click on a mark that has custom data goes to the traces it stands for."""
    stem = f"experiment-{detail.id}-{plot.name}"
    picture = Picture(st.session_state.get(f"{plot.name}.picture") or Picture.SVG)
    event = st.plotly_chart(
        plot.figure,
        key=f"{plot.name}_plot",
        on_select="rerun",
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
    open_traces(detail, [point.get("customdata") for point in event.selection.points])


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
        st.caption("The camera above the plot saves it in this format. A click on a mark opens its traces.")


def open_traces(detail: ExperimentDetail, custom_data: list[object]) -> None:
    """Marks that stand for no traces have no custom data."""
    addresses = [each[0] if isinstance(each, list) else each for each in custom_data if each]
    if addresses:
        frame.go_to(frame.TRACES, {"experiment": str(detail.id), **json.loads(str(addresses[0]))})
