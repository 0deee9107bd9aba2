"""The words that people type for metrics, aggregates and views are those that exist. Axes: see test_axes."""

from typing import get_args

from overthink.cli.options import AggregateName, EasinessName, MetricName
from results import QUESTIONS, Easiness, Metric
from scaling.answers.voting import Aggregate
from tests.cli import Overthink, overthink

__all__ = ["overthink"]


def test_every_metric_and_aggregate_can_be_asked_for() -> None:
    assert [(name.name, name.value) for name in MetricName] == [(metric.name, metric.value) for metric in Metric]
    assert [name.value for name in AggregateName] == list(get_args(Aggregate))
    assert [name.value for name in EasinessName] == [easiness.value for easiness in Easiness]


def test_the_help_lists_all_views(overthink: Overthink) -> None:
    said = overthink("results", "--help").out
    listed = said.partition("Views:\n")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "] == [*QUESTIONS]
