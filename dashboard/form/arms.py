"""The arms of the form: a line each, which opens to edit, with what may be done to it beside it.

A line is a button, and its fields stand below: what is typed into them changes its words, and takes none of them away.
What is asked of arms is done once all that was typed has been read.
"""

from collections.abc import Callable, Mapping, Sequence

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
ASKED = "new.asked_of_arms"
MOST_CHARACTERS = 160
"""Of an arm's line: a prompt may be pages long."""
Places = list[int]


def swapped(places: Places, at: int, other: int) -> Places:
    """As they are, where there is no other."""
    found = dict(enumerate(places))
    return list((found | {at: found[other], other: found[at]}).values()) if other in found else places


ORDERS: Mapping[str, Callable[[Places, int], Places]] = {
    "Move up": lambda places, at: swapped(places, at, at - 1),
    "Move down": lambda places, at: swapped(places, at, at + 1),
    "Duplicate": lambda places, at: [*places[: at + 1], *places[at:]],
    "Remove": lambda places, at: [*places[:at], *places[at + 1 :]],
}
"""What may be asked of an arm, and in which order all of them stand then."""
ICONS = {"Move up": "arrow_upward", "Move down": "arrow_downward", "Duplicate": "content_copy", "Remove": "close"}


def arms_drawn(arms: Sequence[StrategyDraft], offered: Offered, findings: Findings) -> tuple[StrategyDraft, ...]:
    """What is typed in those that were opened; the others as they are."""
    st.subheader("Arms", anchor=False, help=WHAT)
    numbers = list(written.arms(len(arms)))
    typed = tuple(_arm(position, numbers, arm, offered, findings) for position, arm in enumerate(arms))
    findings.below("arms")
    st.button("Add an arm", key="add-arm", icon=":material/add:", on_click=_ask, args=(_add,))
    return typed


def _arm(
    position: int, numbers: Sequence[int], arm: StrategyDraft, offered: Offered, findings: Findings
) -> StrategyDraft:
    number, place = numbers[position], ("arms", position)
    is_open = written.now().arms[number]
    with st.container(key=f"ot-arm-{number}", border=True, gap=None):
        line_of_arm = st.container(horizontal=True, gap=None, vertical_alignment="top", key=f"ot-line-{number}")
        if is_open is not None:
            with st.container(key=f"ot-fields-{number}"):
                arm = ArmForm(f"arm.{number}", place, offered, findings).drawn(arm)
    with line_of_arm:
        _opener(number, line(position, arm), is_open=bool(is_open))
        _verbs(position, numbers)
    findings.below(*place)
    return arm


def _opener(number: int, words: str, *, is_open: bool) -> None:
    """`keeper.js` says to who cannot see whether it is open, and hides the fields of one that was closed."""
    icon = ":material/keyboard_arrow_down:" if is_open else ":material/keyboard_arrow_right:"
    args = (number, not is_open)
    st.button(words, f"ot-opener-{number}", type="tertiary", icon=icon, width="stretch", on_click=_turn, args=args)


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


def _verbs(position: int, numbers: Sequence[int]) -> None:
    ends = {"Move up": 0, "Move down": len(numbers) - 1}
    for verb, icon in ICONS.items():
        st.button(
            f"{verb} arm {position + 1}",
            key=f"arm.{numbers[position]}.{verb.lower().replace(' ', '-')}",
            icon=f":material/{icon}:",
            type="tertiary",
            help=verb,
            disabled=position == ends.get(verb),
            on_click=_ask,
            args=(_arrange, verb, numbers[position]),
        )


def _turn(number: int, is_open: bool) -> None:
    """To what it said as it was clicked, however often that is heard."""
    if number in written.now().arms:
        written.now().arms[number] = is_open


def _ask(act: Callable[..., None], *args: object) -> None:
    st.session_state.setdefault(ASKED, []).append((act, args))


def arranged() -> bool:
    """Does what was asked of arms, now that all that was typed has been read; whether there was anything."""
    asked = st.session_state.pop(ASKED, [])
    for act, args in asked:
        act(*args)
    return bool(asked)


def _arrange(verb: str, number: int) -> None:
    """Nothing, where it is gone by now."""
    numbers = list(written.now().arms)
    if number in numbers:
        written.arrange(ORDERS[verb](list(range(len(numbers))), numbers.index(number)))


def _add() -> None:
    written.arrange(range(len(written.now().arms)), added=[{"strategy": next(iter(STRATEGIES))}])
