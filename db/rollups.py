"""`scaling.statistics.rollup.Rollup` as columns of its table."""

from dataclasses import fields

from scaling.statistics.rollup import Rollup


def rollup_values(rollup: Rollup) -> dict[str, object]:
    values = {field.name: getattr(rollup, field.name) for field in fields(Rollup)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
