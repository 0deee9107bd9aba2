"""A table declared once and laid out for people, for JSON, for CSV and for data frames."""

import csv
import io
import json
import math
from dataclasses import dataclass
from enum import StrEnum

import pytest

from results.columns import Column, Columns, Table, csv_text, each_of, estimate, lifted, nested
from results.wording import percent, slope
from scaling.statistics.estimates import Estimate


class Kind(StrEnum):
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Arm:
    label: str
    share: Estimate
    cost: float
    failed: int = 0


KNOWN = Arm("a, b", Estimate(0.5, 0.25, 0.75, 8), 12.0)
NOT_YET = Arm("=SUM(A1)", Estimate.unknown(), math.inf, failed=3)
COLUMNS: Columns[Arm] = (
    Column("label", lambda arm: arm.label, "arm"),
    Column("kind", lambda arm: Kind.PLAIN),
    *estimate("value", lambda arm: arm.share, "accuracy", help="of its answers"),
    Column("slope", lambda arm: nested(arm.share), "per doubling", show=slope, of=lambda arm: arm.share),
    Column("cost", lambda arm: arm.cost, "tokens"),
    Column("failed", lambda arm: arm.failed, "failed", needed=lambda arms: any(arm.failed for arm in arms)),
    Column("settings", lambda arm: ("x", "y")),
)
BOTH = Table(COLUMNS, (KNOWN, NOT_YET))


def test_people_read_titles_and_words_and_what_is_only_for_machines_is_not_shown_to_them() -> None:
    assert [column.title for column in BOTH.shown] == [
        "arm", "accuracy", "95 % interval", "per doubling", "tokens", "failed",
    ]  # fmt: skip
    assert BOTH.cells == [
        ["a, b", "50.0%", "25.0 … 75.0", "+50.0 (+25.0 … +75.0)", "12.0", "0"],
        ["=SUM(A1)", "–", "–", "–", "inf", "3"],
    ]


def test_a_column_that_has_nothing_to_say_in_any_row_is_not_shown_and_still_in_files() -> None:
    alone = Table(COLUMNS, (KNOWN,))
    assert "failed" not in [column.title for column in alone.shown]
    assert alone.records[0]["failed"] == 0


def test_columns_of_numbers_are_flushed_right_whatever_people_read_in_them() -> None:
    are_numbers = {column.name: column.is_number(BOTH.rows) for column in BOTH.shown}
    assert are_numbers == {
        "label": False, "value": True, "ci_low": True, "slope": True, "cost": True, "failed": True,
    }  # fmt: skip


def test_json_has_null_for_what_is_no_number_and_the_values_of_enums() -> None:
    known, not_yet = BOTH.records
    assert known == {
        "label": "a, b", "kind": "plain", "value": 0.5, "ci_low": 0.25, "ci_high": 0.75,
        "slope": {"value": 0.5, "ci_low": 0.25, "ci_high": 0.75}, "cost": 12.0, "failed": 0, "settings": ["x", "y"],
    }  # fmt: skip
    assert [not_yet[name] for name in ("value", "ci_low", "ci_high", "cost")] == [None] * 4
    json.dumps(BOTH.records, allow_nan=False)


def test_csv_and_frames_are_flat_and_an_estimate_keeps_its_columns_name() -> None:
    assert list(BOTH.flat[0]) == [
        "label", "kind", "value", "ci_low", "ci_high", "slope", "slope_ci_low", "slope_ci_high", "cost", "failed",
        "settings",
    ]  # fmt: skip
    assert BOTH.flat[0]["slope"] == 0.5
    assert list(csv.DictReader(io.StringIO(BOTH.csv))) == [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in ({**row, "label": label} for row, label in zip(BOTH.flat, ["a, b", "'=SUM(A1)"], strict=True))
    ]
    assert BOTH.flat[0]["settings"] == "x / y"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\nx"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    written = csv_text([{"label": text, "number": -1.5}])
    assert f"'{text}" in written
    assert written.rstrip().endswith(",-1.5")


def test_a_file_without_rows_still_has_its_header() -> None:
    assert Table(COLUMNS, ()).csv == "label,kind,value,ci_low,ci_high,slope,cost,failed,settings\n"
    assert csv_text([]) == ""


def test_rows_may_lack_what_others_have() -> None:
    assert csv_text([{"a": 1}, {"b": None}], ["a", "b"]) == "a,b\n1,\n,\n"


HALVES = (Estimate(0.5, 0.25, 0.75, 8), Estimate(1.0, 0.5, 1.0, 4))


def test_several_estimates_are_a_list_for_json_numbered_in_files_and_a_column_each_for_people() -> None:
    columns: Columns[str] = (
        Column("label", str, "arm"),
        *each_of("by_bin", lambda _: HALVES, ["easy", "hard"], percent),
    )
    table = Table(columns, ["a"])
    assert [(column.title, column.is_number(table.rows)) for column in table.shown] == [
        ("arm", False), ("easy", True), ("hard", True),
    ]  # fmt: skip
    assert table.cells == [["a", "50.0%", "100.0%"]]
    assert table.records[0]["by_bin"] == [
        {"value": 0.5, "ci_low": 0.25, "ci_high": 0.75, "n": 8},
        {"value": 1.0, "ci_low": 0.5, "ci_high": 1.0, "n": 4},
    ]
    assert list(table.flat[0]) == [
        "label", "by_bin_1", "by_bin_1_ci_low", "by_bin_1_ci_high", "by_bin_1_n",
        "by_bin_2", "by_bin_2_ci_low", "by_bin_2_ci_high", "by_bin_2_n",
    ]  # fmt: skip


def test_the_columns_of_a_part_are_columns_of_the_whole_behind_a_prefix() -> None:
    pairs: Columns[tuple[Arm, Arm]] = (
        *lifted("first_", COLUMNS[:1], lambda pair: pair[0]),
        *lifted("second_", COLUMNS[2:4], lambda pair: pair[1]),
        *lifted("", COLUMNS[7:8], lambda pair: pair[1]),
    )
    table = Table(pairs, [(NOT_YET, KNOWN)])
    assert table.records == [{"first_label": "=SUM(A1)", "second_value": 0.5, "second_ci_low": 0.25, "failed": 0}]
    assert table.cells == [["=SUM(A1)", "50.0%", "25.0 … 75.0"]]


def test_what_rows_begin_with_is_shown_once() -> None:
    columns = tuple(Column(name, lambda row, at=at: row[at], name) for at, name in enumerate("abc"))
    rows = [(1, 2, 3), (1, 2, 3), (1, 4, 3), (1, 4, 5)]
    assert Table(columns, rows, once=2).cells == [["1", "2", "3"], ["", "", "3"], ["1", "4", "3"], ["", "", "5"]]
    assert Table(columns, rows).cells[1] == ["1", "2", "3"]


def test_where_rows_are_not_for_everybody_files_have_the_long_form_and_people_tables_of_their_own() -> None:
    long, people = Table(COLUMNS[:1], [KNOWN, NOT_YET]), Table(COLUMNS[2:3], [KNOWN])
    table = Table(COLUMNS, [KNOWN], long=long, people=(people,))
    assert (table.csv, table.flat, table.for_people) == (long.csv, long.flat, (people,))
    assert table.records[0]["kind"] == "plain" and BOTH.for_people == (BOTH,)
