"""Commands that look and change nothing: status, watch, results, compare, difficulty."""

from typing import Annotated

import typer

from overthink.cli.options import AggregateName, AsCsv, AsJson, AxisName, EasinessName, MetricName, Output, Reference

ARM_HELP = "An arm's label, or its number in the results (from 1)."


def add_to(app: typer.Typer) -> None:
    app.command()(status)
    app.command()(watch)
    app.command()(results)
    app.command()(compare)
    app.command()(difficulty)


def status(
    experiment: Annotated[
        str | None,
        typer.Argument(metavar="[EXP]", help="An experiment's id or name; without it, all.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many experiments to list, newest first.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """List experiments, models and workers, or one experiment.

    \b
    Examples:
      overthink status
      overthink status demo
      overthink status 12 --json
    """
    from overthink.cli.status import show_experiment, show_overview

    if experiment is None:
        show_overview(limit, as_json)
    else:
        show_experiment(experiment, as_json)


def watch(experiment: Reference, as_json: AsJson = False) -> None:
    """Follow an experiment until it ends.

    Then shows its results. Ctrl-C stops watching, not the experiment. Exits with 0 only if every job succeeded.

    \b
    Example:
      overthink watch demo
    """
    from overthink.cli.report import watch_experiment

    raise typer.Exit(watch_experiment(experiment, as_json))


def results(
    experiment: Reference,
    axis: Annotated[
        AxisName | None, typer.Option(help="Show each arm at its mean cost, counted so.", show_default=False)
    ] = None,
    metric: Annotated[
        MetricName | None,
        typer.Option(help="What to show: of the arms themselves, or of k of their candidates.", show_default=False),
    ] = None,
    aggregate: Annotated[
        AggregateName | None,
        typer.Option(help="For best-of-k: how step scores make a candidate's; without it, as the arm itself chose."),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show accuracy and tokens of each arm.

    Intervals are over problems, not samples. Failed jobs are left out of the accuracy, and shown. With --axis, --metric
    or --csv: one figure a line, on any axis, and Control, Scaling and Performance [s1] of each sweep.

    \b
    Examples:
      overthink results demo
      overthink results 12 --json
      overthink results demo --axis flops
      overthink results demo --metric maj@k --csv > votes.csv
      overthink results demo --metric weighted-best-of-k --aggregate min
    """
    from overthink.cli.report import show_results

    if axis is None and metric is None and aggregate is None and not as_csv:
        show_results(experiment, as_json)
        return
    from overthink.cli.figures import asked, show_figures

    show_figures(experiment, asked(axis, metric, aggregate), Output.of(as_json, as_csv))


def compare(
    experiment: Reference,
    arm_a: Annotated[str | None, typer.Argument(metavar="ARM_A", help=ARM_HELP, show_default=False)] = None,
    arm_b: Annotated[str | None, typer.Argument(metavar="ARM_B", help=ARM_HELP, show_default=False)] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="ARM", help="Compare every other arm with this one.", show_default=False),
    ] = None,
    at_tokens: Annotated[
        float | None,
        typer.Option(min=0, help="Also at equal compute: tokens generated, and of a verifier, per problem."),
    ] = None,
    at_flops: Annotated[float | None, typer.Option(min=0, help="Also at equal compute: FLOPs per problem.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show how much more accurate ARM_B is than ARM_A.

    The difference is paired by problem: both arms answered the same ones. The answers that changed are listed with
    their traces. With --against, p-values are adjusted for the number of comparisons (Holm). At equal compute the
    sweeps through the two arms are compared, interpolated between their settings; a majority vote that stands alone is
    the curve of its votes of fewer samples.

    \b
    Examples:
      overthink compare demo 1 6
      overthink compare demo "chain_of_thought" "majority_vote samples=16"
      overthink compare demo 2 11 --at-tokens 400
      overthink compare demo --against 1 --csv
    """
    from overthink.cli.comparing import budget_of, compare_against, compare_arms

    budget = budget_of(at_tokens, at_flops)
    if against is not None and arm_a is None and budget is None:
        compare_against(experiment, against, Output.of(as_json, as_csv))
    elif against is None and arm_a is not None and arm_b is not None:
        compare_arms(experiment, arm_a, arm_b, budget, Output.of(as_json, as_csv))
    else:
        raise typer.BadParameter("give two arms, or --against one and no others; a budget needs two arms")


def difficulty(
    experiment: Reference,
    base: Annotated[
        str, typer.Option(metavar="ARM", help="The arm that tells easy from hard, better none of those compared.")
    ],
    base_in: Annotated[
        str | None,
        typer.Option(
            metavar="EXP", help="The experiment that has this arm, if it is another one on the same data set."
        ),
    ] = None,
    by: Annotated[
        EasinessName, typer.Option(help="By its share of right candidates, or its verifier's mean final score.")
    ] = EasinessName.ORACLE,
    bins: Annotated[int, typer.Option(help="How many bins of equal size.", min=1)] = 5,
    axis: Annotated[AxisName, typer.Option(help="What costs are counted in.")] = AxisName.GENERATED,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show every arm on easy and on hard problems, and what choosing by difficulty is worth.

    Within each budget the setting that is best on one half of a bin's problems, at a mean cost there that the budget
    pays for, answers the other half, and the other way round (compute-optimal, Snell et al. 2024). Settings are the
    other arms on ARM's model, and what fewer samples of a vote or of a best of N would have given; budgets are mean
    costs on the axis (samples: Snell's generations).
    Revisions are shown by their ratio of sequential to parallel, and larger models at equal FLOPs of pretraining and
    inference, where there are any.

    \b
    Examples:
      overthink difficulty demo --base "majority_vote samples=16"
      overthink difficulty search --base 6 --by verifier --axis flops --csv
      overthink difficulty search --base 3 --base-in 7 --axis samples
    """
    from overthink.cli.difficulty import show_difficulty

    show_difficulty(experiment, base, base_in, by, axis, bins, Output.of(as_json, as_csv))
