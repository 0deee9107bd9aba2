"""Lines of the list of experiments, for tests of their words: whatever is not given is nothing much."""

import datetime as dt
from dataclasses import replace
from typing import Any

from db.queries import ExperimentSummary, JobCounts
from db.status import ExperimentStatus

PLAIN = ExperimentSummary(
    id=1,
    name="demo",
    run=0,
    owner="ann",
    status=ExperimentStatus.RUNNING,
    error=None,
    priority=0,
    token_cap=None,
    tags=(),
    notes="",
    digest="digest",
    data_set_digest=None,
    jobs=JobCounts(0, 0, 0, 0, 0),
    created_at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC),
    started_at=None,
    finished_at=None,
    results_version=0,
    spent_tokens=0,
)


def summary_of(**changes: Any) -> ExperimentSummary:
    return replace(PLAIN, **changes)
