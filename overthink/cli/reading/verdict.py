"""The verdict of an experiment: is one family of settings better than another at equal compute?"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.text import Text
from sqlalchemy import Engine

from db import queries
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.options import Output
from overthink.cli.reading.experiments import print_headlines
from overthink.cli.reading.meaning import measured
from overthink.cli.reading.tables import laid_out, print_as
from results import Measurements
from results.columns import Column, Columns, Table
from results.errors import NoResultsError
from results.verdict import VERDICT, Claimed, Missing, Verdicts, document, missing, places_table, spec_of
from results.verdict.rules import Said
from results.verdict.words import claim_words, notes_of, primary_words, rule_words, title, verdict_on
from results.wording import budget_shown
from scaling.compute.axes import Axis
from scaling.spec import yaml12
from scaling.verdict.rule import Verdict

SIGNS = {Verdict.BETTER: "+", Verdict.WORSE: "−", Verdict.EQUIVALENT: "=", Verdict.UNDECIDED: "?", Verdict.MIXED: "±"}
STYLES = {Verdict.BETTER: "green", Verdict.WORSE: "red", Verdict.EQUIVALENT: "cyan", Verdict.MIXED: "yellow"}


def show_verdict(reference: str | None, others: Sequence[str], said: Said, output: Output) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements, found = _found(database, reference, others, said)
        print_as(
            output,
            lambda: document(measurements, found),
            lambda: VERDICT.table(found).csv,
            lambda console: print_verdicts(console, measurements, found, others),
        )


def write_verdict(path: Path, reference: str | None, others: Sequence[str], said: Said) -> None:
    """As one HTML file. Raises UnwritableReportError."""
    from overthink.report import require_writable, write_report

    require_writable(path)
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        write_report(path, *_found(database, reference, others, said))
    terminal.standard_error().print(f"Written to {path}", markup=False, soft_wrap=True)


def show_missing(reference: str | None, others: Sequence[str], said: Said) -> None:
    """The spec that adds what is missing; nothing is printed where none could."""
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        measurements, found = _found(database, reference, others, said)
    lacking = _missing(measurements, found)
    spec = spec_of(lacking, measurements.experiment)
    for each in lacking if spec is None else ():
        terminal.standard_error().print(_missing_words(each), markup=False)
    if spec is not None:
        print(yaml12.dump(spec), end="")


def _found(database: Engine, reference: str | None, others: Sequence[str], said: Said) -> tuple[Measurements, Verdicts]:
    measurements = measured(database, (reference or newest(database), *others))
    return measurements, VERDICT.answer(measurements, **asdict(said))


def newest(database: Engine) -> str:
    """NoResultsError where there is no experiment."""
    listed = queries.list_experiments(database, limit=1)
    if not listed:
        raise NoResultsError("there is no experiment yet; `overthink run specs/seed-tiny.yaml` makes one")
    return str(listed[0].id)


def print_verdicts(console: Console, measurements: Measurements, found: Verdicts, others: Sequence[str] = ()) -> None:
    """The primary outcome, then claim by claim, then the rule, and what is missing."""
    print_headlines(console, measurements)
    if words := primary_words(found):
        console.print(Text(harmless(words), "bold"))
    for claimed in found.claims:
        _print_claim(console, claimed, found)
    for note in (*notes_of(found), rule_words(found.rule)):
        console.print(Text(harmless(note)))
    _print_missing(console, measurements, found, others)


def _print_claim(console: Console, claimed: Claimed, found: Verdicts) -> None:
    console.print()
    console.print(Text(harmless(f"{title(claimed)}: {claimed.claim.asks}"), "bold"))
    if claimed.standings:
        console.print(laid_out(matrix(claimed)))
        console.print(laid_out(places_table(claimed)))
    console.print(Text(harmless(claim_words(claimed, found.rule)), STYLES.get(claimed.verdict, "")))


def matrix(claimed: Claimed) -> Table[Axis]:
    """An axis a row: what is said of it, and at each of its budgets, the smallest first."""

    def at(number: int) -> Column[Axis]:
        return Column(f"budget_{number}", lambda axis: _sign(claimed, axis, number), show=str)

    widest = max(len(claimed.on(axis)) for axis in claimed.axes)
    columns: Columns[Axis] = (
        Column("axis", lambda axis: axis.label, "axis"),
        Column("verdict", lambda axis: verdict_on(claimed, axis).value, "verdict"),
        *(replace(at(number), title="at budgets" if number == 0 else " " * number) for number in range(widest)),
    )
    return Table(columns, claimed.axes)


def _sign(claimed: Claimed, axis: Axis, number: int) -> str:
    standings = claimed.on(axis)
    if number >= len(standings):
        return ""
    return f"{budget_shown(standings[number].budget)} {SIGNS[standings[number].verdict]}"


def _missing(measurements: Measurements, found: Verdicts) -> tuple[Missing, ...]:
    return missing([each.claim for each in found.claims], measurements.experiment)


def _missing_words(each: Missing) -> str:
    return f"{each.claim}: {each.why}"


def _print_missing(console: Console, measurements: Measurements, found: Verdicts, others: Sequence[str]) -> None:
    lacking = _missing(measurements, found)
    if not lacking:
        return
    console.print()
    console.print(Text("Missing for a full answer", "bold"))
    for each in lacking:
        console.print(Text(harmless(f"  {_missing_words(each)}")))
    spec, here = spec_of(lacking, measurements.experiment), measurements.experiment.id
    if spec is not None:
        beside = "".join(f" --with {each}" for each in others)
        console.print(Text(f"  overthink verdict {here} --missing > more.yaml && overthink run more.yaml"))
        console.print(Text(harmless(f'  overthink verdict {here}{beside} --with "{spec["name"]}"')))
