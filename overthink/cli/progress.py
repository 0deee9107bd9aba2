"""Progress on standard error: a bar where somebody watches, plain lines where a log does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from overthink.cli.harmless import harmless
from overthink.following import Look

PLAIN_EVERY_S = 10.0


class Bar:
    """A live line at the bottom of a terminal."""

    def __init__(self, console: Console) -> None:
        name = TextColumn("{task.description}", markup=False)
        said = TextColumn("{task.fields[said]}", markup=False)
        self._progress = Progress(SpinnerColumn(), name, BarColumn(bar_width=30), said, console=console, transient=True)
        self._task = self._progress.add_task("", total=None, said="")

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def show(self, look: Look) -> None:
        jobs = look.progress.jobs
        self._progress.update(
            self._task,
            description=harmless(look.name),
            total=jobs.total or None,
            completed=jobs.ended,
            said=look.sentence,
        )


class Lines:
    """A line now and then, and whenever the experiment's status changes."""

    def __init__(self, console: Console, every_s: float = PLAIN_EVERY_S) -> None:
        self._console = console
        self._every_s = every_s
        self._shown_at = -every_s
        self._status: str | None = None

    def show(self, look: Look) -> None:
        status = look.progress.status.value
        if status != self._status or time.monotonic() - self._shown_at >= self._every_s:
            self._console.print(f"{look.name}: {look.sentence}")
            self._status, self._shown_at = status, time.monotonic()


@contextmanager
def display(console: Console) -> Iterator[Bar | Lines]:
    if console.is_terminal:
        with Bar(console) as bar:
            yield bar
    else:
        yield Lines(console)
