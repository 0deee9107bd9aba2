"""Commands that find traces: traces, search."""

from typing import Annotated, Any

import typer

from overthink.cli.options import AsCsv, AsJson, Output, Reference

MOST_READ = 50
"""Traces that people are shown unless they say how many."""


def _flag(words: str, shown: str = "TEXT") -> Any:
    return typer.Option(metavar=shown, help=words, show_default=False)


def add_to(app: typer.Typer) -> None:
    app.command()(traces)
    app.command()(search)


def traces(
    experiment: Reference,
    arm: Annotated[str | None, _flag("Of this arm, by its label or number.", "ARM")] = None,
    verdict: Annotated[str | None, _flag("correct, wrong, unparsed or truncated.", "VERDICT")] = None,
    status: Annotated[str | None, _flag("Jobs that are queued, running, failed …", "STATUS")] = None,
    level: Annotated[str | None, _flag("Of problems of this level.", "LEVEL")] = None,
    problem: Annotated[str | None, _flag("Of the problem of this id.", "ID")] = None,
    question: Annotated[str | None, _flag("With this in the problem's id or question.")] = None,
    says: Annotated[str | None, _flag("Whose text has these words, as `overthink search` finds them.")] = None,
    min_thinking_tokens: Annotated[str | None, _flag("Of all its candidates together.", "N")] = None,
    max_thinking_tokens: Annotated[str | None, _flag("Of all its candidates together.", "N")] = None,
    min_score: Annotated[str | None, _flag("Of the chosen candidate.", "X")] = None,
    max_score: Annotated[str | None, _flag("Of the chosen candidate.", "X")] = None,
    min_waits: Annotated[str | None, _flag("Waits that were really forced.", "N")] = None,
    max_waits: Annotated[str | None, _flag("Waits that were really forced.", "N")] = None,
    thinking_cut: Annotated[str | None, _flag("Whether its limit ended the thinking.", "yes|no")] = None,
    unread: Annotated[str | None, _flag("Why no answer could be read: nothing, cut, abstained …", "WHY")] = None,
    rated: Annotated[str | None, _flag("That somebody rates so.", "good|fair|poor")] = None,
    tagged: Annotated[str | None, _flag("That somebody tags so.", "TAG")] = None,
    error: Annotated[str | None, _flag("That failed with this error, or a part of it.")] = None,
    hit: Annotated[str | None, _flag("With a hit of this scan, by its number or name.", "SCAN")] = None,
    order: Annotated[str | None, _flag("problem, arm, thinking_tokens, worst_score, newest …", "ORDER")] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help=f"How many; people are shown {MOST_READ}, machines all.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List the traces of an experiment, and its jobs without one.

    What is given must hold together. `overthink results EXP --view traces --option NAME=VALUE` is the same.

    \b
    Examples:
      overthink traces demo --arm 2 --verdict wrong
      overthink traces demo --says "wait" --order thinking_tokens --limit 10
      overthink traces demo --error "exceeds the context" --json
      overthink traces demo --hit loop --csv > loops.csv
    """
    given = {name: value for name, value in locals().items() if name not in ("experiment", "as_json", "as_csv")}
    from overthink.cli.reading.view import show_view

    output = Output.of(as_json, as_csv)
    if limit is None and output is Output.TEXT:
        given["limit"] = MOST_READ
    show_view("traces", experiment, (), {name: value for name, value in given.items() if value is not None}, output)


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What traces must have, all of it.", show_default=False)],
    within: Annotated[
        str | None, typer.Option("--in", metavar="EXP", help="Only in this experiment.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of each kind, the newest first.", min=1, max=1000)] = 20,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Find experiments, problems and traces by what they say.

    Words are found from their start on, whatever the case; a phrase in double quotes; signs where they stand beside a
    word. Of a trace the first place is shown. What ended within the last seconds may not be found yet. CSV has the
    traces only.

    \b
    Examples:
      overthink search wait
      overthink search '"let me double-check" 34' --in demo
      overthink search '12*3' --json
    """
    from overthink.cli.reading.search import show_found

    show_found(text, within, limit, Output.of(as_json, as_csv))
