"""What is served: for each model and verifier what waits for it, what it does, and who serves it."""

import datetime as dt
from collections.abc import Mapping

import streamlit as st

from dashboard import linked_table
from dashboard.address import Page, href
from dashboard.linked_table import Column, Told, number
from db.queries import Demand, Standing
from results.progress.vitals import Load, load_of
from results.wording import ago

COLUMNS: Mapping[str, Column] = {
    "name": Column("model or verifier", widest="20rem"),
    "waiting": number("jobs waiting"),
    "oldest": Column("oldest", "when the oldest experiment with waiting jobs was submitted", is_number=True),
    "running": number("running"),
    "tokens": Column("tokens/s", "generated in the last minute, as its servers measure", "{:,.0f}".format, True),
    "requests": Column("requests in flight", "of the workers' own, of how many at most", is_number=True),
    "cache": Column("KV cache", "in use, of the fullest server", "{:.0%}".format, True),
    "workers": Column("served by"),
}

NOTHING_MORE = {"tokens": Told(""), "cache": Told("")}


def served(standing: Standing, now: dt.datetime) -> None:
    """Those that were ever announced, and those that jobs ask for."""
    wanted = {name: None for each in standing.demands for name in (each.model, each.verifier) if name}
    verifiers = [each.name for each in standing.fleet.verifiers]
    names = [*(each.name for each in standing.fleet.models), *verifiers, *wanted]
    if not names:
        st.caption("No worker has announced a model yet.")
        return
    rows: dict[str, Mapping[str, object]] = {}
    first: dict[frozenset[str], str] = {}
    for name in dict.fromkeys(names):
        load = load_of(standing.fleet, name)
        before = first.setdefault(load.addresses, name) if load.addresses else name
        told = _load(load) if before == name else {**NOTHING_MORE, "requests": f"on the server of {before}"}
        rows[name] = {**_row(standing, name, now, is_verifier=name in verifiers), **told}
    doors = [None if name in verifiers else href(Page.EXPERIMENTS, model=name) for name in rows]
    linked_table.show("served", COLUMNS, list(rows.values()), doors)


def _row(standing: Standing, name: str, now: dt.datetime, *, is_verifier: bool) -> Mapping[str, object]:
    demands = [each for each in standing.demands if name in (each.model, each.verifier)]
    return {
        "name": f"{name} (verifier)" if is_verifier else name,
        "waiting": sum(each.queued for each in demands),
        "oldest": _oldest(standing, demands, now),
        "running": sum(each.running for each in demands),
        "workers": _served_by(standing.fleet.num_workers(name), any(each.queued for each in demands)),
    }


def _load(load: Load) -> Mapping[str, object]:
    """Of whole servers: told once, where several of the names are on the same."""
    return {"tokens": load.tokens_per_s, "requests": _requests(load), "cache": load.cache_use}


def _oldest(standing: Standing, demands: list[Demand], now: dt.datetime) -> str | None:
    since = [standing.experiments[each.experiment_id].created_at for each in demands if each.queued]
    return ago((now - min(since)).total_seconds()) if since else None


def _requests(load: Load) -> str | None:
    if load.in_flight is None:
        return None
    waiting = f", {load.at_gate:,} wait" if load.at_gate else ""
    return f"{load.in_flight:,} of {load.limit:,}{waiting}"


def _served_by(workers: int, is_wanted: bool) -> Told:
    if workers:
        return Told(f"{workers:,} worker{'' if workers == 1 else 's'}")
    return Told("nobody", "start a worker whose registry lists it", "ot-state failed" if is_wanted else "")
