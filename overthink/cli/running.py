"""`overthink run` and `overthink up`: an experiment from start to end, and the stack by itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine

from db import queries
from db.settings import Settings, settings
from overthink import embedded, services
from overthink.cli import terminal
from overthink.cli.exits import Exit
from overthink.cli.reading.report import follow, report
from overthink.cli.submission import Sent, say_notes, say_run_before, send_all
from overthink.specs import LoadedSpec, LoadedSpecs, load_specs
from overthink.stack import Stack, join
from worker.submit import Checked

LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Session:
    """What a run works with."""

    console: Console
    settings: Settings
    database: Engine
    stack: Stack | None
    """The stack that this command started; None if it uses another's services."""

    def check(self) -> None:
        if self.stack is not None:
            embedded.require_alive(self.stack)


def run_spec(path: Path, overrides: list[str], *, again: bool, keep_dashboard: bool, as_json: bool) -> Exit:
    console = terminal.standard_error()
    specs = load_specs(path, overrides)
    with embedded.terminable():
        try:
            known = None if again else _run_before(console, specs, keep_dashboard=keep_dashboard, as_json=as_json)
            return known if known is not None else _run(console, specs, again, keep_dashboard, as_json)
        except KeyboardInterrupt:
            console.print("Interrupted.")
            return Exit.INTERRUPTED


def keep_up() -> Exit:
    console = terminal.standard_error()
    is_up = False
    try:
        with embedded.terminable(), embedded.started(console, dashboard=True) as stack:
            is_up = True
            console.print(f"The embedded stack is up. Dashboard: {stack.dashboard_url}")
            console.print("In another terminal: overthink submit specs/demo.yaml. Ctrl-C stops everything.")
            _serve_until_interrupted(stack)
    except KeyboardInterrupt:
        console.print("Stopped. Experiments and traces are kept.")
    return Exit.OK if is_up else Exit.INTERRUPTED


def _run(console: Console, specs: LoadedSpecs, again: bool, keep_dashboard: bool, as_json: bool) -> Exit:
    with _session(console, keep_dashboard) as session:
        if session.stack is not None:
            embedded.wait_for_worker(session.stack, session.database, session.settings.lease_ttl_s)
        sent = send_all(session.database, session.settings, specs, again=again, require=_required(session))
        for each in sent:
            say_notes(console, each)
        if session.stack is not None and session.stack.dashboard_url is not None:
            console.print(f"Dashboard: {session.stack.dashboard_url}")
        for each, spec in zip(sent, specs.specs, strict=True):
            _follow(session, each, spec)
        code = report(session.database, [each.experiment_id for each in sent], as_json, specs.listed)
        _keep_dashboard(session, keep_dashboard)
        return code


def _required(session: Session) -> Callable[[Checked], None]:
    """Of a stack of our own: nobody will come to serve what its worker does not."""
    return Checked.require_fit if session.stack is None else Checked.require_known


def _follow(session: Session, sent: Sent, spec: LoadedSpec) -> None:
    try:
        follow(session.console, session.database, session.settings, sent.experiment_id, session.check)
    except KeyboardInterrupt:
        jobs = queries.progress(session.database, sent.experiment_id).jobs
        session.console.print(
            f"Experiment {sent.experiment_id} is kept, with {jobs.ended:,} of {jobs.total:,} jobs done."
        )
        if session.stack is None:
            session.console.print(
                f"It goes on without us: `overthink watch {sent.experiment_id}` follows it, "
                f"`overthink cancel {sent.experiment_id}` stops it."
            )
        else:
            session.console.print(f"`{spec.run_command}` goes on with it.")
        raise


@contextmanager
def _session(console: Console, dashboard: bool) -> Iterator[Session]:
    """Services that are configured or alive already, else a stack of our own."""
    found = services.find_services()
    if found is not None:
        with services.open_database(found) as database:
            yield Session(console, found, database, None)
        return
    with embedded.started(console, dashboard=dashboard) as stack:
        own = embedded.settings_of(stack)
        with services.open_database(own) as database:
            yield Session(console, own, database, stack)


def _run_before(console: Console, specs: LoadedSpecs, *, keep_dashboard: bool, as_json: bool) -> Exit | None:
    """The results of specs that our own stack ran to their ends before: without vLLM, that takes seconds.

    None if it did not, or if other services are in use.
    """
    if services.find_services() is not None or not embedded.has_experiments():
        return None
    with embedded.only_postgres(console, dashboard=keep_dashboard) as (stack, database):
        found = [queries.twin(database, spec.submission.digest) for spec in specs.specs]
        known = [each for each in found if each is not None and each.status.is_closed and each.jobs.total]
        if len(known) < len(found):
            return None
        for each, spec in zip(known, specs.specs, strict=True):
            say_run_before(console, database, each, spec)
        code = report(database, [each.id for each in known], as_json, specs.listed)
        _keep_dashboard(Session(console, embedded.settings_of(stack), database, stack), keep_dashboard)
        return code


def _keep_dashboard(session: Session, is_wanted: bool) -> None:
    """Serves the dashboard until Ctrl-C, if it is ours to serve."""
    if not is_wanted:
        return
    if session.stack is None:
        live = join(settings().home)
        where = live.dashboard_url if live is not None else None
        session.console.print(f"Dashboard: {where}" if where else "Serve the dashboard with: overthink dashboard")
        return
    session.console.print(f"Dashboard: {session.stack.dashboard_url}  (Ctrl-C stops it)")
    try:
        _serve_until_interrupted(session.stack)
    except KeyboardInterrupt:
        session.console.print("Stopped.")


def _serve_until_interrupted(stack: Stack) -> None:
    while True:
        embedded.require_alive(stack)
        time.sleep(LOOK_EVERY_S)
