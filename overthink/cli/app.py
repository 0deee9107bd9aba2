"""The commands, and what `overthink --help` says. Each is a signature here and its work elsewhere."""

from typing import Annotated

import typer

from overthink.cli.commands import find, keep, parts, read, scan, start, steer, verdict

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"overthink {version('overthink')}")
        raise typer.Exit


@app.callback()
def overthink(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What does extra thinking at inference time buy? Runs test-time-scaling experiments and shows their curves.

    \b
    Examples:
      overthink run specs/demo.yaml           the whole thing on this machine, in one command
      overthink up                            the same parts, kept running; then, in another terminal:
      overthink submit specs/demo.yaml        queue an experiment
      overthink watch demo                    see it run
      overthink results demo --json           its numbers

    Without OVERTHINK_DATABASE_URL and OVERTHINK_REDIS_URL the embedded stack of this checkout is used.

    Exit codes: 0 done; 1 an experiment ended with failures; 2 bad input; 3 a service is away; 130 interrupted.
    """


for module in (start, read, verdict, find, scan, steer, keep, parts):
    module.add_to(app)
