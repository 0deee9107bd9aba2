"""The scans of an experiment's traces: what to look for, seen on ten of them at once, and what each scan found."""

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.escaping import in_markdown, message
from dashboard.scans.form import form
from dashboard.scans.found import found
from dashboard.scans.listing import actions, listing
from db.errors import UnknownScanError
from db.queries.scanning import Scan, scan_named


def main() -> None:
    detail = data.experiment(frame.required_number("of_experiment", "experiment"))
    frame.breadcrumbs("Scans", frame.to_experiment(detail.summary))
    if not detail.arms:
        st.info("No traces yet: the experiment has not been laid out into jobs.", icon=":material/hourglass_empty:")
        return
    form(detail)
    scans = data.scans(detail.id)
    if scans:
        st.subheader("Scans", anchor=False)
        is_open = any(each.is_open for each in scans)
        st.fragment(_listing, run_every=frame.REFRESH_S if is_open else None)(detail.id, is_open)
        _one(detail.id, scans)


def _listing(experiment_id: int, was_open: bool) -> None:
    """Refreshes itself while a scan is open; then the whole page runs again."""
    with frame.outages_explained():
        scans = data.scans(experiment_id)
        listing(scans)
        if was_open and not any(each.is_open for each in scans):
            st.rerun()


def _one(experiment_id: int, scans: tuple[Scan, ...]) -> None:
    """The one that the address names, else the newest."""
    try:
        scan = scan_named(scans, st.query_params.get("scan"))
    except UnknownScanError as error:
        st.warning(message(str(error)), icon=":material/search_off:")
        return
    st.subheader(in_markdown(scan.name), anchor=False)
    actions(scan)
    if not scan.is_open and scan.scanned:
        found(data.experiment(experiment_id), scan)


main()
