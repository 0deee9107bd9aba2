"""Every table and every plot of the dashboard that opens something, and the address it is walked through from.

The experiment's id and a job's are filled in by who walks. Each address has options or filters in it, which Back must
bring again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class What(Enum):
    """A table's rows are links; a plot's marks are clicked."""

    TABLE = "table"
    PLOT = "plot"


@dataclass(frozen=True, slots=True)
class Door:
    """`leads_to` is the path that is opened, with the parameters that must stand behind it (any value: None).

    `cell` is the selector of a link in a table's row that opens something else than the row. Without an `experiment`
    the address names none.
    """

    name: str
    what: What
    path: str
    parameters: Mapping[str, str | list[str]]
    leads_to: str
    with_parameters: Mapping[str, str | None]
    cell: str | None = None
    experiment: str = "demo"


THREE = {
    "from": "budget_forcing max_thinking_tokens=32",
    "to": ["budget_forcing waits=2 max_thinking_tokens=800", "majority_vote samples=8"],
}
LIST = {"experiment": None, "arm": None}

DOORS = (
    Door("experiments", What.TABLE, "/", {"find": "demo", "owner": "ann"}, "/experiment", {"id": None}),
    Door("served", What.TABLE, "/queue", {"place": "1"}, "/", {"model": "ladder-tiny"}),
    Door("line", What.TABLE, "/queue", {"place": "1"}, "/experiment", {"id": None}),
    Door("arms", What.TABLE, "/experiment", {"x": "generated tokens", "front": "true"}, "/traces", LIST),
    Door("scaling", What.PLOT, "/experiment", {"x": "generated tokens", "log": "false"}, "/traces", LIST),
    Door("over-k", What.PLOT, "/experiment", {"view": "of k candidates", "metrics": "pass@k"}, "/traces", LIST),
    Door(
        "difficulty", What.PLOT, "/experiment", {"view": "by difficulty", "bins": "2"}, "/traces", LIST,
    ),
    Door(
        "compute-optimal", What.PLOT, "/experiment",
        {"view": "by difficulty", "bins": "2", "withall": "true"}, "/traces", LIST,
    ),
    Door(
        "ratio", What.PLOT, "/experiment", {"view": "by difficulty", "bins": "2"}, "/traces", LIST,
        experiment="revisions",
    ),
    Door(
        "control", What.PLOT, "/experiment", {"view": "thinking against budget", "controllog": "false"}, "/traces", LIST
    ),
    Door(
        "tokens", What.PLOT, "/experiment", {"view": "tokens per job", "of": "generated tokens"}, "/traces", LIST,
    ),
    Door(
        "equal-compute", What.PLOT, "/compare",
        {
            "from": "budget_forcing waits=1 max_thinking_tokens=800", "to": "majority_vote samples=8",
            "part": "at equal compute", "compute": "generated tokens",
        },
        "/traces", LIST,
    ),
    Door("against", What.TABLE, "/compare", {**THREE, "cell": "lost"}, "/compare", {"look": "1", "cell": "lost"}),
    Door("worthwhile", What.PLOT, "/compare", {}, "/compare", {"from": None, "to": None}),
    Door("worthwhile", What.TABLE, "/compare", {}, "/compare", {"from": None, "to": None}),
    Door("verdict", What.PLOT, "/experiment", {"view": "verdict", "margin": "3", "claim": "families"}, "/traces", LIST),
    Door(
        "verdict", What.TABLE, "/experiment", {"view": "verdict", "margin": "3", "allcells": "true"}, "/experiment",
        {"margin": "3", "allcells": "true", "view": "verdict"},
    ),
    Door("begin", What.TABLE, "/judge", {}, "/judge", {"judging": None}, experiment=""),
    Door("preferences", What.TABLE, "/judge", {"stage": "results"}, "/compare", {"from": None, "to": None}),
    Door(
        "judgements", What.TABLE, "/judge", {"stage": "results"}, "/trace", {"job": None}, cell="td:nth-child(2) a",
    ),
    Door("notes", What.TABLE, "/experiment", {"section": "notes"}, "/trace", {"job": None}),
    Door("asked", What.TABLE, "/problem", {}, "/trace", {"job": None, "in_problem": None}),
    Door("preview", What.TABLE, "/scans", {"look_for": "a text", "words": "+"}, "/trace", {"job": None}),
    Door("scans-list", What.TABLE, "/scans", {"look_for": "loops"}, "/scans", {"scan": "1"}),
    Door("scans", What.TABLE, "/scans", {"scan": "1"}, "/scans", {"scan": "1", "of_arm": None}),
    Door("findings", What.TABLE, "/scans", {"scan": "1"}, "/trace", {"job": None, "seek": "ok"}),
    Door("candidates", What.TABLE, "/trace", {"in_verdict": "correct"}, "/trace", {"job": None, "follow": None}),
)  # fmt: skip
