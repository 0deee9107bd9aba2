"""The scans of an experiment, and how far each is."""

from collections.abc import Sequence

import streamlit as st

from dashboard import data, linked_table, person
from dashboard.address import Page, href
from dashboard.escaping import message
from dashboard.linked_table import Column, Share, number
from dashboard.ways import go
from db.queries.scanning import Scan
from db.status import ScanStatus
from results.wording import moment

COLUMNS = {
    "name": Column("scan", widest="26rem"),
    "status": Column("status"),
    "done": Column("looked at", is_number=True),
    "traces": number("traces"),
    "hit": number("with a hit", "in some chain"),
    "untold": number("untold", "nothing could be said of them"),
    "by": Column("by", widest="10rem"),
    "when": Column("when"),
    "error": Column("error"),
}
NO_WORKER_YET = "waits for a worker"


def listing(scans: Sequence[Scan]) -> None:
    rows = [_row(each) for each in scans]
    hidden = {name for name in ("error", "untold") if not any(each[name] for each in rows)}
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    linked_table.show("scans-list", shown, rows, [_door(each) for each in scans])


def actions(scan: Scan) -> None:
    """Stop, go on, delete: each where it makes sense."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if scan.is_open:
            if st.button("Stop", icon=":material/stop:", key="scan.stop"):
                data.cancel_scan(scan.id)
                st.rerun()
        elif scan.unscanned and st.button(
            f"Go on with {scan.unscanned:,} traces", icon=":material/resume:", key="scan.again"
        ):
            data.scan_again(scan, person.name())
            st.rerun()
        with st.popover("Delete", icon=":material/delete:", type="tertiary", key="scan.delete"):
            st.caption("With all that it found. The traces stay.")
            if st.button("Delete this scan", type="primary", key="scan.delete.really"):
                data.delete_scan(scan.id)
                go(href(Page.SCANS, of_experiment=scan.experiment_id))
    for note in st.session_state.pop("scan.notes", ()):
        st.warning(message(note), icon=":material/hourglass_empty:")
    if scan.error:
        st.error(message(scan.error), icon=":material/error:")


def _row(scan: Scan) -> dict[str, object]:
    return {
        "name": scan.name,
        "status": NO_WORKER_YET if scan.status is ScanStatus.QUEUED else scan.status.value,
        "done": Share(scan.scanned / scan.traces) if scan.traces else None,
        "traces": scan.traces,
        "hit": scan.hit,
        "untold": scan.untold,
        "by": scan.owner,
        "when": moment(scan.created_at),
        "error": scan.error,
    }


def _door(scan: Scan) -> str:
    return href(Page.SCANS, of_experiment=scan.experiment_id, scan=scan.id)
