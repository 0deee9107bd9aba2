"""The two traces of one problem beside each other, with what came of either and a link to all of it.

Keys: `[` and `]` another repeat of the problem, or, without repeats, another candidate of both.
"""

from collections.abc import Sequence

import streamlit as st

from dashboard import data
from dashboard.address import Page, here, href
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.compare.chosen import Chosen
from dashboard.compare.problems import Listing, place
from dashboard.compare.two_traces import Sides, parting_words, rows_html
from dashboard.escaping import in_html
from dashboard.page import number_in_url
from dashboard.trace.text import visible
from dashboard.ways import link, link_html
from db.queries import Arm, StoredCandidate, StoredStep, TraceDetail
from results import Flip
from results.wording import UNKNOWN
from scaling.alignment import Piece, aligned
from scaling.types import Path

LONGEST_ANSWER = 120


def shown(chosen: Chosen, arms: tuple[Arm, Arm], listed: Listing) -> None:
    flip = listed.flip
    if flip is None:
        st.caption("No pair of answers stands in this cell.")
        return
    jobs = data.trace(flip.first_job), data.trace(flip.second_job)
    number = number_in_url("alt")
    candidates = [_candidate(job, number) for job in jobs]
    _question(jobs[0])
    _others(listed, flip, jobs, number)
    heads = [_head_html(chosen, arm, job, each) for arm, job, each in zip(arms, jobs, candidates, strict=True)]
    st.html(f'<div class="ot-two ot-two-heads">{"".join(heads)}</div>')
    sides = _sides(jobs, [each.path for each in candidates])
    st.html(f'<p class="ot-compare-note">{in_html(parting_words(sides))}</p>')
    st.html(rows_html(sides))


def _candidate(job: TraceDetail, number: int | None) -> StoredCandidate:
    """The one that speaks for the job, or the one of this number from 1; there are only jobs that succeeded."""
    assert job.trace is not None
    candidates = job.trace.candidates
    return candidates[number - 1] if number and number <= len(candidates) else job.trace.chosen_candidate


def _question(job: TraceDetail) -> None:
    question = visible(job.problem.question)[:2_000]
    expected = f"expected {visible(job.problem.answer)[:LONGEST_ANSWER]}"
    st.html(
        f'<div class="ot-plain ot-question" dir="auto">{in_html(question)}'
        f'<span class="ot-expected">{in_html(expected)}</span></div>'
    )


def _others(listed: Listing, flip: Flip, jobs: tuple[TraceDetail, TraceDetail], number: int | None) -> None:
    """Other repeats of the problem, in whatever cell they stand; else other candidates of both."""
    repeats = listed.found.pairs.of_problem(flip.problem)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if len(repeats) > 1:
            at = next(at for at, each in enumerate(repeats) if each.repeat == flip.repeat)
            st.caption(f"repeat {at + 1} of {len(repeats)}", width="content")
            _step("‹", "[", "previous repeat", _to_repeat(listed, repeats, at - 1))
            _step("›", "]", "next repeat", _to_repeat(listed, repeats, at + 1))
        else:
            _other_candidates(max(len(job.trace.candidates) for job in jobs if job.trace), number or 0)


def _other_candidates(most: int, number: int) -> None:
    """`number` 0: the chosen ones."""
    if most < 2:
        return
    st.caption(f"candidate {number} of {most}" if number else f"the chosen of {most} candidates", width="content")
    _step("‹", "[", "previous candidate", here(Page.COMPARE, alt=(number - 1) or None) if number else None)
    _step("›", "]", "next candidate", here(Page.COMPARE, alt=number + 1) if number < most else None)


def _step(label: str, key: str, says: str, address: str | None) -> None:
    link(label, address, key=key, says=says, replaces=True)


def _to_repeat(listed: Listing, repeats: Sequence[Flip], at: int) -> str | None:
    if not 0 <= at < len(repeats):
        return None
    return here(Page.COMPARE, pair=place(repeats[at]), of_job=None, cell=listed.found.pairs.cell_of(repeats[at]).value)


def _head_html(chosen: Chosen, arm: Arm, job: TraceDetail, candidate: StoredCandidate) -> str:
    """The arm, its verdict and answer, and the way to the whole trace."""
    answer = UNKNOWN if candidate.answer is None else visible(candidate.answer)[:LONGEST_ANSWER]
    tokens = UNKNOWN if candidate.total_tokens is None else f"{candidate.total_tokens:,} tokens"
    return (
        f'<div class="ot-two-cell"><div class="ot-two-arm" title="{in_html(arm.label)}" dir="auto">'
        f"{in_html(chosen.name(arm))}</div>"
        f'<div class="ot-two-answer"><span class="ot-verdict {candidate.verdict.value}">'
        f"{VERDICT_SIGNS[candidate.verdict]} {candidate.verdict_text}</span> <bdi>{in_html(answer)}</bdi> · {tokens} · "
        f"{link_html('whole trace', href(Page.TRACE, job=job.job_id))}</div></div>"
    )


def _sides(jobs: tuple[TraceDetail, TraceDetail], leaves: Sequence[Path]) -> Sides:
    """Ids of two models are of two tokenizers, and are not held against each other."""
    left, right = (_branch(job, leaf) for job, leaf in zip(jobs, leaves, strict=True))
    has_ids = jobs[0].arm.model == jobs[1].arm.model
    pieces = [_pieces(job, steps, has_ids=has_ids) for job, steps in zip(jobs, (left, right), strict=True)]
    return Sides(left, right, aligned(*pieces))


def _branch(job: TraceDetail, leaf: Path) -> tuple[StoredStep, ...]:
    return data.steps(job.job_id, tuple(leaf[:depth] for depth in range(1, len(leaf) + 1)))


def _pieces(job: TraceDetail, steps: Sequence[StoredStep], *, has_ids: bool) -> list[Piece]:
    """What an engine reported no ids of is compared by its text."""
    paths = tuple(step.path for step in steps if step.num_ids) if has_ids else ()
    ids = {each.path: each.ids for each in data.trace_ids(job.job_id, paths)} if paths else {}
    return [Piece(step.kind, step.text, ids.get(step.path)) for step in steps]
