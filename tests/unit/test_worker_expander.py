"""A bell may say anything: what no experiment can be called never comes to the database, nor to the heartbeat."""

from pathlib import Path

import pytest

from db.engine import connect
from worker.bells import Bells
from worker.expansion import Expander
from worker.registry import Registry


@pytest.mark.parametrize("told", ["not a number", None, 10**30, -1, 1.5, [1]])
def test_a_bell_that_names_no_experiment_is_told_and_not_heard(told: object, caplog: pytest.LogCaptureFixture) -> None:
    """Regression: the heartbeat named it to PostgreSQL as one that is being expanded, and the worker died of that."""
    nowhere = "postgresql+psycopg://nobody@/nothing?host=/nowhere"
    expander = Expander(connect(nowhere), Registry(), Path("/"), Bells("redis://127.0.0.1:1/0"), alive_s=30.0)
    expander.hear(told)
    assert f"a bell rang for {told!r}, which is no number of an experiment" in caplog.text
    assert expander.expanding == frozenset()
