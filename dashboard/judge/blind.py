"""A pair as a judge sees it: which trace stands on the left, and what is shown of either. Pure.

The side is drawn by a hash of the person and the two jobs: the same after a reload, another for the next person, and
even over many. Nothing here, nor on the page before the choice, says which arm is which: no label, no job, no mark on
what was forced.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from dashboard.escaping import in_html
from dashboard.trace.text import visible
from db.opinions import Choice, Judgement, Shown
from db.queries import Pair, StoredStep
from scaling.types import THINKING_FORMATS, Phase, StepKind

LONGEST = 20_000
"""Characters shown of either side."""


@dataclass(frozen=True, slots=True)
class Blind:
    """The two jobs by their sides. `token` names the pair and says nothing of its jobs."""

    left_job: int
    right_job: int
    token: str

    @classmethod
    def of(cls, pair: Pair, person: str) -> "Blind":
        drawn = sha256(f"{person}\n{pair.first_job}\n{pair.second_job}".encode())
        jobs = (pair.first_job, pair.second_job)
        left, right = jobs if drawn.digest()[0] % 2 else jobs[::-1]
        return cls(left, right, drawn.hexdigest()[2:14])

    def judged(self, choice: Choice, shown: Shown) -> Judgement:
        return Judgement(self.left_job, self.right_job, choice, shown)


ENDS = tuple(end for known in THINKING_FORMATS.values() for end in known.stop)
"""What a model writes where it ends its thinking itself, and not where it was ended for it: that tells arms apart."""


def thinking(steps: Iterable[StoredStep]) -> str:
    """All that stands before the answer, the prompt aside, without a seam where it was forced or ended."""
    said = "".join(each.text for each in steps if each.phase is not Phase.ANSWER and each.kind is not StepKind.PROMPT)
    for end in ENDS:
        said = said.rstrip().removesuffix(end)
    return said.rstrip()


def side_html(name: str, thought: str | None, answer: str) -> str:
    """`thought` None: only the answer is shown."""
    reasoning = "" if thought is None else f'<div class="ot-judged-head">reasoning</div>{_text_html(thought)}'
    head = '<div class="ot-judged-head">answer</div>' if thought is not None else ""
    return f'<section class="ot-judged" aria-label="{name}">{reasoning}{head}{_text_html(answer)}</section>'


def _text_html(text: str) -> str:
    if not text.strip():
        return '<div class="ot-empty">(no text)</div>'
    cut = len(text) - LONGEST
    rest = f'<span class="ot-cut">… {cut:,} characters not shown …</span>' if cut > 0 else ""
    return f'<div class="ot-text" dir="auto">{in_html(visible(text[:LONGEST]))}{rest}</div>'
