"""Errors of our own parts as a message and an exit code. What is not known here is a bug, and keeps its traceback."""

from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy.exc import ProgrammingError

from db.addresses import without_password
from overthink.cli.exits import Exit
from scaling.errors import BadInputError, UnreachableError
from scaling.spec.errors import SpecError

UNDEFINED_TABLE = "42P01"
UNDEFINED_COLUMN = "42703"


@dataclass(frozen=True, slots=True)
class Explanation:
    text: str
    code: Exit


def explain(error: Exception) -> Explanation | None:
    """None: not one of ours."""
    if isinstance(error, SpecError):
        return Explanation(str(error), Exit.BAD_INPUT)  # each line begins with the file and line to mend
    if isinstance(error, BadInputError):
        return Explanation(f"overthink: {error}", Exit.BAD_INPUT)
    if isinstance(error, UnreachableError):
        return Explanation(f"overthink: {error}", Exit.UNREACHABLE)
    if isinstance(error, ProgrammingError):
        return _explain_schema(error)
    if isinstance(error, ValidationError) and error.title == "Settings":
        return Explanation("\n".join(_setting(*each) for each in _settings_of(error)), Exit.BAD_INPUT)
    return None


def _explain_schema(error: ProgrammingError) -> Explanation | None:
    """Tables that are not there are a database that was never migrated, or by older code."""
    if getattr(error.orig, "sqlstate", None) not in (UNDEFINED_TABLE, UNDEFINED_COLUMN):
        return None
    reason = str(error.orig).splitlines()[0]
    text = (
        f"overthink: the database does not have the tables that this version expects ({reason}). Run: overthink migrate"
    )
    return Explanation(text, Exit.UNREACHABLE)


def _settings_of(error: ValidationError) -> list[tuple[str, str, object]]:
    return [(str(each["loc"][0]), each["msg"].removeprefix("Value error, "), each["input"]) for each in error.errors()]


def _setting(name: str, message: str, given: object) -> str:
    return f"overthink: OVERTHINK_{name.upper()}={without_password(str(given))}: {message}"
