"""What may be looked for in traces. A new scanner is one file and one line here.

A *scan* is a scanner with its parameters, run over all traces of an experiment by a worker; see the way "A scan" in
docs/ARCHITECTURE.md. Every trace that was looked at has a finding, those without a hit too: shares need to know over
how many. (Inspect Scout, whose scanners give a value, an answer, an explanation and references to messages, keeps what
was detected, and searches transcripts of agents; here the unit is a chain, and a hit has its place in a step.)
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from scaling.errors import suggestion
from scaling.scanners.cut_thoughts import CutThought
from scaling.scanners.judge import Judge
from scaling.scanners.languages import LanguageSwitch
from scaling.scanners.log_probs import LogProbs
from scaling.scanners.loops import Loop
from scaling.scanners.matching import Pattern, Text
from scaling.scanners.phrases import GaveUp, OwnCheck, WaitCount
from scaling.scanners.scanner import BadScannerError, Rule, Scanner

RULES: dict[str, type[Rule]] = {
    "text": Text,
    "regex": Pattern,
    "wait_count": WaitCount,
    "own_check": OwnCheck,
    "gave_up": GaveUp,
    "loop": Loop,
    "language_switch": LanguageSwitch,
    "cut_thought": CutThought,
}
SCANNERS: dict[str, type[Scanner]] = {**RULES, "judge": Judge, "log_probs": LogProbs}

if TYPE_CHECKING:
    AnyScanner = Scanner
else:
    AnyScanner = Annotated[reduce(or_, SCANNERS.values()), Field(discriminator="scanner")]

_SCANNER: TypeAdapter[Scanner] = TypeAdapter(AnyScanner)


def read_scanner(fields: Mapping[str, JsonValue]) -> Scanner:
    """From its name and parameters. Raises BadScannerError."""
    name = fields.get("scanner")
    if name not in SCANNERS:
        raise BadScannerError(f"there is no scanner {name!r}{suggestion(name, list(SCANNERS), 'There are')}")
    try:
        return _SCANNER.validate_python(dict(fields))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][1:]) or "its parameters"
        takes = ", ".join(each for each in SCANNERS[str(name)].model_fields if each != "scanner") or "no parameters"
        said = first["msg"].removeprefix("Value error, ")
        raise BadScannerError(f"{name}: {place}: {said}. It takes {takes}") from None


__all__ = ["RULES", "SCANNERS", "AnyScanner", "BadScannerError", "Rule", "Scanner", "read_scanner"]
