"""The words that people type for metrics and aggregates are those that exist. Axes: see test_axes."""

from typing import get_args

from overthink.cli.options import AggregateName, EasinessName, MetricName
from results import Easiness, Metric
from scaling.answers.voting import Aggregate


def test_every_metric_and_aggregate_can_be_asked_for() -> None:
    assert [(name.name, name.value) for name in MetricName] == [(metric.name, metric.value) for metric in Metric]
    assert [name.value for name in AggregateName] == list(get_args(Aggregate))
    assert [name.value for name in EasinessName] == [easiness.value for easiness in Easiness]
