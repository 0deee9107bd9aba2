"""A question's options are those of the function that answers it: named, typed, and refused with what there is."""

from typing import cast

import pytest

from results.columns import Column, Table
from results.errors import UnknownOptionError
from results.measured.measurements import Measurements
from results.questions import Question
from scaling.compute.axes import Axis

NOTHING = cast(Measurements, None)


def told(measurements: Measurements, axis: Axis = Axis.THINKING, bins: int = 5) -> tuple[str, ...]:
    return (f"{axis!r} {bins}",)


ECHO = Question("echo", "What was told?", told, lambda said: Table((Column("said", str),), said))


def test_a_question_takes_the_options_of_the_function_that_answers_it() -> None:
    assert ECHO.options == {"axis": Axis, "bins": int}
    assert ECHO.answer(NOTHING) == ("<Axis.THINKING: 'thinking'> 5",)
    assert ECHO.table(ECHO.answer(NOTHING, bins=3)).records == [{"said": "<Axis.THINKING: 'thinking'> 3"}]


def test_what_was_typed_as_text_is_read_as_its_type() -> None:
    assert ECHO.answer(NOTHING, axis="flops", bins="2") == ("<Axis.FLOPS: 'flops'> 2",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"axes": "flops"}, "'echo' has no option 'axes'; did you mean axis? It has: axis, bins"),
        ({"bins": "few"}, "bins='few': Input should be a valid integer"),
    ],
)
def test_what_it_does_not_take_is_refused_with_what_it_takes(given: dict[str, str], said: str) -> None:
    with pytest.raises(UnknownOptionError, match=said.replace(".", r"\.").replace("?", r"\?")):
        ECHO.answer(NOTHING, **given)
