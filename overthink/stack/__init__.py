"""The embedded stack: PostgreSQL, Redis, vLLM and Overthink's own processes on one machine, with nothing to install.

`with Stack(home) as stack: ...` starts and stops it; `join(home)` finds one that another process keeps.
"""

from .events import EventKind, StackError, StackEvent
from .lock import StackInfo, join
from .part import Part
from .supervisor import Stack

__all__ = ["EventKind", "Part", "Stack", "StackError", "StackEvent", "StackInfo", "join"]
