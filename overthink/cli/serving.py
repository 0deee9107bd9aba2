"""One part of the service in the foreground, as a supervisor or a container starts it."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from threading import Event
from typing import NoReturn

import typer

from db.engine import check, connect, shown
from db.migrate import is_current
from db.migrate import migrate as apply_migrations
from overthink import services
from overthink.processes import run_processes
from worker import celery_worker, reconciler
from worker.logs import log_to_stderr

STREAMLIT_OPTIONS = ("--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none")


def run_worker(models: Sequence[str]) -> None:
    log_to_stderr()
    raise typer.Exit(celery_worker.run_worker(services.require_services(), models or None))


def run_workers(models: Sequence[str], number: int) -> NoReturn:
    """Each speaks to Redis and PostgreSQL as one that was started by itself."""
    named = [argument for model in models for argument in ("--model", model)]
    raise typer.Exit(run_processes([sys.executable, "-P", "-m", "overthink", "worker", *named], number))


def run_reconciler() -> None:
    log_to_stderr()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    reconciler.run_reconciler(services.require_services(), stop)


def run_dashboard(host: str, port: int) -> None:
    """Becomes the Streamlit server: no process of ours stays in between, so signals reach it."""
    found = services.require_services()
    address = (f"--server.address={host}", f"--server.port={port}")
    command = [sys.executable, "-P", "-m", "dashboard", *address, *STREAMLIT_OPTIONS]
    os.execve(sys.executable, command, services.environment_for(found))


def run_migrations() -> None:
    """Only PostgreSQL is needed, so this is the one command that does without Redis."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    database = connect(services.settings_for_migrating().require_database_url())
    try:
        check(database)
        if is_current(database):
            print(f"{shown(database)} is up to date.")
        else:
            apply_migrations(database)
            print(f"{shown(database)} has been brought up to date.")
    finally:
        database.dispose()
