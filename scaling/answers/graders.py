"""The graders, by name: what each takes for an answer, and what else others must know of it.

Asked by reading, by votes among equal answers, by the checks of specs and data sets, and by what makes a grader's
version. A new grader is a name, a file of rules and a line here; one that keys do not tell is judged in
`worker.graders` besides.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType

from scaling.answers import choices, formulas, integers, phrases
from scaling.answers.announced import Announced
from scaling.types import GraderName, Problem, Unread

Found = str | Unread | None
"""An answer, or why there is none; None: nothing here, look further back."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a grader takes for an answer in a box, behind a marker, and where nothing is announced."""

    boxed: Callable[[Announced], Found]
    said: Callable[[Announced], Found]
    alone: Callable[[str], Found]
    key: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class GraderKind:
    """`rules` are those for one problem, `modules` those whose text they are.

    `takes_options`: a data set may name columns of options. `is_told_by_keys`: answers are equal if and only if their
    keys are, so that nothing else has to be asked. `plain`: references of which it can read all or none.
    """

    rules: Callable[[Problem], Rules]
    modules: tuple[ModuleType, ...]
    takes_options: bool = False
    is_told_by_keys: bool = True
    plain: re.Pattern[str] | None = None


INTEGERS = Rules(integers.boxed, integers.said, integers.alone, integers.key_of)
PHRASES = Rules(phrases.boxed, phrases.said, phrases.alone, phrases.key_of)
FORMULAS = Rules(formulas.boxed, formulas.said, formulas.alone, str.strip)


def _choice(problem: Problem) -> Rules:
    options = problem.options
    return Rules(
        lambda box: choices.boxed(box, options),
        lambda words: choices.said(words, options),
        lambda text: choices.alone(text, options),
        str,
    )


def _exact(problem: Problem) -> Rules:
    """A reference that is one letter asks for the letter of a choice."""
    return _choice(problem) if phrases.is_letter(problem.answer) else PHRASES


GRADERS: Mapping[GraderName, GraderKind] = MappingProxyType(
    {
        GraderName.INTEGER: GraderKind(lambda _: INTEGERS, (integers,), plain=re.compile("-?[0-9]{1,18}")),
        GraderName.EXACT: GraderKind(_exact, (phrases, choices)),
        GraderName.CHOICE: GraderKind(_choice, (choices,), takes_options=True),
        GraderName.MATH: GraderKind(lambda _: FORMULAS, (formulas,), is_told_by_keys=False),
    }
)
