"""The arms of an experiment in numbers, one row each."""

from functools import partial

import streamlit as st

from dashboard import download, linked_table
from dashboard.address import Page, href
from dashboard.linked_table import Column, number
from dashboard.views.tables import points_csv, result_rows
from dashboard.ways import link
from db.queries import ExperimentDetail
from results import ArmResult, spending_note, strategy_of

ONE_DECIMAL = "{:,.1f}".format
COLUMNS = {
    "arm": Column("arm"),
    "model": Column("model", widest="12rem"),
    "accuracy": number("accuracy", shown="{:.1f} %".format),
    "interval": Column("95 % interval", "over problems", is_number=True),
    "problems": number("n", "problems with a result"),
    "done": Column("jobs", "done of all; cancelled ones are not", is_number=True),
    "failed": number("failed", "jobs without a result; not in the accuracy"),
    "if_failed": Column("if failed …", "accuracy had all failed jobs been wrong – right", is_number=True),
    "truncated": number("truncated", "answers cut by their limit; not correct"),
    "right_if_read": number("right if read", "of the truncated: right, if what stands there were read"),
    "waits": number("Waits", "really forced, a chain's mean", ONE_DECIMAL),
    "cut": number("cut", "thoughts that a limit cut", "{:.0f} %".format),
    "unscored": number("unscored", "candidates with an answer that no verifier could score; they have no say"),
    "unparsed": number("unparsed", "no answer could be read; not correct"),
    "unread": Column("why", "why they are unparsed", widest="14rem"),
    "ties": number("ties", "votes that a draw decided"),
    "thinking": number("thinking / problem", "mean tokens, forced Waits included", ONE_DECIMAL),
    "generated": number("generated / job", "mean tokens, forced ones not", ONE_DECIMAL),
    "generated_total": number("generated, all"),
    "forced_total": number("forced, all"),
    "verifier_total": number("verifier, all", "prompt and generated tokens of the verifier"),
    "unrewarded": number(
        "spent for nothing",
        "generated, and in no trace: lost, failed, of no use",
    ),
}


def table(detail: ExperimentDetail, arms: tuple[ArmResult, ...]) -> None:
    """One row per arm, which opens its traces."""
    hidden = idle_columns(arms)
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    doors = [href(Page.TRACES, experiment=detail.id, arm=arm.label) for arm in arms]
    linked_table.show("arms", shown, result_rows(arms), doors)
    below_table(detail, arms)


def idle_columns(arms: tuple[ArmResult, ...]) -> set[str]:
    """Columns that would say the same in every row."""
    is_idle = {
        "if_failed": not any(arm.jobs.failed for arm in arms),
        "model": len({arm.arm.model for arm in arms}) == 1,
        "unread": not any(arm.unparsed for arm in arms),
        "ties": not any(arm.ties for arm in arms),
        "right_if_read": not any(arm.truncated for arm in arms),
        "waits": not any(arm.waits or strategy_of(arm.arm).asked_waits for arm in arms),
        "cut": not any(arm.cuts for arm in arms),
        "unscored": not any(arm.unscored for arm in arms),
        "verifier_total": all(arm.tokens.verifier_tokens == 0 for arm in arms),
    }
    return {name for name, idle in is_idle.items() if idle}


def below_table(detail: ExperimentDetail, arms: tuple[ArmResult, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        link("All traces", href(Page.TRACES, experiment=detail.id))
        download.button("Points as CSV", partial(points_csv, arms), f"experiment-{detail.id}.csv", key="points.csv")
        st.caption("Click an arm to read its traces.")
    if note := spending_note(arms):
        st.caption(note)
