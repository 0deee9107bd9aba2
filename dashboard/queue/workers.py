"""Who works: each worker with its sign of life, its code, its servers and GPUs as far as told, and what it runs."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from dashboard.address import Page, href
from dashboard.escaping import in_html
from dashboard.ways import link_html
from db.queries import Fleet, RunningJob, Worker
from results.progress.vitals import Build, Gpu, Server, Vitals, vitals_of
from results.wording import ago, duration

MOST_JOBS = 8
FORGOTTEN_S = 86_400.0
"""A worker that has been silent for longer is not shown."""
NOT_TOLD = "not told"
COMMIT_CHARACTERS = 9


def workers(fleet: Fleet, jobs: Mapping[str, Sequence[RunningJob]]) -> None:
    shown = [each for each in fleet.workers if each.silent_s < FORGOTTEN_S]
    if not shown:
        st.info("No worker is alive. Start one with `overthink worker`.", icon=":material/engineering:")
        return
    cards = "".join(_card(each, fleet.alive_s, jobs.get(each.id, ())) for each in shown)
    st.html(f'<div class="ot-workers">{cards}</div>')


def _card(worker: Worker, alive_s: float, jobs: Sequence[RunningJob]) -> str:
    is_alive = worker.silent_s < alive_s
    rows = "".join(
        f"<dt>{in_html(name)}</dt><dd>{told}</dd>" for name, told in _facts(worker, vitals_of(worker, alive_s), jobs)
    )
    dot = "good" if is_alive else "bad"
    said = _heartbeat(worker.silent_s) if is_alive else f"silent, last seen {ago(worker.silent_s)}"
    return (
        f'<section class="ot-worker"><h4><span class="ot-dot {dot}"></span><bdi>{in_html(worker.hostname)}</bdi>'
        f" · {worker.pid} <small>{said}</small></h4><dl>{rows}</dl></section>"
    )


def _heartbeat(silent_s: float) -> str:
    return f"heartbeat {max(0, round(silent_s))} s ago"


def _facts(worker: Worker, vitals: Vitals | None, jobs: Sequence[RunningJob]) -> Iterator[tuple[str, str]]:
    """Names with what is told of them, as HTML."""
    yield "serves", _names((*worker.models, *worker.verifiers))
    yield "jobs", f"{worker.running:,} of {worker.slots:,} slots{_jobs(jobs)}"
    for server in vitals.servers if vitals else ():
        yield "server", _server(server)
    yield "GPU", _gpus(vitals)
    yield "code", _code(vitals.build if vitals else Build())


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"<bdi>{in_html(name)}</bdi>" for name in names) or "–"


def _jobs(jobs: Sequence[RunningJob]) -> str:
    doors = [
        link_html(f"{each.problem_key} ({duration(each.seconds)})", href(Page.TRACE, job=each.id)) for each in jobs
    ]
    more = f" and {len(jobs) - MOST_JOBS:,} more" if len(jobs) > MOST_JOBS else ""
    return f": {' '.join(doors[:MOST_JOBS])}{more}" if doors else ""


def _server(server: Server) -> str:
    told = [
        f"{_names(server.names)} at <bdi>{in_html(server.address)}</bdi>",
        f"{server.in_flight:,} of {server.limit:,} requests in flight",
    ]
    if server.at_gate:
        told.append(f"{server.at_gate:,} wait for one of them")
    metrics = server.metrics
    if metrics is None:
        return " · ".join([*told, "its own measures are not told"])
    if metrics.running is not None:
        told.append(f"it runs {metrics.running:,}")
    if metrics.waiting:
        told.append(f"{metrics.waiting:,} wait in it")
    if metrics.cache_use is not None:
        told.append(f"KV cache {metrics.cache_use:.0%}")
    if metrics.generated_tokens_per_s is not None:
        told.append(f"{metrics.generated_tokens_per_s:,.0f} tokens/s")
    return " · ".join(told)


def _gpus(vitals: Vitals | None) -> str:
    if vitals is None or vitals.gpus is None:
        return f'<span title="no nvidia-smi on the machine of the worker">{NOT_TOLD}</span>'
    return "<br>".join(map(_gpu, vitals.gpus)) or "none"


def _gpu(gpu: Gpu) -> str:
    told = [in_html(gpu.name)]
    if gpu.memory_used_mib is not None and gpu.memory_total_mib:
        told.append(f"{gpu.memory_used_mib / 1024:,.1f} of {gpu.memory_total_mib / 1024:,.1f} GiB")
    if gpu.use is not None:
        told.append(f"{gpu.use:.0%} busy")
    return " · ".join(told)


def _code(build: Build) -> str:
    told = [f"Overthink {in_html(build.overthink)}"] if build.overthink else []
    if build.commit:
        modified = ", modified" if build.is_modified else ""
        told.append(f"commit {in_html(build.commit[:COMMIT_CHARACTERS])}{modified}")
    if build.python:
        told.append(f"Python {in_html(build.python)}")
    return " · ".join(told) or NOT_TOLD
