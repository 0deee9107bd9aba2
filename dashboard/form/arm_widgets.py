"""One arm, opened: its strategy's fields, its chains', and what it asks with otherwise than its experiment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.form.draft import StrategyDraft
from dashboard.form.fields import OWN_FIELDS, SEED, FormField, Offered, form_fields, labelled
from dashboard.form.findings import Findings
from dashboard.form.inputs import text_field
from dashboard.form.typed_values import Kind
from dashboard.form.written import key
from scaling.chains import CHAINS
from scaling.spec.errors import Place
from scaling.strategies import STRATEGIES

IN_A_ROW = 4
EXPERIMENTS = "the experiment’s"


@dataclass(frozen=True, slots=True)
class ArmForm:
    """Where an arm's fields are: `name` before each of their keys, `place` in the spec."""

    name: str
    place: Place
    offered: Offered
    findings: Findings

    def drawn(self, arm: StrategyDraft) -> StrategyDraft:
        """Its fields, and what is typed in them."""
        left, right = st.columns(2)
        with left:
            strategy = _strategy_field(f"{self.name}.strategy", "strategy", list(STRATEGIES), arm.strategy)
            self.findings.below(*self.place, "strategy")
        with right:
            models = self._models_field(arm)
        texts, chain = self._strategy(self.name, self.place, strategy, STRATEGIES, arm)
        st.markdown("**Only this arm** :small[what is left empty is the experiment’s]")
        sampling = self._fields("sampling", OWN_FIELDS["sampling"], arm.sampling)
        prompt = self._fields("prompt", OWN_FIELDS["prompt"], arm.prompt)
        seed = text_field(f"{self.name}.seed", SEED, arm.seed, EXPERIMENTS)
        self.findings.below(*self.place, SEED.name)
        return StrategyDraft(strategy, texts, chain, models, sampling, prompt, seed)

    def _models_field(self, arm: StrategyDraft) -> tuple[str, ...]:
        typed = st.session_state.get(key(f"{self.name}.models"), arm.models)
        options = list(dict.fromkeys([*self.offered.models, *arm.models, *typed]))
        chosen = st.multiselect(
            labelled("model").words,
            options,
            default=arm.models,
            key=key(f"{self.name}.models"),
            placeholder="the experiment’s models",
            accept_new_options=True,
        )
        self.findings.below(*self.place, "model")
        return tuple(chosen)

    def _fields(self, part: str, fields: tuple[FormField, ...], texts: Mapping[str, str]) -> dict[str, str]:
        typed = {}
        for column, each in _in_columns(fields):
            with column:
                typed[each.name] = text_field(
                    f"{self.name}.{part}.{each.name}", each, texts.get(each.name, ""), EXPERIMENTS
                )
                self.findings.below(*self.place, part, each.name)
        return {name: text for name, text in typed.items() if text}

    def _strategy(
        self, name: str, place: Place, strategy: str, known: Mapping[str, type], draft: StrategyDraft
    ) -> tuple[dict[str, str], StrategyDraft | None]:
        """Its own numbers and texts, and its chains if it takes any."""
        fields = form_fields(known[strategy], self.offered.verifiers)
        texts = draft.texts if draft.strategy == strategy else {}
        typed: dict[str, str] = {}
        for column, each in _in_columns([each for each in fields if each.kind is not Kind.CHAIN]):
            with column:
                typed[each.name] = text_field(f"{name}.{strategy}.{each.name}", each, texts.get(each.name, ""))
                self.findings.below(*place, each.name)
        chains = [each.name for each in fields if each.kind is Kind.CHAIN]
        chain = self._chain(f"{name}.chain", (*place, chains[0]), draft.chain) if chains else None
        return {each: text for each, text in typed.items() if text}, chain

    def _chain(self, name: str, place: Place, draft: StrategyDraft | None) -> StrategyDraft | None:
        """Nothing is said of it while it is what it would be anyway."""
        usual = StrategyDraft(next(iter(CHAINS)))
        chain = draft or usual
        strategy = _strategy_field(f"{name}.strategy", place[-1], list(CHAINS), chain.strategy)
        texts, _ = self._strategy(name, place, strategy, CHAINS, chain)
        typed = StrategyDraft(strategy, texts)
        return None if draft is None and typed == usual else typed


def _strategy_field(name: str, label: str | int, known: list[str], chosen: str) -> str:
    words, help = labelled(str(label))
    return str(
        st.selectbox(
            words, known, known.index(chosen), key=key(name), help=help, format_func=lambda it: it.replace("_", " ")
        )
    )


def _in_columns(fields: Sequence[FormField]) -> Iterator[tuple[DeltaGenerator, FormField]]:
    """So many in a row, each row as wide as the others."""
    for first in range(0, len(fields), IN_A_ROW):
        row = fields[first : first + IN_A_ROW]
        yield from zip(st.columns(min(len(fields), IN_A_ROW))[: len(row)], row, strict=True)
