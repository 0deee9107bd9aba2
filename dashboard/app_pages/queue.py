"""The queue, and who works it off: what waits for each model and verifier, and the workers that serve them."""

import streamlit as st

from dashboard import data, linked_table
from dashboard import page as frame
from dashboard.address import Page, href
from dashboard.linked_table import Column, number
from db.queries import Standing

MODELS = {
    "name": Column("model"),
    "waiting": number("waiting"),
    "running": number("running"),
    "workers": number("workers"),
}


def main() -> None:
    frame.breadcrumbs("Queue & workers")
    st.fragment(_now, run_every=frame.REFRESH_S)()


def _now() -> None:
    with frame.outages_explained():
        standing = data.standing()
        st.subheader("Models", anchor=False)
        models = [_model(standing, each.name) for each in standing.fleet.models]
        doors = [href(Page.EXPERIMENTS, model=each.name) for each in standing.fleet.models]
        linked_table.show("models", MODELS, models, doors)


def _model(standing: Standing, name: str) -> dict[str, object]:
    demands = [each for each in standing.demands if each.model == name]
    return {
        "name": name,
        "waiting": sum(each.queued for each in demands),
        "running": sum(each.running for each in demands),
        "workers": standing.fleet.num_workers(name),
    }


main()
