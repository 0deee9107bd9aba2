"""The reader on the page: a fragment, so that what the browser asks for as one scrolls runs nothing else again."""

from collections.abc import Sequence

import streamlit as st

from dashboard import data
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_markdown
from dashboard.scans.form import NAMES
from dashboard.trace.finding import Found, found
from dashboard.trace.opened import Opened
from dashboard.trace.pieces import piece_at
from dashboard.trace.reader import Asked, Beside, asked, draw, first_asked
from dashboard.trace.row_texts import growing_rows, stored_rows
from dashboard.trace.shown import Shown, of_growing
from dashboard.trace.text import path_shown, tokens, visible
from dashboard.trace.votes import WHOLE_TREE
from dashboard.trace.why import place_of
from db.queries import GrowingStep, StoredCandidate, TraceDetail
from scaling.types import total_if_known

LONGEST_MARKED = 200_000
"""Characters of a step in which the place of the answer is looked for."""
LONGEST_QUESTION = 300


@st.fragment
def trace_reader(opened: Opened, seek: str = "") -> None:
    """`seek` is looked for in it, unless the address says otherwise."""
    with frame.panel():
        if opened.missing is not None:
            said = in_markdown(opened.missing[:80])
            st.warning(f"This trace has no step {said}. The chosen answer is shown.")
        job, shown = opened.job, opened.shown
        key = f"reader-{job.job_id}"
        step = None if opened.step is None else shown.number_of(opened.step)
        wanted = _asked(key, shown, step, seek)
        rows = stored_rows(job, shown, shown.rows.places(wanted.numbers))
        draw(key, shown, wanted, rows, _found(job, shown, wanted.seek), _beside(opened), step, seek)


def growing_reader(job: TraceDetail, steps: Sequence[GrowingStep]) -> None:
    """What was generated until now, a second ago. Runs within a fragment that refreshes itself."""
    if not steps:
        frame.literal(job.problem.question, "ot-plain ot-question")
        return
    count = total_if_known(step.generated_tokens for step in steps)
    in_steps = f"{len(steps):,} step{'' if len(steps) == 1 else 's'}"
    st.caption(f"So far {tokens(count)} in {in_steps}; its trace is stored when the job ends.")
    shown = of_growing(job.job_id, steps)
    key = f"growing-{job.job_id}"
    wanted = _asked(key, shown, None)
    rows = growing_rows(steps, shown, shown.rows.places(wanted.numbers))
    matches = found([step.text for step in steps], wanted.seek) if wanted.seek else None
    draw(key, shown, wanted, rows, matches, Beside(f"{job.job_id}/growing", _question(job)), None)


def _asked(key: str, shown: Shown, step: int | None, seek: str = "") -> Asked:
    """What the browser says; before it has said anything about this trace, what it will say."""
    said = asked(key)
    if said is None:
        return first_asked(shown, step, st.query_params.get("seek", seek))
    if said.has != shown.key and not shown.is_growing:
        return first_asked(shown, step, said.seek)
    return said


def _found(job: TraceDetail, shown: Shown, seek: str) -> Found | None:
    if not seek:
        return None
    return found(data.whole_texts(job, tuple(node.path for node in shown.nodes)), seek)


def _beside(opened: Opened) -> Beside:
    branch = "tree" if opened.leaf is None else path_shown(opened.leaf)
    job = opened.job
    return Beside(f"{job.job_id}/{branch}", _question(job), _mark(opened), _follow(opened), _log_probs(opened))


def _log_probs(opened: Opened) -> dict[str, object]:
    """Whether there are some, whether they colour its tokens, and where somebody asks for some."""
    job = opened.job
    way = href(Page.SCANS, of_experiment=job.experiment_id, look_for=NAMES["log_probs"], traces_of=job.arm.model)
    is_there = opened.shown.coloured_by is not None or data.log_probs_scan(job.job_id) is not None
    return {"isThere": is_there, "isOn": opened.shown.coloured_by is not None, "way": way}


def _question(job: TraceDetail) -> str:
    return " ".join(visible(job.problem.question[:LONGEST_QUESTION]).split())


def _follow(opened: Opened) -> dict[str, object]:
    """Which candidates can be followed, and which one is."""
    candidates = opened.trace.candidates
    if len(candidates) < 2:
        return {"choices": [], "chosen": ""}
    choices = [{"value": str(number), "label": _choice(number, each)} for number, each in enumerate(candidates, 1)]
    read = next((str(number) for number, each in enumerate(candidates, 1) if each.path == opened.leaf), "")
    if opened.leaf is not None and not read:
        choices.insert(0, {"value": "", "label": f"all that led to {path_shown(opened.leaf)}"})
    whole = {"value": WHOLE_TREE, "label": WHOLE_TREE}
    return {"choices": [*choices, whole], "chosen": WHOLE_TREE if opened.leaf is None else read}


def _choice(number: int, candidate: StoredCandidate) -> str:
    answer = visible((candidate.answer or candidate.verdict_text)[:24])
    star = " ★" if candidate.chosen else ""
    return f"{number} · {VERDICT_SIGNS[candidate.verdict]} {answer}{star}"


def _mark(opened: Opened) -> dict[str, object] | None:
    """Where the answer that was read stands: in the last step that says it. None: nowhere, or too far to look."""
    candidate = opened.candidate
    if candidate is None or candidate.answer is None:
        return None
    for number in range(len(opened.shown.nodes) - 1, 0, -1):
        node = opened.shown.nodes[number]
        if node.num_characters > LONGEST_MARKED or node.is_forced:
            return None
        [text] = data.whole_texts(opened.job, (node.path,))
        if place := place_of(candidate.answer, text):
            return {"step": number, "part": piece_at(text, place[0]), "text": visible(text[slice(*place)])}
    return None
