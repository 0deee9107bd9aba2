"""What runs in the process that can be killed: one answer read, or two compared. Strings in, plain values out.

The library may raise anything at what models write; whatever it raises is a GivenUpError with its reason.
"""

import logging
import resource
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.graders.values import Value

MEMORY_LIMIT_BYTES = 4 << 30
"""Of address space. A tower of powers is a short answer and a large number."""


class GivenUpError(Exception):
    """The library failed at this answer."""


def read(answer: str) -> str | None:
    """The answer's key; None if it is nothing that can be read in one way only."""
    from worker.graders.expressions import parsed
    from worker.graders.values import UnreadableError, key_of

    try:
        return key_of(parsed(answer))
    except UnreadableError:
        return None
    except Exception as error:
        raise GivenUpError(f"{type(error).__name__}: {error}") from None


def amount(answer: str) -> complex | None:
    """About how much the answer comes to; None where that does not tell it from others. See `amounts`."""
    from worker.graders.amounts import amount_of
    from worker.graders.expressions import parsed
    from worker.graders.values import UnreadableError

    try:
        return amount_of(parsed(answer))
    except UnreadableError:
        return None
    except Exception as error:
        raise GivenUpError(f"{type(error).__name__}: {error}") from None


def compare(first: str, second: str) -> bool | None:
    """Whether both are one answer; None: in doubt, or one of them cannot be read. Symmetric."""
    from worker.graders.equality import same

    return _compared(same, first, second)


def judge(reference: str, answer: str) -> bool | None:
    """Whether the answer is right; None: in doubt, or one of them cannot be read."""
    from worker.graders.equality import answers

    return _compared(answers, reference, answer)


def _compared(rule: Callable[["Value", "Value"], bool | None], first: str, second: str) -> bool | None:
    from worker.graders.expressions import parsed
    from worker.graders.values import UnreadableError

    try:
        return rule(parsed(first), parsed(second))
    except UnreadableError:
        return None
    except Exception as error:
        raise GivenUpError(f"{type(error).__name__}: {error}") from None


def prepare() -> None:
    """In a fresh process, before the time limit counts: bound its memory, and import SymPy (seconds)."""
    logging.disable(logging.WARNING)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    compare("1", "x + 1")
