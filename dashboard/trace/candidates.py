"""The candidates of a trace: which one speaks for the job, what each says and scores, and which branch to follow."""

from collections.abc import Sequence

import streamlit as st

from dashboard import linked_table
from dashboard.address import Page, here
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import message
from dashboard.linked_table import Column, number
from dashboard.trace.text import choice_note, is_ballot, path_shown
from db.queries import StoredCandidate, StoredTrace
from scaling.types import Path

WHOLE_TREE = "the whole tree"
SCORE = "{:.3f}".format
COLUMNS = {
    "candidate": number("candidate"),
    "": Column(""),
    "answer": Column("answer", widest="14rem"),
    "verdict": Column("verdict"),
    "score": number("score", shown=SCORE),
    "scores for it": number("scores for it", shown=SCORE),
    "votes for it": number("votes for it"),
    "thinking tokens": number("thinking tokens"),
    "all tokens": number("all tokens"),
    "path": Column("path", widest="10rem"),
    "note": Column("note"),
}


def followed_leaf(trace: StoredTrace) -> Path | None:
    """The candidate to follow; None for the whole tree. With one candidate there is nothing to choose."""
    if len(trace.candidates) < 2:
        if note := trace.candidates[0].note:
            st.caption(message(note))
        return trace.chosen_path
    st.subheader(f"{len(trace.candidates)} candidates", anchor=False)
    st.caption(choice_note(trace.candidates, trace.is_tie))
    _candidates_table(trace.candidates)
    numbers = [str(number) for number in range(1, len(trace.candidates) + 1)]
    won = next(number for number, each in zip(numbers, trace.candidates, strict=True) if each.chosen)
    follow = st.selectbox(
        "Follow candidate",
        [*numbers, WHOLE_TREE],
        index=numbers.index(won),
        key="follow",
        bind="query-params",
        width=220,
    )
    return trace.candidates[int(follow) - 1].path if follow in numbers else None


def _candidates_table(candidates: Sequence[StoredCandidate]) -> None:
    """A row follows its candidate through the text below."""
    rows = [_candidate_row(number, each, candidates) for number, each in enumerate(candidates, 1)]
    hidden = set() if any(row["score"] is not None for row in rows) else {"score", "scores for it"}
    hidden |= set() if any(row["note"] for row in rows) else {"note"}
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    doors = [here(Page.TRACE, follow=number) for number in range(1, len(rows) + 1)]
    linked_table.show("candidates", shown, rows, doors)


def _candidate_row(number: int, candidate: StoredCandidate, candidates: Sequence[StoredCandidate]) -> dict[str, object]:
    """`votes for it` and `scores for it` are those of all candidates with an equivalent answer."""
    ballots = [each for each in candidates if is_ballot(each)] if is_ballot(candidate) else []
    alike = [each for each in ballots if each.key == candidate.key]
    scores = [each.score for each in alike if each.score is not None]
    return {
        "candidate": number,
        "": "★ chosen" if candidate.chosen else None,
        "answer": candidate.answer,
        "verdict": f"{VERDICT_SIGNS[candidate.verdict]} {candidate.verdict_text}",
        "score": candidate.score,
        "scores for it": sum(scores) if scores else None,
        "votes for it": len(alike) or None,
        "thinking tokens": candidate.thinking_tokens,
        "all tokens": candidate.total_tokens,
        "path": path_shown(candidate.path),
        "note": candidate.note,
    }
