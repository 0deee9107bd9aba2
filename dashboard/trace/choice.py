"""Which traces are meant: the filter and order of the list, and how they stand in the address of list and trace alike.

Arms are named by label and verdicts by value, so that an address says what it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from dashboard.address import LIST
from db.queries import Arm, TraceFilter, TraceOrder
from db.status import JobStatus
from scaling.types import Verdict

ROWS_PER_PAGE = 50
Member = TypeVar("Member", bound=StrEnum)

ORDER_NAMES = {
    TraceOrder.PROBLEM: "by problem",
    TraceOrder.ARM: "by arm",
    TraceOrder.LEVEL: "by level",
    TraceOrder.VERDICT: "by verdict",
    TraceOrder.ANSWER: "by answer",
    TraceOrder.THINKING_TOKENS: "longest thinking first",
    TraceOrder.SHORTEST: "shortest thinking first",
    TraceOrder.FORCED_TOKENS: "most forced tokens first",
    TraceOrder.SLOWEST: "slowest first",
    TraceOrder.NEWEST: "newest first",
}


@dataclass(frozen=True, slots=True)
class TraceChoice:
    """A filtered, ordered list of one experiment's jobs."""

    experiment_id: int
    matching: TraceFilter
    order: TraceOrder


def read_choice(experiment_id: int, parameters: Mapping[str, str], arms: Sequence[Arm]) -> TraceChoice:
    """From an address. A value that means nothing here (an arm that is gone, a number that is none) filters nothing."""
    matching = TraceFilter(
        arm_id=next((arm.id for arm in arms if arm.label == parameters.get("arm")), None),
        verdict=_member(Verdict, parameters.get("verdict")),
        status=_member(JobStatus, parameters.get("job_status")),
        level=parameters.get("level") or None,
        problem_key=parameters.get("problem") or None,
        text=parameters.get("question") or None,
        min_thinking_tokens=_number(parameters.get("least")),
        max_thinking_tokens=_number(parameters.get("most")),
    )
    named = next((order for order, name in ORDER_NAMES.items() if name == parameters.get("order")), None)
    return TraceChoice(experiment_id, matching, named or TraceOrder.PROBLEM)


def _member(members: type[Member], value: str | None) -> Member | None:
    return next((each for each in members if each.value == value), None)


def _number(value: str | None) -> int | None:
    """None unless it is a whole number that PostgreSQL's integer holds."""
    if not value or not value.isdecimal() or not value.isascii() or int(value) > 2**31 - 1:
        return None
    return int(value)


def kept(parameters: Mapping[str, str]) -> dict[str, str]:
    """The part of an address that is the choice, to be handed on to another page."""
    said = {name: parameters[name] for name in LIST if parameters.get(name)}
    return {name: value for name, value in said.items() if (name, value) != ("order", ORDER_NAMES[TraceOrder.PROBLEM])}
