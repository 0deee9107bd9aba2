"""An experiment's figures on any axis, by any metric, and the three numbers of each sweep."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from db import queries
from overthink import embedded
from overthink.cli import render, terminal
from overthink.cli.documents import print_csv, print_document
from overthink.cli.meaning import side_by_side_of
from overthink.cli.options import AggregateName, MetricName, Output
from overthink.cli.render_figures import figures_notes, figures_table, sweeps_table
from overthink.figure_documents import FigureDocument, figure_document, figures_document, sweep_document
from results import Metric, axis_notes, default_axis, figures, measured_sweeps
from scaling.answers.voting import Aggregate
from scaling.compute.axes import Axis


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures are wanted; `axis` None: on the experiment's default one."""

    axis: Axis | None
    metric: Metric
    aggregate: Aggregate | None


def asked(axis: Axis | None, metric: MetricName | None, aggregate: AggregateName | None) -> Asked:
    """As typed; without a word for it, accuracy."""
    chosen = Metric[(metric or MetricName.ACCURACY).name]
    if aggregate is not None and chosen not in (Metric.BEST, Metric.WEIGHTED):
        raise typer.BadParameter(f"--aggregate {aggregate} needs --metric best-of-k or weighted-best-of-k")
    return Asked(axis, chosen, None if aggregate is None else aggregate.value)


def show_figures(reference: str, others: Sequence[str], wanted: Asked, output: Output) -> None:
    """With the arms of other experiments, over the problems that all of them asked."""
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        asked = [queries.experiment(database, each) for each in (reference, *others)]
        measurements = side_by_side_of(database, asked)
        experiment = measurements.experiment
        axis = wanted.axis or default_axis(experiment.arms, experiment.models)
        made = figures(measurements, axis, wanted.metric, wanted.aggregate)
        notes = axis_notes(measurements, axis, of_fewer=wanted.metric is not Metric.ACCURACY)
        measured = measured_sweeps(measurements.samples) if wanted.metric is Metric.ACCURACY else ()
    if output is Output.JSON:
        documents = [sweep_document(each) for each in measured]
        print_document(figures_document(measurements, axis, wanted.metric, made, documents, notes))
    elif output is Output.CSV:
        print_csv(list(FigureDocument.__annotations__), [{**figure_document(figure)} for figure in made])
    else:
        console = terminal.standard_output()
        render.print_headlines(console, measurements)
        console.print(figures_table(made, axis, wanted.metric) if made else nothing_to_show(wanted.metric))
        for note in (*figures_notes(made, axis), *notes) if made else ():
            console.print(note)
        if measured:
            console.print(sweeps_table(measured))


def nothing_to_show(metric: Metric) -> str:
    needs = {
        Metric.ACCURACY: "the experiment has no arms yet",
        Metric.PASS: "no arm's finished jobs have several candidates",
        Metric.MAJ: "no arm's finished jobs have several candidates",
    }
    return f"No {metric.value}: {needs.get(metric, 'no arm has several candidates that a verifier scored')}."
