"""The words that people type for axes, metrics and aggregates are those that exist."""

from typing import get_args

from db.results import Easiness, Metric
from overthink.cli.options import AggregateName, AxisName, EasinessName, MetricName
from scaling.compute import Axis
from scaling.voting import Aggregate


def test_every_axis_metric_and_aggregate_can_be_asked_for() -> None:
    assert [name.name for name in AxisName] == [axis.name for axis in Axis]
    assert [(name.name, name.value) for name in MetricName] == [(metric.name, metric.value) for metric in Metric]
    assert [name.value for name in AggregateName] == list(get_args(Aggregate))
    assert [name.value for name in EasinessName] == [easiness.value for easiness in Easiness]
