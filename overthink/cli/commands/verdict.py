"""The command that says which of two families of arms is better at equal compute: verdict."""

from pathlib import Path
from typing import Annotated

import typer

from overthink.cli.options import AsCsv, AsJson, Others, Output

Judged = Annotated[
    str | None,
    typer.Argument(metavar="[EXP]", help="An experiment's id or name; without it, the newest.", show_default=False),
]
Margin = Annotated[
    float | None,
    typer.Option(metavar="POINTS", help="Differences up to this are none; by default 2.", show_default=False),
]
Axes = Annotated[
    str | None,
    typer.Option(metavar="AXIS,AXIS", help="What compute is counted in (docs/AXES.md).", show_default=False),
]
Budgets = Annotated[
    str | None,
    typer.Option(
        metavar="B,B", help="Means per problem, on the first axis; by default powers of two.", show_default=False
    ),
]
Base = Annotated[
    str | None,
    typer.Option(
        metavar="ARM", help="The arm that tells easy problems from hard; it is in no family.", show_default=False
    ),
]
BaseIn = Annotated[
    str | None, typer.Option(metavar="EXP", help="The experiment that has this arm.", show_default=False)
]
Bins = Annotated[int | None, typer.Option(min=1, help="How many bins of difficulty; by default 5.", show_default=False)]
Families = Annotated[
    list[str] | None,
    typer.Option(
        "--family",
        metavar="NAME=ARMS",
        help="Arms by label, * for anything, or by settings; or sequential, parallel, hybrid, search. Others are "
        "held against the first.",
        show_default=False,
    ),
]
Missing = Annotated[
    bool, typer.Option("--missing", help="Print a spec with the arms that a full answer lacks, and nothing else.")
]
Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE.html", help="Write all of it to one file, to hand on or to print.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    app.command()(verdict)


def verdict(
    experiment: Judged = None,
    others: Others = None,
    margin: Margin = None,
    axes: Axes = None,
    budgets: Budgets = None,
    base: Base = None,
    base_in: BaseIn = None,
    bins: Bins = None,
    families: Families = None,
    missing: Missing = False,
    report: Report = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say whether budget forcing beats its rivals at equal compute.

    Three claims: training (a model that was trained to think against its instruct base), forcing (Waits and cuts
    against votes on the same model) and families (the best of budget forcing against compute-optimal parallel). Within
    each budget on each axis a family's best setting is chosen on one half of the problems and measured on the other;
    bands of the differences hold together, and what is said follows from a rule that the spec fixes beforehand.

    \b
    Examples:
      overthink verdict
      overthink verdict demo --axes generated-by-all,longest-path --margin 3
      overthink verdict demo --with rivals --base 4
      overthink verdict demo --family "votes=majority_vote*" --family "forcing=strategy=budget_forcing"
      overthink verdict demo --missing > more.yaml
      overthink verdict demo --report verdict.html
    """
    from overthink.cli.reading.verdict import show_missing, show_verdict, write_verdict
    from results.verdict.rules import Said

    said = Said(margin, axes, budgets, base, base_in, bins, "; ".join(families) if families else None)
    if missing:
        show_missing(experiment, others or (), said)
    elif report is not None:
        write_verdict(report, experiment, others or (), said)
    else:
        show_verdict(experiment, others or (), said, Output.of(as_json, as_csv))
