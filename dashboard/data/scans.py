"""Scans: how far they are, what a rule would find in a few traces, and handing them in."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from pydantic import JsonValue

from dashboard.data.catalogue import Revision
from dashboard.data.connection import FRESH_S, LONG_S, NO_REDIS, NotConfiguredError, asked
from db import queries
from db.queries import scanning
from db.queries.scanning import Scan, ScannedTrace, TraceFinding
from db.settings import settings
from scaling.scanners import Rule, Scanner, read_scanner
from scaling.scanners.scanner import Finding, scanned
from worker import submit
from worker.submit import HandedIn

PREVIEWED = 10
MOST_QUESTION = 200
"""Characters of it that are shown."""
MOST_HITS = 200
"""That are listed of a scan; files have all."""

Fields = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a rule finds in one trace, and which trace that is."""

    job_id: int
    question: str
    finding: Finding


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=50)
def scans(experiment_id: int) -> tuple[Scan, ...]:
    """Newest first."""
    with asked() as engine:
        return scanning.scans(engine, experiment_id)


@st.cache_data(ttl=LONG_S, show_spinner=False, max_entries=20)
def hits(revision: Revision, scan_id: int, arm_id: int | None) -> tuple[TraceFinding, ...]:
    """The first MOST_HITS traces with a hit, of an arm or of all."""
    with asked() as engine:
        return scanning.trace_findings(engine, scan_id, only_hits=True, arm_id=arm_id, at_most=MOST_HITS)


def preview(revision: Revision, rule: Rule) -> tuple[Previewed, ...]:
    """In a few traces, drawn from all. A rule that takes too long says so, trace by trace."""
    traces = _few(revision)
    return tuple(Previewed(each.job_id, each.question[:MOST_QUESTION], scanned(rule, each.chains)) for each in traces)


@st.cache_resource(ttl=LONG_S, show_spinner=False, max_entries=20)
def _few(revision: Revision) -> tuple[ScannedTrace, ...]:
    with asked() as engine:
        return scanning.some_traces(engine, revision.experiment_id, PREVIEWED)


def served_models() -> tuple[str, ...]:
    """That a worker serves now, or has served."""
    with asked() as engine:
        return tuple(model.name for model in queries.models(engine))


def scan(experiment_id: int, scanner: Scanner, person: str, at_most: int | None = None) -> HandedIn:
    """Raises BadScannerError, and NotConfiguredError before anything is stored."""
    where = settings()
    if where.redis_url is None:
        raise NotConfiguredError(NO_REDIS)
    with asked() as engine:
        made = submit.scan(engine, where, experiment_id, scanner, owner=person, at_most=at_most)
    st.cache_data.clear()
    return made


def cancel_scan(scan_id: int) -> None:
    with asked() as engine:
        submit.cancel_scan(engine, scan_id)
    st.cache_data.clear()


def delete_scan(scan_id: int) -> None:
    """Raises UnknownScanError."""
    with asked() as engine:
        submit.delete_scan(engine, scan_id)
    st.cache_data.clear()


def scan_again(found: Scan, person: str) -> HandedIn:
    """It goes on with the traces that it has not looked at."""
    return scan(found.experiment_id, read_scanner(found.params), person, found.at_most)
