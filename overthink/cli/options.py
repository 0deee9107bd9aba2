"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, on standard output.")]
Again = Annotated[bool, typer.Option("--again", help="Run it again, even if the same spec was run before.")]
