"""The form on the page: fields that fill a Draft, each with what is wrong with it below.

Widgets keep their text in the session under keys made here; `fill` writes a Draft into them, `drawn` reads one back
while it draws them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from dashboard import frame
from dashboard.form import NUMBERS, PROMPT_FIELDS, SAMPLING_FIELDS, Draft, FormField, Kind, StrategyDraft, form_fields
from scaling.chains import CHAINS
from scaling.spec_errors import Place, SpecProblem
from scaling.strategies import STRATEGIES
from scaling.types import GraderName

ARM_IDS = "arm_ids"
NEXT_ARM_ID = "next_arm_id"
BUILT_IN_DATA_SET = "ladder-test"
SOURCES = {"registered": "registered name", "file": "file on the workers' side"}
DATA_SET_TEXTS = ("path", "question", "answer", "limit", "seed")


@dataclass
class Findings:
    """What is wrong with the draft as it was last typed, and which of it stood beside its field."""

    problems: Sequence[SpecProblem]
    placed: set[SpecProblem] = field(default_factory=set)

    def below(self, *place: str | int) -> None:
        """Shows what is wrong at the place, or inside of it."""
        for problem in self.problems:
            if problem.place[: len(place)] == place:
                self.placed.add(problem)
                rest = problem.place[len(place) :]
                frame.in_place_error(f"{shown_rest(rest)}{problem.message}")

    def unplaced(self) -> list[SpecProblem]:
        return [problem for problem in self.problems if problem not in self.placed]


def shown_rest(rest: Place) -> str:
    return f"value {rest[0] + 1}: " if len(rest) == 1 and isinstance(rest[0], int) else ""


def fill(draft: Draft) -> None:
    """Before any widget is drawn: what each is to show."""
    state = st.session_state
    state["form.name"] = draft.name
    state["form.source"] = "file" if draft.data_set.get("path") else "registered"
    state["form.data_set.name"] = draft.data_set.get("name", BUILT_IN_DATA_SET)
    state["form.data_set.grader"] = draft.data_set.get("grader", GraderName.MATH.value)
    for name in DATA_SET_TEXTS:
        state[f"form.data_set.{name}"] = draft.data_set.get(name, "")
    state["form.models"] = list(draft.models)
    state["form.tags"] = list(draft.tags)
    state["form.notes"] = draft.notes
    for section, texts, fields in (
        ("sampling", draft.sampling, SAMPLING_FIELDS),
        ("prompt", draft.prompt, PROMPT_FIELDS),
    ):
        for each in fields:
            state[f"form.{section}.{each.name}"] = texts.get(each.name, "")
    for name in NUMBERS:
        state[f"form.{name}"] = draft.numbers.get(name, "")
    state[ARM_IDS] = []
    for arm in draft.arms:
        add_arm(arm)


def add_arm(arm: StrategyDraft | None = None) -> None:
    state = st.session_state
    number = state.get(NEXT_ARM_ID, 0)
    state[NEXT_ARM_ID] = number + 1
    state[ARM_IDS] = [*state.get(ARM_IDS, []), number]
    fill_strategy(f"form.arm.{number}", arm or StrategyDraft("chain_of_thought"))


def fill_strategy(key: str, draft: StrategyDraft) -> None:
    state = st.session_state
    state[f"{key}.strategy"] = draft.strategy
    state[f"{key}.model"] = draft.model
    for name, text in draft.texts.items():
        state[f"{key}.{draft.strategy}.{name}"] = text
    if draft.chain is not None:
        fill_strategy(f"{key}.chain", draft.chain)


def remove_arm(number: int) -> None:
    st.session_state[ARM_IDS] = [each for each in st.session_state[ARM_IDS] if each != number]


def drawn(findings: Findings, models: Sequence[str]) -> Draft:
    """Draws the form and returns what is typed in it."""
    first, second = st.columns([3, 2])
    with first:
        name = st.text_input("Name", key="form.name", placeholder="budget forcing on AIME")
        findings.below("name")
    with second:
        chosen = models_field(models)
        findings.below("models")
    data_set = data_set_fields(findings)
    st.subheader("Arms", anchor=False)
    st.caption(
        "A number or a text may be a sweep: `8, 16, 32` makes three arms, `Wait | Hmm` two. Sweeps in one arm multiply."
    )
    arms = tuple(
        arm_fields(position, number, models, findings) for position, number in enumerate(st.session_state[ARM_IDS])
    )
    findings_of_arms(findings)
    st.button("Add an arm", icon=":material/add:", on_click=add_arm)
    sampling, prompt, numbers = settings_fields(findings)
    tags, notes = label_fields(findings)
    return Draft(name, data_set, chosen, arms, sampling, prompt, numbers, tags, notes)


def models_field(models: Sequence[str]) -> tuple[str, ...]:
    options = [*models, *(each for each in st.session_state.get("form.models", []) if each not in models)]
    said = "every arm runs on each of them" if models else "no worker has announced any yet"
    return tuple(
        st.multiselect("Models", options, key="form.models", placeholder=said, accept_new_options=True, help=said)
    )


def data_set_fields(findings: Findings) -> dict[str, str]:
    st.subheader("Data set", anchor=False)
    source = st.segmented_control(
        "Where its problems are", ["registered", "file"], key="form.source", required=True,
        label_visibility="collapsed", format_func=SOURCES.get,
    )  # fmt: skip
    texts: dict[str, str] = {}
    where, *others = st.columns([3, 1, 1] if source == "registered" else [3, 1, 1, 1, 1, 1])
    with where:
        if source == "registered":
            options = list(
                dict.fromkeys([BUILT_IN_DATA_SET, st.session_state.get("form.data_set.name") or BUILT_IN_DATA_SET])
            )
            texts["name"] = st.selectbox("Name", options, key="form.data_set.name", accept_new_options=True) or ""
        else:
            texts["path"] = st.text_input("Path", key="form.data_set.path", placeholder="aime24.jsonl")
    rest = ["limit", "seed"] if source == "registered" else ["question", "answer", "grader", "limit", "seed"]
    for column, name in zip(others, rest, strict=True):
        with column:
            texts[name] = data_set_field(name)
    findings.below("data_set")
    return {name: text for name, text in texts.items() if text}


def data_set_field(name: str) -> str:
    key = f"form.data_set.{name}"
    if name == "grader":
        return str(st.selectbox("Grader", [grader.value for grader in GraderName], key=key))
    labels = {"limit": ("At most", "all"), "seed": ("Seed of the draw", "0")}
    label, placeholder = labels.get(name, (f"Column: {name}", name))
    return st.text_input(label, key=key, placeholder=placeholder)


def arm_fields(position: int, number: int, models: Sequence[str], findings: Findings) -> StrategyDraft:
    key = f"form.arm.{number}"
    with st.container(border=True):
        head = st.columns([3, 3, 1], vertical_alignment="bottom")
        with head[0]:
            strategy = str(st.selectbox(f"Arm {position + 1}", list(STRATEGIES), key=f"{key}.strategy"))
        with head[1]:
            options = ["", *dict.fromkeys([*models, *filter(None, [st.session_state.get(f"{key}.model")])])]
            model = str(
                st.selectbox(
                    "Model", options, key=f"{key}.model", format_func=lambda each: each or "the experiment's models"
                )
            )
        head[2].button(
            "Remove",
            key=f"{key}.remove",
            icon=":material/delete:",
            on_click=remove_arm,
            args=(number,),
            width="stretch",
        )
        texts, chain = strategy_fields(key, strategy, STRATEGIES, ("arms", position), findings)
        findings.below("arms", position, "model")
    return StrategyDraft(strategy, texts, chain, model)


def findings_of_arms(findings: Findings) -> None:
    """What is wrong with an arm as a whole, or with having none."""
    for problem in findings.unplaced():
        if problem.place[:1] == ("arms",):
            findings.placed.add(problem)
            frame.in_place_error(f"{problem.path}: {problem.message}")


def strategy_fields(
    key: str, strategy: str, known: Mapping[str, type], place: Place, findings: Findings
) -> tuple[dict[str, str], StrategyDraft | None]:
    """The strategy's own numbers and texts, and its chain if it takes one."""
    fields = form_fields(known[strategy])
    plain = [each for each in fields if each.kind is not Kind.CHAIN]
    texts: dict[str, str] = {}
    if plain:
        for column, each in zip(st.columns(len(plain)), plain, strict=True):
            with column:
                texts[each.name] = text_field(f"{key}.{strategy}.{each.name}", each)
                findings.below(*place, each.name)
    chains = [each for each in fields if each.kind is Kind.CHAIN]
    chain = chain_fields(f"{key}.chain", (*place, chains[0].name), findings) if chains else None
    return {name: text for name, text in texts.items() if text}, chain


