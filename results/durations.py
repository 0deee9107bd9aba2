"""Durations and moments for people."""

import datetime as dt

UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def duration(seconds: float) -> str:
    """`45 s`, `2 min 5 s`, `3 h 20 min`: never more than two units."""
    whole = max(0, round(seconds))
    for size, unit, smaller_size, smaller in UNITS:
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def moment(when: dt.datetime | None) -> str:
    """To the minute, in UTC; a dash for what has not happened."""
    return "–" if when is None else f"{when.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
