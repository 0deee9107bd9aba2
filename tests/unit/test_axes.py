"""The axes by name: one table, in the code and in the docs."""

from pathlib import Path

import pytest
import typer

from overthink.cli.options import AXIS_NAMES, axis_option
from scaling.compute.axes import AXES, Axis, axis_named
from scaling.compute.costs import ON_AXIS

DOCS = Path(__file__).parents[2] / "docs" / "AXES.md"


def test_the_table_in_the_docs_is_the_one_in_the_code() -> None:
    rows = [line.strip("|").split("|") for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    told = {row[0].strip(" `"): tuple(cell.strip() for cell in row[1:]) for row in rows}
    assert told == {axis.value: (words.label, words.unit, words.counts, words.of_k) for axis, words in AXES.items()}


def test_every_axis_is_described_computed_and_offered_under_a_label_of_its_own() -> None:
    assert set(AXES) == set(ON_AXIS) == set(Axis)
    assert AXIS_NAMES.split("|") == [axis.value for axis in Axis]
    assert len({axis.label for axis in Axis}) == len(Axis)


def test_a_title_names_the_unit_where_the_label_does_not() -> None:
    titles = [axis.label + axis.in_unit for axis in (Axis.SECONDS, Axis.PRICE, Axis.THINKING, Axis.FLOPS, Axis.EFLOPS)]
    assert titles == ["wall time, in s", "price, in $", "thinking tokens", "FLOPs by weights", "eFLOPs"]


def test_an_axis_is_asked_for_by_its_name() -> None:
    assert axis_named("generated-by-all") is Axis.GENERATED_BY_ALL
    assert axis_option("flops") is Axis.FLOPS


def test_a_name_that_changed_says_what_it_is_called_now() -> None:
    with pytest.raises(ValueError, match="'samples' is called generations or candidates now"):
        axis_named("samples")
    with pytest.raises(typer.BadParameter, match="is called generated-by-all or processed now"):
        axis_option("generated+verifier")


def test_a_misspelt_name_is_told_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no axis 'flop'; did you mean flops\? Known: thinking, generated, "):
        axis_named("flop")
