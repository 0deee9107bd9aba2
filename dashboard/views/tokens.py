"""Tokens per job: how what jobs spent is distributed in each arm, right and wrong answers apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import data
from dashboard.charts.histogram import histogram_figure
from dashboard.charts.histogram_slots import Scale
from dashboard.escaping import in_markdown
from dashboard.views.curves import colours_of
from dashboard.views.plots import Plot, show
from dashboard.views.token_panels import bin_rows, panels
from db.queries import ExperimentDetail
from results import Histogram
from results.columns import csv_text
from scaling.compute.axes import Axis
from scaling.types import Verdict


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drawn; without labels, all arms."""

    axis: Axis
    is_log: bool
    labels: tuple[str, ...]


def view(detail: ExperimentDetail) -> None:
    wanted = options(detail)
    found = data.histograms(data.Revision.of(detail.summary), wanted.axis, wanted.is_log, wanted.labels)
    drawn = panels(found, colours_of(detail.arms))
    if drawn:
        axis = wanted.axis
        scale = Scale(
            f"{axis.label} per job{axis.in_unit}", axis.unit, found[0].bins, axis.is_whole, axis is Axis.THINKING
        )
        show(detail, Plot("tokens", histogram_figure(drawn, scale), csv_text(list(bin_rows(found)))))
    else:
        st.info("No job of these arms has a result whose cost is known.", icon=":material/hourglass_empty:")
    notes = data.axis_notes(data.Revision.of(detail.summary), wanted.axis)
    st.caption(" ".join([*words(wanted, found), *map(in_markdown, notes)]))


def options(detail: ExperimentDetail) -> Wanted:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.selectbox(
            "Jobs by their", list(Axis), key="of", bind="query-params", format_func=lambda each: each.label, width=260
        )
        labels = st.multiselect(
            "Arms", [arm.label for arm in detail.arms], key="shown", bind="query-params", placeholder="all"
        )
        is_log = st.toggle("log scale", value=True, key="tokenslog", bind="query-params", width=130)
    return Wanted(axis or Axis.THINKING, is_log, tuple(labels))


def words(wanted: Wanted, found: Sequence[Histogram]) -> Iterator[str]:
    """What a reader of the plot has to know."""
    yield (
        "Each row has the jobs of one arm: bars’ areas are jobs, and each row is as high as its highest bar. Full "
        "colour is correct; pale is wrong; hatched, no answer could be used. Hard problems take longer and go wrong "
        "more often: that long ones are wrong does not say that less thinking would have been better."
    )
    counts = {
        "truncated": sum(each.by_verdict[Verdict.TRUNCATED].total for each in found),
        "unparsed": sum(each.by_verdict[Verdict.UNPARSED].total for each in found),
    }
    if named := counted(counts):
        yield f"Hatched: {named}."
    in_no_bar = {
        "failed": sum(each.jobs.failed for each in found),
        "cancelled": sum(each.jobs.cancelled for each in found),
        "not ended": sum(each.jobs.open for each in found),
        f"of unknown {wanted.axis.label}": sum(each.unknown for each in found),
    }
    if named := counted(in_no_bar):
        yield f"In no bar: {named} jobs."
    if unknown := [each.arm.label for each in found if not each.all.n]:
        yield f"Without a row, for their {wanted.axis.label} are not known: {in_markdown(', '.join(unknown))}."


def counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
