"""How a server's answer is read: checked to have the form that is expected, or refused with what it lacks."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from worker.engines.http import MalformedAnswerError

T = TypeVar("T")


def understood(form: TypeAdapter[T], answer: object) -> T:
    """The answer, checked to have the form. Raises MalformedAnswerError, which says what it lacks."""
    try:
        return form.validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise MalformedAnswerError(f"the answer is not as expected: {place}: {first['msg']}") from error
