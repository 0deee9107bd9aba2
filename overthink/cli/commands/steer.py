"""Commands that queue and steer: submit, cancel, pause, resume, retry, edit, regrade."""

from typing import Annotated

import typer

from overthink.cli.options import Again, AsJson, Overrides, Reference, SpecPath


def add_to(app: typer.Typer) -> None:
    for command in (submit, cancel, pause, resume, retry, edit, regrade):
        app.command()(command)


def submit(
    spec: SpecPath,
    overrides: Overrides = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the spec, list its arms and jobs; queue nothing.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it ends, then show its results.")] = False,
    again: Again = False,
    as_json: AsJson = False,
) -> None:
    """Queue an experiment.

    A spec that was submitted before is not run twice, unless --again is given. The relative path of a data file means
    the spec's folder if the file is there; else the workers look it up in their OVERTHINK_DATA_DIR.

    \b
    Examples:
      overthink submit specs/demo.yaml
      overthink submit specs/demo.yaml --dry-run --set data_set.limit=20
      overthink submit specs/demo.yaml --wait --json
    """
    from overthink.cli.submission import check_only, submit_spec

    if dry_run:
        check_only(spec, overrides or [], as_json)
    else:
        raise typer.Exit(submit_spec(spec, overrides or [], wait=wait, again=again, as_json=as_json))


def cancel(experiment: Reference, as_json: AsJson = False) -> None:
    """Stop an experiment for good.

    Its queued jobs are never run, and its running ones are given up. What is done stays.

    \b
    Example:
      overthink cancel demo
    """
    from overthink.cli import steering

    steering.steer(experiment, steering.cancel, as_json)


def pause(experiment: Reference, as_json: AsJson = False) -> None:
    """Start no more of its jobs until `overthink resume`; what runs goes on."""
    from overthink.cli import steering

    steering.steer(experiment, steering.pause, as_json)


def resume(experiment: Reference, as_json: AsJson = False) -> None:
    """Go on with a paused experiment."""
    from overthink.cli import steering

    steering.steer(experiment, steering.resume, as_json)


def retry(
    experiment: Reference,
    error: Annotated[
        str | None,
        typer.Option(help="Only the jobs that failed with this error, or a part of it.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Queue its failed and cancelled jobs again; what succeeded is kept.

    Errors that differ in numbers, ids and paths only are one: any of them names all.

    \b
    Examples:
      overthink retry demo
      overthink retry demo --error "exceeds the context"
    """
    from overthink.cli import steering

    steering.steer(experiment, steering.retry if error is None else steering.retry_failures(error), as_json)


def edit(
    experiment: Reference,
    priority: Annotated[
        int | None,
        typer.Option(
            min=-1000, max=1000, help="Experiments with a higher one are worked on first.", show_default=False
        ),
    ] = None,
    token_cap: Annotated[
        int | None,
        typer.Option(
            min=1, help="Stop it when all attempts together have generated so many tokens.", show_default=False
        ),
    ] = None,
    no_token_cap: Annotated[bool, typer.Option("--no-token-cap", help="Take the cap away.")] = False,
    note: Annotated[
        str | None, typer.Option(help="Takes the place of the notes that it has.", show_default=False)
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Add a tag; may be repeated.", show_default=False)] = None,
    untag: Annotated[
        list[str] | None, typer.Option(help="Take a tag away; may be repeated.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change its priority, cap, notes or tags.

    A priority counts at once, for jobs that wait already too.

    \b
    Examples:
      overthink edit demo --priority 10
      overthink edit demo --token-cap 2000000
      overthink edit 12 --note "the prompt was wrong" --tag draft --untag paper
    """
    from overthink.cli import steering
    from scaling.spec import Edit

    kept = {"priority": priority, "token_cap": token_cap, "no_token_cap": no_token_cap, "notes": note}
    changes = Edit.of(**kept, tag=[*(tag or ())], untag=[*(untag or ())])
    if changes.is_nothing:
        raise typer.BadParameter(
            "say what to change: --priority, --token-cap, --no-token-cap, --note, --tag or --untag"
        )
    steering.steer(experiment, steering.edit(changes), as_json, steering.editable_document)


def regrade(
    experiment: Reference,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was graded by the rules of today, as where a grader gave up.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read its stored answers anew, by the rules of today; no model is asked.

    Verdicts, votes and what k candidates would have given follow. The grades of before are kept beside the new ones.

    \b
    Examples:
      overthink regrade demo --dry-run
      overthink regrade demo
    """
    from overthink.cli.regrading import regrade_experiment

    regrade_experiment(experiment, is_all=everything, is_dry=dry_run, as_json=as_json)
