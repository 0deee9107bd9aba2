"""Pages of jobs whose engine does not report its tokens: every view is drawn, and no 0 stands for what is not known."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from dashboard.views.results_section import BY_NAME
from tests.integration.scenes import claimed, column, new_arm, running_experiment, succeed
from tests.integration.test_dashboard_pages import opened, said, settings_are, words_of
from tests.integration.test_db_unreported import succeed_in_silence

__all__ = ["settings_are"]
LIMITED = {"strategy": "chain_of_thought", "max_thinking_tokens": 2}


@pytest.fixture
def silent(database: str, engine: Engine, settings_are: Callable[[str], None]) -> int:
    """Two arms, of which an engine told the tokens of the first one's first job alone."""
    settings_are(database)
    arms = [replace(new_arm(label), strategy_spec=LIMITED) for label in ("first", "second")]
    experiment_id = running_experiment(engine, num_problems=2, arms=arms)
    succeed(engine, claimed(engine).lease)
    for _ in range(3):
        succeed_in_silence(engine)
    return experiment_id


@pytest.mark.parametrize("view", BY_NAME)
def test_every_view_of_the_experiment_is_drawn(silent: int, view: str) -> None:
    assert "Tokens of 3 of the jobs were not reported by their engine" in said(
        opened("experiment", id=silent, view=view)
    )


def test_a_trace_says_that_counts_were_not_reported(silent: int, engine: Engine) -> None:
    job = column(engine, "SELECT max(job_id) FROM traces")[0]
    app = opened("trace", job=job)
    assert "generated tokens not reported" in words_of(app) and "not reported thinking" in said(app)


def test_the_list_of_traces_has_no_number_for_them(silent: int) -> None:
    opened("traces", experiment=silent)
