"""Arguments and options that several commands share."""

from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Annotated

import typer

from scaling.compute.axes import Axis, axis_named

SpecPath = Annotated[Path, typer.Argument(metavar="SPEC", help="The spec, a YAML file.", show_default=False)]
Reference = Annotated[
    str,
    typer.Argument(metavar="EXP", help="An experiment's id, or its name: the newest of that name.", show_default=False),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value of the spec; may be given again. Lists are counted from 0: arms[1].waits=[0,1].",
        show_default=False,
    ),
]
Others = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="EXP2", help="With the arms of another experiment; may be repeated.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, on standard output.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values, and nothing else.")]
Again = Annotated[bool, typer.Option("--again", help="Run it again, even if the same spec was run before.")]


class Output(Enum):
    """For whom a command prints."""

    TEXT = auto()  # for people
    JSON = auto()  # one document
    CSV = auto()  # one table

    @classmethod
    def of(cls, as_json: bool, as_csv: bool) -> "Output":
        if as_json and as_csv:
            raise typer.BadParameter("--json and --csv are two outputs; give one of them")
        return cls.JSON if as_json else cls.CSV if as_csv else cls.TEXT


AXIS_NAMES = "|".join(axis.value for axis in Axis)


def axis_option(name: str) -> Axis:
    """As typed."""
    try:
        return axis_named(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


class MetricName(StrEnum):
    """`results.Metric`, for the same reason."""

    ACCURACY = "accuracy"
    PASS = "pass@k"
    MAJ = "maj@k"
    BEST = "best-of-k"
    WEIGHTED = "weighted-best-of-k"


class AggregateName(StrEnum):
    """`scaling.answers.voting.Aggregate`, for the same reason."""

    LAST = "last"
    MIN = "min"
    PRODUCT = "product"
    MEAN = "mean"


class EasinessName(StrEnum):
    """`results.Easiness`, for the same reason."""

    ORACLE = "oracle"
    VERIFIER = "verifier"
