"""A scanner's version is a hash of its rules, as a grader's is: what looks otherwise is another scan."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from scaling.scanners import SCANNERS
from scaling.scanners.phrases import Phrases

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = "scaling.scanners."
SHARED = ("scaling.scanners.chain_text", "scaling.scanners.id_chains", "scaling.scanners.scanner")
LISTS = "scaling.scanners.phrase_lists"


def version_of(scanner: str) -> str:
    """Twelve hexadecimal digits: of the sources of its class, of those that it is made of, and of its lists."""
    digest = sha256()
    for module in sorted({*SHARED, *_modules(scanner)}):
        digest.update((CHECKOUT / f"{module.replace('.', '/')}.py").read_bytes())
    return digest.hexdigest()[:12]


def _modules(scanner: str) -> Iterator[str]:
    kind = SCANNERS[scanner]
    yield from (each.__module__ for each in kind.__mro__ if each.__module__.startswith(PACKAGE))
    if issubclass(kind, Phrases):
        yield LISTS


VERSIONS: Mapping[str, str] = MappingProxyType({scanner: version_of(scanner) for scanner in SCANNERS})
