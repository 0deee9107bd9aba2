"""The arms that are compared, as chips: each can be taken away or made the first, and others are added from a list."""

from collections.abc import Iterator

import streamlit as st

from dashboard import data, ways
from dashboard.address import Page, href
from dashboard.compare.chosen import Chosen, Reference
from dashboard.escaping import in_html
from db.queries import Arm, ExperimentDetail
from results.words.arm_names import arm_names

ADDED = "compare.added"
MOST_OTHERS = 12
"""Experiments whose arms are offered, besides the first one's own."""


def chips(chosen: Chosen) -> None:
    others = "".join(_chip_html(chosen, each) for each in chosen.against)
    first = f'<span class="ot-chip ot-base">{_name_html(chosen, chosen.first)}</span>'
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="ot-chips">{first} <span class="ot-against">against</span> {others}</div>', width="content"
        )
        _adder(chosen.detail, chosen)


def _name_html(chosen: Chosen, arm: Arm) -> str:
    return f'<bdi title="{in_html(arm.label)}">{in_html(chosen.name(arm))}</bdi>'


def _chip_html(chosen: Chosen, arm: Arm) -> str:
    """A click on its name makes it the first; the cross takes it away."""
    rest = [each for each in chosen.against if each is not arm]
    as_first = chosen.address(arm, [chosen.first, *rest])
    without = chosen.address(chosen.first, rest)
    name = in_html(chosen.name(arm))
    return (
        f'<span class="ot-chip"><a href="{in_html(as_first)}" title="hold the others against {name}">'
        f'{_name_html(chosen, arm)}</a><a class="ot-away" href="{in_html(without)}" aria-label="take {name} away">×</a>'
        "</span>"
    )


def _adder(detail: ExperimentDetail, chosen: Chosen | None) -> None:
    """Of this experiment, and of others on the same data."""
    offered = dict(_offers(detail))
    taken = {chosen.reference(each) for each in (chosen.first, *chosen.against)} if chosen else set()
    left = [each for each in offered if each not in taken]
    added = st.selectbox(
        "Add an arm", left, index=None, placeholder="add an arm …" if chosen else "compare an arm …", width=260,
        key=f"{ADDED}.{len(taken)}", format_func=offered.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
    if added is not None:
        ways.go(_with(chosen, added))


def first_of(detail: ExperimentDetail) -> None:
    _adder(detail, None)


def _with(chosen: Chosen | None, added: Reference) -> str:
    if chosen is None:
        return href(Page.COMPARE, **{"from": str(added)})
    against = [*map(chosen.reference, chosen.against), added]
    return href(Page.COMPARE, **{"from": str(chosen.reference(chosen.first)), "to": list(map(str, against))})


def _offers(detail: ExperimentDetail) -> Iterator[tuple[Reference, str]]:
    for experiment_id, name in list(data.on_the_same_data(detail).items())[: 1 + MOST_OTHERS]:
        found = detail if experiment_id == detail.id else data.experiment(experiment_id)
        beside = "" if experiment_id == detail.id else f" · #{experiment_id} {name}"
        for label, short in arm_names(found.arms).items():
            yield Reference(experiment_id, label), f"{short}{beside}"
