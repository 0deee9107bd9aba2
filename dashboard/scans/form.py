"""What to look for: a scanner with its parameters, all of it in the address but a judge's prompt; and what it finds in
ten traces, before anybody runs it over all."""

from collections.abc import Mapping

import streamlit as st
from pydantic import JsonValue

from dashboard import data, linked_table, person
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.data.scans import Previewed
from dashboard.escaping import in_markdown, message
from dashboard.linked_table import Column, number
from dashboard.ways import go
from db.queries import ExperimentDetail
from results.wording import amount
from scaling.scanners import BadScannerError, Rule, Scanner, read_scanner
from scaling.scanners.judge import Judge
from scaling.scanners.log_probs import LogProbs

NAMES: Mapping[str, str] = {
    "text": "a text",
    "regex": "a regular expression",
    "wait_count": "“wait”",
    "own_check": "checking itself",
    "gave_up": "giving up",
    "loop": "loops",
    "language_switch": "language switches",
    "cut_thought": "cut thoughts",
    "judge": "ask a judge",
    "log_probs": "log-probs",
}
"""What a scanner looks for, for people."""
MATCHING = ("text", "regex", "wait_count", "own_check", "gave_up")
WHOSE = {"own": "the model’s own words", "forced": "what was forced on it", "all": "both"}
PARTS = {"all": "thinking and answer", "thinking": "thinking", "answer": "answer"}
GIVES = ("yes or no", "a number", "a label")
PROMPT = """\
Question: {question}

Reasoning and answer:
{trace}

Does the reasoning contain a step that does not follow from those before it?"""

PREVIEW = {
    "question": Column("problem", widest="24rem"),
    "where": Column("where", "the first hit, or why nothing can be said", widest="30rem"),
    "number": number("number", "a chain’s mean", str),
    "hits": Column("chains with a hit", is_number=True),
}


def form(detail: ExperimentDetail) -> None:
    names = list(NAMES.values())
    chosen = st.segmented_control(
        "Look for", names, default=names[2], required=True, key="look_for", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    kind = next(name for name, shown in NAMES.items() if shown == chosen)
    try:
        scanner = _scanner(detail, kind)
    except BadScannerError as error:
        frame.in_place_error(str(error))
        return
    if scanner is None:
        st.caption("Say what to look for, and ten traces show at once what it finds.")
        return
    _run(detail, scanner)
    if isinstance(scanner, Rule):
        _preview(detail, scanner)


def _scanner(detail: ExperimentDetail, kind: str) -> Scanner | None:
    """None: something that it needs was not typed yet. Raises BadScannerError."""
    fields: dict[str, JsonValue] | None = {}
    if kind in ("text", "regex"):
        typed = st.text_input(
            "Text" if kind == "text" else "Regular expression", key="words", bind="query-params", max_chars=1000
        )
        fields = {"text" if kind == "text" else "pattern": typed} if typed else None
    elif kind == "judge":
        fields = _judge()
    elif kind == "log_probs":
        fields = _log_probs(detail)
    if kind in MATCHING:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            whose = st.selectbox("In", list(WHOSE.values()), key="whose", bind="query-params", width=260)
            part = st.selectbox("Of", list(PARTS.values()), key="part_of", bind="query-params", width=220)
        chosen: dict[str, JsonValue] = {"whose": _key(WHOSE, whose), "part": _key(PARTS, part)}
        fields = None if fields is None else fields | chosen
    return None if fields is None else read_scanner({"scanner": kind, **fields})


def _judge() -> dict[str, JsonValue] | None:
    models = data.served_models()
    if not models:
        st.info("No worker has announced a model yet that could judge. Start one with `overthink worker`.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox("Judge", models, key="judge_model", bind="query-params", width=260)
        gives = st.selectbox("It gives", GIVES, key="judge_gives", bind="query-params", width=200)
        written = st.text_input("Labels, between commas", key="labels", bind="query-params", disabled=gives != GIVES[2])
    prompt = st.text_area("What it is asked", PROMPT, height=180, key="scan.prompt")
    st.caption(
        "`{trace}` stands for the chain whose answer speaks for the job; `{question}`, `{answer}`, `{reference}` for "
        "its question, its answer and the expected one. How to end its answer is added."
    )
    labels: list[JsonValue] = [each.strip() for each in written.split(",")] if gives == GIVES[2] and written else []
    return {"judge": model, "prompt": prompt, "gives": gives, "labels": labels}


def _log_probs(detail: ExperimentDetail) -> dict[str, JsonValue]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        made_by = list(dict.fromkeys(arm.model for arm in detail.arms))
        model = st.selectbox("Of the traces of", made_by, key="traces_of", bind="query-params", width=260)
        below = st.number_input(
            "A hit is a token below, nats", -100.0, -0.01, -3.0, 0.5, key="below", bind="query-params", width=200,
            help="the natural logarithm of the probability that the model gave it",
        )  # fmt: skip
    return {"of": model, "below": below}


def _key(names: Mapping[str, str], shown: str) -> str:
    return next(name for name, each in names.items() if each == shown)


def _run(detail: ExperimentDetail, scanner: Scanner) -> None:
    traces = detail.summary.jobs.succeeded
    with st.container(horizontal=True, vertical_alignment="center"):
        which = f"all {traces:,} traces" if scanner.made_by is None else "all of its traces"
        if st.button(f"Scan {which}", type="primary", icon=":material/search:", disabled=not traces):
            _hand_in(detail, scanner, None)
        if scanner.model and st.button("Try it on ten", icon=":material/experiment:", disabled=not traces):
            _hand_in(detail, scanner, data.PREVIEWED)
    if isinstance(scanner, Judge):
        st.caption(f"A judge reads and writes tokens: one request a trace, {traces:,} in all. They are the scan’s own.")
    if isinstance(scanner, LogProbs):
        st.caption(
            f"{in_markdown(scanner.of)} reads each chain of its own traces once more, by its ids: then tokens can be "
            "coloured by how likely it held them. What it reads is the scan’s own."
        )


def _hand_in(detail: ExperimentDetail, scanner: Scanner, at_most: int | None) -> None:
    try:
        handed = data.scan(detail.id, scanner, person.name(), at_most)
    except BadScannerError as error:
        st.error(message(str(error)), icon=":material/error:")
        return
    st.session_state["scan.notes"] = handed.notes
    go(href(Page.SCANS, of_experiment=detail.id, scan=handed.scan_id))


def _preview(detail: ExperimentDetail, rule: Rule) -> None:
    found = data.preview(data.Revision.of(detail.summary), rule)
    if not found:
        st.info("No trace yet to look at.", icon=":material/hourglass_empty:")
        return
    hits = sum(each.finding.hits > 0 for each in found)
    st.caption(f"In {len(found)} traces drawn from all: {hits} with a hit.")
    doors = [href(Page.TRACE, job=each.job_id) for each in found]
    linked_table.show("preview", PREVIEW, [_row(each) for each in found], doors)


def _row(found: Previewed) -> dict[str, object]:
    finding = found.finding
    words = finding.places[0].words if finding.places else finding.why
    return {
        "where": " ".join(words.split()) if words else None,
        "number": None if finding.value is None else amount(finding.value),
        "hits": f"{finding.hits:,} / {finding.chains:,}",
        "question": found.question,
    }
