"""A grader's version is a hash of its rules: what judges by other rules has another name, whoever forgot to say so.

The rules are the sources of the modules that read and compare, and for mathematics the versions of the libraries.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

from scaling.answers.graders import GRADERS
from scaling.types import GraderName

CHECKOUT = Path(__file__).resolve().parents[2]
READING = (
    "scaling/answers/announced.py",
    "scaling/answers/after_thinking.py",
    "scaling/answers/graders.py",
    "scaling/answers/reading.py",
    "scaling/answers/numerals.py",
    "worker/graders/grading.py",
)
JUDGING = {
    GraderName.MATH: (
        "worker/graders/notation.py",
        "worker/graders/units.py",
        "worker/graders/literals.py",
        "worker/graders/expressions.py",
        "worker/graders/values.py",
        "worker/graders/equality.py",
        "worker/graders/algebra.py",
        "worker/graders/judging.py",
        "worker/graders/mathematics.py",
    ),
}
"""What is asked besides where keys do not tell."""
LIBRARIES = {GraderName.MATH: ("math-verify", "latex2sympy2_extended", "sympy", "antlr4-python3-runtime")}


def version_of(grader: GraderName) -> str:
    """Twelve hexadecimal digits, and the libraries they stand for."""
    libraries = [f"{name} {version(name)}" for name in LIBRARIES.get(grader, ())]
    digest = sha256("\n".join(libraries).encode())
    for path in (*READING, *own_rules(grader), *JUDGING.get(grader, ())):
        digest.update((CHECKOUT / path).read_bytes())
    return f"{digest.hexdigest()[:12]} ({libraries[0]})" if libraries else digest.hexdigest()[:12]


def own_rules(grader: GraderName) -> Iterator[str]:
    return (module.__name__.replace(".", "/") + ".py" for module in GRADERS[grader].modules)


VERSIONS: Mapping[GraderName, str] = MappingProxyType({grader: version_of(grader) for grader in GraderName})
