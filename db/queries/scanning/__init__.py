"""What is read about scans: themselves, the texts that they are to look at, and what they found."""

from db.queries.scanning.findings import ArmFindings, TraceFinding, arm_findings, trace_findings
from db.queries.scanning.ids import TraceIds, ids_to_scan
from db.queries.scanning.scans import Scan, scan_named, scans
from db.queries.scanning.texts import ScannedTrace, Unscanned, some_traces, traces_to_scan, unscanned

__all__ = [
    "ArmFindings",
    "Scan",
    "ScannedTrace",
    "TraceFinding",
    "TraceIds",
    "Unscanned",
    "arm_findings",
    "ids_to_scan",
    "scan_named",
    "scans",
    "some_traces",
    "trace_findings",
    "traces_to_scan",
    "unscanned",
]
