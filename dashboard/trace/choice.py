"""Which traces are meant: the filter and order of the list, and how they stand in the address of list and trace alike.

Arms are named by label and verdicts by value, so that an address says what it shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

from dashboard.address import LIST
from db.opinions import Rating
from db.queries import Arm, TraceFilter, TraceOrder
from db.queries.scanning import Scan
from db.search.terms import SearchError, terms_of
from db.signatures import signature
from db.status import JobStatus
from scaling.types import Unread, Verdict

ROWS_PER_PAGE = 50

ORDER_NAMES = {
    TraceOrder.PROBLEM: "by problem",
    TraceOrder.ARM: "by arm",
    TraceOrder.LEVEL: "by level",
    TraceOrder.VERDICT: "by verdict",
    TraceOrder.ANSWER: "by answer",
    TraceOrder.THINKING_TOKENS: "longest thinking first",
    TraceOrder.SHORTEST: "shortest thinking first",
    TraceOrder.FORCED_TOKENS: "most forced tokens first",
    TraceOrder.BEST_SCORE: "best score first",
    TraceOrder.WORST_SCORE: "worst score first",
    TraceOrder.SLOWEST: "slowest first",
    TraceOrder.NEWEST: "newest first",
}


@dataclass(frozen=True, slots=True)
class TraceChoice:
    """A filtered, ordered list of one experiment's jobs."""

    experiment_id: int
    matching: TraceFilter
    order: TraceOrder


def _member(members: type[StrEnum]) -> Callable[[str], StrEnum | None]:
    return lambda value: next((each for each in members if each.value == value), None)


def _whole(value: str) -> int | None:
    """None unless it is a whole number that PostgreSQL's integer holds."""
    if not value.isdecimal() or not value.isascii() or int(value) > 2**31 - 1:
        return None
    return int(value)


def _amount(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _searchable(value: str) -> str | None:
    try:
        terms_of(value)
    except SearchError:
        return None
    return value


OF_SCAN = " · "
"""Between a scan's number, which counts, and its name, in what it is chosen by."""
CUTS = {"thinking cut": True, "thinking not cut": False}
FIELDS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "verdict": ("verdict", _member(Verdict)),
    "job_status": ("status", _member(JobStatus)),
    "level": ("level", str),
    "problem": ("problem", str),
    "question": ("question", str),
    "says": ("says", _searchable),
    "least": ("min_thinking_tokens", _whole),
    "most": ("max_thinking_tokens", _whole),
    "minscore": ("min_score", _amount),
    "maxscore": ("max_score", _amount),
    "minwaits": ("min_waits", _whole),
    "maxwaits": ("max_waits", _whole),
    "cut": ("thinking_cut", CUTS.get),
    "unread": ("unread", _member(Unread)),
    "rated": ("rated", _member(Rating)),
    "tagged": ("tagged", str),
    "error": ("error", signature),
    "hit": ("hit", lambda chosen: _whole(chosen.partition(OF_SCAN)[0])),
}
"""Of each parameter the field of the filter, and what its value means; None: nothing here, so it filters nothing."""


def read_choice(experiment_id: int, parameters: Mapping[str, str], arms: Sequence[Arm]) -> TraceChoice:
    """From an address. A value that means nothing here (an arm that is gone, a number that is none) filters nothing."""
    said = {field: read(parameters[name]) for name, (field, read) in FIELDS.items() if parameters.get(name)}
    arm = next((arm.id for arm in arms if arm.label == parameters.get("arm")), None)
    matching = replace(TraceFilter(arm_id=arm), **said)  # type: ignore[arg-type]
    named = next((order for order, name in ORDER_NAMES.items() if name == parameters.get("order")), None)
    return TraceChoice(experiment_id, matching, named or TraceOrder.PROBLEM)


def kept(parameters: Mapping[str, str]) -> dict[str, str]:
    """The part of an address that is the choice, to be handed on to another page."""
    said = {name: parameters[name] for name in LIST if parameters.get(name)}
    return {name: value for name, value in said.items() if (name, value) != ("order", ORDER_NAMES[TraceOrder.PROBLEM])}


def scan_choice(scan: Scan) -> str:
    """What a scan is chosen by: its number and name."""
    return f"{scan.id}{OF_SCAN}{scan.name}"
