"""An experiment's points on any axis, by any metric, and the three numbers of each sweep."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import typer

from overthink import embedded
from overthink.cli import terminal
from overthink.cli.options import AggregateName, MetricName, Output
from overthink.cli.reading.meaning import measured
from overthink.cli.reading.tables import print_as, print_tables
from results import Metric
from results.measured.over_k import SCORED
from results.points import POINTS, document
from results.sweeps import BRIEF, SWEEPS
from scaling.answers.voting import Aggregate
from scaling.compute.axes import Axis


@dataclass(frozen=True, slots=True)
class Asked:
    """Which points are wanted; `axis` None: on the experiment's default one."""

    axis: Axis | None
    metric: Metric
    aggregate: Aggregate | None


def asked(axis: Axis | None, metric: MetricName | None, aggregate: AggregateName | None) -> Asked:
    """As typed; without a word for it, accuracy."""
    chosen = Metric[(metric or MetricName.ACCURACY).name]
    if aggregate is not None and chosen not in SCORED:
        raise typer.BadParameter(f"--aggregate {aggregate} needs --metric best-of-k or weighted-best-of-k")
    return Asked(axis, chosen, None if aggregate is None else aggregate.value)


def show_figures(reference: str, others: Sequence[str], wanted: Asked, output: Output) -> None:
    """With the arms of other experiments, over the problems that all of them asked."""
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements = measured(database, (reference, *others))
        found = POINTS.ask(measurements, wanted.axis, wanted.metric, wanted.aggregate)
        table = POINTS.table(found)
        sweeps = SWEEPS.table(SWEEPS.ask(measurements) if wanted.metric is Metric.ACCURACY else ())
    print_as(
        output,
        lambda: document(measurements, found, sweeps.records),
        lambda: table.csv,
        lambda console: print_tables(console, measurements, table, replace(sweeps, order=BRIEF)),
    )
