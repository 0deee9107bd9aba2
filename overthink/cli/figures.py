"""An experiment's figures on any axis, by any metric, and the three numbers of each sweep."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console

from db import queries
from db.queries import ExperimentDetail
from db.results import Figure, MeasuredSweep, Measurements, Metric, figures, measured_sweeps, without_parameters
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.options import AggregateName, AxisName, MetricName, Output
from overthink.cli.render_figures import figures_notes, figures_table, sweeps_table
from overthink.documents import print_csv, print_document
from overthink.figure_documents import FigureDocument, figure_document, figures_document, sweep_document
from scaling.compute import Axis
from scaling.voting import Aggregate


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures are wanted."""

    axis: Axis
    metric: Metric
    aggregate: Aggregate | None


def asked(axis: AxisName | None, metric: MetricName | None, aggregate: AggregateName | None) -> Asked:
    """As typed; without words for it, accuracy over thinking tokens."""
    chosen = Metric[(metric or MetricName.ACCURACY).name]
    if aggregate is not None and chosen not in (Metric.BEST, Metric.WEIGHTED):
        raise typer.BadParameter(f"--aggregate {aggregate} needs --metric best-of-k or weighted-best-of-k")
    return Asked(Axis[(axis or AxisName.THINKING).name], chosen, None if aggregate is None else aggregate.value)


def show_figures(reference: str, wanted: Asked, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment = queries.experiment(database, reference)
        measurements = Measurements(database, experiment)
        made = figures(measurements, wanted.axis, wanted.metric, wanted.aggregate)
        measured = measured_sweeps(measurements.samples) if wanted.metric is Metric.ACCURACY else ()
    if output is Output.JSON:
        documents = [sweep_document(each) for each in measured]
        print_document(figures_document(experiment, wanted.axis, wanted.metric, made, documents))
    elif output is Output.CSV:
        print_csv(list(FigureDocument.__annotations__), [{**figure_document(figure)} for figure in made])
    else:
        print_figures(terminal.standard_output(), experiment, wanted, made, measured)


def print_figures(
    console: Console,
    experiment: ExperimentDetail,
    wanted: Asked,
    made: Sequence[Figure],
    measured: Sequence[MeasuredSweep],
) -> None:
    console.print(render.headline(experiment))
    if not made:
        console.print(nothing_to_show(wanted.metric))
        return
    console.print(figures_table(made, wanted.axis, wanted.metric))
    for note in figures_notes(made, wanted.axis):
        console.print(note)
    unknown = without_parameters(experiment.arms, experiment.models) if wanted.axis is Axis.FLOPS else ()
    if unknown:
        console.print(
            f"FLOPs are unknown where these are asked, whose registry has no parameters: {', '.join(unknown)}"
        )
    if measured:
        console.print(sweeps_table(measured))


def nothing_to_show(metric: Metric) -> str:
    needs = {
        Metric.ACCURACY: "the experiment has no arms yet",
        Metric.PASS: "no arm's finished jobs have several candidates",
        Metric.MAJ: "no arm's finished jobs have several candidates",
    }
    return f"No {metric.value}: {needs.get(metric, 'no arm has several candidates that a verifier scored')}."
