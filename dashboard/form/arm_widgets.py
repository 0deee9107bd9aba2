"""The arms of the form: boxes to add and remove, each with its strategy's fields and what is wrong with them below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from dashboard import page as frame
from dashboard.form.draft import OWN_FIELDS, SEED, FormField, Offered, StrategyDraft, form_fields
from dashboard.form.typed_values import Kind, pieces
from scaling.chains import CHAINS
from scaling.spec.errors import Place, SpecFault, dotted
from scaling.strategies import STRATEGIES

ARM_IDS = "arm_ids"
NEXT_ARM_ID = "next_arm_id"


@dataclass
class Findings:
    """What is wrong with the draft as it was last typed, and which of it stood beside its field."""

    problems: Sequence[SpecFault]
    placed: set[SpecFault] = field(default_factory=set)

    def below(self, *place: str | int) -> None:
        """Shows what is wrong at the place, or inside of it, and stands nowhere else yet."""
        for problem in self.unplaced():
            if problem.place[: len(place)] == place:
                self.placed.add(problem)
                rest = problem.place[len(place) :]
                frame.in_place_error(f"{_shown_rest(rest)}{problem.message}")

    def unplaced(self) -> list[SpecFault]:
        return [problem for problem in self.problems if problem not in self.placed]


def _shown_rest(rest: Place) -> str:
    """Which part of the field is meant: of a sweep the value, else the part by its name."""
    if not rest:
        return ""
    return f"value {rest[0] + 1}: " if len(rest) == 1 and isinstance(rest[0], int) else f"{dotted(rest)}: "


def add_arm(arm: StrategyDraft | None = None) -> None:
    state = st.session_state
    number = state.get(NEXT_ARM_ID, 0)
    state[NEXT_ARM_ID] = number + 1
    state[ARM_IDS] = [*state.get(ARM_IDS, []), number]
    _fill_strategy(f"form.arm.{number}", arm or StrategyDraft("chain_of_thought"))


def _fill_strategy(key: str, draft: StrategyDraft) -> None:
    state = st.session_state
    state[f"{key}.strategy"] = draft.strategy
    state[f"{key}.model"] = draft.model
    state[f"{key}.{SEED.name}"] = draft.seed
    for part, texts in (("sampling", draft.sampling), ("prompt", draft.prompt)):
        for each in OWN_FIELDS[part]:
            state[f"{key}.{part}.{each.name}"] = texts.get(each.name, "")
    for name, text in draft.texts.items():
        state[f"{key}.{draft.strategy}.{name}"] = text
    if draft.chain is not None:
        _fill_strategy(f"{key}.chain", draft.chain)


def _remove_arm(number: int) -> None:
    st.session_state[ARM_IDS] = [each for each in st.session_state[ARM_IDS] if each != number]


def arm_fields(position: int, number: int, offered: Offered, findings: Findings) -> StrategyDraft:
    key = f"form.arm.{number}"
    with st.container(border=True):
        head = st.columns([3, 3, 1], vertical_alignment="bottom")
        with head[0]:
            strategy = str(st.selectbox(f"Arm {position + 1}", list(STRATEGIES), key=f"{key}.strategy"))
        with head[1]:
            options = ["", *dict.fromkeys([*offered.models, *filter(None, [st.session_state.get(f"{key}.model")])])]
            model = str(
                st.selectbox(
                    "Model", options, key=f"{key}.model", format_func=lambda each: each or "the experiment's models"
                )
            )
            findings.below("arms", position, "model")
        head[2].button(
            "Remove",
            key=f"{key}.remove",
            icon=":material/delete:",
            on_click=_remove_arm,
            args=(number,),
            width="stretch",
        )
        texts, chain = _strategy_fields(key, strategy, STRATEGIES, ("arms", position), offered, findings)
        own = _own_fields(key, ("arms", position), findings)
        findings.below("arms", position)
    return replace(own, strategy=strategy, texts=texts, chain=chain, model=model)


def _own_fields(key: str, place: Place, findings: Findings) -> StrategyDraft:
    """What this arm samples, is told and draws otherwise than the experiment; open where something is."""
    keys = [f"{key}.{part}.{each.name}" for part, fields in OWN_FIELDS.items() for each in fields]
    keys += [f"{key}.{SEED.name}"]
    typed: dict[str, dict[str, str]] = {}
    with st.expander("Its own sampling, prompt and seed", expanded=any(st.session_state.get(each) for each in keys)):
        for part, fields in OWN_FIELDS.items():
            typed[part] = {}
            for column, each in zip(st.columns(len(fields)), fields, strict=True):
                with column:
                    text = _own_field(f"{key}.{part}.{each.name}", each)
                    findings.below(*place, part, each.name)
                typed[part] |= {each.name: text} if text else {}
        seed = _own_field(f"{key}.{SEED.name}", SEED)
        findings.below(*place, SEED.name)
    return StrategyDraft("", sampling=typed["sampling"], prompt=typed["prompt"], seed=seed)


def _own_field(key: str, each: FormField) -> str:
    return st.text_input(each.name, key=key, placeholder="the experiment’s", help=each.help or None)


def _strategy_fields(
    key: str, strategy: str, known: Mapping[str, type], place: Place, offered: Offered, findings: Findings
) -> tuple[dict[str, str], StrategyDraft | None]:
    """The strategy's own numbers and texts, and its chain if it takes one."""
    fields = form_fields(known[strategy], offered.verifiers)
    plain = [each for each in fields if each.kind is not Kind.CHAIN]
    texts: dict[str, str] = {}
    if plain:
        for column, each in zip(st.columns(len(plain)), plain, strict=True):
            with column:
                texts[each.name] = text_field(f"{key}.{strategy}.{each.name}", each)
                findings.below(*place, each.name)
    chains = [each for each in fields if each.kind is Kind.CHAIN]
    chain = _chain_fields(f"{key}.chain", (*place, chains[0].name), offered, findings) if chains else None
    return {name: text for name, text in texts.items() if text}, chain


def _chain_fields(key: str, place: Place, offered: Offered, findings: Findings) -> StrategyDraft:
    left, right = st.columns([1, 3])
    with left:
        strategy = str(st.selectbox("over chains of", list(CHAINS), key=f"{key}.strategy"))
    with right:
        texts, _ = _strategy_fields(key, strategy, CHAINS, place, offered, findings)
    return StrategyDraft(strategy, texts)


def text_field(key: str, each: FormField) -> str:
    hint = "needed" if each.default is None else f"default: {each.default or 'none'}"
    if each.kind in (Kind.CHOICE, Kind.NAME):
        return _choice_field(key, each, hint)
    return st.text_input(each.name, key=key, placeholder=hint, help=each.help or None)


def _choice_field(key: str, each: FormField, hint: str) -> str:
    """Several chosen are a sweep. The session keeps them as a list; what fills the form writes texts.

    A value that is none of the choices stays among them, for the spec to refuse in its place.
    """
    typed = st.session_state.get(key, "")
    if isinstance(typed, str):
        st.session_state[key] = pieces(typed) if typed else []
    options = list(dict.fromkeys([*each.options, *st.session_state[key]]))
    chosen = st.multiselect(
        each.name,
        options,
        key=key,
        placeholder=hint,
        help=each.help or None,
        accept_new_options=each.kind is Kind.NAME,
    )
    return " | ".join(chosen)
