"""What the command prints: durations, labels, reasons, and help that starts at once."""

import subprocess
import sys

import pytest
from rich.console import Console

from overthink.cli.reading.report import failure_lines
from overthink.cli.terminal import plain, standard_output, table
from results.columns import csv_text
from results.wording import duration, pair_label


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_duration_is_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_of_two_arms_of_one_strategy_the_second_shows_only_what_differs() -> None:
    first = "budget_forcing max_thinking_tokens=800 waits=0"
    assert pair_label(first, "budget_forcing max_thinking_tokens=800 waits=2") == f"{first} → waits=2"


def test_arms_of_different_strategies_are_both_shown_whole() -> None:
    assert pair_label("chain_of_thought", "majority_vote samples=16") == "chain_of_thought → majority_vote samples=16"


def test_the_most_frequent_reason_comes_first_and_the_rest_is_counted() -> None:
    errors = ["too long"] * 3 + ["away\nwith a second line"] * 4 + [f"reason {number}" for number in range(5)]
    lines = list(failure_lines(errors))
    assert lines[:2] == ["  4 × away", "  3 × too long"]
    assert lines[-1] == "  and 2 other reasons"  # 7 reasons, 5 shown


def test_what_looks_like_markup_is_printed_as_it_stands() -> None:
    console = Console(width=60, markup=False)
    with console.capture() as captured:
        console.print("[red]not red[/red] [/]")
        console.print(table("a [bold]column"))
    assert "[red]not red[/red] [/]" in captured.get()


def test_escape_sequences_in_names_are_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]0;pwned\x07 \x9b31m :smile: \ud800 ünï"
    console = standard_output()
    console.print(hostile)
    console.print(plain(hostile))
    shown = "\ufffd]0;pwned\ufffd \ufffd31m :smile: \ufffd ünï"
    assert capsys.readouterr().out.splitlines() == [shown, shown]


def test_help_loads_none_of_the_heavy_libraries() -> None:
    """`overthink --help` took seconds when every command's imports were at the top."""
    program = (
        "import sys, overthink.cli.app\n"
        "print(sorted({'sqlalchemy', 'pydantic', 'celery', 'numpy', 'redis', 'rich.table'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_spreadsheet_that_opens_the_terminals_csv_computes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Labels hold what specs say: a wait string may be =HYPERLINK(...)."""
    rows = [{"arm": '=HYPERLINK("x")', "n": -3, "value": None}, {"arm": "plain", "n": 3, "value": 0.5}]
    print(csv_text(rows, ["arm", "n", "value"]), end="")
    assert capsys.readouterr().out == 'arm,n,value\n"\'=HYPERLINK(""x"")",-3,\nplain,3,0.5\n'


def test_without_rows_the_terminals_csv_has_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    print(csv_text([], ["arm", "n"]), end="")
    assert capsys.readouterr().out == "arm,n\n"
