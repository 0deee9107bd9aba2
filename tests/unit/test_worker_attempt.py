"""What an attempt has spent can be told at any moment, before its first request too."""

from scaling.types import Counts, Phase, Step, StepKind


def test_nothing_spent_is_counted_in_the_same_types_as_something() -> None:
    """The heartbeat sends the seconds of all attempts in one array, and PostgreSQL takes no mix of 0 and 0.5.

    A worker whose newest attempt had asked nothing yet, while another had, once lost its heartbeat over it.
    """
    something = Step((0, 0), StepKind.THINK, Phase.THINKING, (1,), "a", generated_tokens=1, seconds=0.5)

    assert {type(Counts.of(steps).seconds) for steps in ((), (something,))} == {float}