def chain_fields(key: str, place: Place, findings: Findings) -> StrategyDraft:
    left, right = st.columns([1, 3])
    with left:
        strategy = str(st.selectbox("over chains of", list(CHAINS), key=f"{key}.strategy"))
    with right:
        texts, _ = strategy_fields(key, strategy, CHAINS, place, findings)
    return StrategyDraft(strategy, texts)


def text_field(key: str, each: FormField) -> str:
    hint = "needed" if each.default is None else f"default: {each.default or 'none'}"
    return st.text_input(each.name, key=key, placeholder=hint, help=each.help or None)


def settings_fields(findings: Findings) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    st.subheader("Sampling, prompt and repeats", anchor=False)
    sampling: dict[str, str] = {}
    for column, each in zip(st.columns(len(SAMPLING_FIELDS)), SAMPLING_FIELDS, strict=True):
        with column:
            sampling[each.name] = text_field(f"form.sampling.{each.name}", each)
            findings.below("sampling", each.name)
    prompt: dict[str, str] = {}
    for column, each in zip(st.columns(len(PROMPT_FIELDS)), PROMPT_FIELDS, strict=True):
        with column:
            prompt[each.name] = st.text_area(
                each.name, key=f"form.prompt.{each.name}", height=70, help=each.help, placeholder="default: none"
            )
            findings.below("prompt", each.name)
    numbers: dict[str, str] = {}
    defaults = {"repeats": "1", "seed": "0", "priority": "0"}
    for column, name in zip(st.columns(len(NUMBERS)), NUMBERS, strict=True):
        with column:
            numbers[name] = st.text_input(name, key=f"form.{name}", placeholder=f"default: {defaults[name]}").strip()
            findings.below(name)
    return sampling, prompt, numbers


def label_fields(findings: Findings) -> tuple[tuple[str, ...], str]:
    left, right = st.columns([1, 2])
    with left:
        tags = st.multiselect(
            "Tags", list(st.session_state.get("form.tags", [])), key="form.tags", accept_new_options=True
        )
        findings.below("tags")
    with right:
        notes = st.text_area("Notes", key="form.notes", height=70)
        findings.below("notes")
    return tuple(tags), notes
