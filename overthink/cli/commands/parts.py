"""Commands that run one part of the service, or look after it: worker, reconcile, dashboard, migrate, doctor ..."""

from pathlib import Path
from typing import Annotated

import typer

from overthink.cli.options import AsJson


def add_to(app: typer.Typer) -> None:
    for command in (worker, reconcile, dashboard, migrate, doctor, schema):
        app.command()(command)


def worker(
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="Serve only this model of the registry; may be given again."),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="As many workers, each a process with its own slots, stopped together.")
    ] = 1,
) -> None:
    """Run a worker for the models of the registry.

    It takes jobs for them and speaks to their vLLM servers; OVERTHINK_MODELS names the registry. Start as many as you
    like, on any machine that reaches PostgreSQL, Redis and the model servers. Ctrl-C or SIGTERM hands its jobs back.

    \b
    Examples:
      overthink worker
      OVERTHINK_SLOTS=128 overthink worker --model s1.1-7B
      overthink worker --processes 4
    """
    from overthink.cli.serving import run_worker, run_workers

    if processes > 1:
        run_workers(models or [], processes)
    run_worker(models or [])


def reconcile() -> None:
    """Run the reconciler.

    It frees the jobs of dead workers, wakes workers for what waits and closes experiments. One at a time does the work;
    a second one waits to take over.
    """
    from overthink.cli.serving import run_reconciler

    run_reconciler()


def dashboard(
    port: Annotated[int, typer.Option(help="Where to serve it.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="The address to bind; 0.0.0.0 for everybody.")] = "127.0.0.1",
) -> None:
    """Serve the dashboard."""
    from overthink.cli.serving import run_dashboard

    run_dashboard(host, port)


def migrate() -> None:
    """Create or update the database's tables. Does nothing when they are up to date."""
    from overthink.cli.serving import run_migrations

    run_migrations()


def doctor(
    spec: Annotated[
        Path | None, typer.Argument(metavar="[SPEC]", help="Also check that this spec could run.", show_default=False)
    ] = None,
    with_audit: Annotated[
        bool, typer.Option("--audit", help="Also check that every job was done exactly once. Reads all traces.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is missing on this machine, and how to mend it.

    Exits with 0 if nothing needs mending, 1 otherwise.
    """
    from overthink.cli.diagnosis import show_examination

    raise typer.Exit(show_examination(spec, with_audit, as_json))


def schema() -> None:
    """Print the JSON Schema of specs, for editors.

    \b
    Example:
      overthink schema > spec.schema.json
      then, as the first line of a spec: # yaml-language-server: $schema=spec.schema.json
    """
    from overthink.cli.terminal import print_document
    from scaling.spec import json_schema

    print_document(json_schema())
