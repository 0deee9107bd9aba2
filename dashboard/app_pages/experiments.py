"""The list of experiments: how far each is and what it found, kept fresh while anything runs."""

import streamlit as st

from dashboard import data, linked_table
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.escaping import message
from dashboard.linked_table import Column, Share, number
from dashboard.ways import link
from db.queries import ExperimentFilter, ExperimentSummary, Waiting
from db.status import ExperimentStatus
from results.waiting import cause, sentence
from results.wording import duration, moment

COLUMNS = {
    "name": Column("experiment"),
    "id": number("#", shown=str),
    "status": Column("status"),
    "progress": Column("progress", is_number=True),
    "jobs": Column("jobs", "done of all; cancelled ones are not", is_number=True),
    "failed": number("failed"),
    "left": Column("time left", "at the rate of the last minute"),
    "waits": Column("waits for", widest="17rem"),
    "accuracy": Column("accuracy", "lowest and highest arm"),
    "owner": Column("owner", widest="8rem"),
    "tags": Column("tags", widest="14rem"),
    "created": Column("created"),
}


def main() -> None:
    frame.page_title("Experiments")
    everything = data.experiments(ExperimentFilter())
    is_alive = _any_open(everything)
    st.fragment(_health, run_every=frame.REFRESH_S if is_alive else 5 * frame.REFRESH_S)(is_alive)
    if not everything:
        _nothing_yet()
        return
    matching = _chosen_filter(everything)
    st.fragment(_listing, run_every=frame.REFRESH_S if is_alive else None)(matching)


def _any_open(experiments: tuple[ExperimentSummary, ...]) -> bool:
    return any(not experiment.status.is_closed for experiment in experiments)


def _health(was_alive: bool) -> None:
    """Looks on even while nothing runs: when something begins, or the last one ends, the page runs again."""
    with frame.outages_explained():
        frame.health()
        _needs_you()
        if _any_open(data.experiments(ExperimentFilter())) is not was_alive:
            st.rerun()


def _needs_you() -> None:
    """The experiments that somebody has to help, each with why."""
    known = {each.id: each for each in data.experiments(ExperimentFilter())}
    for experiment_id, reason in data.waiting().items():
        if reason.is_trouble and experiment_id in known:
            with st.container(key=f"ot-trouble-{experiment_id}", horizontal=True, vertical_alignment="center"):
                link(f"#{experiment_id} {known[experiment_id].name}", href(Page.EXPERIMENT, id=experiment_id))
                st.markdown(message(sentence(reason)))


def _nothing_yet() -> None:
    with st.container(border=True):
        st.subheader("No experiments yet", anchor=False)
        st.markdown("Fill in a form, start from a preset, or type `overthink run specs/demo.yaml` in a terminal.")
        link("Submit the demo", href(Page.SUBMIT, preset="demo"))


def _chosen_filter(everything: tuple[ExperimentSummary, ...]) -> ExperimentFilter:
    """The filters, each in the address."""
    text, status, owner, tag = st.columns([3, 2, 2, 2])
    return ExperimentFilter(
        text=text.text_input(
            "Find in name and notes", key="find", bind="query-params", live=True, icon=":material/search:"
        )
        or None,
        status=_as_status(_one_of(status, "Status", "status", [each.shown for each in ExperimentStatus])),
        owner=_one_of(owner, "Owner", "owner", sorted({each.owner for each in everything})),
        tag=_one_of(tag, "Tag", "tag", sorted({tag for each in everything for tag in each.tags})),
    )


def _one_of(where: st.delta_generator.DeltaGenerator, label: str, key: str, options: list[str]) -> str | None:
    return where.selectbox(label, options, index=None, placeholder="any", key=key, bind="query-params")


def _as_status(shown: str | None) -> ExperimentStatus | None:
    return next((status for status in ExperimentStatus if status.shown == shown), None)


def _listing(matching: ExperimentFilter) -> None:
    with frame.outages_explained():
        found = data.experiments(matching)
        if not found:
            st.info("No experiment matches. Clear a filter to see more.", icon=":material/filter_alt_off:")
            return
        _table(found)


def _table(found: tuple[ExperimentSummary, ...]) -> None:
    waiting = data.waiting()
    doors = [href(Page.EXPERIMENT, id=each.id) for each in found]
    rows = [_row(each, waiting.get(each.id)) for each in found]
    hidden = {name for name in ("waits", "left") if not any(row[name] for row in rows)}
    shown = {name: column for name, column in COLUMNS.items() if name not in hidden}
    linked_table.show("experiments", shown, rows, doors)
    counted = f"{len(found)} experiments" if len(found) > 1 else "1 experiment"
    most = f"; only the newest {data.MOST_EXPERIMENTS} are listed" if len(found) == data.MOST_EXPERIMENTS else ""
    st.caption(f"{counted}{most}, the newest first.")


def _row(experiment: ExperimentSummary, waiting: Waiting | None) -> dict[str, object]:
    jobs = experiment.jobs
    return {
        "id": experiment.id,
        "name": experiment.name + (f" (run {experiment.run + 1})" if experiment.run else ""),
        "status": experiment.status.shown,
        "progress": Share(jobs.done / jobs.total) if jobs.total else None,
        "jobs": f"{jobs.done:,} / {jobs.total:,}" if jobs.total else None,
        "failed": jobs.failed or None,
        "left": _time_left(experiment),
        "waits": None if waiting is None else cause(waiting),
        "accuracy": _accuracy_range(experiment),
        "owner": experiment.owner,
        "tags": list(experiment.tags),
        "created": moment(experiment.created_at),
    }


def _time_left(experiment: ExperimentSummary) -> str | None:
    if experiment.status is not ExperimentStatus.RUNNING:
        return None
    eta_s = data.progress(experiment.id).eta_s
    return None if eta_s is None else duration(eta_s)


def _accuracy_range(experiment: ExperimentSummary) -> str | None:
    """Lowest to highest arm, over the jobs that succeeded."""
    if not experiment.jobs.succeeded:
        return None
    totals = data.arm_totals(data.Revision.of(experiment))
    shares = [arm.correct / arm.jobs.succeeded for arm in totals if arm.jobs.succeeded]
    low, high = min(shares), max(shares)
    return f"{low:.0%}" if len(shares) == 1 else f"{low:.0%} – {high:.0%}"


main()
