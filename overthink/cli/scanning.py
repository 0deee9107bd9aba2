"""Handing scans in from a terminal, following them, and listing them."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer
from pydantic import JsonValue
from rich.table import Table
from sqlalchemy import Engine

from db import queries
from db.queries.scanning import Scan, scan_named, scans
from db.status import ScanStatus
from overthink import embedded, services
from overthink.cli import terminal
from overthink.cli.exits import Exit
from overthink.cli.harmless import harmless
from overthink.cli.reading.tables import print_tables
from overthink.cli.terminal import plain, print_document, table
from results import Measurements
from results.scans.question import SCANS
from scaling.scanners import RULES, SCANNERS, BadScannerError, read_scanner
from worker import submit

LOOK_EVERY_S = 0.5
NEEDING_MORE = {"text": "--text", "regex": "--pattern", "judge": "--judge", "log_probs": "--log-probs"}

Fields = dict[str, JsonValue]


def fields_of(chosen: Mapping[str, str | None], prompt: Path | None, parameters: Sequence[str]) -> Fields:
    """A scanner as its fields. Raises BadParameter, and BadScannerError for a prompt that cannot be read."""
    given = {name: value for name, value in chosen.items() if value is not None}
    if len(given) != 1:
        raise typer.BadParameter("say what to look for: one of --rule, --text, --pattern, --judge and --log-probs")
    ((kind, value),) = given.items()
    if (kind == "judge") != (prompt is not None):
        raise typer.BadParameter("--judge MODEL and --prompt FILE belong together")
    if kind == "rule" and (option := NEEDING_MORE.get(value)):
        raise typer.BadParameter(f"--rule {value} needs more: give {option} instead")
    fields: Fields = {"scanner": value} if kind == "rule" else {"scanner": kind, _field(kind): value}
    if prompt is not None:
        fields["prompt"] = _read(prompt)
    return fields | dict(_parameter(kind if kind != "rule" else value, each) for each in parameters)


def hand_in(
    reference: str, fields: Fields, *, name: str | None, at_most: int | None, wait: bool, as_json: bool
) -> Exit:
    scanner = read_scanner(fields)
    found = services.require_services()
    with services.open_database(found) as database:
        experiment_id = queries.experiment(database, reference).id
        handed = submit.scan(database, found, experiment_id, scanner, owner=found.owner, name=name, at_most=at_most)
        for note in handed.notes:
            terminal.standard_error().print(note, style="yellow")
        if wait:
            _follow(database, experiment_id, handed.scan_id)
        scan = _scan(database, experiment_id, handed.scan_id)
        if as_json:
            print_document(scan_document(scan))
        elif wait:
            measurements = Measurements(database, queries.experiment(database, experiment_id))
            told = SCANS.table(SCANS.answer(measurements, scan=str(scan.id)))
            print_tables(terminal.standard_output(), measurements, told)
        else:
            again = "" if handed.is_new else ", which was handed in before and goes on with what came since,"
            print(f"Scan {scan.id} ({harmless(scan.name)}){again} looks through {scan.unscanned:,} traces.")
    return Exit.FAILURES if scan.status is ScanStatus.FAILED else Exit.OK


def show(reference: str, *, cancel: str | None, delete: str | None, as_json: bool) -> None:
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        experiment_id = queries.experiment(database, reference).id
        if cancel is not None:
            submit.cancel_scan(database, scan_named(scans(database, experiment_id), cancel).id)
        if delete is not None:
            submit.delete_scan(database, scan_named(scans(database, experiment_id), delete).id)
        found = scans(database, experiment_id)
    if as_json:
        print_document({"experiment": experiment_id, "scans": [scan_document(each) for each in found]})
    elif found:
        terminal.standard_output().print(scans_table(found))
    else:
        rules = ", ".join(each for each in RULES if each not in NEEDING_MORE)
        print(f"Not scanned yet. `overthink scan {experiment_id} --rule …` looks for {rules}.")


def scan_document(scan: Scan) -> Fields:
    return {
        "scan": scan.id,
        "experiment": scan.experiment_id,
        "name": scan.name,
        "scanner": scan.params,
        "version": scan.version,
        "at_most": scan.at_most,
        "owner": scan.owner,
        "status": scan.status.value,
        "error": scan.error,
        "traces": scan.traces,
        "scanned": scan.scanned,
        "with_hit": scan.hit,
        "untold": scan.untold,
        "prompt_tokens": scan.prompt_tokens,
        "cached_tokens": scan.cached_tokens,
        "generated_tokens": scan.generated_tokens,
        "unknown_requests": scan.unknown_requests,
        "unknown_tokens": scan.unknown_prompt_tokens + scan.unknown_generated_tokens,
    }


def scans_table(found: Sequence[Scan]) -> Table:
    numbers = ("scan", "traces", "with a hit")
    made = table("scan", "name", "status", "traces", "with a hit", "by", "error", numbers=numbers)
    for scan in found:
        made.add_row(
            str(scan.id),
            plain(scan.name),
            scan.status.value,
            f"{scan.scanned:,} / {scan.traces:,}",
            f"{scan.hit:,}",
            plain(scan.owner),
            plain(scan.error or ""),
        )
    return made


def _follow(database: Engine, experiment_id: int, scan_id: int) -> None:
    with terminal.standard_error().status("Scanning …") as status:
        while (scan := _scan(database, experiment_id, scan_id)).is_open:
            status.update(f"Scanning: {scan.scanned:,} of {scan.traces:,} traces, {scan.hit:,} with a hit")
            time.sleep(LOOK_EVERY_S)


def _scan(database: Engine, experiment_id: int, scan_id: int) -> Scan:
    return scan_named(scans(database, experiment_id), str(scan_id))


def _field(kind: str) -> str:
    return {"text": "text", "regex": "pattern", "judge": "judge", "log_probs": "of"}[kind]


def _parameter(scanner: str, written: str) -> tuple[str, JsonValue]:
    """Of a list, values stand between commas; others are read by the scanner."""
    name, is_given, value = written.partition("=")
    if not is_given:
        raise typer.BadParameter(f"--set takes NAME=VALUE; got {written!r}")
    kind = SCANNERS.get(scanner)
    is_list = kind is not None and name in kind.model_fields and isinstance(kind.model_fields[name].default, tuple)
    return name, [part.strip() for part in value.split(",")] if is_list else value


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadScannerError(f"the prompt {path} cannot be read ({error}): name a text file") from error
