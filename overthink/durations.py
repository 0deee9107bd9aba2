"""Durations for people."""


def short_duration(seconds: float) -> str:
    """`45 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`: never more than two units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for size, unit, smaller_size, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    raise AssertionError(whole)
