"""The report's file: written whole, or not at all."""

import datetime as dt
import os
import tempfile
from pathlib import Path

from overthink.report.page import report_html
from results import Measurements, Verdicts
from scaling.errors import BadInputError


class UnwritableReportError(BadInputError):
    """The report's file cannot be written there. Nothing was changed; give another path."""


def write_report(path: Path, measurements: Measurements, verdicts: Verdicts) -> None:
    """Replaces what stands there. Raises UnwritableReportError."""
    require_writable(path)
    text = report_html(measurements, verdicts, dt.datetime.now(dt.UTC))
    try:
        _replace(path, text)
    except OSError as error:
        raise UnwritableReportError(f"{path} cannot be written: {error.strerror}. {REMEDY}") from None


REMEDY = "Give --report a file in a folder that is there and that you may write to, as verdict.html."


def require_writable(path: Path) -> None:
    """Raises UnwritableReportError for what can be told before anything is computed."""
    if path.is_dir():
        raise UnwritableReportError(f"{path} is a folder. {REMEDY}")
    if not path.parent.is_dir():
        raise UnwritableReportError(f"there is no folder {path.parent}. {REMEDY}")
    if not os.access(path.parent, os.W_OK):
        raise UnwritableReportError(f"you may not write to {path.parent}. {REMEDY}")


def _replace(path: Path, text: str) -> None:
    """Whoever reads it meanwhile has the old one, whole."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".report-", delete=False) as file:
        partial = Path(file.name)
        try:
            file.write(text)
        except OSError:
            partial.unlink()
            raise
    partial.chmod(0o644)
    partial.replace(path)
