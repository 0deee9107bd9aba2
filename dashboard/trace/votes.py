"""The candidates of a trace as answers: which of them are one answer, how many voted for each, and which was expected.

Pure, but for `show`. Answers are one answer if they have one key, as the job's vote counted them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import linked_table
from dashboard.address import Page, here
from dashboard.charts.palette import VERDICT_SIGNS
from dashboard.escaping import in_html, message
from dashboard.linked_table import Column, number
from dashboard.trace.text import path_shown
from db.queries import StoredCandidate, StoredTrace
from scaling.types import Path, Verdict

WHOLE_TREE = "the whole tree"
SCORE = "{:.3f}".format
COLUMNS = {
    "candidate": number("candidate"),
    "": Column(""),
    "answer": Column("answer", widest="10rem"),
    "verdict": Column("verdict"),
    "score": number("score", shown=SCORE),
    "scores for it": number("scores for it", shown=SCORE),
    "votes for it": number("votes for it"),
    "thinking tokens": number("thinking tokens"),
    "all tokens": number("all tokens"),
    "path": Column("path", widest="10rem"),
    "note": Column("note"),
}
Member = tuple[int, StoredCandidate]
"""A candidate with its number, from 1."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Candidates with one answer; or, with `answer` None, those that had no vote for one reason, which `why` says."""

    answer: str | None
    members: tuple[Member, ...]
    why: str = ""

    @property
    def is_expected(self) -> bool:
        return self.answer is not None and any(each.verdict is Verdict.CORRECT for _, each in self.members)

    @property
    def is_chosen(self) -> bool:
        return any(each.chosen for _, each in self.members)

    @property
    def score(self) -> float | None:
        """The sum; None: nobody scored them."""
        scores = [each.score for _, each in self.members if each.score is not None]
        return sum(scores) if scores else None


def clusters(candidates: Sequence[StoredCandidate]) -> list[Cluster]:
    """The answers, those with the most votes first; then who did not vote, by the reason."""
    answers: dict[str, list[Member]] = {}
    silent: dict[str, list[Member]] = {}
    for member in enumerate(candidates, 1):
        _, each = member
        if is_ballot(each):
            answers.setdefault(str(each.key), []).append(member)
        else:
            silent.setdefault(each.verdict_text, []).append(member)
    ordered = sorted(answers.values(), key=lambda members: (-len(members), members[0][0]))
    return [Cluster(_speaker(members).answer, tuple(members)) for members in ordered] + [
        Cluster(None, tuple(members), why) for why, members in silent.items()
    ]


def _speaker(members: Sequence[Member]) -> StoredCandidate:
    return next((each for _, each in members if each.chosen), members[0][1])


def is_ballot(candidate: StoredCandidate) -> bool:
    """Its answer could be read, and was not cut short."""
    return candidate.key is not None and not candidate.truncated


def show(trace: StoredTrace, expected: str, leaf: Path | None) -> None:
    """`leaf` is the candidate that is read."""
    if len(trace.candidates) < 2:
        note = trace.candidates[0].note
        st.caption("One candidate: there was nothing to vote on." + (f" {message(note)}" if note else ""))
        return
    st.caption(choice_note(trace.candidates, trace.is_tie))
    st.html(clusters_html(clusters(trace.candidates), expected, leaf))
    _candidates_table(trace.candidates)


def clusters_html(found: Sequence[Cluster], expected: str, leaf: Path | None) -> str:
    most = max(len(each.members) for each in found)
    rows = [_cluster_html(each, most, leaf) for each in found]
    if not any(each.is_expected for each in found):
        rows.append(
            f'<li class="ot-cluster"><span class="ot-cluster-answer"><bdi>{in_html(expected)}</bdi> '
            '<em>expected</em></span><span class="ot-cluster-count">no vote</span></li>'
        )
    return f'<ol class="ot-clusters" aria-label="Answers by votes">{"".join(rows)}</ol>'


