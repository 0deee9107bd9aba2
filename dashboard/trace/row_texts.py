"""The rows of a trace as the browser's side is given them: texts made visible, and a line above each step's first."""

from collections.abc import Mapping, Sequence

from dashboard import data
from dashboard.trace.pieces import IDS_AT_ONCE, first_character, num_pieces, piece, span
from dashboard.trace.reader import Row
from dashboard.trace.shown import Shown
from dashboard.trace.text import DROPPED, Head, dropped, generated, head, ids_text, visible
from db.queries import GrowingStep, StepIds, StoredStep, TokenLogProbs, TraceDetail
from scaling.types import Path

Places = Sequence[tuple[int, int]]


def stored_rows(job: TraceDetail, shown: Shown, places: Places) -> list[Row]:
    """Rows of a trace that is stored: the texts, facts and ids of just these are read."""
    paths = tuple(dict.fromkeys(shown.nodes[step].path for step, _ in places))
    of_texts = [(step, number) for step, number in places if number < shown.rows.texts_S[step]]
    texts = data.pieces(job.job_id, [span(shown.nodes[step].path, number) for step, number in of_texts])
    steps = {each.path: each for each in data.step_heads(job.job_id, paths)}
    ids = {each.path: each for each in data.trace_ids(job.job_id, paths)} if shown.has_ids else {}
    scan = shown.coloured_by
    log_probs = {} if scan is None else {each.path: each for each in data.log_probs(scan, job.job_id, paths)}
    read = dict(zip(of_texts, texts, strict=True))
    return [_stored_row(shown, steps, ids, log_probs, place, read.get(place)) for place in places]


def _stored_row(
    shown: Shown,
    steps: Mapping[Path, StoredStep],
    ids: Mapping[Path, StepIds],
    log_probs: Mapping[Path, TokenLogProbs],
    place: tuple[int, int],
    read: str | None,
) -> Row:
    number, part = place
    node = shown.nodes[number]
    if read is None:
        return {**_place(shown, place), **_ids_part(ids[node.path], part - num_pieces(node.num_characters))}
    row = _text_row(shown, place, read)
    if told := log_probs.get(node.path):
        is_last = part == num_pieces(node.num_characters) - 1
        row["tokens"] = tokens_in(piece(read, part, is_last=is_last), first_character(read, part), told)
    if part == 0:
        title = shown.titles_S[number] + (f" · {shown.asides[number]}" if number in shown.asides else "")
        row |= _headed(head(steps[node.path], title if shown.is_tree or node.is_forced else ""))
    if part == num_pieces(node.num_characters) - 1:
        row |= _footed(node.num_dropped_ids)
    return row


def tokens_in(text: str, first: int, told: TokenLogProbs) -> list[tuple[str, float | None]]:
    """The tokens of a step that stand in a piece of its text, which begins at its character `first`: of each what is to
    be seen of it there, and its log-prob. One that takes no place is not among them."""
    behind = first + len(text)
    found = []
    for start, end, value in zip((0, *told.ends), told.ends, told.log_probs, strict=False):
        if start < end and end > first and start < behind:
            found.append((visible(text[max(start - first, 0) : end - first]), value))
    return found


def growing_rows(steps: Sequence[GrowingStep], shown: Shown, places: Places) -> list[Row]:
    """Rows of a job that runs, out of what it was told."""
    rows = []
    for number, part in places:
        step = steps[number]
        wanted = span(step.path, part)
        row = _text_row(shown, (number, part), step.text[wanted.first : wanted.first + wanted.length])
        if part == 0:
            row |= _headed(Head("running", f"{shown.titles_S[number]} · {generated(step.generated_tokens)} so far"))
        rows.append(row)
    return rows


def _text_row(shown: Shown, place: tuple[int, int], read: str) -> Row:
    step, number = place
    is_last = number == num_pieces(shown.nodes[step].num_characters) - 1
    return {**_place(shown, place), "text": visible(piece(read, number, is_last=is_last))}


def _place(shown: Shown, place: tuple[int, int]) -> Row:
    step, part = place
    return {"step": step, "part": part, "characters": shown.nodes[step].num_characters}


def _footed(num_dropped_ids: int) -> Row:
    return {"foot": {"said": dropped(num_dropped_ids), "means": DROPPED}} if num_dropped_ids else {}


def _headed(head: Head) -> Row:
    return {"label": head.label, "facts": head.facts}


def _ids_part(ids: StepIds, number: int) -> Row:
    """A few hundred at a time; the dropped ones come behind those that the model was conditioned on."""
    first = number * IDS_AT_ONCE
    kept = ids.ids[first : first + IDS_AT_ONCE]
    left = first + IDS_AT_ONCE - len(ids.ids)
    gone = ids.dropped_ids[max(0, left - IDS_AT_ONCE) : max(0, left)]
    said = [f"ids: {ids_text(kept) or 'none'}"] if kept or not number else []
    said += [f"dropped: {ids_text(gone)}"] if gone else []
    return {"ids": "\n".join(said)}
