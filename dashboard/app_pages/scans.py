"""Scans of an experiment's traces: what to look for, seen on ten of them at once, and the scans that there are; or one
scan, with what it found."""

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.escaping import message
from dashboard.scans.form import form
from dashboard.scans.found import found
from dashboard.scans.listing import actions, listing
from db.errors import UnknownScanError
from db.queries import ExperimentDetail
from db.queries.scanning import Scan, scan_named


def main() -> None:
    detail = data.experiment(frame.required_number("of_experiment", "experiment"))
    scan_id = frame.number_in_url("scan")
    try:
        scan = None if scan_id is None else scan_named(data.scans(detail.id), str(scan_id))
    except UnknownScanError as error:
        st.warning(message(str(error)), icon=":material/search_off:")
        scan = None
    if scan is None:
        _all(detail)
    else:
        _one(detail, scan)


def _all(detail: ExperimentDetail) -> None:
    frame.breadcrumbs("Scans", frame.to_experiment(detail.summary))
    if not detail.arms:
        st.info("No traces yet: the experiment has not been laid out into jobs.", icon=":material/hourglass_empty:")
        return
    scans = data.scans(detail.id)
    form(detail)
    if scans:
        st.subheader("Scans", anchor=False)
        is_open = any(each.is_open for each in scans)
        st.fragment(_listing, run_every=frame.REFRESH_S if is_open else None)(detail.id)


def _listing(experiment_id: int) -> None:
    with frame.panel():
        listing(data.scans(experiment_id))


def _one(detail: ExperimentDetail, scan: Scan) -> None:
    above = (frame.to_experiment(detail.summary), ("Scans", href(Page.SCANS, of_experiment=detail.id)))
    frame.breadcrumbs(scan.name, *above)
    st.fragment(_how_far, run_every=frame.REFRESH_S if scan.is_open else None)(detail.id, scan)
    actions(scan)
    if not scan.is_open and scan.scanned:
        found(detail, scan)


def _how_far(experiment_id: int, before: Scan) -> None:
    """Refreshes itself while the scan is open; when it has ended the whole page runs again."""
    with frame.panel():
        scan = next((each for each in data.scans(experiment_id) if each.id == before.id), before)
        listing([scan])
        if before.is_open and not scan.is_open:
            st.rerun()


main()
