"""The command that finds what was said: search."""

from typing import Annotated

import typer

from overthink.cli.options import AsJson


def add_to(app: typer.Typer) -> None:
    app.command()(search)


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What traces must have, all of it.", show_default=False)],
    within: Annotated[
        str | None, typer.Option("--in", metavar="EXP", help="Only in this experiment.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of each kind, the newest first.", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Find experiments, problems and traces by what they say.

    Words are found from their start on, whatever the case; a phrase in double quotes; signs where they stand beside a
    word. Of a trace the first place is shown. What ended within the last seconds may not be found yet.

    \b
    Examples:
      overthink search wait
      overthink search '"let me double-check" 34' --in demo
      overthink search '12*3' --json
    """
    from overthink.cli.reading.search import show_found

    show_found(text, within, limit, as_json)
