"""PostgreSQL as a part: a child of our own, on a unix socket, with all its safety against crashes left on."""

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil
import psycopg

from .events import StackError
from .part import Part
from .postgres_place import PostgresPlace, is_reachable

USER = DATABASE = "overthink"
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
"""Texts sort alike on every machine; docker-compose.yml says the same."""


def database_url(sockets: Path) -> str:
    return f"postgresql+psycopg://{USER}@/{DATABASE}?host={sockets}"


def make_socket_folder(place: PostgresPlace, run_folder: Path) -> Path:
    """In the run folder, unless PostgreSQL's user cannot reach that."""
    folder = (run_folder if place.account is None or is_reachable(run_folder) else place.folder) / "pg"
    shutil.rmtree(folder, ignore_errors=True)
    place.make_folder(folder)
    return folder


def make_database(place: PostgresPlace, environment: Mapping[str, str]) -> None:
    """Makes the data folder if there is none, all of it or nothing. One of another major version is refused."""
    place.copy_binaries()
    if place.data.exists():
        _check_version(place, environment)
    else:
        _initialise(place, environment)


def _initialise(place: PostgresPlace, environment: Mapping[str, str]) -> None:
    unfinished = place.folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    place.make_folder(unfinished)
    options = ("-U", USER, "--auth=trust", "--no-sync", *LOCALE)
    _run(place, environment, "initdb", "-D", str(unfinished), *options)
    sql = f"CREATE DATABASE {DATABASE};\n"
    _run(place, environment, "postgres", "--single", "-D", str(unfinished), "postgres", text=sql)
    unfinished.rename(place.data)


def postgres_part(place: PostgresPlace, sockets: Path) -> Part:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "log_checkpoints": "off",
    }
    settings = (word for name, value in options.items() for word in ("-c", f"{name}={value}"))
    return Part(
        "postgres",
        command=(str(place.binaries / "postgres"), "-D", str(place.data), *settings),
        is_ready=lambda: _answers(sockets),
        account=place.account,
        stop_signal=signal.SIGINT,  # "fast": open connections are cut, the data is written
        ready_timeout_s=120.0,  # recovery after a crash can take a while
        before_start=lambda: _clear_up(place.data, sockets),
    )


def _run(place: PostgresPlace, environment: Mapping[str, str], program: str, *arguments: str, text: str = "") -> str:
    account = place.account
    done = subprocess.run(
        [place.binaries / program, *arguments],
        input=text,
        env=dict(environment),
        capture_output=True,
        text=True,
        cwd=place.folder,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise StackError(f"PostgreSQL's {program} failed in {place.folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _check_version(place: PostgresPlace, environment: Mapping[str, str]) -> None:
    made_by = (place.data / "PG_VERSION").read_text().strip()
    ours = _run(place, environment, "postgres", "--version").split()[-1].split(".")[0]
    if made_by != ours:
        raise StackError(
            f"{place.data} was made by PostgreSQL {made_by}, and the one installed is {ours}. To keep the experiments, "
            f"export them with the version that made them; to start anew, remove {place.data}; or set OVERTHINK_HOME."
        )


def _answers(sockets: Path) -> bool:
    try:
        psycopg.connect(host=str(sockets), user=USER, dbname=DATABASE, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _clear_up(data: Path, sockets: Path) -> None:
    """Ends backends that outlived a killed postmaster, and removes its lock files.

    A lock file's process id may be somebody else's by now, and PostgreSQL would refuse to start. The lock on the home
    says that no other postmaster of ours can be running.
    """
    orphans = [process for process in psutil.process_iter() if _works_in(process, data)]
    for orphan in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()
    psutil.wait_procs(orphans, timeout=5)
    for lock in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        lock.unlink(missing_ok=True)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False
