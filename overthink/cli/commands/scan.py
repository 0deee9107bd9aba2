"""Commands about what is said in traces: scan, scans."""

from pathlib import Path
from typing import Annotated

import typer

from overthink.cli.options import AsJson, Reference

Rule = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="wait_count, own_check, gave_up, loop, language_switch or cut_thought.", show_default=False
    ),
]
Text = Annotated[str | None, typer.Option(metavar="TEXT", help="Look for a text.", show_default=False)]
Pattern = Annotated[
    str | None, typer.Option(metavar="REGEX", help="Look for a regular expression.", show_default=False)
]
Judge = Annotated[
    str | None, typer.Option(metavar="MODEL", help="Ask a served model about each trace.", show_default=False)
]
Prompt = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What a judge is asked: {trace} stands for the trace, {question}, {answer}, {reference} for its.",
        show_default=False,
    ),
]
OfModel = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL", help="Ask a served model how likely each token of its traces was.", show_default=False
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A parameter of the scanner; may be given again.", show_default=False
    ),
]
AtMost = Annotated[
    int | None,
    typer.Option(min=1, help="Only so many traces, drawn from all: to try a judge.", show_default=False),
]
Name = Annotated[str | None, typer.Option(help="What it is called; else what it looks for.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    app.command()(scan)
    app.command()(scans)


def scan(
    experiment: Reference,
    rule: Rule = None,
    text: Text = None,
    pattern: Pattern = None,
    judge: Judge = None,
    prompt: Prompt = None,
    log_probs: OfModel = None,
    parameters: Parameters = None,
    at_most: AtMost = None,
    name: Name = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it ends, then show what it found.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look through all traces of an experiment, by a rule or by a model.

    A worker does it, beside the jobs that it runs; without a model, any worker. The same scan again goes on with the
    traces that came since. What it finds: overthink results EXP --view scans, and --view findings for each trace.

    \b
    Examples:
      overthink scan demo --rule wait_count
      overthink scan demo --rule wait_count --set whose=forced
      overthink scan demo --text "let me think" --wait
      overthink scan demo --pattern "(?i)therefore|hence" --set part=answer
      overthink scan demo --judge big --prompt sound.txt --set "gives=a label" --set labels=slip,misread --at-most 10
      overthink scan demo --log-probs ladder-tiny --set below=-4
    """
    from overthink.cli import scanning

    chosen = {"rule": rule, "text": text, "regex": pattern, "judge": judge, "log_probs": log_probs}
    fields = scanning.fields_of(chosen, prompt, parameters or [])
    raise typer.Exit(scanning.hand_in(experiment, fields, name=name, at_most=at_most, wait=wait, as_json=as_json))


def scans(
    experiment: Reference,
    cancel: Annotated[
        str | None, typer.Option(metavar="SCAN", help="Stop one; what it found is kept.", show_default=False)
    ] = None,
    delete: Annotated[
        str | None, typer.Option(metavar="SCAN", help="Delete one, with all that it found.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the scans of an experiment, and how far they are.

    \b
    Examples:
      overthink scans demo
      overthink results demo --view scans --option scan=3 --csv
      overthink scans demo --delete 3
    """
    from overthink.cli import scanning

    scanning.show(experiment, cancel=cancel, delete=delete, as_json=as_json)
