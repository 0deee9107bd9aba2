"""Overthink's own commands as parts: migrate, worker, reconcile, dashboard."""

import sys
from pathlib import Path

from .part import Part
from .ports import answers

SETTLES_AFTER_S = 1.0
WORKER_IS_READY = " ready: "
STREAMLIT_HEALTH = "/_stcore/health"


def migrate_part() -> Part:
    return Part("migrate", _command("migrate"), needs=("postgres",), max_quick_deaths=1)


def reconcile_part() -> Part:
    needs = ("postgres", "redis", "migrate")
    return Part("reconcile", _command("reconcile"), lambda: True, settles_after_s=SETTLES_AFTER_S, needs=needs)


def worker_part(log: Path) -> Part:
    """Ready when it says so in its log: its models are announced then, and specs that name them are accepted."""
    needs = ("postgres", "redis", "migrate", "vllm")
    return Part("worker", _command("worker"), lambda: WORKER_IS_READY in log.read_text(errors="replace"), needs=needs)


def dashboard_part(port: int) -> Part:
    return Part(
        "dashboard",
        _command("dashboard", "--port", str(port)),
        is_ready=lambda: answers(port, STREAMLIT_HEALTH),
        needs=("postgres", "redis", "migrate"),
    )


def _command(*arguments: str) -> tuple[str, ...]:
    """Without the current folder on the import path (-P), where a file of the user's may shadow a module."""
    return (sys.executable, "-P", "-m", "overthink", *arguments)
