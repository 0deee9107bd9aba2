"""The arms of the form: a line each, which opens to edit, with what may be done to it beside it."""

from collections.abc import Sequence

import streamlit as st

from dashboard.escaping import in_markdown
from dashboard.form import written
from dashboard.form.arm_widgets import ArmForm
from dashboard.form.draft import Document, StrategyDraft, strategy_document
from dashboard.form.fields import Offered
from dashboard.form.findings import Findings
from scaling.spec.words import in_words
from scaling.strategies import STRATEGIES

WHAT = (
    "An arm is one strategy with one setting; arms are what is compared. `8, 16, 32` or `Wait | Hmm` make an arm each."
)
OPEN = "new.open_arms"
MOST_CHARACTERS = 160
"""Of an arm's line: a prompt may be pages long."""


def arms_drawn(arms: Sequence[StrategyDraft], offered: Offered, findings: Findings) -> tuple[StrategyDraft, ...]:
    """What is typed in those that are open; the others as they are."""
    st.subheader("Arms", anchor=False, help=WHAT)
    ids = written.arm_ids(len(arms))
    typed = tuple(_arm(position, ids, arm, offered, findings) for position, arm in enumerate(arms))
    findings.below("arms")
    st.button("Add an arm", key="add-arm", icon=":material/add:", on_click=_add)
    return typed


def _arm(position: int, ids: Sequence[int], arm: StrategyDraft, offered: Offered, findings: Findings) -> StrategyDraft:
    number = ids[position]
    with st.container(key=f"ot-arm-{number}", horizontal=True, gap=None):
        is_open = number in _open_arms()
        opened = st.expander(line(position, arm), is_open, key=f"arm.{number}.line", on_change=_note, args=(number,))
        _verbs(position, len(ids), number)
    place = ("arms", position)
    if is_open:
        with opened:
            arm = ArmForm(f"arm.{number}", place, offered, findings).drawn(arm)
    findings.below(*place)
    return arm


def line(position: int, arm: StrategyDraft) -> str:
    """Strategy first, then what it sets, all in words. Streamlit's Markdown."""
    said = in_words(_set_first(strategy_document(arm, STRATEGIES)))
    strategy, _, rest = said.partition(", ")
    rest = rest if len(rest) <= MOST_CHARACTERS else f"{rest[:MOST_CHARACTERS]}…"
    return f"{position + 1} · **{in_markdown(strategy)}**" + (f" · {in_markdown(rest)}" if rest else "")


def _set_first(document: Document) -> Document:
    """The model comes last: it is mostly the same."""
    own = ("model", "sampling", "prompt", "seed")
    return {name: document[name] for name in sorted(document, key=lambda name: name in own)}


def _verbs(position: int, count: int, number: int) -> None:
    up = [*range(position - 1), position, position - 1, *range(position + 1, count)]
    down = [*range(position), position + 1, position, *range(position + 2, count)]
    twice = [*range(position + 1), *range(position, count)]
    others = [place for place in range(count) if place != position]
    for verb, icon, order, is_possible in (
        ("Move up", ":material/arrow_upward:", up, position > 0),
        ("Move down", ":material/arrow_downward:", down, position + 1 < count),
        ("Duplicate", ":material/content_copy:", twice, True),
        ("Remove", ":material/close:", others, True),
    ):
        st.button(
            f"{verb} arm {position + 1}",
            key=f"arm.{number}.{verb.lower().replace(' ', '-')}",
            icon=icon,
            type="tertiary",
            help=verb,
            disabled=not is_possible,
            on_click=_arrange,
            args=(order,),
        )


def _arrange(order: Sequence[int]) -> None:
    _open_arms().update(written.arrange(order))


def _add() -> None:
    count = len(st.session_state.get(written.ARM_IDS, []))
    _open_arms().update(written.arrange(range(count), added=[{"strategy": next(iter(STRATEGIES))}]))


def _note(number: int) -> None:
    """As the line stands now, and not turned over: one click calls it twice where typed text goes out beside it."""
    (_open_arms().add if st.session_state[f"arm.{number}.line"] else _open_arms().discard)(number)


def _open_arms() -> set[int]:
    """By their numbers. What is closed is not drawn."""
    opened: set[int] = st.session_state.setdefault(OPEN, set())
    return opened
