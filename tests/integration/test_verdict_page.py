"""The verdict's page: what its address means, and what it says where nothing can be said."""

from collections.abc import Callable

from sqlalchemy import Engine

from tests.integration.dashboard_world import ARMS, announce, expanded, finish, ladder, run_partly
from tests.integration.test_dashboard_pages import opened, read, settings_are

__all__ = ["settings_are"]


def page_of(experiment: int, **options: str) -> str:
    return read(opened("experiment", id=experiment, view="verdict", **options))


def test_options_in_the_address_are_the_rules_and_wrong_ones_are_said(
    database: str, engine: Engine, settings_are: Callable[[str], None]
) -> None:
    announce(engine)
    made = expanded(engine, "demo", ladder(10), ARMS)
    finish(engine, made)
    settings_are(database)
    text = page_of(made, margin="5", within="64, 128", axes="generated tokens of all models")
    assert "within ±5 points" in text and "chosen by the reader: margin, axes, budgets" in text
    assert "training: no model is known as the instruct base" in text
    assert "Results still come in" not in text
    assert "budgets are numbers with commas between them, got 'many'" in page_of(made, within="many")
    own = page_of(made, families="votes=majority_vote*; <b>waits</b>=strategy=budget_forcing,waits=1")
    assert "Does <b>waits</b> beat votes?" in own
    assert "no arm is taken by 'beam*'" in page_of(made, families="votes=majority_vote*; beams=beam*")


def test_a_verdict_that_is_looked_at_before_the_end_says_what_that_is_worth(
    database: str, engine: Engine, settings_are: Callable[[str], None]
) -> None:
    announce(engine)
    made = expanded(engine, "running", ladder(10), ARMS)
    run_partly(engine, 30)
    settings_are(database)
    assert "Bands hold for one look at the end" in page_of(made)
