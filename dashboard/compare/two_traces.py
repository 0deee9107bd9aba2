"""Two traces beside each other as HTML: steps in rows, what is the same dimmed, and the first difference marked.

Pure. Every character of model text is escaped. Of long texts that are the same the middle is left out, of others what
follows after the difference; the trace's own page has all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.escaping import in_html
from dashboard.trace.text import visible
from db.queries import StoredStep
from scaling.alignment import Alignment, Parting, Place
from scaling.types import Phase, StepKind

ROWS = 60
BEFORE = 300
"""Characters shown of the same text before the difference, and at either end of a text that is the same."""
AFTER = 6_000
NAMES = {
    StepKind.PROMPT: "prompt",
    StepKind.THINK: "thinking",
    StepKind.FORCED: "forced",
    StepKind.ANSWER: "answer",
    StepKind.STEP: "step",
    StepKind.REVISION: "revision",
    StepKind.ROLLOUT: "rollout",
}


@dataclass(frozen=True, slots=True)
class Sides:
    """The steps of either trace, from its prompt to the candidate that is looked at, and how they lie."""

    left: Sequence[StoredStep]
    right: Sequence[StoredStep]
    alignment: Alignment


def parting_words(sides: Sides) -> str:
    """How long the two say the same."""
    parting = sides.alignment.parting
    prompts = "" if sides.alignment.prompts_are_same else " Their prompts differ."
    if parting is None:
        return f"They say the same to the end.{prompts}"
    if parting.left is None and parting.right is None:
        return f"They say the same, in other tokens from token {(parting.tokens or 0) + 1:,} on.{prompts}"
    return f"{_same_words(parting.tokens)}: {_where(sides, parting)}.{prompts}"


def _same_words(tokens: int | None) -> str:
    if tokens is None:
        return "They part (by their text, for there are no ids to compare)"
    return (
        f"The same for {tokens:,} token{'' if tokens == 1 else 's'}, then they part" if tokens else "They part at once"
    )


def _where(sides: Sides, parting: Parting) -> str:
    left, right = _name_at(sides.left, parting.left), _name_at(sides.right, parting.right)
    return f"in {left}" if left == right else f"{left} on the left, {right} on the right"


def _name_at(steps: Sequence[StoredStep], place: Place | None) -> str:
    return "the end" if place is None else _name(steps[place.step])


def _name(step: StoredStep) -> str:
    ends = step.is_forced and step.phase is Phase.ANSWER
    return "forced end of thinking" if ends else NAMES[step.kind]


def rows_html(sides: Sides) -> str:
    """As many rows as a reader takes in, from shortly before the difference."""
    rows = sides.alignment.rows
    first = _first_row(sides)
    start = 0 if first < ROWS - 3 else first - 3
    shown = range(start, min(len(rows), start + ROWS))
    parts = [_left_out(start), *(_row_html(sides, at, is_first=at == first) for at in shown)]
    parts.append(_left_out(len(rows) - shown.stop))
    return f'<div class="ot-two" role="table" aria-label="Two traces">{"".join(parts)}</div>'


def _first_row(sides: Sides) -> int:
    """The first in which either side says something of its own; −1: none does."""
    parting = sides.alignment.parting
    if parting is None:
        return -1
    for at, row in enumerate(sides.alignment.rows):
        for step, place in ((row.left, parting.left), (row.right, parting.right)):
            if place is not None and step == place.step:
                return at
    return -1


def _left_out(count: int) -> str:
    return f'<div class="ot-two-rest">… {count:,} steps not shown …</div>' if count else ""


def _row_html(sides: Sides, at: int, *, is_first: bool) -> str:
    row, parting = sides.alignment.rows[at], sides.alignment.parting
    places = (None, None) if parting is None else (parting.left, parting.right)
    cells = [
        _cell_html(steps, step, place)
        for steps, step, place in zip((sides.left, sides.right), (row.left, row.right), places, strict=True)
    ]
    mark = ' id="first-difference" class="ot-parts"' if is_first else ""
    return f'<div role="row"{mark}>{"".join(cells)}</div>'


def _cell_html(steps: Sequence[StoredStep], at: int | None, place: Place | None) -> str:
    """`place` None: this side says nothing of its own, whatever the other does."""
    if at is None:
        return '<div role="cell" class="ot-nothing"></div>'
    step = steps[at]
    forced = " ot-forced-step" if step.is_forced else ""
    tokens = "" if not step.num_ids else f"<span>{step.num_ids:,} token{'' if step.num_ids == 1 else 's'}</span>"
    head = f'<div class="ot-two-head"><b>{_name(step)}</b>{tokens}</div>'
    text = _text_html(step, _own_from(at, place, len(step.text)))
    return f'<div role="cell" class="ot-two-cell{forced}" dir="auto">{head}{text}</div>'


def _own_from(at: int, place: Place | None, length: int) -> int | None:
    """Behind how many characters a step is its side's own; None: it begins so already."""
    if place is None or at < place.step:
        return length
    return place.characters if at == place.step else None


def _text_html(step: StoredStep, own_from: int | None) -> str:
    if step.kind is StepKind.PROMPT:
        whole = in_html(visible(step.text[:AFTER]))
        return f'<details><summary>as the model saw it</summary><div class="ot-text">{whole}</div></details>'
    if own_from is None:
        return f'<div class="ot-text">{_begin_of(step.text)}</div>'
    if own_from == len(step.text):
        return f'<div class="ot-text ot-alike">{_middle_out(step.text, BEFORE)}</div>'
    alike = f'<span class="ot-alike">{_end_of(step.text[:own_from])}</span>' if own_from else ""
    mark = '<mark class="ot-first" title="here they part" aria-label="here they part">▸</mark>'
    return f'<div class="ot-text">{alike}{mark}{_begin_of(step.text[own_from:])}</div>'


def _middle_out(text: str, ends: int) -> str:
    if len(text) <= 3 * ends:
        return in_html(visible(text))
    hidden = _cut(len(text) - 2 * ends, "the same")
    return in_html(visible(text[:ends])) + hidden + in_html(visible(text[-ends:]))


def _end_of(text: str) -> str:
    if len(text) <= 3 * BEFORE:
        return in_html(visible(text))
    return _cut(len(text) - BEFORE, "the same") + in_html(visible(text[-BEFORE:]))


def _begin_of(text: str) -> str:
    if len(text) <= AFTER:
        return in_html(visible(text))
    return in_html(visible(text[:AFTER])) + _cut(len(text) - AFTER, "not shown")


def _cut(characters: int, what: str) -> str:
    return f'<span class="ot-cut">… {characters:,} characters {what} …</span>'
