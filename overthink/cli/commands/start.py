"""Commands that start the embedded stack: run and up."""

from typing import Annotated

import typer

from overthink.cli.options import Again, AsJson, Overrides, SpecPath


def add_to(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(up)


def run(
    spec: SpecPath,
    overrides: Overrides = None,
    again: Again = False,
    keep_dashboard: Annotated[
        bool, typer.Option("--keep-dashboard", help="When it is done, serve the dashboard until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run an experiment from start to end and print its results.

    Starts PostgreSQL, Redis, vLLM with the tiny model, a worker and the reconciler on this machine, unless services
    are configured or `overthink up` is running, and stops what it started. Nothing is lost by Ctrl-C: the same command
    goes on where it was. Exits with 0 only if every job succeeded.

    \b
    Examples:
      overthink run specs/demo.yaml
      overthink run specs/demo.yaml --set data_set.limit=20 --set seed=1
      overthink run specs/demo.yaml --json > results.json
    """
    from overthink.cli.running import run_spec

    raise typer.Exit(run_spec(spec, overrides or [], again=again, keep_dashboard=keep_dashboard, as_json=as_json))


def up() -> None:
    """Keep the embedded stack and its dashboard running until Ctrl-C.

    Other terminals then use it: overthink submit, status, watch, results. What dies is started again, and said.
    """
    from overthink.cli.running import keep_up

    raise typer.Exit(keep_up())
