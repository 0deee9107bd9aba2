"""Files that hold what was printed, compared with what is printed now.

They are remade on purpose alone: `REMAKE_GOLDEN=1 pytest tests/integration/test_golden*.py`, and then read as a diff.
Those of the page, in `golden/page/`, may still come to have the names of columns that the command's have.
"""

import os
import re
from difflib import unified_diff
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("golden")
AGE = re.compile(r'("(?:age_s|seconds)": )(\d{5,})\.\d+')
"""Of what was submitted, or has run, for hours: held to the hour. What has ended took less, and is held as it is."""
LONG_NUMBER = re.compile(r"(?=[\d.]{14})\d+\.\d+(?:e[-+]\d+)?")


def settled(text: str) -> str:
    """Without what no two runs have in common: seconds of an age, and the last digits of a number, which are the
    processor's."""
    text = AGE.sub(lambda age: f"{age[1]}{int(age[2]) // 3600} h", text)
    return LONG_NUMBER.sub(lambda number: f"{float(number[0]):.12g}", text)


def require_as_before(name: str, printed: str) -> None:
    """Fails with the lines that differ from the file of this name in the folder."""
    path, now = FOLDER / name, settled(printed)
    if os.environ.get("REMAKE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8", newline="")
    before = path.read_bytes().decode() if path.exists() else ""
    if now != before:
        lines = unified_diff(before.splitlines(), now.splitlines(), f"golden/{name}", "printed now", lineterm="", n=2)
        pytest.fail("\n".join(lines) or f"golden/{name}: ends of lines differ", pytrace=False)


def require_no_others(folder: Path, names: set[str]) -> None:
    """No file is left there that nothing is compared with."""
    assert {path.name for path in folder.iterdir() if path.is_file() and path.suffix != ".md"} == names
