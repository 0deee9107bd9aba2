"""One experiment: how it stands, and below it what it found, what failed, and what it is made of, one tab at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard import data, notes, ways
from dashboard import page as frame
from dashboard.address import Page, here, href
from dashboard.compare.chosen import once_on_the_experiments_page
from dashboard.experiment import tabs
from dashboard.experiment.errors import errors
from dashboard.experiment.header import actions_line, standing
from dashboard.experiment.spec import spec
from dashboard.experiment.tabs import Tab
from dashboard.views.results_section import results_section
from db.queries import ExperimentDetail

RESULTS_REFRESH_S = 4.0
ONCE_HERE = "arm against arm"  # a view that has a page of its own now


@dataclass(frozen=True, slots=True)
class Part:
    """By what it is called on its tab. `is_live`: it shows what comes in while jobs run."""

    title: str
    draw: Callable[[int], None]
    is_live: bool = True


def _spec(experiment_id: int) -> None:
    spec(data.experiment(experiment_id))


def _notes(experiment_id: int) -> None:
    if said := data.experiment(experiment_id).summary.notes:
        frame.literal(said)
    notes.of_experiment(experiment_id)


# By their names in the address; the first stands there unless another is asked for. (A page would show a bare text.)
PARTS: Mapping[str, Part] = {
    "results": Part("Results", results_section),
    "errors": Part("Errors", errors),
    "notes": Part("Notes", _notes, is_live=False),
    "spec": Part("Spec & provenance", _spec, is_live=False),
}


def main() -> None:
    experiment_id = frame.required_number("id", "experiment")
    detail = data.experiment(experiment_id)
    if st.query_params.get("view") == ONCE_HERE:
        labels = [arm.label for arm in detail.arms]
        ways.go(once_on_the_experiments_page(experiment_id, labels, st.query_params.to_dict()))
    is_open = not detail.summary.status.is_closed
    every = frame.REFRESH_S if is_open else None
    with st.container(horizontal=True, vertical_alignment="center", key="ot-top"):
        frame.breadcrumbs(detail.summary.name)
        st.fragment(actions_line, run_every=every)(experiment_id)
    st.fragment(standing, run_every=every)(experiment_id)
    chosen = _chosen()
    tabs.shown("Parts of the experiment", _tabs(detail, chosen))
    part = PARTS[chosen]
    st.fragment(part.draw, run_every=RESULTS_REFRESH_S if is_open and part.is_live else None)(experiment_id)


def _chosen() -> str:
    said = st.query_params.get("section", "")
    return said if said in PARTS else next(iter(PARTS))


def _tabs(detail: ExperimentDetail, chosen: str) -> list[Tab]:
    counts = {"errors": detail.summary.jobs.failed, "notes": len(data.annotations(detail.id))}
    own = {
        name: Tab(_counted(part.title, counts.get(name, 0)), here(Page.EXPERIMENT, section=name), name == chosen)
        for name, part in PARTS.items()
    }
    others = [
        *([Tab("Compare", href(Page.COMPARE, home=detail.id))] if len(detail.arms) > 1 else []),
        *([Tab("Judge", href(Page.JUDGE, judging=detail.id))] if len(detail.arms) > 1 else []),
        Tab(f"Traces ({detail.summary.jobs.total:,})", href(Page.TRACES, experiment=detail.id)),
        Tab("Scans", href(Page.SCANS, of_experiment=detail.id)),
    ]
    return [own.pop("results"), *others, *own.values()]


def _counted(title: str, count: int) -> str:
    return f"{title} ({count:,})" if count else title


main()