def _cluster_html(cluster: Cluster, most: int, leaf: Path | None) -> str:
    count, share = len(cluster.members), len(cluster.members) / most
    scored = "" if cluster.score is None else f" · scores {cluster.score:.3f}"
    signs = " ".join(
        f"<em>{word}</em>"
        for word, is_so in (("expected", cluster.is_expected), ("★ chosen", cluster.is_chosen))
        if is_so
    )
    name = f"<i>{in_html(cluster.why)}</i>" if cluster.answer is None else f"<bdi>{in_html(cluster.answer)}</bdi>"
    votes = f"{count} vote{'s' if count > 1 else ''}" if cluster.answer is not None else f"{count} did not vote"
    members = "".join(_member_html(number, each, each.path == leaf) for number, each in cluster.members)
    return (
        f'<li class="ot-cluster"><span class="ot-cluster-answer">{name} {signs}</span>'
        f'<span class="ot-cluster-bar"><span style="width:{share:.1%}"></span></span>'
        f'<span class="ot-cluster-count">{votes}{scored}</span><span class="ot-members">{members}</span></li>'
    )


def _member_html(number: int, candidate: StoredCandidate, is_read: bool) -> str:
    title = in_html(f"candidate {number}: {candidate.verdict_text}")
    now = ' aria-current="true"' if is_read else ""
    address = in_html(here(Page.TRACE, follow=number, step=None))
    sign = f'<span class="ot-sign {candidate.verdict.value}">{VERDICT_SIGNS[candidate.verdict]}</span>'
    return f'<a class="ot-member" href="{address}" title="{title}" data-replaces{now}>{sign}{number}</a>'


def _candidates_table(candidates: Sequence[StoredCandidate]) -> None:
    """A row follows its candidate through the text."""
    rows = [_candidate_row(number, each, candidates) for number, each in enumerate(candidates, 1)]
    hidden = set() if any(row["score"] is not None for row in rows) else {"score", "scores for it"}
    hidden |= set() if any(row["note"] for row in rows) else {"note"}
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    doors = [here(Page.TRACE, follow=number, step=None) for number in range(1, len(rows) + 1)]
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


def choice_note(candidates: Sequence[StoredCandidate], is_tie: bool) -> str:
    """How the answer that speaks for the job stands among the others, if there was anything to choose."""
    if len(candidates) < 2:
        return ""
    chosen = next(candidate for candidate in candidates if candidate.chosen)
    ballots = [candidate for candidate in candidates if is_ballot(candidate)]
    if not is_ballot(chosen):
        return "No candidate could vote; the first one speaks for the job."
    votes = sum(ballot.key == chosen.key for ballot in ballots)
    drawn = ", a tie that a seeded draw decided" if is_tie else ""
    silent = len(candidates) - len(ballots)
    others = f"; {silent} did not vote" if silent else ""
    return f"The chosen answer has {votes} of {len(ballots)} votes{drawn}{others}.{_score_note(chosen, ballots)}"


def _score_note(chosen: StoredCandidate, ballots: Sequence[StoredCandidate]) -> str:
    """The chosen candidate's rank by score, and its answer's by the sum of scores, among those that were scored."""
    if chosen.score is None:
        return ""
    scores = [(ballot.key, ballot.score) for ballot in ballots if ballot.score is not None]
    sums: dict[str | None, float] = {}
    for key, score in scores:
        sums[key] = sums.get(key, 0.0) + score
    rank = 1 + sum(score > chosen.score for _, score in scores)
    sum_rank = 1 + sum(each > sums[chosen.key] for each in sums.values())
    unscored = len(ballots) - len(scores)
    aside = f" {unscored} had no score and no say." if unscored else ""
    return (
        f" The chosen candidate scores {chosen.score:.3f}, number {rank} of {len(scores)}; the scores for its answer "
        f"add up to {sums[chosen.key]:.3f}, number {sum_rank} of {len(sums)} answers.{aside}"
    )
