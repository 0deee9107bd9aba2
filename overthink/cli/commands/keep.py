"""Commands about what the database keeps: experiments out of it and back (archive, restore), and uploads."""

from pathlib import Path
from typing import Annotated

import typer

from overthink.cli.options import AsJson, Reference


def add_to(app: typer.Typer) -> None:
    app.command()(archive)
    app.command()(restore)
    app.command()(uploads)


def archive(
    experiment: Reference,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A folder that is not there yet; else one named after it.", show_default=False
        ),
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Then delete it from the database, once both were compared.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write an experiment that has ended to a folder.

    All of it: spec, arms, problems, jobs, attempts, traces, steps, candidates, grades. One Parquet file a table, which
    pandas, Polars and DuckDB read, and a manifest with their digests. What was cancelled may be archived too.

    \b
    Examples:
      overthink archive demo
      overthink archive 12 --to /mnt/archives/12 --delete
    """
    from overthink.cli import archiving

    archiving.archive(experiment, to, delete=delete, yes=yes, as_json=as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made by `overthink archive`.", show_default=False)],
    again: Annotated[
        bool, typer.Option("--again", help="Restore it beside the one that is there, as another run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put an archived experiment into the database.

    Into any database of that schema version or later, under a new id; all else is as it was. Damaged files are refused.

    \b
    Example:
      overthink restore experiment-12-demo
    """
    from overthink.cli import archiving

    archiving.restore(folder, again=again, as_json=as_json)


def uploads(
    address: Annotated[
        str | None,
        typer.Argument(metavar="ADDRESS", help="Only this one, by how its address begins.", show_default=False),
    ] = None,
    unused: Annotated[bool, typer.Option("--unused", help="Only those that no experiment asks.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete what is listed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the files of problems that were uploaded on the page New, and which experiments ask what is in them.

    One that an experiment which has not ended asks is not deleted. Those that have ended keep what they asked, and
    archives the file itself; without it, and without an archive, one cannot be run again.

    \b
    Examples:
      overthink uploads
      overthink uploads 3f9c --delete
      overthink uploads --unused --delete
    """
    from overthink.cli import uploads as uploaded

    uploaded.show(address, unused=unused, delete=delete, yes=yes, as_json=as_json)
