"""Showing what the doctor found."""

from dataclasses import asdict
from pathlib import Path

from rich.text import Text

from overthink.cli import terminal
from overthink.cli.exits import Exit
from overthink.cli.harmless import harmless
from overthink.cli.submission import check_only
from overthink.cli.terminal import print_document
from overthink.doctor import Finding, State, examine

MARKS = {State.GOOD: ("✓", "green"), State.NOTE: ("·", "yellow"), State.BAD: ("✗", "red")}


def show_examination(spec: Path | None, with_audit: bool, as_json: bool) -> Exit:
    findings = []
    for finding in examine(with_audit=with_audit):
        findings.append(finding)
        if not as_json:
            show(finding)
    is_well = all(finding.state is not State.BAD for finding in findings)
    if as_json:
        print_document({"well": is_well, "findings": [asdict(finding) for finding in findings]})
    elif spec is not None:
        check_only(spec, [], as_json=False)
    return Exit.OK if is_well else Exit.FAILURES


def show(finding: Finding) -> None:
    mark, style = MARKS[finding.state]
    line = Text.assemble((mark, style), f" {finding.what}: ", harmless(finding.found))
    if finding.remedy:
        line.append(f"\n  → {finding.remedy}", "bold")
    terminal.standard_output().print(line)
