"""What a stack says while it starts, mends itself and stops."""

from dataclasses import dataclass
from enum import StrEnum

from scaling.errors import UnreachableError


class EventKind(StrEnum):
    """What happened to a part."""

    STARTING = "starting"  # its process was started
    READY = "ready"  # it answers; `text` says after how long
    DIED = "died"  # it ended unasked; `text` says how, and when it is started again
    FAILED = "failed"  # it died too often too quickly and is left dead
    STOPPED = "stopped"  # it was asked to stop and did


@dataclass(frozen=True)
class StackEvent:
    part: str
    kind: EventKind
    text: str

    def __str__(self) -> str:
        return f"{self.part} {self.text}"


class StackError(UnreachableError):
    """The embedded stack cannot start, or cannot go on. The message says what to do."""
